"""After Strawberry has built the schema: how graphql-core completes what a statement returned.

Every field that carries a source reads its key; abstract types go by `KIND`. So no second set of
resolvers has to be kept in step.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from schema import ids
from schema.compiler import execution
from schema.compiler.declared import source_of
from schema.sources import Loaded

_CONNECTION_PARTS = ("Connection", "Edge", "PageInfo")
_ROOTS = ("Query", "Mutation")
# What the arguments of root fields are, wherever they say no more themselves.
_ARGUMENTS = {"input": "What it takes.", "id": "Its id.", "ids": "Their ids."}


def wire(schema: GraphQLSchema) -> None:
    """Give every type of `schema` the resolvers of its declarations."""
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLUnionType | GraphQLInterfaceType):
            graphql_type.resolve_type = execution.kind_of
        elif isinstance(graphql_type, GraphQLEnumType):
            _wire_values(graphql_type)
        elif isinstance(graphql_type, GraphQLObjectType) and not graphql_type.name.startswith("__"):
            graphql_type.is_type_of = None
            if graphql_type.name in _ROOTS:
                _wire_roots(graphql_type)
            else:
                _wire_fields(graphql_type)


def _wire_values(graphql_type: GraphQLEnumType) -> None:
    """Resolvers are given members: sorting the schema leaves only their names of Strawberry's."""
    definition = graphql_type.extensions.get("strawberry-definition")
    if definition is not None and issubclass(definition.wrapped_cls, StrEnum):
        for value in graphql_type.values.values():
            value.value = definition.wrapped_cls(value.value)


def _wire_roots(graphql_type: GraphQLObjectType) -> None:
    for field in graphql_type.fields.values():
        for name, argument in field.args.items():
            argument.description = argument.description or _ARGUMENTS.get(name)
        if source_of(field) is not None:
            field.resolve = execution.root


def _wire_fields(graphql_type: GraphQLObjectType) -> None:
    fetched = graphql_type.name.endswith(_CONNECTION_PARTS)
    for name, field in graphql_type.fields.items():
        definition = field.extensions["strawberry-definition"]
        source = source_of(field)
        if isinstance(source, Loaded):
            field.resolve = _loading(field, definition.python_name)
        elif source is not None or fetched:
            field.resolve = execution.read_key
        elif (graphql_type.name, name) == ("Stale", "current"):
            field.resolve = load_node
        else:
            field.resolve = _reading(definition.python_name)


def _reading(name: str) -> Any:
    def read(source: Any, _info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
        return source[name]

    return read


def _loading(field: GraphQLField, name: str) -> Any:
    """A payload's object, read again by the reference the operation returned."""
    type_name = get_named_type(field.type).name

    async def load(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        found = source.get(name)
        if isinstance(found, list | tuple):
            return [await execution.opened(info, type_name, each) for each in found]
        return None if found is None else await execution.opened(info, type_name, found)

    return load


async def load_node(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
    """The object a `Stale` points to, as it is now."""
    type_name, row_id = source["current"]
    known = type_name in ids.NUMBERS and type_name in info.schema.type_map
    return await execution.opened(info, type_name, row_id) if known else None
