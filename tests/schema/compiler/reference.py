"""Answers a document slowly: graphql-core asks field by field, and each looks at plain rows.

Of the service it uses what is declared, and who may see what: nothing that writes SQL for a
selection, nothing that pages, nothing that completes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any
from uuid import UUID

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    execute,
    located_error,
    parse,
)
from graphql.execution import Executor
from graphql.pyutils import Path

from schema import ids
from schema.sources import (
    Allowed,
    AnyNode,
    AnyNodes,
    Column,
    Filter,
    Guarded,
    Many,
    NodeId,
    One,
    Paged,
    Part,
    RootObject,
    RootPage,
    Viewer,
)
from taf_service.core.errors import NotFound
from tests.schema.compiler.declarations import (
    named,
    node_of,
    object_type,
    published,
    source_of,
)
from tests.schema.compiler.pages import Listed, page
from tests.schema.compiler.rows import Related, Row, Rows, Unread


@dataclass(frozen=True)
class Expected:
    """`errors`: every one there is, also of fields beside one that made their parent null."""

    data: dict[str, Any] | None
    errors: tuple[GraphQLError, ...]
    refused: bool
    """Nothing was executed: the variables cannot be right."""
    cursors: frozenset[tuple[str, str]]
    """Every cursor of the pages that were asked, with the connection that it belongs to."""
    reached: frozenset[tuple[str, str]]
    """Every field that was asked of a row that is there."""


@dataclass(frozen=True)
class Asking:
    """One execution: the rows it looks at, and every error it met."""

    rows: Rows
    errors: list[GraphQLError]
    cursors: set[tuple[str, str]]
    reached: set[tuple[str, str]]


async def expected(
    rows: Rows, text: str, variables: dict[str, Any], operation_name: str | None
) -> Expected:
    """Asked again until every row that was wanted has been read."""
    while True:
        asking = Asking(rows, [], set(), set())
        result = execute(
            published(),
            parse(text),
            context_value=asking,
            variable_values=variables,
            operation_name=operation_name,
            field_resolver=resolve,
            type_resolver=lambda row, *_: row.type_name,
            executor_class=Thorough,
        )
        assert isinstance(result, ExecutionResult)
        if not await rows.read_wanted():
            return _expected(result, asking)


def _expected(result: ExecutionResult, asking: Asking) -> Expected:
    errors = [*asking.errors]
    errors += [error for error in result.errors or () if error not in errors]
    assert not any(isinstance(error.original_error, Unread) for error in errors)
    refused = result.data is None and all(error.path is None for error in errors)
    cursors, reached = frozenset(asking.cursors), frozenset(asking.reached)
    return Expected(result.data, tuple(errors), refused, cursors, reached)


class Thorough(Executor[Any]):
    """Goes on to the fields beside one that failed, so that every error is known."""

    def execute_fields(
        self,
        parent_type: Any,
        source_value: Any,
        path: Path | None,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        results: dict[str, Any] = {}
        failures: list[GraphQLError] = []
        for key, details in grouped_field_set.items():
            try:
                results[key] = self.execute_field(
                    parent_type,
                    source_value,
                    details,
                    Path(path, key, parent_type.name),
                    position_context,
                )
            except GraphQLError as failure:
                failures.append(failure)
        if failures:
            raise failures[0]
        return results

    def handle_field_error(
        self, raw_error: Exception, return_type: Any, field_details_list: Any, path: Path
    ) -> None:
        nodes = [details.node for details in field_details_list]
        error = located_error(raw_error, nodes, path.as_list())
        met = self.context_value.errors
        if not any(error is other for other in met):
            met.append(error)
        super().handle_field_error(error, return_type, field_details_list, path)


@dataclass(frozen=True)
class Question:
    """One field of one row, with what it is asked with."""

    rows: Rows
    row: Any
    parent: str
    field: str
    arguments: dict[str, Any]

    @property
    def leads_to(self) -> str:
        return named(object_type(self.parent).fields[self.field])

    @property
    def value(self) -> Any:
        return self.row.values[f"{self.parent}.{self.field}"]


def resolve(source: Any, info: GraphQLResolveInfo[Asking], **arguments: Any) -> Any:
    if isinstance(source, dict):
        return source[info.field_name]
    parent, field = info.parent_type.name, info.field_name
    info.context.reached.add((parent, field))
    question = Question(info.context.rows, source, parent, field, arguments)
    value = found(source_of(parent, field), question)
    if isinstance(value, dict) and "edges" in value:
        kept = {(question.leads_to, edge["cursor"]) for edge in value["edges"]}
        info.context.cursors.update(kept)
    return value


@singledispatch
def found(source: Any, question: Question) -> Any:
    raise TypeError(f"{question.parent}.{question.field} carries {source!r}")


@found.register
def _(source: NodeId, question: Question) -> Any:
    return ids.encode(question.row.type_name, question.row.id)


@found.register
def _(source: Column, question: Question) -> Any:
    return question.value


@found.register
def _(source: Guarded, question: Question) -> Any:
    return question.value if _may(source, question.row) else None


@found.register
def _(source: Allowed, question: Question) -> Any:
    return _may(source, question.row)


def _may(source: Guarded | Allowed, row: Row) -> bool:
    """Decided as an operation decides it, in Python."""
    return source.policy.allows(row.standings, row.columns)


@found.register
def _(source: Part, question: Question) -> Any:
    return question.row


@found.register
def _(source: One, question: Question) -> Any:
    return next((row for _, row in _related(source, question, question.leads_to)), None)


@found.register
def _(source: Many, question: Question) -> Any:
    listed = [row for _, row in _related(source, question, question.leads_to)]
    return listed[: source.limit]


@found.register
def _(source: Paged, question: Question) -> Any:
    return _page(source, question, node_of(question.leads_to))


@found.register
def _(source: RootPage, question: Question) -> Any:
    return _page(source.paged, question, source.type_name)


@found.register
def _(source: RootObject, question: Question) -> Any:
    return _by_id(question.rows, question.arguments["id"], source.type_name)


@found.register
def _(source: Viewer, question: Question) -> Any:
    return question.rows.seen(source.type_name).get(question.rows.actor_id)


@found.register
def _(source: AnyNode, question: Question) -> Any:
    return _by_id(question.rows, question.arguments["id"])


@found.register
def _(source: AnyNodes, question: Question) -> Any:
    return [_by_id(question.rows, each) for each in question.arguments["ids"]]


def _by_id(rows: Rows, global_id: str, wanted: str | None = None) -> Row | None:
    try:
        type_name, row_id = ids.decode(global_id)
    except NotFound:
        return None
    if type_name not in published().type_map or wanted not in (None, type_name):
        return None
    return rows.seen(type_name).get(row_id)


def _related(
    source: One | Many | Paged, question: Question, child: str
) -> list[tuple[Related, Row]]:
    above = None if question.row is None else question.row
    listed = question.rows.related(above and above.type_name, source, child)
    seen = question.rows.seen(child)
    places = listed.get(above and above.id, [])
    return [(place, seen[place.id]) for place in places if place.id in seen]


def _page(source: Paged, question: Question, child: str) -> dict[str, Any]:
    listed: Listed = _related(source, question, child)
    for narrowing in source.filters:
        value = question.arguments.get(_argument(question, narrowing))
        if value is not None and (value or narrowing.cast != "text"):
            kept = question.rows.kept_by(narrowing, child, _compared(narrowing, value))
            listed = [(place, row) for place, row in listed if place.id in kept]
    return page(listed, question.arguments, [key.kind for key in source.keys])


def _argument(question: Question, narrowing: Filter) -> str:
    """As the client writes it."""
    args: Iterable[str] = object_type(question.parent).fields[question.field].args
    return next(name for name in args if name.lower() == narrowing.name.replace("_", ""))


def _compared(narrowing: Filter, value: Any) -> Any:
    """An id stands for its row; one that leads nowhere, or to something else, for none."""
    if narrowing.cast != "uuid":
        return value
    try:
        type_name, row_id = ids.decode(value)
    except NotFound:
        type_name, row_id = "", UUID(int=0)
    wanted = "".join(word.capitalize() for word in narrowing.name.split("_")[:-1])
    return row_id if type_name == wanted else UUID(int=0)
