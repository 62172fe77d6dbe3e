"""Taking invitations back: one, or all with their meeting."""

from __future__ import annotations

from uuid import UUID

from taf_service.core import faults
from taf_service.core.work import Work, operation
from taf_service.meetings import policies, rules
from taf_service.meetings.facts import InvitationTakenBack, MeetingCalledOff
from taf_service.meetings.models import Meeting
from taf_service.meetings.operations.opening import (
    invitation_to_change,
    meeting_to_change,
    standing_invitation,
)
from taf_service.meetings.operations.roles import pass_on
from taf_service.meetings.operations.telling import take_back, tell_of_cancelling
from taf_service.meetings.queries import (
    family_of,
    meeting_for,
    standing_invitations,
)


@operation(policies.withdraw_invitation)
async def withdraw_invitation(
    work: Work, *, invitation_id: UUID, version: UUID
) -> InvitationTakenBack:
    """Take one person's invitation back; only they are told.

    A chair or note-taker who is not to come leaves that to the convener.
    """
    policy = policies.withdraw_invitation
    seen = await standing_invitation(work, invitation_id)
    work.require(policy, seen)
    meeting = await meeting_for(work, seen.meeting_id, lock=True)
    rules.check_stands(meeting.cancelled_at)
    rules.check_not_over(meeting.ends_at, work.now)
    invitation = await invitation_to_change(work, policy, invitation_id, version)
    family_id = await family_of(work, meeting)
    if invitation.person_id != meeting.convener_id:
        await pass_on(work, meeting, from_id=invitation.person_id, to_id=meeting.convener_id)
    await take_back(work, meeting, invitation)
    await work.record(
        "meeting.invitation_withdrawn",
        subject_id=meeting.id,
        family_id=family_id,
        invitation_id=invitation.id,
    )
    return InvitationTakenBack(invitation.id, meeting.id)


@operation(policies.cancel_meeting)
async def cancel_meeting(
    work: Work, *, meeting_id: UUID, reason: str, version: UUID
) -> MeetingCalledOff:
    """Cancel a meeting; everybody invited is told, but not why."""
    meeting = await meeting_to_change(work, policies.cancel_meeting, meeting_id, version)
    rules.check_can_be_cancelled(meeting.starts_at, work.now)
    faults.check_said(reason, "reason", "Say why the meeting is cancelled.")
    await Meeting.filter(id=meeting.id).update(
        cancelled_at=work.now, cancelled_reason=reason.strip(), version=work.new_id()
    )
    for invitation in await standing_invitations(work, meeting):
        await tell_of_cancelling(work, meeting, invitation)
    await work.record(
        "meeting.cancelled", subject_id=meeting.id, family_id=await family_of(work, meeting)
    )
    return MeetingCalledOff(meeting.id)
