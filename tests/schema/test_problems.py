from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType

import taf_service
from schema import problems
from schema.build import schema
from schema.execute import mask
from schema.sources import KIND
from taf_service.core import errors
from taf_service.core.codes import WarningCode


def every_refusal(of: type[errors.Refusal] = errors.Refusal) -> Iterator[type[errors.Refusal]]:
    """All that the service can raise, wherever they are written."""
    for module in pkgutil.walk_packages(taf_service.__path__, "taf_service."):
        if ".demo" not in module.name and ".migrations" not in module.name:
            importlib.import_module(module.name)
    yield from _below(of)


def _below(of: type[errors.Refusal]) -> Iterator[type[errors.Refusal]]:
    for refusal in of.__subclasses__():
        if refusal.__module__.startswith("taf_service."):
            yield refusal
        yield from _below(refusal)


def published() -> GraphQLEnumType:
    found = schema()._schema.type_map["ProblemCode"]
    assert isinstance(found, GraphQLEnumType)
    return found


class TestProblemCodes:
    def test_name_every_refusal_once(self) -> None:
        codes = [refusal.code for refusal in every_refusal() if "code" in vars(refusal)]

        assert [code for code, times in Counter(codes).items() if times > 1] == []
        assert set(codes) == set(published().values)

    def test_are_described_in_the_words_of_their_rule(self) -> None:
        assert all(value.description for value in published().values.values())
        assert published().values["STALE"].description == (
            "Somebody else changed the record first. `table` and `row_id` name its current state."
        )

    def test_are_one_set_with_the_rules(self) -> None:
        """Every concrete refusal has a code of its own: nothing hides behind its parent's."""
        assert [
            r for r in every_refusal() if not hasattr(r, "code") and not r.__subclasses__()
        ] == []


class TestWarningCodes:
    def test_are_those_of_the_domain(self) -> None:
        found = schema()._schema.type_map["WarningCode"]

        assert isinstance(found, GraphQLEnumType)
        assert set(found.values) == set(WarningCode)


class TestExplain:
    @pytest.mark.parametrize(
        ("refusal", "typename"),
        [
            (errors.InvalidInput(errors.FieldError("text", "Say what.")), "InvalidInput"),
            (errors.Stale("team", UUID(int=1)), "Stale"),
            (
                errors.ConfirmationNeeded(errors.Warned("WEEKEND", "A Sunday.")),
                "ConfirmationNeeded",
            ),
            (errors.NotFound("Nothing.", field="teamId"), "NotFound"),
            (errors.NotPermitted("No."), "NotPermitted"),
            (errors.KeyReused("Used."), "RuleBroken"),
            (errors.Busy("Later."), "RuleBroken"),
        ],
    )
    def test_makes_a_problem_with_every_field_that_its_type_has(
        self, refusal: errors.Refusal, typename: str
    ) -> None:
        explained = problems.explain(refusal)
        graphql_type = schema()._schema.type_map[typename]

        assert isinstance(graphql_type, GraphQLObjectType)
        assert explained[KIND] == typename
        assert explained["code"] in published().values
        read = {
            f.extensions["strawberry-definition"].python_name for f in graphql_type.fields.values()
        }
        assert read <= set(explained)

    def test_finds_a_type_for_every_refusal(self) -> None:
        for refusal in every_refusal(errors.RuleBroken):
            if "code" in vars(refusal):
                assert problems.explain(refusal("Words."))[KIND] == "RuleBroken"

    def test_names_all_field_errors_together(self) -> None:
        refusal = errors.InvalidInput(
            errors.FieldError("a", "One."), errors.FieldError("b", "Two.")
        )

        assert problems.explain(refusal)["field_errors"] == [
            {"field": "a", "message": "One."},
            {"field": "b", "message": "Two."},
        ]
        assert problems.explain(refusal)["message"] == "One. Two."


class TestTheMask:
    def test_hides_a_fault_of_ours_behind_an_id(self) -> None:
        from graphql import GraphQLError  # noqa: PLC0415

        hidden = mask(GraphQLError("x", original_error=KeyError("Robin Hartwell")))
        refused = mask(GraphQLError("x", original_error=errors.Busy("Later.")))

        assert "Robin" not in str(hidden)
        assert hidden["extensions"]["code"] == "INTERNAL"
        assert hidden["extensions"]["errorId"]
        assert (refused["message"], refused["extensions"]["code"]) == ("Later.", "BUSY")
