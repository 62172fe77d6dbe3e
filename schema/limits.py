"""What a document may cost, checked in one cheap pass before validation (security 4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

TOKENS = 2_000
DEPTH = 14
MOST = {"fields": 600, "aliases": 60, "directives": 20, "root fields": 20}
REPEATS = 20


def check(document: DocumentNode, *, introspection: bool) -> None:
    """Errors: `GraphQLError` (`LIMIT_EXCEEDED`) for the first limit that is passed."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) != 1:
        raise _refuse("Send one operation in a document.")
    walk = _Walk(
        {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)},
        introspection=introspection,
    )
    operation = operations[0]
    walk.count("directives", len(operation.directives or ()))
    walk.count("root fields", len(operation.selection_set.selections))
    walk.into(operation.selection_set, 1, frozenset())


def _refuse(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"})


@dataclass
class _Walk:
    fragments: dict[str, FragmentDefinitionNode]
    introspection: bool
    counted: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, by: int = 1) -> None:
        self.counted[what] += by
        if self.counted[what] > MOST[what]:
            raise _refuse(f"Too many {what}: at most {MOST[what]}.")

    def into(self, selection_set: SelectionSetNode, depth: int, opened: frozenset[str]) -> None:
        if depth > DEPTH:
            raise _refuse(f"Too deep: at most {DEPTH} levels.")
        keys: Counter[str] = Counter()
        for node in selection_set.selections:
            self.count("directives", len(node.directives or ()))
            if isinstance(node, FieldNode):
                self._field(node, depth, opened, keys)
            elif isinstance(node, InlineFragmentNode):
                self.into(node.selection_set, depth + 1, opened)
            elif isinstance(node, FragmentSpreadNode):
                self._spread(node, depth, opened)

    def _field(
        self, node: FieldNode, depth: int, opened: frozenset[str], keys: Counter[str]
    ) -> None:
        self.count("fields")
        self.count("aliases", int(node.alias is not None))
        key = (node.alias or node.name).value
        keys[key] += 1
        if keys[key] > REPEATS:
            raise _refuse(f"Too many repeats of {key}: at most {REPEATS}.")
        if node.name.value == "__schema" and not self.introspection:
            raise _refuse("Introspection is off: the schema is published with the source.")
        if node.selection_set:
            self.into(node.selection_set, depth + 1, opened)

    def _spread(self, node: FragmentSpreadNode, depth: int, opened: frozenset[str]) -> None:
        name = node.name.value
        if name in self.fragments and name not in opened:
            self.into(self.fragments[name].selection_set, depth + 1, opened | {name})
