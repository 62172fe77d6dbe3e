"""What a document selects of one type: fragments opened, directives applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from graphql.execution import get_directive_values
from graphql.execution.values import VariableValues

from schema.compiler.document import Document


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of an answer: the key it is returned under, and everything asked below it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    @property
    def sets(self) -> list[SelectionSetNode]:
        return [node.selection_set for node in self.nodes if node.selection_set]


@dataclass(frozen=True, slots=True)
class Selection:
    """Reads selection sets of `document` as the values in `variables` would have them.

    `lenient`: a directive that cannot be read leaves out nothing, because graphql-core, which
    completes what is found, says so in its place. Otherwise it raises `GraphQLError`.
    """

    document: Document
    variables: VariableValues
    lenient: bool = False

    def of(
        self, object_type: GraphQLObjectType, sets: Iterable[SelectionSetNode]
    ) -> list[Selected]:
        """The fields asked of `object_type`, in order, each once (GraphQL spec 6.3.2)."""
        grouped: dict[str, list[FieldNode]] = {}
        for selection_set in sets:
            for node in self._fields(object_type, selection_set, frozenset()):
                grouped.setdefault((node.alias or node.name).value, []).append(node)
        return [Selected(key, nodes[0].name.value, tuple(nodes)) for key, nodes in grouped.items()]

    def _fields(
        self, object_type: GraphQLObjectType, selection_set: Any, opened: frozenset[str]
    ) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif (inner := self._fragment(object_type, node, opened)) is not None:
                yield from self._fields(object_type, *inner)

    def _fragment(
        self, object_type: GraphQLObjectType, node: Any, opened: frozenset[str]
    ) -> tuple[SelectionSetNode, frozenset[str]] | None:
        """What a fragment adds, if its condition fits this type and it was not opened before."""
        fragment = node
        if not isinstance(node, InlineFragmentNode):
            if node.name.value in opened:
                return None
            fragment = self.document.fragments[node.name.value]
            opened = opened | {node.name.value}
        if not self._fits(object_type, fragment.type_condition):
            return None
        return fragment.selection_set, opened

    def _fits(self, object_type: GraphQLObjectType, condition: Any) -> bool:
        if condition is None or condition.name.value == object_type.name:
            return True
        schema = self.document.schema
        named = schema.get_type(condition.name.value)
        return is_abstract_type(named) and schema.is_sub_type(named, object_type)

    def _included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        try:
            skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
            include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        except GraphQLError:
            if self.lenient:
                return True
            raise
        return not (skip and skip["if"]) and (include is None or bool(include["if"]))


def object_type_of(definition: GraphQLField) -> GraphQLObjectType:
    """The object type a field leads to, through lists and non-null."""
    named = get_named_type(definition.type)
    if not isinstance(named, GraphQLObjectType):
        raise TypeError(f"{named} is not an object type")
    return named
