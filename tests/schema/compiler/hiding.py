"""What somebody may not see of a world, and every way that leads to it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from schema import ids
from schema.sources import Many, One, Paged, RootPage
from taf_service import visibility
from tests.schema.compiler.declarations import (
    asked_of,
    leading,
    object_type,
    readable_types,
    source_of,
    table_of,
    with_ids,
)
from tests.schema.compiler.rows import ACTOR, joined
from tests.schema.compiler.worlds import World

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Way: TypeAlias = tuple[str, str, str]
"""A type, a field of it that leads to rows, and the type of those rows."""


@dataclass(frozen=True)
class Hidden:
    """For one person: the rows of each type that they see, and those that they do not."""

    person_id: UUID
    seen: dict[str, set[UUID]]
    hidden: dict[str, set[UUID]]
    versions: frozenset[str]
    """Of hidden rows of types without an id."""

    @classmethod
    async def of(cls, owner: Connection, world: World, person_id: UUID) -> Hidden:
        """By the predicates alone: row security does not bind the owner."""
        seen = {name: await _seen(owner, name, person_id) for name in readable_types()}
        hidden = {name: set(world.there[name]) - seen[name] for name in readable_types()}
        return cls(person_id, seen, hidden, await _versions(owner, hidden))

    def leaks(self, value: Any) -> list[str]:
        """Whatever in an answer names a row that is hidden: an id, a cursor, a version."""
        secrets = {
            ids.encode(name, row_id) for name in with_ids() for row_id in self.hidden[name]
        } | self.versions
        rows = {str(row_id) for listed in self.hidden.values() for row_id in listed}
        return [text for text in strings(value) if text in secrets or rows & set(_cursor(text))]

    async def is_led_to(self, owner: Connection, way: Way) -> bool:
        """Whether, but for the walls, this way leads from something seen to something hidden."""
        parent, field, child = way
        source = source_of(parent, field)
        if isinstance(source, RootPage):
            source = source.paged
        if not isinstance(source, One | Many | Paged):
            return bool(self.hidden[child] if child in self.hidden else any(self.hidden.values()))
        above = None if parent == "Query" else parent
        found = await bound(owner, self.person_id, joined(above, source, child))
        return any(
            record["id"] in self.hidden[child]
            and (above is None or record["parent"] in self.seen[above])
            for record in found
        )


async def _seen(owner: Connection, type_name: str, person_id: UUID) -> set[UUID]:
    seen = visibility.predicate(str(table_of(type_name)), row="r", actor=ACTOR)
    sql = f"select r.id from {table_of(type_name)} r where {seen}"
    return {record["id"] for record in await bound(owner, person_id, sql)}


async def _versions(owner: Connection, hidden: dict[str, set[UUID]]) -> frozenset[str]:
    nameless = [name for name in hidden if name not in with_ids() and "version" in asked_of(name)]
    found = [
        record["version"].hex
        for name in nameless
        for record in await owner.fetch(
            f"select version from {table_of(name)} where id = any($1::uuid[])", list(hidden[name])
        )
    ]
    return frozenset(found)


async def bound(owner: Connection, person_id: UUID, sql: str) -> list[asyncpg.Record]:
    async with owner.transaction():
        await owner.execute("select set_config('taf.actor', $1, true)", str(person_id))
        return await owner.fetch(sql, person_id)


def _cursor(text: str) -> list[str]:
    """The keys that a cursor holds; nothing for any other text."""
    try:
        listed = base64.b64decode(text, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    return [part.strip('[]" ') for part in listed.split(",")]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def below(way: Way, size: int = 100) -> str:
    """The field with everything that tells of its rows."""
    parent, field, child = way
    fields = asked_of(child)
    named_by = next(name for name in ("id", "version", "name") if name in fields)
    if not isinstance(source_of(parent, field), Paged | RootPage):
        return f"{field} {{ {named_by} }}"
    return (
        f"{field}(first: {size}) {{ edges {{ cursor node {{ {named_by} }} }} nodes {{ {named_by} }}"
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
    )


def is_page(way: Way) -> bool:
    return isinstance(source_of(way[0], way[1]), Paged | RootPage)


def by_id() -> list[tuple[str, str]]:
    """The roots that take an id, and what each leads to."""
    fields = object_type("Query").fields
    return [
        (field, child)
        for parent, field, child in leading()
        if parent == "Query" and "id" in fields[field].args
    ]
