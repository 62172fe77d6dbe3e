from __future__ import annotations

import time

import pytest
from graphql import GraphQLError, get_introspection_query, parse

from schema import limits


def refused(query: str, *, introspection: bool = False) -> str:
    """The code and the words of the refusal, or nothing."""
    try:
        limits.check(parse(query), introspection=introspection)
    except GraphQLError as error:
        return f"{(error.extensions or {})['code']}: {error.message}"
    return ""


def nested(depth: int) -> str:
    return "{ a" * depth + " }" * depth


class TestLimits:
    @pytest.mark.parametrize(
        ("query", "words"),
        [
            (nested(30), "deep"),
            ("{" + " ".join(f"a{n}: me" for n in range(1_000)) + "}", "root fields"),
            ("{ me { " + " ".join(f"a{n}: name" for n in range(100)) + " } }", "aliases"),
            ("{ me " + "@skip(if: false) " * 30 + "{ name } }", "directives"),
            ("query @a " + "@a " * 30 + "{ me { name } }", "directives"),
            ("{ ... @include(if: true) @b " + "@b " * 30 + "{ me { name } } }", "directives"),
            ("{ me { " + "name " * 700 + "} }", "repeats"),
            ("{ " + " ".join(f"f{n}" for n in range(21)) + " }", "root fields"),
            ("{ me { " + " ".join(f"f{n}" for n in range(700)) + " } }", "fields"),
            ("{ me { " + "... { name } " * 200 + "} }", "fragments"),
            ("query A { me { name } } query B { me { name } }", "one operation"),
            ("fragment F on Query { me { name } }", "one operation"),
        ],
    )
    def test_refuse_what_costs_too_much(self, query: str, words: str) -> None:
        refusal = refused(query)

        assert refusal.startswith("LIMIT_EXCEEDED: ")
        assert words in refusal

    def test_count_what_hides_in_fragments(self) -> None:
        roots = " ".join(f"f{n}" for n in range(21))
        deep = f"query {{ ...F }} fragment F on Query {nested(15)}"

        assert "root fields" in refused(f"{{ ...F }} fragment F on Query {{ {roots} }}")
        assert "root fields" in refused(f"{{ ... on Query {{ ... {{ {roots} }} }} }}")
        assert "deep" in refused(deep)

    def test_end_fragments_that_multiply_or_go_in_circles(self) -> None:
        """Nothing is selected anywhere, and yet a walk through it would never end."""
        names = range(13)
        spreads = " ".join(f"fragment F{n} on Query {{ {f'...F{n + 1} ' * 100} }}" for n in names)
        started = time.process_time()

        assert refused(f"{{ ...F0 }} {spreads} fragment F13 on Query {{ ...F0 }}")
        assert not refused("{ ...F } fragment F on Query { me { name } ...F }")
        assert time.process_time() - started < 1

    def test_let_an_honest_page_pass(self) -> None:
        assert not refused(nested(14))
        assert not refused("{ a: me { name } b: me { name } ...F } fragment F on Query { c: me }")
        assert not refused("{ ...Missing }")

    def test_open_the_schema_only_where_it_may_be_explored(self) -> None:
        whole = get_introspection_query(
            specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True
        )

        assert "Introspection is off" in refused(whole)
        assert "Introspection is off" in refused("{ ...F } fragment F on Query { a: __schema }")
        assert not refused('{ __type(name: "Meeting") { name } }')
        assert not refused(whole, introspection=True)
        assert "deep" in refused("{ __schema " + nested(30) + "}", introspection=True)
