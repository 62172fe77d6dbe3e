"""Recording what happened: a meeting that was held, who came, who was told."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from taf_service import teams, visibility
from taf_service.core import faults
from taf_service.core.errors import Stale
from taf_service.core.work import Work, operation
from taf_service.meetings import policies, rules
from taf_service.meetings.facts import AttendanceRecorded, PastMeetingRecorded, ToldRecorded
from taf_service.meetings.models import Answer, Invitation, InvitedBy, Meeting
from taf_service.meetings.operations.opening import (
    invitation_to_change,
    meeting_to_change,
    standing_invitation,
)
from taf_service.meetings.operations.roles import Held
from taf_service.meetings.operations.telling import organiser
from taf_service.meetings.operations.writing import write_taf_meeting
from taf_service.meetings.queries import family_of, invitation_for, meeting_for
from taf_service.meetings.rules import Attendance, Attendee, Slot, Venue


@operation(policies.record_past_meeting)
async def record_past_meeting(
    work: Work,
    *,
    team_id: UUID,
    purpose: str,
    slot: Slot,
    venue: Venue | None,
    members: tuple[Attendee, ...],
) -> PastMeetingRecorded:
    """Record a TAF meeting that was held already; nothing is sent."""
    team = await visibility.to_change(work, policies.record_past_meeting, teams.team_for, team_id)
    faults.check_said(purpose, "purpose", "Say what the meeting was for.")
    rules.check_held(slot, work.now, await teams.settings_for(work, team))
    people = await _people_there(work, team, members)
    actor = work.actor.person_id
    meeting = await write_taf_meeting(
        work,
        team,
        slot,
        venue,
        Held(actor, actor, actor),
        purpose=purpose.strip(),
        recorded_at=work.now,
    )
    for attendee in members:
        await _attended(work, meeting, people[attendee.membership_id], attendee)
    await work.record(
        "meeting.past_recorded",
        subject_id=meeting.id,
        family_id=team.family_id,
        starts_at=slot.starts_at,
    )
    return PastMeetingRecorded(meeting.id)


async def _people_there(
    work: Work, team: teams.Team, attendees: tuple[Attendee, ...]
) -> Mapping[UUID, UUID]:
    """The person of each membership; whoever has left the team since may have been there.

    Errors: `NobodyInvited`, `NotInTeam`, `InvitedTwice`, `NotFound`.
    """
    if not attendees:
        raise rules.NobodyInvited("Say who was asked.", field="members")
    ids = [attendee.membership_id for attendee in attendees]
    found = await visibility.each(work, teams.Membership, ids)
    if any(row.team_id != team.id for row in found.values()):
        raise rules.NotInTeam("Name people of this team.", field="members")
    people = {row.id: row.person_id for row in found.values()}
    if len(set(people.values())) < len(attendees):
        raise rules.InvitedTwice("Name each person once.", field="members")
    return people


async def _attended(work: Work, meeting: Meeting, person_id: UUID, attendee: Attendee) -> None:
    await Invitation.create(
        id=work.new_id(),
        meeting_id=meeting.id,
        person_id=person_id,
        membership_id=attendee.membership_id,
        required=True,
        invited_by=InvitedBy.IN_PERSON if meeting.place else InvitedBy.PHONE,
        uid=str(work.new_id()),
        organiser=organiser(work),
        sequence=0,
        reschedule_sequence=0,
        answer=Answer.NEEDS_ACTION,
        invited_at=work.now,
        attendance=attendee.attendance,
        version=work.new_id(),
    )


@operation(policies.record_attendance)
async def record_attendance(
    work: Work, *, invitation_id: UUID, attendance: Attendance, note: str, version: UUID
) -> AttendanceRecorded:
    """Record whether somebody came."""
    seen = await invitation_for(work, invitation_id)
    meeting = await meeting_to_change(work, policies.record_attendance, seen.meeting_id)
    invitation = await standing_invitation(work, invitation_id, lock=True)
    if invitation.version != version:
        raise Stale("invitation", invitation.id)
    rules.check_has_begun(meeting.starts_at, work.now)
    faults.check_length(note, "note")
    await Invitation.filter(id=invitation.id).update(
        attendance=attendance, attendance_note=note.strip(), version=work.new_id()
    )
    await work.record(
        "meeting.attendance_recorded",
        subject_id=meeting.id,
        family_id=await family_of(work, meeting),
        invitation_id=invitation.id,
        attendance=attendance,
    )
    return AttendanceRecorded(invitation.id)


@operation(policies.record_told)
async def record_told(work: Work, *, invitation_id: UUID, version: UUID) -> ToldRecorded:
    """Record that somebody was told of a meeting, where mail does not tell them.

    Of one that was cancelled too: they are to be told that it was.
    """
    invitation = await invitation_to_change(work, policies.record_told, invitation_id, version)
    meeting = await meeting_for(work, invitation.meeting_id)
    rules.check_not_over(meeting.ends_at, work.now)
    await Invitation.filter(id=invitation.id).update(
        told_at=work.now, told_by_id=work.actor.person_id, version=work.new_id()
    )
    await work.record(
        "meeting.told_recorded",
        subject_id=meeting.id,
        family_id=await family_of(work, meeting),
        invitation_id=invitation.id,
    )
    return ToldRecorded(invitation.id)
