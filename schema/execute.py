"""Executing a document: parsed and validated once, limited first, masked last."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import isawaitable
from typing import Any

import asyncpg
import orjson
import structlog
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema import limits
from schema.build import schema
from schema.compiler import execution, rehearsal
from schema.compiler.document import Document, document_of
from schema.compiler.execution import SignedOut as SignedOut
from schema.context import Context
from taf_service import access
from taf_service.core import reading
from taf_service.core.errors import Refusal
from taf_service.core.ids import new_id

OutOfTime = reading.Unanswered
"""PostgreSQL ended a statement that took longer than its `statement_timeout`."""

log = structlog.get_logger()

_RULES = (*specified_rules, OneOfInputValidationRule)
INTERNAL = "INTERNAL"
_PERHAPS_DONE = (
    "This was done, but what became of it could not be read. Read it again, or repeat the request"
    " with the same idempotencyKey."
)
_MOST_ERRORS = 5
_DOCUMENTS = 512
_LONGEST_KEPT = 16_000  # no honest document is longer, and some hundreds of them are kept
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
    """Execute one operation for the viewer in `context`.

    Errors: `SignedOut` when `context.identity` is not, or no longer, the actor's.
    """
    document, errors = check(query, introspection=introspection)
    if document is None:
        return _refused(errors)
    if operation_name not in (None, "", name_of(document)):
        return _refused([GraphQLError("There is no operation of that name in the document.")])
    values = get_variable_values(
        document.schema,
        document.operation.variable_definitions or (),
        variables or {},
        max_errors=_MOST_ERRORS,
        hide_suggestions=True,
    )
    if isinstance(values, list):
        return _refused(values)
    try:
        document.cost.check(values)
    except GraphQLError as error:
        return _refused([error])
    return await _executed(document, values, variables, context)


async def _executed(
    document: Document, values: VariableValues, variables: Any, context: Context
) -> Answer:
    is_logged = False
    if document.is_compilable:
        try:
            return Answer(await execution.query(document, values, context), executed=True)
        except execution.Incomplete as incomplete:
            is_logged = incomplete.is_logged  # completed below, with its errors where they belong
        except (execution.SignedOut, OutOfTime):
            raise
        except GraphQLError as error:
            return _refused([error])
        except Exception as fault:  # noqa: BLE001 - the mask
            return _answer({"data": None, "errors": [_bug(fault, {})]}, executed=True)
    else:
        await _still_signed_in(context)
    return await complete(document, values, variables, context=context, is_logged=is_logged)


async def complete(
    document: Document,
    values: VariableValues,
    variables: Any,
    *,
    context: Context,
    is_logged: bool = False,
) -> Answer:
    """What graphql-core makes of the same declarations. `is_logged`: of this read already."""
    running = execute(
        document.schema,
        document.ast,
        root_value=execution.Running(document, values, is_logged),
        context_value=context,
        variable_values=variables,
    )
    result: ExecutionResult = await running if isawaitable(running) else running
    is_reading = document.operation.operation is OperationType.QUERY
    for error in result.errors or ():
        if is_reading and isinstance(error.original_error, execution.SignedOut | OutOfTime):
            raise error.original_error
    return _formatted(result, is_reading=is_reading)


async def _still_signed_in(context: Context) -> None:
    """An operation binds whom it is told to bind; who that is was true a moment ago."""
    if context.identity is not None:
        try:
            actor = await access.actor_for(context.identity)
        except access.InvalidToken:
            raise execution.SignedOut from None
        if actor != context.actor:
            raise execution.SignedOut


async def warm(documents: Sequence[str]) -> None:
    """Get everything about these documents ready before anybody waits for it."""
    for text in documents:
        document, _ = check(text, introspection=False)
        if document is not None:
            try:
                await rehearsal.rehearse(document)
            except (OutOfTime, asyncpg.PostgresError) as fault:  # whoever asks will wait for it
                log.warning("not_rehearsed", document=name_of(document), **_where(fault))


def check(query: str, *, introspection: bool) -> tuple[Document | None, list[GraphQLError]]:
    """The document, or what is wrong with it: found once, and kept for the next request."""
    if len(query) > limits.LENGTH:
        return None, [limits.refuse(f"Too long: at most {limits.LENGTH:,} characters.")]
    checked = _checked if len(query) <= _LONGEST_KEPT else _checked.__wrapped__
    return checked(query, introspection)


@lru_cache(maxsize=_DOCUMENTS)
def _checked(
    query: str,
    introspection: bool,  # noqa: FBT001 - part of the cache's key
) -> tuple[Document | None, list[GraphQLError]]:
    """Limits come before validation, whose rules are quadratic."""
    built = schema()._schema  # noqa: SLF001
    try:
        ast = parse(query, max_lexical_tokens=limits.TOKENS)
        limits.check(ast, introspection=introspection)
    except GraphQLError as error:
        return None, [error]
    except RecursionError:
        return None, [GraphQLError("Too deep.", extensions={"code": "LIMIT_EXCEEDED"})]
    errors = validate(built, ast, _RULES, max_errors=_MOST_ERRORS)
    return (None, errors) if errors else (document_of(built, ast), [])


def name_of(document: Document) -> str | None:
    name = document.operation.name
    return None if name is None else name.value


def _refused(errors: list[GraphQLError]) -> Answer:
    return _answer({"errors": [_readable(error) for error in errors]}, executed=False)


def _formatted(result: ExecutionResult, *, is_reading: bool) -> Answer:
    errors = result.errors or []
    if result.data is None and errors and all(error.path is None for error in errors):
        return _refused(errors)
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [mask(error) if is_reading else _after(mask(error)) for error in errors]
    return _answer(body, executed=True)


def _after(formatted: dict[str, Any]) -> dict[str, Any]:
    """An error below what an operation answered comes after it was done."""
    if formatted.get("extensions", {}).get("code") == INTERNAL and len(formatted["path"]) > 1:
        formatted["message"] = _PERHAPS_DONE
    return formatted


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
    return _bug(original, formatted)


def _bug(fault: BaseException, formatted: dict[str, Any]) -> dict[str, Any]:
    error_id = str(new_id())
    log.error("bug", error_id=error_id, **_where(fault))
    return formatted | {
        "message": "Something went wrong on our side. Nothing was changed.",
        "extensions": {"code": INTERNAL, "errorId": error_id},
    }


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
