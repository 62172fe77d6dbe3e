"""The one clock: the database's, read with the actor bound in the same statement."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise import connections

LONDON = ZoneInfo("Europe/London")


async def begin(person_id: UUID) -> datetime:
    """Bind the actor to this transaction for row-level security; return the database's time."""
    rows = await connections.get("default").execute_query_dict(
        "select set_config('taf.actor', $1, true), now() as now", [str(person_id)]
    )
    now: datetime = rows[0]["now"]
    return now


def day_in(zone: ZoneInfo, now: datetime) -> date:
    """The calendar day somebody in `zone` reads off the wall at `now`."""
    return now.astimezone(zone).date()
