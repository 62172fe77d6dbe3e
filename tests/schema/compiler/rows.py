"""What the database holds for one person, read the plain way and kept.

Three kinds of statements and no others: the visible rows of one table with the declared values of
each; which rows of one table belong to which of another; which rows a filter keeps. Whoever wants
something that was not read yet is told so, and asks again once it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson

from schema.sources import Column, Filter, Guarded, Many, One, Paged
from taf_service import visibility
from taf_service.core.actors import Standing
from tests.schema.compiler.declarations import (
    asked_of,
    definition,
    group_of,
    source_of,
    table_of,
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
ACTOR = "$1::uuid"


class Unread(Exception):
    """Not read yet: it will be there the next time."""


@dataclass(frozen=True, slots=True)
class Row:
    """One visible row: its declared values, its columns, and what the person is to it."""

    type_name: str
    id: UUID
    values: dict[str, Any]
    columns: SimpleNamespace
    standings: frozenset[Standing]


@dataclass(frozen=True, slots=True)
class Related:
    """A row that belongs to another, with its place in the order as a page states it."""

    id: UUID
    keys: tuple[Any, ...]
    texts: tuple[str, ...]


Statement: TypeAlias = tuple[str, tuple[Any, ...]]


@dataclass
class Rows:
    """`connection` is the service's role, bound to the actor: row security stays on."""

    connection: Connection
    actor_id: UUID
    _kept: dict[Statement, list[asyncpg.Record]] = field(default_factory=dict)
    _seen: dict[str, dict[UUID, Row]] = field(default_factory=dict)
    _related: dict[str, dict[UUID | None, list[Related]]] = field(default_factory=dict)
    _wanted: set[Statement] = field(default_factory=set)

    async def read_wanted(self) -> bool:
        """Read whatever was asked for in vain; False when nothing was."""
        wanted, self._wanted = self._wanted, set()
        async with self.connection.transaction(readonly=True):
            await self.connection.execute(
                "select set_config('taf.actor', $1, true)", str(self.actor_id)
            )
            for sql, values in wanted:
                self._kept[sql, values] = await self.connection.fetch(sql, self.actor_id, *values)
        return bool(wanted)

    def seen(self, type_name: str) -> dict[UUID, Row]:
        """Every row of this type that the predicate lets the actor see."""
        if type_name not in self._seen:
            found = self._fetched(_visible(type_name))
            self._seen[type_name] = {record["id"]: _row(type_name, record) for record in found}
        return self._seen[type_name]

    def related(
        self, parent: str | None, source: One | Many | Paged, child: str
    ) -> dict[UUID | None, list[Related]]:
        """For each row of `parent`, the rows of `child` that its source names, in order."""
        sql = joined(parent, source, child)
        if sql not in self._related:
            listed: dict[UUID | None, list[Related]] = {}
            for record in self._fetched(sql):
                listed.setdefault(record["parent"], []).append(_place(record))
            self._related[sql] = listed
        return self._related[sql]

    def kept_by(self, narrowing: Filter, child: str, value: Any) -> set[UUID]:
        """Which rows of `child` the filter keeps for this value."""
        where = _placed(narrowing.sql).replace("{value}", f"($2::{narrowing.cast})")
        sql = f"select c.id from {table_of(child)} c where ({where}) and {ACTOR} is not null"
        return {record["id"] for record in self._fetched(sql, value)}

    def _fetched(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        if (sql, values) not in self._kept:
            self._wanted.add((sql, values))
            raise Unread
        return self._kept[sql, values]


def _visible(type_name: str) -> str:
    table = table_of(type_name)
    assert table is not None, type_name
    seen = visibility.predicate(table, row="r", actor=ACTOR)
    listed = "".join(f", to_json(({sql}))::text as {name}" for name, sql in _values_of(type_name))
    held = "'{}'::text[]"
    if table in visibility.STANDINGS:
        held = visibility.standings(table, row="r", actor=ACTOR)
    return (
        f"select r.id, to_json(r)::text as whole, {held} as held{listed}"
        f" from {table} r where {seen}"
    )


def _values_of(type_name: str) -> list[tuple[str, str]]:
    """The declared SQL of each field, under a name made of the type's and the field's."""
    found = []
    for name in asked_of(type_name):
        source = source_of(type_name, name)
        if isinstance(source, Column | Guarded):
            sql = source.sql or f"{{row}}.{definition(type_name, name).python_name}"
            found.append((f'"{type_name}.{name}"', _placed(sql)))
        elif group := group_of(type_name, name):
            found += _values_of(group)
    return found


def _row(type_name: str, record: asyncpg.Record) -> Row:
    columns = orjson.loads(record["whole"])
    values = {
        name: None if value is None else orjson.loads(value)
        for name, value in record.items()
        if "." in name
    }
    held = frozenset(Standing(name) for name in record["held"])
    return Row(type_name, record["id"], values, SimpleNamespace(**columns), held)


def _place(record: asyncpg.Record) -> Related:
    numbers = range(sum(name.startswith("k") for name in record.keys()))  # noqa: SIM118 - a record
    keys = tuple(record[f"k{number}"] for number in numbers)
    return Related(record["id"], keys, tuple(record[f"t{number}"] for number in numbers))


def joined(parent: str | None, source: One | Many | Paged, child: str) -> str:
    """Without `parent` everything belongs to nobody in particular, as at the root."""
    above = f"{table_of(parent)} r" if parent else "(select null::uuid as id) r"
    on = _placed(source.on)
    if isinstance(source, Paged) and source.lanes:
        lanes = (lane.on.replace("= {lane}", f"in ({lane.ids})") for lane in source.lanes)
        on = f"{on}) and ({_placed(' or '.join(lanes))}"
    keys: list[str] = []
    if isinstance(source, Paged):
        keys = [_placed(key.sql) for key in source.keys]
        order = ", ".join(keys)
    else:
        order = _placed(source.order)
    listed = "".join(f", {key} as k{n}, {key}::text as t{n}" for n, key in enumerate(keys))
    return (
        f"select r.id as parent, c.id{listed} from {above} join {table_of(child)} c on ({on})"
        f" where {ACTOR} is not null order by r.id, {order}"
    )


def _placed(sql: str) -> str:
    """Every set that a declaration names is worked out where it stands."""
    return visibility.filled(sql, row="r", actor=ACTOR).replace("{child}", "c")
