"""Getting ready: the plan of a document, and its statement on every connection."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    is_list_type,
    is_non_null_type,
    type_from_ast,
)
from graphql.execution.values import VariableValues, get_variable_values

from schema import ids
from schema.compiler.document import Document
from schema.compiler.execution import plans
from schema.compiler.statement import plan_query
from taf_service.core import reading
from taf_service.core.errors import Refusal

_SAMPLES: dict[str, Any] = {"Boolean": False, "Int": 1, "ID": ids.encode("Family", ids.NOWHERE)}


async def rehearse(document: Document) -> None:
    """Nobody asks, so nobody is answered and nothing is logged; what is optional is left out."""
    given = _required(document)
    variables = get_variable_values(
        document.schema, document.operation.variable_definitions or (), given
    )
    if isinstance(variables, VariableValues) and document.is_compilable:
        try:
            plan = plans.find(document, variables, plan_query)
            values = plan.values(variables)
        except (Refusal, GraphQLError):
            return  # such samples do not suit it: its first request will plan it
        await reading.rehearse(plan.sql, [None, None, None, *values])


def _required(document: Document) -> dict[str, Any]:
    return {
        definition.variable.name.value: _sample(declared)
        for definition in document.operation.variable_definitions or ()
        if is_non_null_type(declared := type_from_ast(document.schema, definition.type))
        and definition.default_value is None
    }


def _sample(declared: Any) -> Any:
    if is_non_null_type(declared):
        return _sample(declared.of_type)
    if is_list_type(declared):
        return [_sample(declared.of_type)]
    if isinstance(declared, GraphQLEnumType):
        return next(iter(declared.values))
    return _SAMPLES.get(declared.name, "sample")
