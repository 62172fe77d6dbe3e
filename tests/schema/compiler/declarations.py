"""What the types declare of themselves, read without anything that writes SQL or answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_scalar_type,
)

from schema.build import schema, sdl
from schema.sources import (
    SOURCE,
    AnyNode,
    AnyNodes,
    Many,
    One,
    Paged,
    Part,
    RootObject,
    RootPage,
    Viewer,
)

PREVIEWS = "preview"


@cache
def published() -> GraphQLSchema:
    """The SDL as a schema of its own: no resolver, and the service's scalars for its inputs."""
    built = build_schema(sdl())
    for name, of in schema()._schema.type_map.items():
        copy = built.type_map[name]
        if is_scalar_type(of) and is_scalar_type(copy):
            copy.parse_value = of.parse_value  # type: ignore[method-assign]
            copy.coerce_input_value = of.coerce_input_value
    return built


def object_type(name: str) -> GraphQLObjectType:
    found = published().type_map[name]
    assert isinstance(found, GraphQLObjectType), name
    return found


def definition(type_name: str, field: str) -> Any:
    """Strawberry's own description of a field, which carries the source."""
    declared: Any = schema()._schema.type_map[type_name]
    return declared.fields[field].extensions["strawberry-definition"]


def source_of(type_name: str, field: str) -> Any:
    return definition(type_name, field).metadata.get(SOURCE)


def table_of(type_name: str) -> str | None:
    """The table of a readable type; None for any other."""
    declared = schema()._schema.type_map[type_name].extensions.get("strawberry-definition")
    return getattr(getattr(declared, "origin", None), "__table__", None)


@cache
def readable_types() -> tuple[str, ...]:
    return tuple(sorted(name for name in object_names() if table_of(name)))


@cache
def with_ids() -> tuple[str, ...]:
    interface = published().type_map["Node"]
    return tuple(n for n in readable_types() if interface in object_type(n).interfaces)


def object_names() -> Iterator[str]:
    for name, of in published().type_map.items():
        if isinstance(of, GraphQLObjectType) and not name.startswith("__"):
            yield name


@cache
def roots() -> dict[str, GraphQLField]:
    """Every field of `Query` that reads; what an act would send is not read but tried."""
    fields = object_type("Query").fields.items()
    return {name: field for name, field in fields if not name.startswith(PREVIEWS)}


def named(field: GraphQLField) -> str:
    return str(get_named_type(field.type).name)


def node_of(connection: str) -> str:
    """What a connection lists."""
    return named(object_type(connection).fields["nodes"])


@cache
def asked_of(type_name: str) -> tuple[str, ...]:
    return tuple(object_type(type_name).fields)


Leading = One | Many | Paged | RootObject | RootPage | Viewer | AnyNode | AnyNodes


@cache
def leading() -> tuple[tuple[str, str, str], ...]:
    """Every field that leads to rows: the type it is asked of, its name, the type of the rows."""
    found = [
        (parent, name, type_name)
        for parent in ("Query", *readable_types())
        for name, type_name in _leading_from(parent)
    ]
    return tuple(found)


def _leading_from(parent: str) -> Iterator[tuple[str, str]]:
    for name, field in object_type(parent).fields.items():
        source = source_of(parent, name)
        if isinstance(source, Paged | RootPage):
            yield name, node_of(named(field))
        elif isinstance(source, Leading):
            yield name, named(field)


@cache
def kinds_of(connection: str) -> tuple[str, ...]:
    """The SQL types of the keys that a connection's cursors hold."""
    for parent, name, _ in leading():
        source = source_of(parent, name)
        if named(object_type(parent).fields[name]) == connection:
            paged = source.paged if isinstance(source, RootPage) else source
            return tuple(key.kind for key in paged.keys)
    raise LookupError(connection)


def group_of(type_name: str, field: str) -> str | None:
    """The type of a group of fields on the same row, where the field is one."""
    if isinstance(source_of(type_name, field), Part):
        return named(object_type(type_name).fields[field])
    return None
