"""Documents that ask for everything there is, made from the schema, so that nothing is forgotten.

An object with an id is asked for its id alone, because whoever watches asks for each object by the
id they find; anything else is asked for in full. So no document grows with the depth of the schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

from schema.build import schema

PAGING = ("first", "after", "last", "before")
MANY = 12  # roots in a document
_SHORT = ("first: 1", "last: 1")
_WALK = "first: $first, after: $after, last: $last, before: $before"
_WALKING = "$first: Int, $after: String, $last: Int, $before: String"


@cache
def roots() -> dict[str, str]:
    """Every root that needs no argument: whole, in short pages, and by each filter."""
    return {
        f"{name} {start // MANY + 1}": f"{{ {' '.join(ways[start : start + MANY])} }}"
        for name, field in query_fields().items()
        if not _needed(field)
        for ways in [list(_several(name, field))]
        for start in range(0, len(ways), MANY)
    }


@cache
def by_id() -> dict[str, str]:
    """For each type: everything of the objects with these ids."""
    return {
        name: f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {name} {whole(name)} }} }}"
        for name in identified()
    }


@cache
def typed_roots() -> dict[str, str]:
    """Roots that take an id, by name."""
    return {
        name: f"query ($id: ID!) {{ {name}(id: $id) {{ __typename id }} }}"
        for name, field in query_fields().items()
        if _needed(field) == ["id"] and name != "node"
    }


@cache
def walks() -> dict[tuple[str, str], str]:
    """For each connection, by the type and name of its field: one page of it."""
    found = {}
    for name, field in query_fields().items():
        if _is_connection(field):
            found["Query", name] = f"query ({_WALKING}) {{ {_page(name, field)} }}"
    for type_name in (*identified(), "Me"):
        for name, field in object_type(type_name).fields.items():
            if _is_connection(field):
                found[type_name, name] = _nested_walk(type_name, _page(name, field))
    return found


def _nested_walk(type_name: str, page: str) -> str:
    if type_name == "Me":
        return f"query ({_WALKING}) {{ me {{ {page} }} }}"
    return f"query ($id: ID!, {_WALKING}) {{ node(id: $id) {{ ... on {type_name} {{ {page} }} }} }}"


def _page(name: str, field: GraphQLField) -> str:
    return f"page: {name}({_WALK}) {whole(get_named_type(field.type).name)}"


@cache
def searches() -> dict[str, str]:
    """Connections that are narrowed by something one must know: `Query` fields, by name."""
    found = {}
    for name, field in query_fields().items():
        for argument, given in field.args.items():
            named = get_named_type(given.type).name
            if _is_connection(field) and named in ("ID", "Line"):
                page = whole(get_named_type(field.type).name)
                found[f"{name} by {argument}"] = (
                    f"query ($known: {named}) {{ page: {name}({argument}: $known) {page} }}"
                )
    return found


@cache
def whole(type_name: str) -> str:
    """A selection of everything a type, a union or an interface of these can say."""
    found = schema()._schema.type_map[type_name]
    if isinstance(found, GraphQLUnionType):
        inner = " ".join(f"... on {each.name} {whole(each.name)}" for each in found.types)
        return f"{{ __typename {inner} }}"
    if isinstance(found, GraphQLInterfaceType):
        return "{ __typename id }"
    return f"{{ __typename {' '.join(_fields(object_type(type_name)))} }}"


def _fields(of: GraphQLObjectType) -> Iterator[str]:
    for name, field in of.fields.items():
        named = get_named_type(field.type)
        if is_leaf_type(named):
            yield name
        elif _is_connection(field):
            yield from _several(name, field)
        else:
            yield f"{name} {short(named.name)}"


def short(type_name: str) -> str:
    """The id of what has one, the whole of anything else."""
    return "{ __typename id }" if _has_id(type_name) else whole(type_name)


def _several(name: str, field: GraphQLField) -> Iterator[str]:
    selection = whole(get_named_type(field.type).name)
    yield f"{name} {selection}"
    if _is_connection(field):
        for number, given in enumerate((*_SHORT, *_filtered(field)), start=1):
            yield f"{name}{number}: {name}({given}) {selection}"


def _filtered(field: GraphQLField) -> Iterator[str]:
    """Each value of each filter that has a few: true and false, or those of an enum."""
    for name, argument in field.args.items():
        kind = get_nullable_type(argument.type)
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}: {value}" for value in kind.values)
        elif get_named_type(kind).name == "Boolean":
            yield from (f"{name}: {value}" for value in ("true", "false"))


def _is_connection(field: GraphQLField) -> bool:
    return set(PAGING) <= set(field.args)


def _needed(field: GraphQLField) -> list[str]:
    return [name for name, argument in field.args.items() if str(argument.type).endswith("!")]


def _has_id(type_name: str) -> bool:
    return type_name in identified() or type_name == "Node"


@cache
def identified() -> tuple[str, ...]:
    """The names of the types whose objects have an id."""
    node = schema()._schema.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    return tuple(sorted(t.name for t in schema()._schema.get_possible_types(node)))


def object_type(type_name: str) -> GraphQLObjectType:
    found = schema()._schema.type_map[type_name]
    assert isinstance(found, GraphQLObjectType)
    return found


def query_fields() -> dict[str, GraphQLField]:
    query = schema()._schema.query_type
    assert query is not None
    return dict(sorted(query.fields.items()))
