"""A checked document: everything about it that does not depend on the values it comes with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues

from schema import ids
from schema.compiler.cost import Cost, cost_of
from schema.compiler.declared import source_of
from taf_service.core.errors import NotFound

Steer = Callable[[Any], Hashable]


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One operation and its fragments, valid and within the limits.

    `steering`: the variables on which the SQL itself depends, each with what of it matters.
    """

    schema: GraphQLSchema
    ast: DocumentNode
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    cost: Cost
    steering: tuple[tuple[str, Steer], ...]
    is_compilable: bool

    @property
    def root_type(self) -> GraphQLObjectType:
        found = self.schema.get_root_type(self.operation.operation)
        assert found is not None
        return found

    def steered(self, variables: VariableValues) -> tuple[Hashable, ...]:
        """What tells one plan of this document from another."""
        given = variables.coerced
        return tuple(steer(given.get(name)) for name, steer in self.steering)


def document_of(schema: GraphQLSchema, ast: DocumentNode) -> Document:
    """`ast` is valid and holds one operation."""
    (operation,) = (d for d in ast.definitions if isinstance(d, OperationDefinitionNode))
    fragments = {d.name.value: d for d in ast.definitions if isinstance(d, FragmentDefinitionNode)}
    return Document(
        schema=schema,
        ast=ast,
        operation=operation,
        fragments=fragments,
        cost=cost_of(schema, operation, fragments),
        steering=_steering(operation, ast),
        is_compilable=_is_compilable(schema, operation, fragments),
    )


def _is_compilable(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: dict[str, FragmentDefinitionNode],
) -> bool:
    """Whether every root is something to read: no mutation, preview or introspection."""
    if operation.operation is not OperationType.QUERY or schema.query_type is None:
        return False
    fields = schema.query_type.fields
    return all(
        name == "__typename" or (name in fields and source_of(fields[name]))
        for name in _root_names(operation.selection_set, fragments)
    )


def _root_names(selection_set: Any, fragments: dict[str, FragmentDefinitionNode]) -> Iterator[str]:
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        else:
            inner = fragments[node.name.value] if getattr(node, "name", None) else node
            yield from _root_names(inner.selection_set, fragments)


def _steering(
    operation: OperationDefinitionNode, ast: DocumentNode
) -> tuple[tuple[str, Steer], ...]:
    found = _Variables()
    visit(ast, found)
    names = sorted(v.variable.name.value for v in operation.variable_definitions or ())
    steers: list[tuple[str, Steer]] = [(name, _presence) for name in names]
    steers += [(name, _itself) for name in sorted(found.deciding)]
    steers += [(name, _types) for name in sorted(found.naming)]
    return tuple(steers)


class _Variables(Visitor):
    """Variables that decide what is asked (`@skip`, `@include`), and that name what is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.deciding: set[str] = set()
        self.naming: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self.deciding |= _names_in(*(a.value for a in node.arguments or ()))

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in ("node", "nodes"):
            self.naming |= _names_in(*(a.value for a in node.arguments or ()))


def _names_in(*values: Node) -> set[str]:
    names: set[str] = set()
    for value in values:
        if isinstance(value, VariableNode):
            names.add(value.name.value)
        names |= _names_in(*getattr(value, "values", ()) or ())
    return names


def _presence(value: Any) -> Hashable:
    """An argument that is not there narrows nothing; an empty one may be something else."""
    return 0 if value is None else 1 if value == "" else 2


def _itself(value: Any) -> Hashable:
    hashable: Hashable = value
    return hashable


def _types(value: Any) -> Hashable:
    """The types that ids name: which tables are read depends on them."""
    listed = value if isinstance(value, list) else [value]
    return tuple(sorted({type_named(each) for each in listed}))


def type_named(global_id: Any) -> str:
    """The type that an id is of, or "" for what is no id of ours."""
    try:
        return ids.decode(global_id)[0] if isinstance(global_id, str) else ""
    except NotFound:
        return ""
