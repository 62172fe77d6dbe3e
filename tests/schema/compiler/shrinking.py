"""Makes a document that fails smaller, one selection at a time, for whoever has to read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.language import REMOVE, SKIP

from tests.schema.compiler.declarations import published

Fails = Callable[[str], Awaitable[bool]]
_REMOVABLE = (DirectiveNode, FieldNode, FragmentSpreadNode, InlineFragmentNode)
MOST_TRIES = 400


async def shrink(text: str, fails: Fails) -> str:
    """The smallest document that still fails, as far as leaving things out leads there."""
    tries = 0
    smaller: str | None = text
    while smaller is not None and tries < MOST_TRIES:
        text, smaller = smaller, None
        for candidate in _candidates(text):
            tries += 1
            if await fails(candidate):
                smaller = candidate
                break
    return text


def _candidates(text: str) -> Iterator[str]:
    """The document without one thing or another, wherever it stays valid; big things first."""
    counted = _Without(-1)
    visit(parse(text), counted)
    for number in range(counted.met):
        without = _tidied(visit(parse(text), _Without(number)))
        if without is not None and not validate(published(), without):
            yield print_ast(without)


class _Without(Visitor):
    """Leaves out the thing of this number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.met = 0

    def enter(self, node: Any, *_: Any) -> Any:
        if not isinstance(node, _REMOVABLE):
            return None
        self.met += 1
        return REMOVE if self.met - 1 == self.number else None


def _tidied(document: DocumentNode) -> DocumentNode | None:
    """Without fragments that nobody spreads and variables that nobody uses; None if hollow."""
    before, text = "", print_ast(document)
    while before != text:
        names = _Named()
        visit(document, names)
        document = visit(document, _Unused(names))
        before, text = text, print_ast(document)
    hollow = _Hollow()
    visit(document, hollow)
    return None if hollow.found else document


class _Hollow(Visitor):
    """Whether something has lost everything that was asked of it: the parser lets that pass."""

    found = False

    def enter_selection_set(self, node: SelectionSetNode, *_: Any) -> None:
        self.found = self.found or not node.selections


class _Named(Visitor):
    """What is spread and used somewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.spread: set[str] = set()
        self.used: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.spread.add(node.name.value)

    def enter_variable_definition(self, *_: Any) -> Any:
        return SKIP

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.used.add(node.name.value)


class _Unused(Visitor):
    def __init__(self, names: _Named) -> None:
        super().__init__()
        self.names = names

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> Any:
        return None if node.name.value in self.names.spread else REMOVE

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> Any:
        return None if node.variable.name.value in self.names.used else REMOVE
