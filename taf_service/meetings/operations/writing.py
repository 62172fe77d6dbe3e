"""The row of a meeting."""

from __future__ import annotations

from typing import Any

from taf_service import teams
from taf_service.core.work import Work
from taf_service.meetings.models import Meeting, MeetingKind
from taf_service.meetings.operations.roles import Held
from taf_service.meetings.rules import Slot, Venue


def when(slot: Slot) -> dict[str, Any]:
    return {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "zone": slot.zone}


def where(venue: Venue | None) -> dict[str, Any]:
    """A meeting held by telephone was nowhere."""
    if venue is None:
        return {"place": "", "place_kind": None, "joining_link": ""}
    return {
        "place": venue.place.strip(),
        "place_kind": venue.place_kind,
        "joining_link": venue.joining_link,
    }


async def write_taf_meeting(
    work: Work, team: teams.Team, slot: Slot, venue: Venue | None, held: Held, **columns: Any
) -> Meeting:
    return await Meeting.create(
        id=work.new_id(),
        team_id=team.id,
        kind=MeetingKind.TAF,
        convener_id=held.convener_id,
        chair_id=held.chair_id,
        note_taker_id=held.note_taker_id,
        convened_at=work.now,
        version=work.new_id(),
        **when(slot),
        **where(venue),
        **columns,
    )
