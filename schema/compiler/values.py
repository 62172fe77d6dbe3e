"""A leaf of an answer as JSON text, by its GraphQL type."""

from __future__ import annotations

from graphql import (
    GraphQLEnumType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from schema.compiler.text import Text

# Scalars whose text holds nothing that JSON would escape.
_BARE = ("Boolean", "Int", "JSON")
_PLAIN = ("Date", "ID", "Version")


def leaf(text: Text, graphql_type: GraphQLOutputType, sql: str, *, sure: bool, broken: str) -> None:
    """Add the value of `sql`; `sure`: it is never null; `broken` stands for a forbidden null."""
    is_quoted, expression = _json(graphql_type, sql)
    nullable = not is_non_null_type(graphql_type)
    if sure and not nullable:
        if is_quoted:
            text.say('"').sql(expression).say('"')
        else:
            text.sql(expression)
        return
    whole = f"'\"' || {expression} || '\"'" if is_quoted else expression
    text.sql(f"coalesce({whole}, {_NULL if nullable else broken})")


_NULL = "'null'"


def _json(graphql_type: GraphQLOutputType, sql: str) -> tuple[bool, str]:
    """Whether quotes belong around it, and the SQL of what lies between."""
    named = get_named_type(graphql_type)
    if is_list_type(get_nullable_type(graphql_type)):
        return False, f"to_json({sql})::text"
    if isinstance(named, GraphQLEnumType) or named.name in _PLAIN:
        return True, f"({sql})::text"
    if named.name in _BARE:
        return False, f"({sql})::text"
    return False, f"to_json({sql})::text"
