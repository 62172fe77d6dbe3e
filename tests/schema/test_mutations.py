"""What holds of every mutation, and of what the viewer may do (api 4 and 7)."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache

from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from schema.problems import PROBLEMS
from tests.architecture.sources import ROOT
from tests.schema.described import fields, inputs, mutations, names, objects, success_of

# Edits that take no version.
WITHOUT_VERSION = {"answerInvitation": "your own answer: the last one counts"}
# Acts that no `can` speaks of.
WITHOUT_CAN = {
    # about nothing that is there yet, or about an identity that is not shown as an object to all
    "disableAccount",
    "linkAccount",
    "registerAgency",
    "registerFamily",
    "registerPractitioner",
    # about a small record beside somebody of a family, whose own `can` says who records such things
    "endContactChannel",
    "endNoContact",
    "endParentalResponsibility",
    "preferContactChannel",
    "recordSharedMailbox",
    "resumeContact",
}


class TestEveryMutation:
    def test_is_a_verb_with_one_input_and_one_result(self) -> None:
        for name, field in fields(of="Mutation").items():
            capital = name[0].upper() + name[1:]
            assert list(field.args) == ["input"], name
            assert str(field.args["input"].type) == f"{capital}Input!"
            assert str(field.type) == f"{capital}Result!"

    def test_answers_with_a_past_fact_or_a_problem(self) -> None:
        problems = {problem.__name__ for problem in PROBLEMS}
        for name, field in fields(of="Mutation").items():
            union = get_named_type(field.type)
            assert isinstance(union, GraphQLUnionType)
            assert problems < names(union.types), name
            assert len(names(union.types) - problems) == 1, name

    def test_carries_what_changed(self) -> None:
        """By its id, so that caches take it in; null where the actor may not see it any more."""
        for name in mutations():
            for part, field in success_of(name).fields.items():
                changed = get_named_type(field.type)
                assert isinstance(changed, GraphQLObjectType)
                assert "id" in changed.fields, f"{name}: {part}"

    def test_can_be_repeated_safely(self) -> None:
        for name, given in mutations().items():
            assert "idempotencyKey" in given.fields, name

    def test_of_what_is_edited_takes_the_version_that_was_read(self) -> None:
        """Edited is what the input names and the payload carries, where nothing else is new."""
        edits = {name for name in mutations() if edits_something_versioned(name)}
        with_version = {name for name, given in mutations().items() if "version" in given.fields}

        assert len(edits) > 15
        assert edits - with_version == set(WITHOUT_VERSION)

    def test_that_can_warn_can_be_told_to_go_on(self) -> None:
        for name, found in inputs().items():
            if "acknowledge" in found.fields:
                assert str(found.fields["acknowledge"].type) == "[WarningCode!]", name


class TestEveryActThatSends:
    def test_has_a_preview(self) -> None:
        sending = {name for name in mutations() if "notify" in reached(snake(name))}

        assert {"conveneTafMeeting", "removeFromTeam"} <= sending
        assert sending == {act_of(name) for name in previews()}

    def test_has_a_preview_of_the_same_input(self) -> None:
        for name in previews():
            act = fields(of="Mutation")[act_of(name)]
            asked = fields(of="Query")[name]
            assert str(asked.args["input"].type) == str(act.args["input"].type)


class TestEveryCan:
    def test_says_yes_or_no(self) -> None:
        for name, found in cans().items():
            assert {str(field.type) for field in found.fields.values()} == {"Boolean!"}, name

    def test_belongs_to_one_type(self) -> None:
        for name in cans():
            owner = objects()[name.removesuffix("Can")]
            assert str(owner.fields["can"].type) == f"{name}!"

    def test_speaks_of_mutations_and_of_all_of_them(self) -> None:
        spoken = [act for found in cans().values() for act in found.fields]

        assert len(spoken) == len(set(spoken))
        assert set(spoken) <= set(mutations())
        assert set(mutations()) - set(spoken) == WITHOUT_CAN


def edits_something_versioned(mutation: str) -> bool:
    given = mutations()[mutation].fields
    carried = success_of(mutation).fields
    named = {part for part in carried if f"{part}Id" in given}
    versioned = any("version" in get_named_type(carried[part].type).fields for part in named)
    return versioned and named == set(carried)


def previews() -> list[str]:
    return [name for name in fields(of="Query") if name.startswith("preview")]


def act_of(preview: str) -> str:
    act = preview.removeprefix("preview")
    return act[0].lower() + act[1:]


def cans() -> dict[str, GraphQLObjectType]:
    return {name: found for name, found in objects().items() if name.endswith("Can")}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def reached(function: str) -> set[str]:
    """Whatever a function of the domain names, and what those name, and so on."""
    seen: set[str] = set()
    to_see = {function}
    while to_see:
        seen |= to_see
        to_see = {name for each in to_see for name in named_in()[each]} - seen
    return seen


@cache
def named_in() -> dict[str, set[str]]:
    """What each function of the domain names, by its own name."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "taf_service").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] |= {name for each in ast.walk(node) if (name := _name(each))}
    return found


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None
