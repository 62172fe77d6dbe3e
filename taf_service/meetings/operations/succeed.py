"""What meetings need when people come and go: called by `handovers` inside its own transaction."""

from __future__ import annotations

from uuid import UUID

from taf_service import teams, visibility
from taf_service.core.work import Work
from taf_service.meetings.models import Invitation, InvitedBy, Meeting
from taf_service.meetings.operations.roles import pass_on
from taf_service.meetings.operations.telling import take_back, tell_of_lead
from taf_service.meetings.queries import meeting_for, standing_invitations


async def announce_lead(work: Work, team: teams.Team) -> None:
    """Tell everybody invited by mail to an upcoming TAF meeting who leads now (rule 18)."""
    meetings = await visibility.rows(
        work, Meeting, f"{_UPCOMING} and r.kind = 'TAF'", team.id, work.now, lock=True
    )
    for meeting in meetings:
        for invitation in await standing_invitations(work, meeting):
            if invitation.invited_by is InvitedBy.EMAIL:
                await tell_of_lead(work, meeting, invitation)


_UPCOMING = "r.team_id = $2 and r.starts_at > $3 and r.cancelled_at is null"


async def release_member(work: Work, membership: teams.Membership, *, successor_id: UUID) -> None:
    """Take somebody who leaves the team out of its upcoming meetings.

    Only they are told (rule 16); what they were to do there, `successor_id` (a person) does. Call
    it while they are still in the team: whoever leaves by their own act sees nothing afterwards.
    """
    leaver_id = membership.person_id
    run_by_them = await visibility.rows(
        work,
        Meeting,
        f"{_UPCOMING} and $4 in (r.convener_id, r.chair_id, r.note_taker_id)",
        membership.team_id,
        work.now,
        leaver_id,
        lock=True,
    )
    invitations = await visibility.rows(
        work,
        Invitation,
        "r.person_id = $4 and r.withdrawn_at is null"  # noqa: S608 - ours
        f" and r.meeting_id in (select r.id from meeting r where {_UPCOMING})",
        membership.team_id,
        work.now,
        leaver_id,
        lock=True,
    )
    for meeting in run_by_them:
        await pass_on(work, meeting, from_id=leaver_id, to_id=successor_id)
    for invitation in invitations:
        await take_back(work, await meeting_for(work, invitation.meeting_id), invitation)
