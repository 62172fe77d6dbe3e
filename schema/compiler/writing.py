"""From a selection to SQL: each field by its source, who may see it inside (api, "read path").

Identifiers come from declarations, values are parameters. `$1` is the person asking; they were
bound before any row is read (`statement.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, SelectionSetNode, is_non_null_type
from graphql.execution.values import VariableValues

from schema.compiler import pages
from schema.compiler.arguments import Getter
from schema.compiler.declared import source_of, table_of
from schema.compiler.document import Document
from schema.compiler.faults import Faults
from schema.compiler.frames import ACTOR, Frame
from schema.compiler.selection import Selected, Selection, object_type_of
from schema.compiler.text import BROKEN, Text
from schema.compiler.values import leaf
from schema.ids import encode_sql
from schema.sources import KIND, Allowed, Column, Guarded, Many, NodeId, One, Paged, Part
from taf_service import visibility
from taf_service.core.errors import InvalidInput
from taf_service.core.policies import Policy

_FIRST_PARAMETER = 4  # behind the person and the identity that they signed in with
_BY_KEY = re.compile(r"\{child\}\.id = \{row\}\.\w+")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a field stands: in which type, on which row of which frame, and how it was asked."""

    of: GraphQLObjectType
    definition: GraphQLField
    frame: Frame
    row: str
    item: Selected


class Writer:
    """Writes one statement. `completing`: for graphql-core, which finds forbidden nulls itself."""

    def __init__(
        self,
        document: Document,
        variables: VariableValues,
        faults: Faults | None = None,
        *,
        completing: bool = False,
    ) -> None:
        self.document = document
        self.variables = variables
        self.selection = Selection(document, variables, lenient=completing)
        self.completing = completing
        self.parameters: list[Getter] = []
        self.faults: Faults = {} if faults is None else faults
        self._aliases = 0

    @property
    def broken(self) -> str:
        return "'null'" if self.completing else BROKEN

    def missing(self, definition: GraphQLField) -> str:
        """What stands where there is no object."""
        return self.broken if is_non_null_type(definition.type) else "'null'"

    def alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    def parameter(self, getter: Getter, cast: str) -> str:
        self.parameters.append(getter)
        return f"${len(self.parameters) + _FIRST_PARAMETER - 1}::{cast}"

    def object(
        self,
        object_type: GraphQLObjectType,
        frame: Frame,
        row: str,
        sets: list[SelectionSetNode],
        text: Text | None = None,
    ) -> Text:
        """What `sets` ask of `object_type`, whose row is `row`, as a JSON object."""
        text = text or Text()
        also = f'"{KIND}":"{object_type.name}"' if self.completing else ""
        for item in text.members(self.selection.of(object_type, sets), also=also):
            self._value(text, object_type, frame, row, item)
        return text

    def filled(self, sql: str, *, row: str = "", child: str = "") -> str:
        sql = sql.replace("{child}", child)
        return f"({visibility.filled(sql, row=row, actor=ACTOR, kept=True)})"

    def seen(self, object_type: GraphQLObjectType, row: str) -> str:
        return visibility.predicate(table_of(object_type), row=row, actor=ACTOR, kept=True)

    def _value(
        self, text: Text, of: GraphQLObjectType, frame: Frame, row: str, item: Selected
    ) -> None:
        if item.name == "__typename":
            text.say(f'"{of.name}"')
            return
        definition = of.fields[item.name]
        write: Callable[[Any, Spot, Text], None] = self._write
        write(source_of(definition), Spot(of, definition, frame, row, item), text)

    @singledispatchmethod
    def _write(self, source: Any, _at: Spot, _text: Text) -> None:
        raise TypeError(f"{source!r} cannot be read here")

    @_write.register
    def _(self, source: Column, at: Spot, text: Text) -> None:
        name = at.definition.extensions["strawberry-definition"].python_name
        sql = self.filled(source.sql or f"{{row}}.{name}", row=at.row)
        leaf(text, at.definition.type, sql, sure=source.sql is None, broken=self.broken)

    @_write.register
    def _(self, _source: NodeId, at: Spot, text: Text) -> None:
        text.say('"').sql(encode_sql(at.of.name, f"{at.row}.id")).say('"')

    @_write.register
    def _(self, _source: Part, at: Spot, text: Text) -> None:
        group = object_type_of(at.definition)
        group.extensions.setdefault("table", table_of(at.of))
        self.object(group, at.frame, at.row, at.item.sets, text)

    @_write.register
    def _(self, source: Guarded, at: Spot, text: Text) -> None:
        allowed = self._allows(source.policy, at)
        sql = f"case when {allowed} then {self.filled(source.sql, row=at.row)} end"
        leaf(text, at.definition.type, sql, sure=False, broken=self.broken)

    @_write.register
    def _(self, source: Allowed, at: Spot, text: Text) -> None:
        allowed = self._allows(source.policy, at)
        leaf(text, at.definition.type, allowed, sure=True, broken=self.broken)

    @_write.register
    def _(self, source: One, at: Spot, text: Text) -> None:
        missing = self.missing(at.definition)
        find = self._joined if _BY_KEY.fullmatch(source.on) else self._looked_up
        text.sql(f"coalesce({find(source, object_type_of(at.definition), at)}, {missing})")

    def _joined(self, source: One, related: GraphQLObjectType, at: Spot) -> str:
        """By its key there is at most one row, so it is joined to the row that names it."""
        child = self.alias()
        on = self.filled(source.on, row=at.row, child=child)
        at.frame.joins.append(
            f"left join {table_of(related)} {child} on {on} and {self.seen(related, child)}"
        )
        body = self.object(related, at.frame, child, at.item.sets).expression()
        return f"case when {child}.id is not null then {body} end"

    def _looked_up(self, source: One, related: GraphQLObjectType, at: Spot) -> str:
        child, frame = self.alias(), Frame()
        body = self.object(related, frame, child, at.item.sets).expression()
        on = self.filled(source.on, row=at.row, child=child)
        order = source.order.replace("{child}", child)
        return (
            f"(select {body} from (select {child}.* from {table_of(related)} {child}"
            f" where {on} and {self.seen(related, child)} order by {order} limit 1) {child}"
            f" {frame.joined})"
        )

    @_write.register
    def _(self, source: Many, at: Spot, text: Text) -> None:
        child, inner, frame = self.alias(), self.alias(), Frame()
        related = object_type_of(at.definition)
        on = self.filled(source.on, row=at.row, child=inner)
        order = source.order.replace("{child}", inner)
        body = self.object(related, frame, child, at.item.sets).expression()
        text.say("[").sql(
            f"(select string_agg({body}, ',' order by {child}.nth) from (select {inner}.*,"
            f" row_number() over (order by {order}) as nth from {table_of(related)} {inner}"
            f" where {on} and {self.seen(related, inner)} order by {order} limit {source.limit})"
            f" {child} {frame.joined})"
        ).say("]")

    @_write.register
    def _(self, source: Paged, at: Spot, text: Text) -> None:
        try:
            text.sql(pages.page(self, source, at.definition, at.item, row=at.row))
        except InvalidInput as refusal:
            if not self.completing:
                raise
            self.faults[id(at.item.nodes[0])] = refusal
            text.say("null")

    def _allows(self, policy: Policy, at: Spot) -> str:
        table = table_of(at.of)
        if policy.table != table:
            raise TypeError(f"{policy.name} is about {policy.table}, not {table}")
        return policy.sql(standings=at.frame.standings(table, at.row, self.alias), row=at.row)
