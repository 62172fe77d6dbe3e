"""Keyset connections: one ordered scan, and one row more than asked to see if there are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import FieldNode, GraphQLField, GraphQLObjectType
from graphql.execution.values import VariableValues
from strawberry.utils.str_converters import to_camel_case

from schema.compiler.arguments import Getter, argument
from schema.compiler.declared import table_of
from schema.compiler.frames import Frame
from schema.compiler.selection import Selected, object_type_of
from schema.compiler.text import Text, quoted
from schema.paging import Page, cursor_sql, page_of
from schema.sources import Filter, Lane, Paged

if TYPE_CHECKING:
    from schema.compiler.writing import Writer

_PAGE = ("first", "after", "last", "before")


def page(
    writer: Writer,
    source: Paged,
    definition: GraphQLField,
    item: Selected,
    *,
    row: str = "",
    also: str | None = None,
) -> str:
    """SQL of the connection as JSON; `row` is the row above it, if there is one.

    `also`: one more condition on its rows.

    Errors: `InvalidInput` for arguments that cannot be right.
    """
    return _Connection(writer, source, definition, item, (row, also)).text()


class _PageAsked:
    """Reads the arguments of one connection, once for each request."""

    def __init__(self, source: Paged, definition: GraphQLField, node: FieldNode) -> None:
        self._keys = source.keys
        self._getters = {name: argument(definition, node, name) for name in _PAGE}
        self._last: tuple[VariableValues, Page] | None = None

    def __call__(self, variables: VariableValues) -> Page:
        """Errors: `InvalidInput`."""
        if self._last is None or self._last[0] is not variables:
            given = {name: getter(variables) for name, getter in self._getters.items()}
            self._last = variables, page_of(given, self._keys)
        return self._last[1]

    def size(self, variables: VariableValues) -> int:
        return self(variables).size

    def cursor(self, which: str, place: int) -> Getter:
        return lambda variables: getattr(self(variables), which)[place]


class _Connection:
    def __init__(
        self,
        writer: Writer,
        source: Paged,
        definition: GraphQLField,
        item: Selected,
        parent: tuple[str, str | None],
    ) -> None:
        self.writer = writer
        self.source = source
        self.definition = definition
        self.item = item
        self.parent, self.also = parent
        self.type = object_type_of(definition)
        self.node = object_type_of(self.type.fields["nodes"])
        self.asked = _PageAsked(source, definition, item.nodes[0])
        self.page = self.asked(writer.variables)
        self.row = writer.alias()
        self.frame = Frame()
        self.keys = tuple(f"{self.row}.k{n}" for n in range(len(source.keys)))
        self.size = writer.parameter(self.asked.size, "int")

    def text(self) -> str:
        rows = self._rows()
        text = Text()
        for item in text.members(self.writer.selection.of(self.type, self.item.sets)):
            self._part(text, item)
        return (
            f"(select {text.expression()} from ({rows}) {self.row} {self.frame.joined}"
            " having true)"  # one page, whatever of it is asked for
        )

    def _part(self, text: Text, item: Selected) -> None:
        if item.name == "__typename":
            text.say(f'"{self.type.name}"')
        elif item.name == "pageInfo":
            self._page_info(text, item)
        else:
            one = self._node(item) if item.name == "nodes" else self._edge(item)
            text.say("[").sql(self._each(f"string_agg({one}, ',' {self._order})")).say("]")

    @property
    def _order(self) -> str:
        return f"order by {self.row}.nth{' desc' if self.page.backwards else ''}"

    def _each(self, aggregate: str) -> str:
        """Over the rows of the page, without the one that only tells that there are others."""
        return f"{aggregate} filter (where {self.row}.nth <= {self.size})"

    def _node(self, item: Selected) -> str:
        return self.writer.object(self.node, self.frame, self.row, item.sets).expression()

    def _edge(self, item: Selected) -> str:
        edge = object_type_of(self.type.fields["edges"])
        text = Text()
        for part in text.members(self.writer.selection.of(edge, item.sets)):
            if part.name == "node":
                self.writer.object(self.node, self.frame, self.row, part.sets, text)
            elif part.name == "cursor":
                text.say('"').sql(cursor_sql(self.keys)).say('"')
            else:
                text.say(f'"{edge.name}"')
        return text.expression()

    def _page_info(self, text: Text, item: Selected) -> None:
        page_info = object_type_of(self.type.fields["pageInfo"])
        for part in text.members(self.writer.selection.of(page_info, item.sets)):
            text.sql(self._about_page(page_info, part.name))

    def _about_page(self, page_info: GraphQLObjectType, name: str) -> str:
        backwards = self.page.backwards
        if name == "__typename":
            return quoted(f'"{page_info.name}"')
        if name == "hasNextPage":
            return self._given("before") if backwards else self._more
        if name == "hasPreviousPage":
            return self._more if backwards else self._given("after")
        return self._end(nearest=(name == "startCursor") is not backwards)

    @property
    def _more(self) -> str:
        return f"(count(*) > {self.size})::text"

    def _given(self, cursor: str) -> str:
        return quoted("false" if getattr(self.page, cursor) is None else "true")

    def _end(self, *, nearest: bool) -> str:
        """The cursor of the first row that was read, or of the last one that belongs here."""
        place = "1" if nearest else f"least(count(*), {self.size})::int"
        ends = tuple(f"(array_agg({key} order by {self.row}.nth))[{place}]" for key in self.keys)
        cursor = f"concat('\"', {cursor_sql(ends)}, '\"')"
        return f"case when count(*) = 0 then 'null' else {cursor} end"

    def _rows(self) -> str:
        inner = self.writer.alias()
        keys = self._keys_of(inner)
        listed = ", ".join(f"{key} as k{n}" for n, key in enumerate(keys))
        order = self._sorted(keys)
        return (
            f"select {inner}.*, {listed}, row_number() over (order by {order}) as nth"
            f" from {self._taken_from(inner, keys)} order by {order} limit {self.size} + 1"
        )

    def _taken_from(self, inner: str, keys: list[str]) -> str:
        if not self.source.lanes:
            where = " and ".join(self._where(inner, keys))
            return f"{table_of(self.node)} {inner} where {where}"
        return f"({' union all '.join(map(self._lane, self.source.lanes))}) {inner}"

    def _lane(self, lane: Lane) -> str:
        """As many rows as a page may need, of each of the ids that there are."""
        ids, each, child = self.writer.alias(), self.writer.alias(), self.writer.alias()
        keys = self._keys_of(child)
        on = self.writer.filled(lane.on, child=child).replace("{lane}", f"{ids}.id")
        where = " and ".join((on, *self._where(child, keys)))
        listed = self.writer.filled(lane.ids, row=self.parent)
        return (
            f"select {each}.* from {listed} {ids} cross join lateral (select {child}.*"
            f" from {table_of(self.node)} {child} where {where}"
            f" order by {self._sorted(keys)} limit {self.size} + 1) {each}"
        )

    def _keys_of(self, row: str) -> list[str]:
        return [key.sql.replace("{child}", row) for key in self.source.keys]

    def _sorted(self, keys: list[str]) -> str:
        way = " desc" if self.page.backwards else ""
        return ", ".join(f"{key}{way}" for key in keys)

    def _where(self, inner: str, keys: list[str]) -> list[str]:
        parts = [self.writer.filled(self.source.on, row=self.parent, child=inner)]
        parts.append(self.writer.seen(self.node, inner))
        parts += [self.also] if self.also else []
        for cursor, sign in (("after", ">"), ("before", "<")):
            if getattr(self.page, cursor) is not None:
                values = ", ".join(
                    self.writer.parameter(self.asked.cursor(cursor, place), key.kind)
                    for place, key in enumerate(self.source.keys)
                )
                parts.append(f"({', '.join(keys)}) {sign} ({values})")
        narrowing = filter(self._narrows, self.source.filters)
        return [*parts, *(self._narrowed(each, inner) for each in narrowing)]

    def _narrows(self, narrowing: Filter) -> bool:
        """An empty search box narrows nothing."""
        value = self._getter(narrowing)(self.writer.variables)
        return value is not None and not (value == "" and narrowing.cast == "text")

    def _narrowed(self, narrowing: Filter, inner: str) -> str:
        value = self.writer.parameter(self._read(narrowing), narrowing.cast)
        return self.writer.filled(narrowing.sql, child=inner).replace("{value}", value)

    def _getter(self, narrowing: Filter) -> Getter:
        return argument(self.definition, self.item.nodes[0], to_camel_case(narrowing.name))

    def _read(self, narrowing: Filter) -> Getter:
        getter, read = self._getter(narrowing), narrowing.read
        if read is None:
            return getter
        return lambda variables: read(getter(variables))
