"""What somebody could have kept, been told or guessed of what happened in secret."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from schema import ids
from schema.build import schema

LONDON = ZoneInfo("Europe/London")
_CHILDREN = """
select p.name, m.born_on from family_member m join person p on p.id = m.person_id
where m.id = any($1) and m.born_on is not null order by m.id
"""
_ADDRESSES = "select address from email_address where id = any($1) order by id"
_TIMES = """
select starts_at, ends_at from meeting where id = any($1) and cancelled_at is null order by id
"""


@dataclass(frozen=True)
class Keepsakes:
    """`rows` by type, in the order of their ids; the rest as people would write it in an input.

    `children` are names with dates of birth, `times` the starts and ends of meetings to be held.
    """

    rows: dict[str, list[UUID]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    children: list[tuple[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    times: list[tuple[str, str]] = field(default_factory=list)

    def global_ids(self) -> list[str]:
        return [ids.encode(name, row) for name, rows in self.rows.items() for row in rows]


async def keepsakes_of(
    owner: asyncpg.Connection[asyncpg.Record], drawn: Iterable[UUID]
) -> Keepsakes:
    """What the rows are that bear ids which were `drawn` in secret."""
    secret = list(drawn)
    found = {
        name: await _column(owner, f"select id from {table} where id = any($1) order by id", secret)
        for name, table in _tables().items()
    }
    children = await owner.fetch(_CHILDREN, secret)
    meetings = await owner.fetch(_TIMES, secret)
    return Keepsakes(
        {name: rows for name, rows in found.items() if rows},
        await _column(owner, "select name from person where id = any($1) order by id", secret),
        [(row["name"], row["born_on"].isoformat()) for row in children],
        await _column(owner, _ADDRESSES, secret),
        [(_local(row["starts_at"]), _local(row["ends_at"])) for row in meetings],
    )


def _tables() -> dict[str, str]:
    types = schema()._schema.type_map
    return {
        name: types[name].extensions["strawberry-definition"].origin.__table__
        for name in ids.NUMBERS
        if name in types
    }


async def _column(
    owner: asyncpg.Connection[asyncpg.Record], sql: str, secret: list[UUID]
) -> list[Any]:
    return [row[0] for row in await owner.fetch(sql, secret)]


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%Y-%m-%dT%H:%M}"
