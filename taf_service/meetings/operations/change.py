"""Another time, another place, another agenda."""

from __future__ import annotations

from uuid import UUID

from taf_service import teams
from taf_service.core import faults
from taf_service.core.work import Work, operation
from taf_service.meetings import policies, rules
from taf_service.meetings.facts import AgendaSet, MeetingRescheduled, PlaceChanged
from taf_service.meetings.models import Invitation, Meeting
from taf_service.meetings.operations.asking import own_time
from taf_service.meetings.operations.caution import warn_of_clashes, warn_of_time
from taf_service.meetings.operations.opening import meeting_to_change
from taf_service.meetings.operations.safety import check_together, gathering_at
from taf_service.meetings.operations.telling import prolong_links, tell_of_change, tell_of_move
from taf_service.meetings.operations.writing import when, where
from taf_service.meetings.queries import family_of, standing_invitations
from taf_service.meetings.rules import Slot, Venue


@operation(policies.reschedule_meeting)
async def reschedule_meeting(
    work: Work, *, meeting_id: UUID, slot: Slot, version: UUID
) -> MeetingRescheduled:
    """Change when a meeting is; everybody is asked again."""
    meeting = await meeting_to_change(work, policies.reschedule_meeting, meeting_id, version)
    team = await teams.team_for(work, meeting.team_id)
    settings = await teams.settings_for(work, team)
    rules.check_not_over(meeting.ends_at, work.now)
    rules.check_upcoming(slot, work.now, settings)
    rules.check_differs(when(slot), meeting, "startsAt")
    invitations = await standing_invitations(work, meeting)
    rules.check_can_be_moved(was_attended=any(row.attendance for row in invitations))
    await check_together(work, team, await gathering_at(work, meeting))
    warn_of_time(work, slot, settings)
    await warn_of_clashes(work, _moved(meeting, invitations, slot), apart_from=meeting.id)
    distance = slot.starts_at - meeting.starts_at
    await _change(work, meeting, **when(slot))
    for invitation in invitations:
        await tell_of_move(work, meeting, invitation, distance)
    await prolong_links(meeting, settings)
    await work.record(
        "meeting.rescheduled",
        subject_id=meeting.id,
        family_id=team.family_id,
        starts_at=slot.starts_at,
    )
    return MeetingRescheduled(meeting.id)


def _moved(meeting: Meeting, invitations: list[Invitation], slot: Slot) -> dict[UUID, Slot]:
    """Parts keep their distance from the start. Errors: `PartOutside`."""
    distance = slot.starts_at - meeting.starts_at
    times = {}
    for invitation in invitations:
        if invitation.part_starts_at is None:
            times[invitation.person_id] = slot
            continue
        part = own_time(meeting, invitation).moved(distance, slot.zone)
        rules.Part(part).check_within(slot)
        times[invitation.person_id] = part
    return times


async def _change(work: Work, meeting: Meeting, **columns: object) -> None:
    """Write the columns, and let the row in hand show them."""
    await Meeting.filter(id=meeting.id).update(version=work.new_id(), **columns)
    meeting.update_from_dict(columns)


@operation(policies.change_place)
async def change_place(
    work: Work, *, meeting_id: UUID, venue: Venue, version: UUID
) -> PlaceChanged:
    """Change where a meeting is; answers stand."""
    meeting = await meeting_to_change(work, policies.change_place, meeting_id, version)
    team = await teams.team_for(work, meeting.team_id)
    rules.check_not_over(meeting.ends_at, work.now)
    rules.check_differs(where(venue), meeting, "place")
    changed = _changed(meeting, venue)
    await check_together(work, team, await gathering_at(work, meeting))
    await _change(work, meeting, **where(venue))
    for invitation in await standing_invitations(work, meeting):
        theirs = _theirs(invitation, changed)
        if theirs:
            await tell_of_change(work, meeting, invitation, *theirs)
    await work.record(
        "meeting.place_changed",
        subject_id=meeting.id,
        family_id=team.family_id,
        changed=changed,
    )
    return PlaceChanged(meeting.id)


def _changed(meeting: Meeting, venue: Venue) -> tuple[str, ...]:
    now = where(venue)
    changed = {
        "PLACE": (meeting.place, meeting.place_kind) != (now["place"], now["place_kind"]),
        "LINK": meeting.joining_link != now["joining_link"],
    }
    return tuple(word for word, is_so in changed.items() if is_so)


def _theirs(invitation: Invitation, changed: tuple[str, ...]) -> tuple[str, ...]:
    """Who joins a part by a link of its own is not concerned by the meeting's (rule 40)."""
    has_own_link = bool(invitation.part_joining_link)
    return tuple(word for word in changed if word != "LINK" or not has_own_link)


@operation(policies.set_agenda)
async def set_agenda(work: Work, *, meeting_id: UUID, agenda: str, version: UUID) -> AgendaSet:
    """Write the agenda; nothing is sent."""
    meeting = await meeting_to_change(work, policies.set_agenda, meeting_id, version)
    rules.check_not_over(meeting.ends_at, work.now)
    faults.check_length(agenda, "agenda")
    await _change(work, meeting, agenda=agenda.strip())
    await work.record(
        "meeting.agenda_set", subject_id=meeting.id, family_id=await family_of(work, meeting)
    )
    return AgendaSet(meeting.id)
