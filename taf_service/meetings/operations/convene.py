"""Convening a TAF meeting."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from taf_service import teams, visibility
from taf_service.core import faults
from taf_service.core.codes import WarningCode
from taf_service.core.work import Work, operation
from taf_service.meetings import policies, rules
from taf_service.meetings.facts import MeetingConvened
from taf_service.meetings.operations.asking import Asked, people_asked
from taf_service.meetings.operations.caution import warn_of_clashes, warn_of_time
from taf_service.meetings.operations.roles import roles_held
from taf_service.meetings.operations.safety import check_reached, check_together, gathering_of
from taf_service.meetings.operations.telling import invite
from taf_service.meetings.operations.writing import write_taf_meeting
from taf_service.meetings.rules import Guest, Invitee, Roles, Slot, Venue
from taf_service.partnership import AuthoritySettings

_AS_USUAL = Roles()


@operation(policies.convene_taf_meeting)
async def convene_taf_meeting(  # noqa: PLR0913 - one form, filled in at once
    work: Work,
    *,
    team_id: UUID,
    purpose: str,
    slot: Slot,
    venue: Venue,
    members: tuple[Invitee, ...],
    guests: tuple[Guest, ...] = (),
    roles: Roles = _AS_USUAL,
    agenda: str = "",
) -> MeetingConvened:
    """Convene a TAF meeting and invite people to it."""
    team = await visibility.to_change(work, policies.convene_taf_meeting, teams.team_for, team_id)
    settings = await teams.settings_for(work, team)
    faults.check_said(purpose, "purpose", "Say what the meeting is for.")
    faults.check_length(agenda, "agenda")
    rules.check_upcoming(slot, work.now, settings)
    rules.check_parts(slot, (*members, *guests))
    asked = await people_asked(work, team, members, guests)
    held = await roles_held(work, team, asked, roles)
    await check_reached(work, asked)
    await check_together(work, team, gathering_of(asked, *held.people))
    await _warn(work, asked, slot, settings)
    meeting = await write_taf_meeting(
        work, team, slot, venue, held, purpose=purpose.strip(), agenda=agenda.strip()
    )
    invitations = [await invite(work, meeting, one, settings) for one in asked]
    await work.record(
        "meeting.convened",
        subject_id=meeting.id,
        family_id=team.family_id,
        starts_at=slot.starts_at,
        invitation_ids=[invitation.id for invitation in invitations],
    )
    return MeetingConvened(meeting.id)


async def _warn(
    work: Work, asked: Sequence[Asked], slot: Slot, settings: AuthoritySettings
) -> None:
    warn_of_time(work, slot, settings)
    await warn_of_clashes(work, {one.person_id: one.time_in(slot) for one in asked})
    if not any(one.is_of_family for one in asked):
        work.warn(
            WarningCode.FAMILY_NOT_INVITED,
            "Nobody of the family is invited. A TAF meeting is held with the family.",
        )
