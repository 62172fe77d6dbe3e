"""What a document selects of one type: fragments opened, directives applied, arguments known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from graphql.execution import get_directive_values
from graphql.execution.values import get_argument_values


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of an answer: the key it is returned under, and everything asked below it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]
    info: GraphQLResolveInfo[Any]

    def arguments(self, definition: GraphQLField) -> dict[str, Any]:
        return get_argument_values(definition, self.nodes[0], self.info.variable_values)

    @property
    def sets(self) -> list[SelectionSetNode]:
        return [node.selection_set for node in self.nodes if node.selection_set]


def below(info: GraphQLResolveInfo[Any]) -> list[SelectionSetNode]:
    """The selection sets under the field being resolved."""
    return [node.selection_set for node in info.field_nodes if node.selection_set]


def selected(
    info: GraphQLResolveInfo[Any], object_type: GraphQLObjectType, sets: Iterable[SelectionSetNode]
) -> list[Selected]:
    """The fields asked of `object_type`, in order, each once (GraphQL spec 6.3.2)."""
    grouped: dict[str, list[FieldNode]] = {}
    for selection_set in sets:
        for node in _fields(info, object_type, selection_set, frozenset()):
            grouped.setdefault((node.alias or node.name).value, []).append(node)
    return [
        Selected(key, nodes[0].name.value, tuple(nodes), info) for key, nodes in grouped.items()
    ]


def _fields(
    info: GraphQLResolveInfo[Any],
    object_type: GraphQLObjectType,
    selection_set: SelectionSetNode,
    opened: frozenset[str],
) -> Iterator[FieldNode]:
    for node in selection_set.selections:
        if not _included(info, node):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif (inner := _fragment(info, object_type, node, opened)) is not None:
            yield from _fields(info, object_type, *inner)


def _fragment(
    info: GraphQLResolveInfo[Any], object_type: GraphQLObjectType, node: Any, opened: frozenset[str]
) -> tuple[SelectionSetNode, frozenset[str]] | None:
    """What a fragment adds, if its condition fits this type and it was not opened before."""
    if isinstance(node, InlineFragmentNode):
        fragment: Any = node
    else:
        fragment = info.fragments[node.name.value]
        fragment = getattr(fragment, "definition", fragment)
        if node.name.value in opened:
            return None
        opened = opened | {node.name.value}
    if not _fits(info, object_type, fragment.type_condition):
        return None
    return fragment.selection_set, opened


def _fits(info: GraphQLResolveInfo[Any], object_type: GraphQLObjectType, condition: Any) -> bool:
    if condition is None or condition.name.value == object_type.name:
        return True
    named = info.schema.get_type(condition.name.value)
    return is_abstract_type(named) and info.schema.is_sub_type(named, object_type)


def _included(info: GraphQLResolveInfo[Any], node: SelectionNode) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, info.variable_values)
    include = get_directive_values(GraphQLIncludeDirective, node, info.variable_values)
    return not (skip and skip["if"]) and (include is None or bool(include["if"]))


def object_type_of(definition: GraphQLField) -> GraphQLObjectType:
    """The object type a field leads to, through lists and non-null."""
    named = get_named_type(definition.type)
    if not isinstance(named, GraphQLObjectType):
        raise TypeError(f"{named} is not an object type")
    return named
