"""Running a plan, and completing what is no plain query (api, "read path")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from graphql import GraphQLError, GraphQLResolveInfo
from graphql.execution.values import VariableValues

from schema import limits
from schema.compiler.declared import source_of
from schema.compiler.document import Document
from schema.compiler.faults import Faults
from schema.compiler.plans import Plans
from schema.compiler.roots import Root, named, root_of, single
from schema.compiler.selection import Selected
from schema.compiler.statement import Plan, plan_query, plan_root
from schema.compiler.text import BROKEN_SIGN, TOO_LONG_SIGN
from schema.compiler.writing import Writer
from schema.context import Context
from schema.sources import KIND
from taf_service.core import reading
from taf_service.core.errors import Refusal


class SignedOut(Exception):
    """The identity that asked is not, or no longer, the person it was taken for."""


class Incomplete(Exception):
    """Some part of the answer is an error: graphql-core says where, and what that takes with it.

    `is_logged`: that it was read is on record already.
    """

    def __init__(self, *, is_logged: bool) -> None:
        super().__init__()
        self.is_logged = is_logged


AT_ONCE = 2
plans = Plans()


@dataclass(frozen=True, slots=True)
class Running:
    """What every resolver of one execution shares: its `root_value`."""

    document: Document
    variables: VariableValues
    is_logged: bool = False
    faults: Faults = field(default_factory=dict)
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    """So that one request does not take every connection that reads."""


async def query(document: Document, variables: VariableValues, context: Context) -> bytes:
    """The whole answer to a plain query, as its JSON text.

    Errors: `Incomplete`, `SignedOut`, and asyncpg's own.
    """
    try:
        plan = plans.find(document, variables, plan_query)
        values = plan.values(variables)
    except (Refusal, GraphQLError) as fault:
        raise Incomplete(is_logged=False) from fault
    text = await _run(plan, values, context)
    if text is None or BROKEN_SIGN in text:
        raise Incomplete(is_logged=True)
    return text.encode()


async def root(_source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    """One root field of a query that is completed by graphql-core."""
    writer = _writer(info)
    definition = info.parent_type.fields[info.field_name]
    found = root_of(source_of(definition), writer, definition, _item(info))
    return await _completed(writer, Root(found.sql) if info.root_value.is_logged else found, info)


async def opened(info: GraphQLResolveInfo[Any], type_name: str, row_id: UUID) -> Any:
    """An object that an operation changed, as the viewer sees it now, or None.

    Logged like any other: an act that is repeated by its key leaves no other trace.
    """
    running: Running = info.root_value
    at = (type_name, *info.path.as_list())

    def make(_document: Document, _variables: VariableValues) -> Plan:
        writer = _writer(info)
        on = f"{{row}}.id = {writer.parameter(lambda _variables: None, 'uuid')}"
        found = single(writer, named(writer, type_name), on, _item(info))
        return plan_root(writer, found)

    plan, (_, *values) = _planned(running, make, at)
    async with running.at_once:
        return _read(await _run(plan, [row_id, *values], info.context))


def read_key(source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    """The resolver of every field that was read: its value, or the error found in its place."""
    refusal = info.root_value.faults.get(id(info.field_nodes[0]))
    if refusal is not None:
        raise refusal
    return source[info.path.key]


def kind_of(value: Any, _info: GraphQLResolveInfo[Any], _type: Any) -> str:
    """The type of an object that was read, or of what an operation answered."""
    kind: str = value[KIND]
    return kind


def _writer(info: GraphQLResolveInfo[Any]) -> Writer:
    running: Running = info.root_value
    return Writer(running.document, running.variables, running.faults, completing=True)


def _item(info: GraphQLResolveInfo[Any]) -> Selected:
    return Selected(str(info.path.key), info.field_name, tuple(info.field_nodes))


async def _completed(writer: Writer, found: Root, info: GraphQLResolveInfo[Any]) -> Any:
    plan = plan_root(writer, found)
    values = plan.values(writer.variables)
    async with info.root_value.at_once:
        return _read(await _run(plan, values, info.context))


def _planned(
    running: Running, make: Callable[[Document, VariableValues], Plan], at: Hashable
) -> tuple[Plan, list[object]]:
    """Faults are found while a plan is made, so one that has any is made each time."""
    document, variables = running.document, running.variables
    plan = plans.find(document, variables, make, at=at)
    try:
        values = plan.values(variables)
    except Refusal:  # it was kept for other values
        plan = make(document, variables)
        values = plan.values(variables)
    if running.faults:
        plans.forget(document, variables, at=at)
    return plan, values


def _read(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


async def _run(plan: Plan, values: list[object], context: Context) -> str | None:
    identity = context.identity
    who = (None, None) if identity is None else (identity.issuer, identity.subject)
    row = await reading.answer(plan.sql, [context.actor.person_id, *who, *values])
    if row is None:
        raise SignedOut
    text: str | None = row[0]
    if text == TOO_LONG_SIGN:
        raise limits.refuse("The answer would be too long: ask for less.")
    return text
