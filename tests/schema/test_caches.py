"""Normalised caches (urql, Apollo) know every object by its id, or as a part of one (api 12)."""

from __future__ import annotations

from graphql import GraphQLInterfaceType, get_named_type

from schema import ids
from schema.problems import PROBLEMS
from tests.schema.described import ROOTS, mutations, objects, success_of, types

# Objects without an id, apart from those that every schema of this shape has: a cache keeps each
# inside whatever it was read from.
EMBEDDED = {
    "FieldProblem": "a part of one refusal",
    "Warned": "a part of one refusal or preview",
    "MeetingPreview": "what would happen now; it is nowhere afterwards",
    "MessagePreview": "a part of a preview",
    "Settings": "a part of its authority, replaced as a whole",
    "Me": "there is one of it, at the root: whoever asks",
}


class TestEveryObject:
    def test_has_an_id_or_is_embedded_in_one_that_has(self) -> None:
        without = {name for name, found in objects().items() if "id" not in found.fields}

        assert without - shaped() == set(EMBEDDED)

    def test_with_an_id_is_a_node(self) -> None:
        for name, found in objects().items():
            if "id" in found.fields:
                assert "Node" in {each.name for each in found.interfaces}, name
                assert str(found.fields["id"].type) == "ID!"
                assert name in ids.NUMBERS, name

    def test_that_is_embedded_is_reached_by_one_way_only(self) -> None:
        """So nothing has to merge two of them; what is part of many has one shape, never stored."""
        for name in ("Me", "Settings"):
            ways = [
                f"{owner}.{part}"
                for owner, found in objects().items()
                for part, field in found.fields.items()
                if get_named_type(field.type).name == name
            ]
            assert len(ways) == 1, ways


class TestANode:
    def test_is_anything_with_an_id(self) -> None:
        node = types()["Node"]

        assert isinstance(node, GraphQLInterfaceType)
        assert str(node.fields["id"].type) == "ID!"


def shaped() -> set[str]:
    """Roots, pages and their edges, groups of fields of one row, and answers of mutations."""
    pages = {name for name in objects() if name.endswith(("Connection", "Edge"))}
    groups = {name for name in objects() if name.endswith("Can")}
    answers = {success_of(name).name for name in mutations()}
    problems = {problem.__name__ for problem in PROBLEMS}
    return ROOTS | pages | {"PageInfo"} | groups | answers | problems
