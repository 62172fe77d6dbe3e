"""What stands at the top of a query: one object, one page, or whatever ids name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any
from uuid import UUID

from graphql import GraphQLField, GraphQLObjectType
from graphql.execution.values import VariableValues
from strawberry.utils.str_converters import to_camel_case

from schema import ids
from schema.compiler import pages
from schema.compiler.arguments import Getter, argument
from schema.compiler.declared import source_of, table_of
from schema.compiler.document import type_named
from schema.compiler.frames import ACTOR, Frame
from schema.compiler.selection import Selected, object_type_of
from schema.compiler.writing import Writer
from schema.ids import NOWHERE
from schema.sources import AnyNode, AnyNodes, Paged, RootObject, RootPage, Viewer
from taf_service import visibility
from taf_service.core.errors import FieldError, InvalidInput, NotFound

MOST_NODES = 100
BOUND = "asking.actor <> ''"
"""Makes a part of the statement wait until the actor is bound; `statement.py` binds them."""


@dataclass(frozen=True, slots=True)
class Root:
    """SQL with the columns `text`, and `families` and `subjects` of what was opened.

    `listed` says what a list that was read is called in the log.
    """

    sql: str | None
    opens: bool = False
    listed: tuple[str, ...] = ()


@singledispatch
def root_of(source: Any, _writer: Writer, _definition: GraphQLField, _item: Selected) -> Root:
    """How a root field is read. Errors: `InvalidInput` for arguments that cannot be right."""
    raise TypeError(f"{source!r} cannot be read at the top")


@root_of.register
def _(source: RootObject, writer: Writer, definition: GraphQLField, item: Selected) -> Root:
    object_type = named(writer, source.type_name)
    getter = argument(definition, item.nodes[0], "id")
    where = f"{{row}}.id = {writer.parameter(row_id(getter, source.type_name), 'uuid')}"
    return single(writer, object_type, where, item)


@root_of.register
def _(source: Viewer, writer: Writer, _definition: GraphQLField, item: Selected) -> Root:
    object_type = named(writer, source.type_name)
    root = single(writer, object_type, f"{{row}}.id = {ACTOR}", item)
    listed = tuple(_pages(writer, object_type, item))
    return Root(root.sql, listed=listed)


@root_of.register
def _(source: RootPage, writer: Writer, definition: GraphQLField, item: Selected) -> Root:
    sql = pages.page(writer, source.paged, definition, item, also=BOUND)
    node = object_type_of(object_type_of(definition).fields["nodes"])
    is_case = table_of(node) in visibility.FAMILY_OF
    listed = (_listed(item.name, item, source.paged),) if is_case else ()
    return Root(f"select {sql} as text offset 0", listed=listed)


@root_of.register
def _(_source: AnyNode, writer: Writer, definition: GraphQLField, item: Selected) -> Root:
    getter = argument(definition, item.nodes[0], "id")
    object_type = _node_type(writer, type_named(getter(writer.variables)))
    if object_type is None:
        return Root(None)
    value = writer.parameter(row_id(getter, object_type.name), "uuid")
    return single(writer, object_type, f"{{row}}.id = {value}", item)


@root_of.register
def _(_source: AnyNodes, writer: Writer, definition: GraphQLField, item: Selected) -> Root:
    getter = _few(argument(definition, item.nodes[0], "ids"))
    given = [type_named(each) for each in getter(writer.variables)]
    types = [found for name in sorted(set(given)) if (found := _node_type(writer, name))]
    kinds = writer.parameter(lambda v: [type_named(each) for each in getter(v)], "text[]")
    values = writer.parameter(lambda v: [_any_row(each) for each in getter(v)], "uuid[]")
    return Root(
        f"select concat('[', string_agg(coalesce(n.text, 'null'), ',' order by u.place), ']')"
        f" as text, array_agg(n.families[1]) as families, array_agg(n.subjects[1]) as subjects"
        f" from unnest({kinds}, {values}) with ordinality u (kind, id, place)"
        f" left join lateral ({_branches(writer, types, item)}) n on true where {BOUND} offset 0",
        opens=any(table_of(each) in visibility.FAMILY_OF for each in types),
    )


def single(
    writer: Writer, object_type: GraphQLObjectType, where: str, item: Selected, *, also: str = BOUND
) -> Root:
    """The visible row for which `where` holds, and everything selected below it."""
    row, frame, table = writer.alias(), Frame(), table_of(object_type)
    body = writer.object(object_type, frame, row, item.sets).expression()
    family = visibility.FAMILY_OF.get(table)
    opened = "null::uuid" if family is None else family.replace("{row}", row)
    subject = "null::uuid" if family is None else f"{row}.id"
    return Root(
        f"select {body} as text, array[{opened}] as families, array[{subject}] as subjects"
        f" from (select {row}.* from {table} {row} where {where.replace('{row}', row)}"
        f" and {writer.seen(object_type, row)} and {also} limit 1) {row} {frame.joined} offset 0",
        opens=family is not None,
    )


def named(writer: Writer, type_name: str) -> GraphQLObjectType:
    found = writer.document.schema.type_map[type_name]
    if not isinstance(found, GraphQLObjectType):
        raise TypeError(type_name)
    return found


def row_id(getter: Getter, type_name: str) -> Getter:
    """Reads the row's id; of an id that is none of ours, one that leads nowhere."""

    def read(variables: VariableValues) -> UUID:
        try:
            return ids.row_id(getter(variables), type_name)
        except NotFound:
            return NOWHERE

    return read


def _branches(writer: Writer, types: Iterable[GraphQLObjectType], item: Selected) -> str:
    """One way to read for each type there is; with none there is nothing to find."""
    branches = [
        f"({single(writer, each, '{row}.id = u.id', item, also=_is(each)).sql})" for each in types
    ]
    nothing = "(select null::text as text, null::uuid[] as families, null::uuid[] as subjects)"
    return " union all ".join(branches or [f"{nothing} limit 0"])


def _is(object_type: GraphQLObjectType) -> str:
    return f"u.kind = '{object_type.name}'"


def _node_type(writer: Writer, name: str) -> GraphQLObjectType | None:
    found = writer.document.schema.type_map.get(name)
    return found if isinstance(found, GraphQLObjectType) else None


def _any_row(global_id: str) -> UUID:
    try:
        return ids.decode(global_id)[1]
    except NotFound:
        return NOWHERE


def _few(getter: Getter) -> Getter:
    def read(variables: VariableValues) -> list[str]:
        listed: list[str] = getter(variables)
        if len(listed) > MOST_NODES:
            raise InvalidInput(FieldError("ids", f"Ask for at most {MOST_NODES} at a time."))
        return listed

    return read


def _pages(writer: Writer, object_type: GraphQLObjectType, item: Selected) -> Iterable[str]:
    """The lists that are read below the viewer."""
    for each in writer.selection.of(object_type, item.sets):
        source = None if each.name == "__typename" else source_of(object_type.fields[each.name])
        if isinstance(source, Paged):
            yield _listed(f"{item.name}.{each.name}", each, source)


def _listed(name: str, item: Selected, source: Paged) -> str:
    """A list and what it was narrowed by: never the words that were sought."""
    filters = {to_camel_case(each.name) for each in source.filters}
    asked = [a.name.value for a in item.nodes[0].arguments or () if a.name.value in filters]
    return f"{name}({', '.join(asked)})" if asked else name
