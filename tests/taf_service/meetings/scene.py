"""What tests about meetings convene, and how they look behind the walls at what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from taf_service import meetings
from taf_service.meetings import Guest, GuestRole, InviteBasis, InvitedBy, Invitee, PlaceKind
from tests.stage import ATeam, Somebody, Stage

LONDON = "Europe/London"
PURPOSE = "Agree who helps with the mornings"
HALL = meetings.Venue(place="Town Hall", place_kind=PlaceKind.PUBLIC_VENUE)
LINK = "https://meet.example/abc"


def slot(day: int, start: str = "10:00", end: str = "11:00", *, month: int = 3) -> meetings.Slot:
    """On a day of 2026, by the clocks of London."""
    starts, ends = (wall(f"2026-{month:02}-{day:02}T{at}") for at in (start, end))
    return meetings.Slot.at(starts, ends, LONDON)


def wall(text: str) -> datetime:
    """What a clock on a wall says: a time by nobody's zone."""
    return datetime.fromisoformat(text)


SLOT = slot(18)


@dataclass(frozen=True)
class ANotice:
    kind: str
    recipient_id: UUID
    number: int
    facts: dict[str, Any]
    give_up_at: datetime


async def convene(
    asker: Somebody, team: ATeam, *invited: Somebody, key: str | None = None, **changes: Any
) -> UUID:
    """A meeting in a fortnight that raises no eyebrow, unless `changes` say otherwise."""
    values: dict[str, Any] = {
        "team_id": team.team_id,
        "purpose": PURPOSE,
        "slot": SLOT,
        "venue": HALL,
        "members": tuple(Invitee(team.of(somebody)) for somebody in invited),
        **changes,
    }
    acknowledged = values.pop("acknowledged", ())
    fact = await meetings.convene_taf_meeting(asker.ask(key, *acknowledged), **values)
    return fact.meeting_id


def by_phone(team: ATeam, somebody: Somebody) -> Invitee:
    return Invitee(team.of(somebody), invited_by=InvitedBy.PHONE)


def guest(name: str = "Ines Interpreter", **values: Any) -> Guest:
    return Guest(
        **{
            "name": name,
            "role": GuestRole.INTERPRETER,
            "basis": InviteBasis.CONSENT,
            "email_address": "ines@words.example",
            **values,
        }
    )


async def meeting_row(stage: Stage, meeting_id: UUID) -> asyncpg.Record:
    row = await stage.owner.fetchrow("select * from meeting where id = $1", meeting_id)
    assert row is not None
    return row


async def invitation_of(stage: Stage, meeting_id: UUID, person: Somebody | UUID) -> asyncpg.Record:
    person_id = person if isinstance(person, UUID) else person.person_id
    row = await stage.owner.fetchrow(
        "select * from invitation where meeting_id = $1 and person_id = $2", meeting_id, person_id
    )
    assert row is not None
    return row


async def invitations(stage: Stage, meeting_id: UUID) -> list[asyncpg.Record]:
    return await stage.owner.fetch(
        "select * from invitation where meeting_id = $1 order by id", meeting_id
    )


async def link_of(stage: Stage, invitation_id: UUID) -> asyncpg.Record | None:
    return await stage.owner.fetchrow(
        "select * from reply_link where invitation_id = $1", invitation_id
    )


async def notices(stage: Stage, kind: str | None = None) -> list[ANotice]:
    rows = await stage.owner.fetch(
        "select * from outbox_entry where $1::text is null or kind = $1 order by number, kind", kind
    )
    return [
        ANotice(r["kind"], r["recipient_id"], r["number"], json.loads(r["facts"]), r["give_up_at"])
        for r in rows
    ]


async def told(stage: Stage, kind: str) -> set[UUID]:
    """Who gets a message of this kind; nobody gets two."""
    found = [notice.recipient_id for notice in await notices(stage, kind)]
    assert len(found) == len(set(found))
    return set(found)


async def events(stage: Stage) -> list[str]:
    rows = await stage.owner.fetch("select event from audit_entry order by at, event")
    return [row["event"] for row in rows]
