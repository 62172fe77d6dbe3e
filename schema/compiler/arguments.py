"""Arguments of a field, found once in its document and read for every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    Undefined,
    VariableNode,
    is_non_null_type,
    value_from_ast,
)
from graphql.execution.values import VariableValues, get_argument_values

Getter = Callable[[VariableValues], Any]


def argument(definition: GraphQLField, node: FieldNode, name: str) -> Getter:
    """Reads the argument from coerced variables; None when it is not given.

    What it returns raises `GraphQLError` for a variable that is null where none may be.
    """
    given = next((a for a in node.arguments or () if a.name.value == name), None)
    if given is None:
        return _constant(_default(definition, name))
    if isinstance(given.value, VariableNode):
        if is_non_null_type(definition.args[name].type):
            return _given(given.value.name.value)
        return _variable(given.value.name.value, _default(definition, name))
    constant = value_from_ast(given.value, definition.args[name].type)
    if constant is not Undefined:
        return _constant(constant)
    return lambda variables: get_argument_values(definition, node, variables).get(name)


def _default(definition: GraphQLField, name: str) -> Any:
    default = definition.args[name].default_value
    return None if default is Undefined else default


def _constant(value: Any) -> Getter:
    return lambda _variables: value


def _given(name: str) -> Getter:
    def read(variables: VariableValues) -> Any:
        value = variables.coerced.get(name)
        if value is None:
            raise GraphQLError(f"${name} is null where a value is needed.")
        return value

    return read


def _variable(name: str, default: Any) -> Getter:
    return lambda variables: variables.coerced.get(name, default)
