"""Executing a document: parsed and validated once, limited first, masked last."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from functools import lru_cache
from inspect import isawaitable
from typing import Any

import orjson
import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    execute,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema import limits
from schema.build import schema
from schema.context import Context
from taf_service.core.errors import Refusal
from taf_service.core.ids import new_id

log = structlog.get_logger()

_RULES = (*specified_rules, OneOfInputValidationRule)
_MOST_ERRORS = 5
_LONGEST_KEPT = 16_000  # no honest document is longer, and a thousand of them are kept
_SUGGESTION = re.compile(r" Did you mean .+\?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a response, as JSON. `executed` is False for errors before execution."""

    body: bytes
    executed: bool

    def read(self) -> dict[str, Any]:
        """The body for callers in this process."""
        read: dict[str, Any] = orjson.loads(self.body)
        return read


async def answer(
    query: str,
    variables: dict[str, Any] | None,
    operation_name: str | None,
    *,
    context: Context,
    introspection: bool,
) -> Answer:
    """Execute one operation for the viewer in `context`."""
    check = _checked if len(query) <= _LONGEST_KEPT else _checked.__wrapped__
    document, errors = check(query, introspection)
    if errors or document is None:
        return _answer({"errors": [_readable(error) for error in errors]}, executed=False)
    running = execute(
        schema()._schema,  # noqa: SLF001
        document,
        context_value=context,
        variable_values=variables,
        operation_name=operation_name,
    )
    result: ExecutionResult = await running if isawaitable(running) else running
    return _formatted(result)


@lru_cache(maxsize=1_024)
def _checked(
    query: str,
    introspection: bool,  # noqa: FBT001 - part of the cache's key
) -> tuple[DocumentNode | None, list[GraphQLError]]:
    """Limits come before validation, whose rules are quadratic."""
    try:
        document = parse(query, max_lexical_tokens=limits.TOKENS)
        limits.check(document, introspection=introspection)
    except GraphQLError as error:
        return None, [error]
    except RecursionError:
        return None, [GraphQLError("Too deep.", extensions={"code": "LIMIT_EXCEEDED"})]
    errors = validate(schema()._schema, document, _RULES, max_errors=_MOST_ERRORS)  # noqa: SLF001
    return document, errors


def _formatted(result: ExecutionResult) -> Answer:
    errors = result.errors or []
    if result.data is None and errors and all(error.path is None for error in errors):
        return _answer({"errors": [_readable(error) for error in errors]}, executed=False)
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [mask(error) for error in errors]
    return _answer(body, executed=True)


def _answer(body: dict[str, Any], *, executed: bool) -> Answer:
    return Answer(orjson.dumps(body), executed)


def mask(error: GraphQLError) -> dict[str, Any]:
    """Explain what was refused; hide what is a bug behind an id that the log also bears."""
    original = error.original_error
    formatted = _readable(error)
    if original is None or isinstance(original, GraphQLError):
        return formatted
    if isinstance(original, Refusal):
        formatted["message"] = original.message
        formatted["extensions"] = {"code": original.code, "field": original.field}
        return formatted
    error_id = str(new_id())
    log.error("bug", error_id=error_id, **_where(original))
    formatted["message"] = "Something went wrong on our side. Nothing was changed."
    formatted["extensions"] = {"code": "INTERNAL", "errorId": error_id}
    return formatted


def _readable(error: GraphQLError) -> dict[str, Any]:
    """What a client may read of an error: it guesses no names for them (security 4)."""
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["message"] = _SUGGESTION.sub("", error.message)
    return formatted


def _where(problem: BaseException) -> dict[str, Any]:
    """Type and place only: messages of database errors can quote rows."""
    frames = traceback.extract_tb(problem.__traceback__)
    return {
        "type": type(problem).__name__,
        "at": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-6:]],
    }
