"""One statement per root: the selection, with who may see what inside it, as JSON.

The dictionaries that come back are completed by graphql-core; `read_key` finds each value under the
key it was asked for, so aliases and arguments need nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import singledispatchmethod
from typing import Any

import orjson
from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, SelectionSetNode
from strawberry.utils.str_converters import to_camel_case

from schema import limits
from schema.ids import encode_sql
from schema.paging import Page, cursor_sql, page_of
from schema.selection import Selected, below, object_type_of, selected
from schema.sources import (
    SOURCE,
    Allowed,
    Column,
    Guarded,
    Many,
    NodeId,
    One,
    Paged,
    Part,
)
from taf_service import visibility
from taf_service.core import reading
from taf_service.core.actors import Actor

SHORT = 10  # rows that a list without pages is taken to hold, when a query's cost is judged
PAIRS = 45  # PostgreSQL passes at most 100 arguments to a function: two a pair, and some to spare
ACTOR = "asking.actor"


def read_key(source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    """The one resolver of every field that carries a source."""
    return source[info.path.key]


def source_of(definition: GraphQLField) -> Any:
    return definition.extensions["strawberry-definition"].metadata[SOURCE]


def table_of(object_type: GraphQLObjectType) -> str:
    table: str = object_type.extensions["strawberry-definition"].origin.__table__
    return table


async def one(
    info: GraphQLResolveInfo[Any], type_name: str, where: str, *values: object, actor: Actor
) -> dict[str, Any] | None:
    """The visible row `r` for which `where` holds, with everything selected below, or None."""
    writer = Writer(info, values)
    object_type = writer.named(type_name)
    sql = writer.single(object_type, "r", where.replace("{row}", "r"), "r.id", below(info))
    found = await _run(writer, sql, actor)
    return found if found is None else {**found, "__typename": type_name}


async def page(
    info: GraphQLResolveInfo[Any],
    type_name: str,
    source: Paged,
    arguments: dict[str, Any],
    *values: object,
    actor: Actor,
) -> dict[str, Any]:
    """A connection at the root; `{row}` does not occur in its `on`."""
    writer = Writer(info, values)
    connection = object_type_of(info.parent_type.fields[info.field_name])
    asked = Paging(source, arguments, writer.named(type_name))
    found: dict[str, Any] = await _run(
        writer, writer.connection(asked, connection, "", below(info)), actor
    )
    return found


async def _run(writer: Writer, sql: str, actor: Actor) -> Any:
    """The actor is bound inside the statement, for row-level security (stack, "two roles")."""
    text = await reading.scalar(
        "select x.j::text from (select set_config('taf.actor', $1::uuid::text, true)::uuid"
        f" as actor offset 0) asking cross join lateral (select {sql} as j) x",
        [actor.person_id, *writer.values],
    )
    return None if text is None else orjson.loads(text)


class Paging:
    """A connection as asked for: its source, its page, its filters, the type of its nodes."""

    def __init__(self, source: Paged, arguments: dict[str, Any], node: GraphQLObjectType) -> None:
        self.source = source
        self.node = node
        self.page: Page = page_of(arguments, source.keys)
        given = [(f, arguments.get(to_camel_case(f.name))) for f in source.filters]
        self.filters = [(f, value) for f, value in given if value is not None]


class Writer:
    """Writes SQL for a selection. Identifiers come from declarations, values are parameters."""

    def __init__(self, info: GraphQLResolveInfo[Any], values: tuple[object, ...]) -> None:
        self.info = info
        self.values: list[object] = list(values)
        self._aliases = 0
        self._cost: limits.Cost = info.context.cost
        self._cost.add(limits.OBJECT)
        self._times = 1

    def named(self, type_name: str) -> GraphQLObjectType:
        found = self.info.schema.type_map[type_name]
        if not isinstance(found, GraphQLObjectType):
            raise TypeError(type_name)
        return found

    def alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    @contextmanager
    def _each_of(self, rows: int) -> Iterator[None]:
        """What is written inside happens once for each of so many rows."""
        times, self._times = self._times, self._times * rows
        self._cost.add(self._times)
        yield
        self._times = times

    def parameter(self, value: object, cast: str) -> str:
        self.values.append(value)
        return f"${len(self.values) + 1}::{cast}"

    def shape(self, object_type: GraphQLObjectType, row: str, sets: list[SelectionSetNode]) -> str:
        """A JSON object of what `sets` ask of `object_type`, whose row is `row`."""
        pairs = [
            f"'{item.key}', {self._value(object_type, item, row)}"
            for item in selected(self.info, object_type, sets)
        ]
        return _json_object(pairs)

    def single(
        self,
        object_type: GraphQLObjectType,
        row: str,
        where: str,
        order: str,
        sets: list[SelectionSetNode],
    ) -> str:
        table = table_of(object_type)
        seen = visibility.predicate(table, row=row, actor=ACTOR)
        return (
            f"(select {self.shape(object_type, row, sets)} from {table} {row}"
            f" where ({where}) and {seen} order by {order} limit 1)"
        )

    def connection(
        self,
        asked: Paging,
        connection: GraphQLObjectType,
        parent: str,
        sets: list[SelectionSetNode],
    ) -> str:
        """A page: one row more than asked is read, to know whether there are others."""
        row = self.alias()
        rows = self._page_rows(asked, parent)
        keys = tuple(f"{row}.k{n}" for n in range(len(asked.source.keys)))
        with self._each_of(asked.page.size):
            pairs = [
                f"'{item.key}', {self._connection_value(asked, connection, item, row, keys)}"
                for item in selected(self.info, connection, sets)
            ]
        return f"(select {_json_object(pairs)} from ({rows}) {row})"

    def _page_rows(self, asked: Paging, parent: str) -> str:
        inner, table = self.alias(), table_of(asked.node)
        keys = [key.sql.replace("{child}", inner) for key in asked.source.keys]
        way = " desc" if asked.page.backwards else ""
        order = ", ".join(f"{key}{way}" for key in keys)
        listed = ", ".join(f"{key} as k{n}" for n, key in enumerate(keys))
        return (
            f"select {inner}.*, {listed}, row_number() over (order by {order}) as nth"
            f" from {table} {inner} where {self._page_where(asked, inner, parent, keys)}"
            f" order by {order} limit {asked.page.size + 1}"
        )

    def _page_where(self, asked: Paging, inner: str, parent: str, keys: list[str]) -> str:
        on = asked.source.on.replace("{child}", inner).replace("{row}", parent)
        parts = [f"({on.replace('{actor}', ACTOR)})"]
        parts.append(visibility.predicate(table_of(asked.node), row=inner, actor=ACTOR))
        for cursor, sign in ((asked.page.after, ">"), (asked.page.before, "<")):
            if cursor is not None:
                kinds = zip(cursor, asked.source.keys, strict=True)
                values = ", ".join(self.parameter(value, key.kind) for value, key in kinds)
                parts.append(f"({', '.join(keys)}) {sign} ({values})")
        for narrowing, value in asked.filters:
            sql = narrowing.sql.replace("{child}", inner).replace("{actor}", ACTOR)
            parts.append(f"({sql.replace('{value}', self.parameter(value, narrowing.cast))})")
        return " and ".join(parts)

    def _connection_value(
        self,
        asked: Paging,
        connection: GraphQLObjectType,
        item: Selected,
        row: str,
        keys: tuple[str, ...],
    ) -> str:
        if item.name == "__typename":
            return f"'{connection.name}'"
        within = f"filter (where {row}.nth <= {asked.page.size})"
        order = f"order by {row}.nth{' desc' if asked.page.backwards else ''}"
        inner = object_type_of(connection.fields[item.name])
        if item.name == "pageInfo":
            return self._page_info(asked, inner, item, row, keys)
        if item.name == "nodes":
            value = self.shape(inner, row, item.sets)
        else:
            value = self._edge(inner, item, row, keys)
        return f"coalesce(json_agg({value} {order}) {within}, '[]')"

    def _edge(
        self, edge: GraphQLObjectType, item: Selected, row: str, keys: tuple[str, ...]
    ) -> str:
        pairs = []
        for part in selected(self.info, edge, item.sets):
            if part.name == "node":
                value = self.shape(object_type_of(edge.fields["node"]), row, part.sets)
            else:
                value = f"'{edge.name}'" if part.name == "__typename" else cursor_sql(keys)
            pairs.append(f"'{part.key}', {value}")
        return _json_object(pairs)

    def _page_info(
        self,
        asked: Paging,
        page_info: GraphQLObjectType,
        item: Selected,
        row: str,
        keys: tuple[str, ...],
    ) -> str:
        size, backwards = asked.page.size, asked.page.backwards
        more = f"(count(*) > {size})"
        within = f"filter (where {row}.nth <= {size})"
        ends = [
            f"(array_agg({cursor_sql(keys)} order by {row}.nth{way}) {within})[1]"
            for way in (("", " desc") if not backwards else (" desc", ""))
        ]
        values = {
            "__typename": f"'{page_info.name}'",
            "hasNextPage": str(asked.page.before is not None).lower() if backwards else more,
            "hasPreviousPage": more if backwards else str(asked.page.after is not None).lower(),
            "startCursor": ends[0],
            "endCursor": ends[1],
        }
        chosen = selected(self.info, page_info, item.sets)
        return _json_object([f"'{part.key}', {values[part.name]}" for part in chosen])

    def _value(self, object_type: GraphQLObjectType, item: Selected, row: str) -> str:
        if item.name == "__typename":
            return f"'{object_type.name}'"
        definition = object_type.fields[item.name]
        write: Callable[..., str] = self._write
        return write(source_of(definition), object_type, definition, item, row)

    @singledispatchmethod
    def _write(self, source: Any, *_: Any) -> str:
        raise TypeError(f"{source!r} cannot be read here")

    @_write.register
    def _(
        self, source: Column, _of: GraphQLObjectType, d: GraphQLField, _item: Selected, row: str
    ) -> str:
        name = d.extensions["strawberry-definition"].python_name
        sql = source.sql or f"{{row}}.{name}"
        return f"({sql.replace('{row}', row).replace('{actor}', ACTOR)})"

    @_write.register
    def _(
        self, _source: NodeId, of: GraphQLObjectType, _d: GraphQLField, _item: Selected, row: str
    ) -> str:
        return encode_sql(of.name, f"{row}.id")

    @_write.register
    def _(
        self, _source: Part, of: GraphQLObjectType, d: GraphQLField, item: Selected, row: str
    ) -> str:
        group = object_type_of(d)
        group.extensions.setdefault("table", table_name(of))
        return self.shape(group, row, item.sets)

    @_write.register
    def _(
        self, source: Guarded, of: GraphQLObjectType, _d: GraphQLField, _item: Selected, row: str
    ) -> str:
        allows = self._allows(source.policy, table_name(of), row)
        return f"case when {allows} then {source.sql.replace('{row}', row)} end"

    @_write.register
    def _(
        self, source: Allowed, of: GraphQLObjectType, _d: GraphQLField, _item: Selected, row: str
    ) -> str:
        return self._allows(source.policy, table_name(of), row)

    @_write.register
    def _(
        self, source: One, _of: GraphQLObjectType, d: GraphQLField, item: Selected, row: str
    ) -> str:
        child = self.alias()
        on, order = (
            text.replace("{row}", row).replace("{child}", child).replace("{actor}", ACTOR)
            for text in (source.on, source.order)
        )
        return self.single(object_type_of(d), child, on, order, item.sets)

    @_write.register
    def _(
        self, source: Many, _of: GraphQLObjectType, d: GraphQLField, item: Selected, row: str
    ) -> str:
        child, inner, related = self.alias(), self.alias(), object_type_of(d)
        on = source.on.replace("{row}", row).replace("{child}", inner).replace("{actor}", ACTOR)
        order = source.order.replace("{child}", inner)
        table = table_of(related)
        seen = visibility.predicate(table, row=inner, actor=ACTOR)
        with self._each_of(SHORT):
            each = self.shape(related, child, item.sets)
        return (
            f"(select coalesce(json_agg({each}"
            f" order by {child}.nth), '[]') from (select {inner}.*, row_number() over"
            f" (order by {order}) as nth from {table} {inner} where ({on}) and {seen}"
            f" order by {order} limit {source.limit}) {child})"
        )

    @_write.register
    def _(
        self, source: Paged, _of: GraphQLObjectType, d: GraphQLField, item: Selected, row: str
    ) -> str:
        connection = object_type_of(d)
        node = object_type_of(connection.fields["nodes"])
        return self.connection(Paging(source, item.arguments(d), node), connection, row, item.sets)

    def _allows(self, policy: Any, table: str, row: str) -> str:
        if policy.table != table:
            raise TypeError(f"{policy.name} is about {policy.table}, not {table}")
        held = visibility.standings(table, row=row, actor=ACTOR)
        allows: str = policy.sql(standings=held, row=row)
        return allows


def table_name(object_type: GraphQLObjectType) -> str:
    """The table behind a type; a group of fields lives on the row of its owner."""
    origin = object_type.extensions["strawberry-definition"].origin
    found = getattr(origin, "__table__", None) or object_type.extensions["table"]
    return str(found)


def _json_object(pairs: list[str]) -> str:
    if len(pairs) <= PAIRS:
        return f"json_build_object({', '.join(pairs)})"
    chunks = [pairs[start : start + PAIRS] for start in range(0, len(pairs), PAIRS)]
    return "(" + " || ".join(f"jsonb_build_object({', '.join(c)})" for c in chunks) + ")"
