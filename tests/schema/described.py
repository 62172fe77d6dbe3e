"""The schema as its readers meet it: every type, field, argument and value, by its coordinate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from schema.build import schema

BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}
ROOTS = {"Query", "Mutation"}


def types() -> dict[str, Any]:
    return {
        name: found
        for name, found in schema()._schema.type_map.items()
        if not name.startswith("__") and name not in BUILT_IN
    }


def objects() -> dict[str, GraphQLObjectType]:
    return {n: found for n, found in types().items() if isinstance(found, GraphQLObjectType)}


def inputs() -> dict[str, GraphQLInputObjectType]:
    return {n: found for n, found in types().items() if isinstance(found, GraphQLInputObjectType)}


def everything() -> Iterator[tuple[str, Any]]:
    """Each thing that a reader of the schema meets, by its coordinate."""
    for name, found in types().items():
        yield name, found
        yield from _inside(name, found)


def _inside(name: str, found: Any) -> Iterator[tuple[str, Any]]:
    for part, value in (getattr(found, "fields", None) or {}).items():
        yield f"{name}.{part}", value
        for argument, asked in getattr(value, "args", {}).items():
            yield f"{name}.{part}({argument}:)", asked
    if isinstance(found, GraphQLEnumType):
        for part, value in found.values.items():
            yield f"{name}.{part}", value


def last_name(coordinate: str) -> str:
    """What a thing itself is called, without what holds it."""
    return coordinate.rstrip(":)").replace("(", ".").rpartition(".")[2]


def fields(*, of: str) -> dict[str, Any]:
    return dict(objects()[of].fields)


def mutations() -> dict[str, GraphQLInputObjectType]:
    """What each mutation takes."""
    found = {}
    for name, field in fields(of="Mutation").items():
        given = get_named_type(field.args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        found[name] = given
    return found


def success_of(mutation: str) -> GraphQLObjectType:
    """The past fact that a mutation answers with when nothing is in the way."""
    union = get_named_type(fields(of="Mutation")[mutation].type)
    assert isinstance(union, GraphQLUnionType)
    facts = [each for each in union.types if "Problem" not in names(each.interfaces)]
    success: GraphQLObjectType = facts[0]
    return success


def names(of: Any) -> set[str]:
    return {each.name for each in of}
