"""Random worlds: a few families and everybody who can be something to them.

Times are the database's own, for that is what "upcoming" and "overdue" go by.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from tests.schema.compiler.building import Builder
from tests.schema.compiler.cases import Case
from tests.schema.compiler.declarations import readable_types, table_of
from tests.stage import Somebody, Stage


@dataclass(frozen=True)
class World:
    """`people` by what they are to it; `there`: every row, by the type that shows it."""

    people: Mapping[str, Somebody]
    there: Mapping[str, Sequence[UUID]]
    cursors: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Met in answers, whoever they were for."""


async def build(owner: asyncpg.Connection[asyncpg.Record], seed: int) -> World:
    now: datetime = await owner.fetchval("select date_trunc('minute', now())")
    stage = Stage(owner, now)
    await stage.set()
    builder = Builder(stage, random.Random(seed))
    await builder.directory()
    for number in range(builder.chance.choice([2, 3, 3])):
        await Case.of(builder, number)
    there = {name: await _rows(owner, name) for name in readable_types()}
    return World(builder.people, there)


async def _rows(owner: asyncpg.Connection[asyncpg.Record], type_name: str) -> list[UUID]:
    """In the order they were made; a view has none."""
    table = table_of(type_name)
    order = "id" if table == "delivery" else "ctid"
    found = await owner.fetch(f"select id from {table} order by {order}")
    return [record["id"] for record in found]
