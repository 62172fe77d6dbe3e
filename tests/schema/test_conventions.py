"""What a client may rely on everywhere (design of the API, "Conventions"): names, words, types.

What holds of mutations is in `test_mutations.py`, what of caches in `test_caches.py`, and what of
changes in `test_promises.py`.
"""

from __future__ import annotations

import re
from typing import Any

from graphql import (
    DEFAULT_DEPRECATION_REASON,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    lexicographic_sort_schema,
    print_schema,
)

from schema.build import schema, sdl
from schema.compiler.declared import source_of
from schema.problems import PROBLEMS
from schema.sources import Many, Paged, RootPage, Source
from tests.schema.described import (
    ROOTS,
    everything,
    inputs,
    last_name,
    objects,
    types,
)

PAGE = {"first", "after", "last", "before"}
# One or more, each with its full stop; a JSON scalar brings its own words.
SENTENCE = r"(?s)\S.*[.]"
# What says nothing that the name did not say.
EMPTY = {"a", "an", "the", "of", "to", "id"}
# What a connection is ordered by, and how its description says so.
ORDERS = {
    "due_on": "by due date",
    "starts_at": r"by time|soonest meeting first",
    "registered_at": "in the order they were registered",
    "asked_at": "oldest first",
    "name": "by name",
    "issuer": "by issuer and subject",
}
# Lists that cannot grow beyond what one act wrote down.
SHORT = {
    "Agency.emailDomains": "set as a whole, at most 20",
    "ConfirmationNeeded.warnings": "one a code",
    "InvalidInput.fieldErrors": "one a field",
    "MeetingPreview.messages": "one for each who is invited: at most 200",
    "MeetingPreview.warnings": "one a code",
    "NoContact.names": "two",
    "Query.nodes": "as many as were asked for: at most 100",
}
# Mail and calendars know these by what they are called.
SUFFIXES = {"At": {"DateTime", "LocalDateTime"}, "On": {"Date"}, "emailAddress": {"EmailAddress"}}


class TestTheSchema:
    def test_describes_everything(self) -> None:
        silent = {path for path, each in everything() if not each.description}

        assert silent == ROOTS

    def test_says_more_than_the_name_does(self) -> None:
        assert [
            path
            for path, each in everything()
            if path not in ROOTS and not own_words(last_name(path), each.description)
        ] == []

    def test_speaks_in_sentences(self) -> None:
        spoken = {path: each.description for path, each in everything() if each.description}

        assert [p for p, words in spoken.items() if not re.fullmatch(SENTENCE, words)] == []
        assert [p for p, words in spoken.items() if "Errors:" in words] == []

    def test_is_printed_sorted(self) -> None:
        built = build_schema(sdl())

        assert print_schema(built) == print_schema(lexicographic_sort_schema(built))

    def test_names_things_as_graphql_does(self) -> None:
        named = (GraphQLObjectType, GraphQLInputObjectType, GraphQLUnionType, GraphQLEnumType)
        for path, each in everything():
            within = types()[path.partition(".")[0]]
            if isinstance(each, named):
                assert re.fullmatch(r"[A-Z][A-Za-z]*", path), path
            elif isinstance(within, GraphQLEnumType):
                assert re.fullmatch(r"[A-Z][A-Z_]*", last_name(path)), path
            elif "." in path:
                assert re.fullmatch(r"[a-z][A-Za-z]*", last_name(path)), path

    def test_gives_a_reason_with_every_deprecation(self) -> None:
        reasons = [getattr(each, "deprecation_reason", None) for _, each in everything()]

        assert not {"", DEFAULT_DEPRECATION_REASON} & set(reasons)

    def test_has_no_subscriptions_yet(self) -> None:
        """They are a work of their own (api 8); until then clients ask again."""
        assert schema()._schema.subscription_type is None

    def test_knows_only_the_directives_of_the_specification(self) -> None:
        """Neither `@defer` nor `@stream` (api 11)."""
        assert {each.name for each in schema()._schema.directives} == {
            "deprecated",
            "include",
            "oneOf",
            "skip",
            "specifiedBy",
        }


class TestEveryId:
    def test_is_an_id_and_nothing_else(self) -> None:
        for path, each in everything():
            if last_name(path) == "id" or re.search(r"[a-z]Ids?$", last_name(path)):
                assert get_named_type(each.type).name == "ID", path

    def test_is_called_one(self) -> None:
        for path, each in everything():
            if "." in path and getattr(named_type(each), "name", None) == "ID":
                assert re.search(r"(^id|Id|^ids)$", last_name(path)), path

    def test_never_shows_a_uuid(self) -> None:
        assert "UUID" not in types()


