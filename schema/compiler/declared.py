"""What a type and its fields were declared with."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLField, GraphQLObjectType

from schema.sources import SOURCE


def source_of(definition: GraphQLField) -> Any:
    """Where a field's value comes from, or None where it says nothing of it."""
    declared = definition.extensions.get("strawberry-definition")
    return None if declared is None else declared.metadata.get(SOURCE)


def table_of(object_type: GraphQLObjectType) -> str:
    """The table behind a type; a group of fields lives on the row of its owner."""
    origin = object_type.extensions["strawberry-definition"].origin
    found = getattr(origin, "__table__", None) or object_type.extensions["table"]
    return str(found)
