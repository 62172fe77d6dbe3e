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

LENGTH = 50_000  # characters: even comments are read one by one
TOKENS = 2_000
DEPTH = 14
# What clients ask to learn the whole schema goes deeper than any question about a family.
INTROSPECTION_DEPTH = 24
MOST = {"fields": 600, "fragments": 100, "aliases": 60, "directives": 20, "root fields": 20}
REPEATS = 20


def check(document: DocumentNode, *, introspection: bool) -> None:
    """Errors: `GraphQLError` (`LIMIT_EXCEEDED`) for the first limit that is passed."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) != 1:
        raise refuse("Send one operation in a document.")
    walk = _Walk(
        {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)},
        introspection=introspection,
    )
    operation = operations[0]
    walk.count("directives", len(operation.directives or ()))
    walk.into(operation.selection_set, 1, frozenset())


def refuse(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"})


@dataclass
class _Walk:
    """Follows fragments to wherever they lead, so that nothing hides behind one."""

    fragments: dict[str, FragmentDefinitionNode]
    introspection: bool
    counted: Counter[str] = field(default_factory=Counter)
    deepest: int = DEPTH

    def count(self, what: str, by: int = 1) -> None:
        self.counted[what] += by
        if self.counted[what] > MOST[what]:
            raise refuse(f"Too many {what}: at most {MOST[what]}.")

    def into(self, selection_set: SelectionSetNode, depth: int, opened: frozenset[str]) -> None:
        if depth > self.deepest:
            raise refuse(f"Too deep: at most {self.deepest} levels.")
        if not selection_set.selections:
            raise GraphQLError("Syntax Error: Expected Name, found '}'.")  # GraphQL spec 2.5
        keys: Counter[str] = Counter()
        for node in selection_set.selections:
            self.count("directives", len(node.directives or ()))
            if isinstance(node, FieldNode):
                self._field(node, depth, opened, keys)
            elif isinstance(node, InlineFragmentNode | FragmentSpreadNode):
                self._fragment(node, depth, opened)

    def _field(
        self, node: FieldNode, depth: int, opened: frozenset[str], keys: Counter[str]
    ) -> None:
        self.count("fields")
        self.count("aliases", int(node.alias is not None))
        self.count("root fields", int(depth == 1))
        key = (node.alias or node.name).value
        keys[key] += 1
        if keys[key] > REPEATS:
            raise refuse(f"Too many repeats of {key}: at most {REPEATS}.")
        if node.name.value == "__schema":
            self._introspect()
        if node.selection_set:
            self.into(node.selection_set, depth + 1, opened)

    def _introspect(self) -> None:
        if not self.introspection:
            raise refuse("Introspection is off: the schema is published with the source.")
        self.deepest = INTROSPECTION_DEPTH

    def _fragment(
        self, node: FragmentSpreadNode | InlineFragmentNode, depth: int, opened: frozenset[str]
    ) -> None:
        """What a fragment holds lies at the depth where it is spread."""
        self.count("fragments")
        if isinstance(node, InlineFragmentNode):
            self.into(node.selection_set, depth, opened)
        elif node.name.value in self.fragments and node.name.value not in opened:
            name = node.name.value
            self.into(self.fragments[name].selection_set, depth, opened | {name})
