"""Inviting one person more, or somebody again."""

from __future__ import annotations

from uuid import UUID

from taf_service import teams
from taf_service.core.errors import FieldError, InvalidInput
from taf_service.core.work import Work, operation
from taf_service.meetings import policies, rules
from taf_service.meetings.facts import PersonInvited
from taf_service.meetings.models import Invitation, Meeting
from taf_service.meetings.operations.asking import Asked, guest_asked, members_asked
from taf_service.meetings.operations.caution import warn_of_clashes, warn_of_short_notice
from taf_service.meetings.operations.opening import meeting_to_change
from taf_service.meetings.operations.safety import (
    Gathering,
    check_reached,
    check_together,
    gathering_at,
    gathering_of,
)
from taf_service.meetings.operations.telling import invite, invite_again
from taf_service.meetings.queries import invitation_of
from taf_service.meetings.rules import Guest, Invitee, Slot
from taf_service.partnership import AuthoritySettings


@operation(policies.invite_to_meeting)
async def invite_to_meeting(
    work: Work, *, meeting_id: UUID, member: Invitee | None = None, guest: Guest | None = None
) -> PersonInvited:
    """Invite one person more, or somebody again."""
    meeting = await meeting_to_change(work, policies.invite_to_meeting, meeting_id, keeps_team=True)
    team = await teams.team_for(work, meeting.team_id)
    settings = await teams.settings_for(work, team)
    slot = Slot(meeting.starts_at, meeting.ends_at, meeting.zone)
    rules.check_not_over(meeting.ends_at, work.now)
    asked = await _asked(work, team, meeting, member, guest)
    rules.check_parts(slot, [asked.how])
    earlier = await _invitable(work, meeting, asked)
    await check_reached(work, [asked])
    await _check_together(work, team, meeting, asked)
    warn_of_short_notice(work, slot, settings)
    await warn_of_clashes(work, {asked.person_id: asked.time_in(slot)}, apart_from=meeting.id)
    invitation = await _invite(work, meeting, asked, earlier, settings)
    await work.record(
        "meeting.person_invited",
        subject_id=meeting.id,
        family_id=team.family_id,
        invitation_id=invitation.id,
    )
    return PersonInvited(invitation.id, meeting.id)


async def _asked(
    work: Work, team: teams.Team, meeting: Meeting, member: Invitee | None, guest: Guest | None
) -> Asked:
    """Errors: `InvalidInput` unless there is exactly one of the two; those of either."""
    if member is not None and guest is None:
        (asked,) = await members_asked(work, team, [member])
        return asked
    if guest is not None and member is None:
        return await guest_asked(work, team, guest, meeting)
    raise InvalidInput(FieldError("invitee", "Name either a member of the team or a guest."))


async def _invitable(work: Work, meeting: Meeting, asked: Asked) -> Invitation | None:
    """Their earlier invitation: one taken back, or of a guest who has joined the team since.

    Errors: `InvitedTwice`.
    """
    earlier = await invitation_of(work, meeting, asked.person_id)
    if earlier is None or earlier.withdrawn_at is not None:
        return earlier
    if asked.membership is None or earlier.membership_id == asked.membership.id:
        raise rules.InvitedTwice("They are invited already.", field=asked.field)
    return earlier


async def _check_together(work: Work, team: teams.Team, meeting: Meeting, asked: Asked) -> None:
    present, one = await gathering_at(work, meeting), gathering_of([asked])
    both = Gathering(present.coming | one.coming, present.by_email | one.by_email)
    await check_together(work, team, both, because_of=one.coming)


async def _invite(
    work: Work,
    meeting: Meeting,
    asked: Asked,
    earlier: Invitation | None,
    settings: AuthoritySettings,
) -> Invitation:
    if earlier is None:
        return await invite(work, meeting, asked, settings)
    await invite_again(work, meeting, earlier, asked, settings)
    return earlier