class TestEveryValue:
    def test_of_time_or_mail_has_a_type_that_says_so(self) -> None:
        for path, each in everything():
            for suffix, allowed in SUFFIXES.items():
                if path.endswith(suffix) and "." in path:
                    assert named_type(each).name in allowed, path

    def test_comes_in_as_local_time_beside_its_zone(self) -> None:
        for name, found in inputs().items():
            of = {get_named_type(field.type).name for field in found.fields.values()}
            assert "DateTime" not in of, name
            assert "LocalDateTime" not in of or "TimeZone" in of, name

    def test_is_null_only_where_that_is_an_answer(self) -> None:
        """A list is empty, a page is empty, and what one may do is yes or no."""
        for path, each in everything():
            within = types()[path.partition(".")[0]]
            if "." in path and isinstance(within, GraphQLObjectType) and "(" not in path:
                assert is_non_null_type(each.type) or not never_null(each), path
                assert path == "Query.nodes" or not has_holes(each), path


class TestEveryInput:
    def test_with_alternatives_takes_exactly_one(self) -> None:
        """By `@oneOf` (api 11), so no description has to say "or give the other"."""
        printed = build_schema(sdl()).type_map.values()
        alternatives = [t for t in printed if isinstance(t, GraphQLInputObjectType) and t.is_one_of]

        assert len(alternatives) >= 3
        for found in alternatives:
            assert len(found.fields) > 1, found.name
        for path, each in everything():
            assert "or give" not in (each.description or "").lower(), path
            assert not (each.description or "").startswith("Or "), path


class TestEveryList:
    def test_is_a_page_or_says_how_much_it_holds(self) -> None:
        unbounded = {
            f"{name}.{part}"
            for name, found in objects().items()
            if not name.endswith("Connection")
            for part, field in found.fields.items()
            if is_list_type(get_nullable_type(field.type)) and not says_its_limit(field)
        }

        assert unbounded == set(SHORT)


class TestEveryConnection:
    def test_is_a_page_of_at_most_100(self) -> None:
        seen = connections()

        assert len(seen) > 8
        for path, field in seen.items():
            assert set(field.args) >= PAGE, path
            assert "at most 100" in field.args["first"].description
            assert "at most 100" in field.args["last"].description
            assert is_non_null_type(field.type)

    def test_has_edges_nodes_and_page_info(self) -> None:
        for name, found in objects().items():
            if name.endswith("Connection"):
                node = name.removesuffix("Connection")
                assert {n: str(f.type) for n, f in found.fields.items()} == {
                    "edges": f"[{node}Edge!]!",
                    "nodes": f"[{node}!]!",
                    "pageInfo": "PageInfo!",
                }

    def test_says_its_order(self) -> None:
        for path, field in connections().items():
            source = source_of(field)
            pages = source.paged if isinstance(source, RootPage) else source
            assert isinstance(pages, Paged), path
            (words,) = {said for key, said in ORDERS.items() if key in pages.keys[0].sql}
            assert re.search(words, field.description), path


class TestEveryProblem:
    def test_has_a_code_and_words(self) -> None:
        for problem in PROBLEMS:
            found = objects()[problem.__name__]
            assert {"Problem"} == {each.name for each in found.interfaces}
            assert str(found.fields["code"].type) == "ProblemCode!"
            assert str(found.fields["message"].type) == "String!"


def own_words(name: str, description: str) -> set[str]:
    """What a description says beyond the name it belongs to."""
    repeated = {_stem(word) for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
    said = set(re.findall(r"[a-z]+", description.lower())) - EMPTY
    return {word for word in said if _stem(word) not in repeated}


def _stem(word: str) -> str:
    return word.lower().rstrip("s")


def named_type(found: Any) -> Any:
    return get_named_type(getattr(found, "type", None))


def never_null(field: Any) -> bool:
    name = get_named_type(field.type).name
    is_list = is_list_type(get_nullable_type(field.type))
    return is_list or name == "Boolean" or name.endswith(("Connection", "Can", "PageInfo"))


def has_holes(field: Any) -> bool:
    listed = get_nullable_type(field.type)
    return is_list_type(listed) and not is_non_null_type(listed.of_type)


def says_its_limit(field: Any) -> bool:
    source: Source | None = source_of(field)
    return isinstance(source, Many) and field.description.endswith(f" At most {source.limit}.")


def connections() -> dict[str, Any]:
    return {
        f"{name}.{part}": field
        for name, found in objects().items()
        for part, field in found.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }
