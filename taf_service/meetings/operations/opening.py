"""Meetings and invitations opened for a change: still standing, permitted, locked."""

from __future__ import annotations

from uuid import UUID

from taf_service import teams, visibility
from taf_service.core.policies import Policy
from taf_service.core.work import Work
from taf_service.meetings import rules
from taf_service.meetings.models import Invitation, Meeting
from taf_service.meetings.queries import invitation_for, meeting_for


async def meeting_to_change(
    work: Work,
    policy: Policy,
    meeting_id: UUID,
    version: UUID | None = None,
    *,
    keeps_team: bool = False,
) -> Meeting:
    """With `keeps_team` nobody leaves meanwhile; whoever leaves locks their team first, too.

    Errors: `NotFound`, `MeetingIsCancelled`, `NotPermitted`, `Stale`.
    """
    if keeps_team:
        seen = await _standing_meeting(work, meeting_id)
        work.require(policy, seen)
        await teams.team_for(work, seen.team_id, lock=True)
    return await visibility.to_change(work, policy, _standing_meeting, meeting_id, version=version)


async def _standing_meeting(work: Work, meeting_id: UUID, /, *, lock: bool = False) -> Meeting:
    meeting = await meeting_for(work, meeting_id, lock=lock)
    rules.check_stands(meeting.cancelled_at)
    return meeting


async def invitation_to_change(
    work: Work, policy: Policy, invitation_id: UUID, version: UUID | None = None
) -> Invitation:
    """Errors: `NotFound`, `NoLongerInvited`, `NotPermitted`, `Stale`."""
    return await visibility.to_change(
        work, policy, standing_invitation, invitation_id, version=version
    )


async def standing_invitation(
    work: Work, invitation_id: UUID, /, *, lock: bool = False
) -> Invitation:
    """Errors: `NotFound`, `NoLongerInvited`."""
    invitation = await invitation_for(work, invitation_id, lock=lock)
    rules.check_still_invited(invitation.withdrawn_at)
    return invitation
