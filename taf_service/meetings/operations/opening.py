"""Rows opened for a change: found, permitted, locked, and as they are now.

A lock is a write to row security, so it hides a row that somebody may only read; the policy is
asked before it, to tell them why, and after it, of the row as it is then.
"""

from __future__ import annotations

from uuid import UUID

from taf_service import teams
from taf_service.core.errors import Stale
from taf_service.core.policies import Policy
from taf_service.core.work import Work
from taf_service.meetings import rules
from taf_service.meetings.models import Invitation, Meeting
from taf_service.meetings.queries import invitation_for, meeting_for


async def team_to_use(work: Work, policy: Policy, team_id: UUID) -> teams.Team:
    """Errors: `NotFound`, `NotPermitted`."""
    for lock in (False, True):
        team = await teams.team_for(work, team_id, lock=lock)
        work.require(policy, team)
    return team


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
    seen = await _permitted(work, policy, meeting_id, lock=False)
    if keeps_team:
        await teams.team_for(work, seen.team_id, lock=True)
    meeting = await _permitted(work, policy, meeting_id, lock=True)
    if version is not None and meeting.version != version:
        raise Stale("meeting", meeting.id)
    return meeting


async def _permitted(work: Work, policy: Policy, meeting_id: UUID, *, lock: bool) -> Meeting:
    meeting = await meeting_for(work, meeting_id, lock=lock)
    rules.check_stands(meeting.cancelled_at)
    work.require(policy, meeting)
    return meeting


async def invitation_to_change(
    work: Work, policy: Policy | None, invitation_id: UUID, version: UUID | None = None
) -> Invitation:
    """Without a `policy` that of the meeting was asked.

    Errors: `NotFound`, `NoLongerInvited`, `NotPermitted`, `Stale`.
    """
    invitation = await invitation_for(work, invitation_id, lock=True)
    rules.check_still_invited(invitation.withdrawn_at)
    if policy is not None:
        work.require(policy, invitation)
    if version is not None and invitation.version != version:
        raise Stale("invitation", invitation.id)
    return invitation
