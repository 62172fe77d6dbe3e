"""What a client may rely on everywhere (design of the API, "Conventions")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    lexicographic_sort_schema,
    print_schema,
)

from schema.build import schema, sdl
from schema.problems import PROBLEMS

BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}
PAGE = {"first", "after", "last", "before"}


def types() -> dict[str, Any]:
    return {
        name: found
        for name, found in schema()._schema.type_map.items()
        if not name.startswith("__") and name not in BUILT_IN
    }


def everything() -> Iterator[tuple[str, Any]]:
    """Each thing that a reader of the schema meets, by its path."""
    for name, found in types().items():
        yield name, found
        for part, value in (getattr(found, "fields", None) or {}).items():
            yield f"{name}.{part}", value
            for argument, asked in getattr(value, "args", {}).items():
                yield f"{name}.{part}({argument})", asked
        if isinstance(found, GraphQLEnumType):
            for part, value in found.values.items():
                yield f"{name}.{part}", value


def fields(*, of: str) -> dict[str, Any]:
    found = types()[of]
    assert isinstance(found, GraphQLObjectType)
    return dict(found.fields)


class TestTheSchema:
    def test_describes_everything_in_words(self) -> None:
        roots = {"Query", "Mutation"}
        silent = [path for path, each in everything() if not each.description]

        assert [path for path in silent if path not in roots] == []

    def test_speaks_in_sentences(self) -> None:
        assert [
            p
            for p, each in everything()
            if each.description and each.description != each.description.strip()
        ] == []

    def test_is_printed_sorted(self) -> None:
        built = build_schema(sdl())

        assert print_schema(built) == print_schema(lexicographic_sort_schema(built))

    def test_names_things_as_graphql_does(self) -> None:
        for path, each in everything():
            name = re.split(r"[.(]", path.rstrip(")"))[-1]
            if isinstance(each, GraphQLObjectType | GraphQLInputObjectType | GraphQLUnionType):
                assert re.fullmatch(r"[A-Z][A-Za-z]*", name), path
            elif path.count(".") and not isinstance(types()[path.split(".")[0]], GraphQLEnumType):
                assert re.fullmatch(r"[a-z][A-Za-z]*", name), path

    def test_never_shows_a_uuid(self) -> None:
        assert "UUID" not in types()

    def test_gives_every_node_an_id(self) -> None:
        node = types()["Node"]

        assert isinstance(node, GraphQLInterfaceType)
        assert str(node.fields["id"].type) == "ID!"

    def test_says_who_may_in_every_can(self) -> None:
        for name, found in types().items():
            if name.endswith("Can"):
                assert {str(field.type) for field in found.fields.values()} == {"Boolean!"}


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
            names = {each.name for each in union.types}
            assert problems < names, name
            assert len(names - problems) == 1, name

    def test_can_be_repeated_safely(self) -> None:
        for name, field in fields(of="Mutation").items():
            given = get_named_type(field.args["input"].type)
            assert isinstance(given, GraphQLInputObjectType)
            assert "idempotencyKey" in given.fields, name

    def test_that_can_warn_can_be_told_to_go_on(self) -> None:
        for name, found in types().items():
            if isinstance(found, GraphQLInputObjectType) and "acknowledge" in found.fields:
                assert str(found.fields["acknowledge"].type) == "[WarningCode!]", name

    def test_that_has_a_preview_takes_the_same_input(self) -> None:
        previews = {n: f for n, f in fields(of="Query").items() if n.startswith("preview")}

        assert previews
        for name, field in previews.items():
            act = name.removeprefix("preview")
            act = act[0].lower() + act[1:]
            assert str(field.args["input"].type) == str(
                fields(of="Mutation")[act].args["input"].type
            )


class TestEveryProblem:
    def test_has_a_code_and_words(self) -> None:
        for problem in PROBLEMS:
            found = types()[problem.__name__]
            assert {"Problem"} == {each.name for each in found.interfaces}
            assert str(found.fields["code"].type) == "ProblemCode!"
            assert str(found.fields["message"].type) == "String!"


class TestEveryConnection:
    def test_is_a_page_of_at_most_100(self) -> None:
        seen = 0
        for name, found in types().items():
            for part, field in (getattr(found, "fields", None) or {}).items():
                if get_named_type(field.type).name.endswith("Connection"):
                    seen += 1
                    assert set(field.args) >= PAGE, f"{name}.{part}"
                    assert "at most 100" in field.args["first"].description
                    assert "at most 100" in field.args["last"].description
                    assert isinstance(field.type, GraphQLNonNull)
        assert seen > 3

    def test_has_edges_nodes_and_page_info(self) -> None:
        for name, found in types().items():
            if name.endswith("Connection"):
                node = name.removesuffix("Connection")
                assert {n: str(f.type) for n, f in found.fields.items()} == {
                    "edges": f"[{node}Edge!]!",
                    "nodes": f"[{node}!]!",
                    "pageInfo": "PageInfo!",
                }
