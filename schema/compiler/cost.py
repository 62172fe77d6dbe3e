"""How many rows everything asked in one request could hold together (security 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.values import VariableValues

from schema import limits
from schema.compiler.arguments import Getter, argument
from schema.compiler.declared import source_of
from schema.sources import (
    MOST,
    USUAL,
    AnyNode,
    AnyNodes,
    Loaded,
    Many,
    Paged,
    RootObject,
    RootPage,
    Viewer,
)

SHORT = 10  # rows that a list without pages is taken to hold
OBJECT = 100  # an object read by itself costs about what so many rows of a list do
ROWS = 100_000

Size = Callable[[VariableValues], int]
_ALONE = (RootObject, RootPage, Viewer, AnyNode, AnyNodes, Loaded)


@dataclass(frozen=True, slots=True)
class Cost:
    """`fixed` rows, and for each of `terms` a factor times sizes that the variables say."""

    fixed: int
    terms: tuple[tuple[int, tuple[Size, ...]], ...]

    def check(self, variables: VariableValues) -> None:
        """Errors: `GraphQLError` (`LIMIT_EXCEEDED`)."""
        rows = self.fixed
        for factor, sizes in self.terms:
            for size in sizes:
                factor *= size(variables)  # noqa: PLW2901 - a product
            rows += factor
        if rows > ROWS:
            raise limits.refuse(
                f"Too many rows: ask for smaller pages, at most {ROWS:,} rows together."
            )


def cost_of(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: dict[str, FragmentDefinitionNode],
) -> Cost:
    root = schema.get_root_type(operation.operation)
    terms = list(_Walk(schema, fragments).into(operation.selection_set, root, 1, ()))
    return Cost(
        sum(factor for factor, sizes in terms if not sizes),
        tuple((factor, sizes) for factor, sizes in terms if sizes),
    )


Term = tuple[int, tuple[Size, ...]]


@dataclass(frozen=True)
class _Walk:
    """Counts every branch, whatever `@skip` and `@include` say: a limit may be careful."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]

    def into(
        self, selection_set: Any, of: Any, factor: int, sizes: tuple[Size, ...]
    ) -> Iterator[Term]:
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                yield from self._field(node, of, factor, sizes)
            else:
                inner = (
                    node
                    if isinstance(node, InlineFragmentNode)
                    else self.fragments[node.name.value]
                )
                condition = inner.type_condition
                within = self.schema.get_type(condition.name.value) if condition else of
                yield from self.into(inner.selection_set, within, factor, sizes)

    def _field(
        self, node: FieldNode, of: Any, factor: int, before: tuple[Size, ...]
    ) -> Iterator[Term]:
        sizes = before
        definition = getattr(of, "fields", {}).get(node.name.value)
        if definition is None or node.selection_set is None:
            return
        source = source_of(definition)
        if isinstance(source, Many):
            factor *= SHORT
        elif isinstance(source, Paged | RootPage | AnyNodes):
            sizes = (*sizes, _size(source, definition, node))
        if isinstance(source, Many | Paged | RootPage):
            yield factor, sizes
        if isinstance(source, _ALONE):
            yield factor * OBJECT, sizes if isinstance(source, AnyNodes) else before
        yield from self.into(node.selection_set, get_named_type(definition.type), factor, sizes)


def _length(listed: Getter, variables: VariableValues) -> int:
    """Of what is no list nothing is read: that it is none is told where it stands."""
    try:
        return len(listed(variables))
    except GraphQLError:
        return 0


def _size(source: Any, definition: Any, node: FieldNode) -> Size:
    if isinstance(source, AnyNodes):
        listed = argument(definition, node, "ids")
        return lambda variables: _length(listed, variables)
    first, last = argument(definition, node, "first"), argument(definition, node, "last")

    def size(variables: VariableValues) -> int:
        """Whatever is out of range is refused elsewhere, in words of its own."""
        asked = last(variables) or first(variables) or USUAL
        return min(max(asked, 1), MOST)

    return size
