"""Nothing that clients were promised is broken without a word, and the check can tell (api 2)."""

from __future__ import annotations

import pytest
from graphql import BreakingChange, build_schema, find_schema_changes

from schema.build import sdl
from tests.schema.promises import PUBLISHED, ROOT, changelog, coordinate, dangers, faults

BEFORE = """
directive @told(first: Int, second: Int) repeatable on FIELD | QUERY
directive @gone on FIELD
interface Named { name: String }
type Family implements Named { name: String size(of: Int, at: Int): Int lead: Lead }
type Lead { name: String }
enum Answer { YES NO }
input Ask { words: String more: String }
union Found = Family | Lead
type Query { family(ask: Ask): Family found: Found named: Named answer: Answer lead: Lead }
"""
BREAKS = [
    ("type Lead { name: String }", "type Lead { name: Int }", "Lead.name"),
    ("lead: Lead }\ntype", "}\ntype", "Family.lead"),
    ("size(of: Int, at: Int)", "size(at: Int)", "Family.size(of:)"),
    ("size(of: Int, at: Int)", "size(of: Int!, at: Int)", "Family.size(of:)"),
    ("size(of: Int, at: Int)", "size(of: Int, at: Int, by: Int!)", "Family.size(by:)"),
    (" implements Named", "", "Family"),
    ("YES NO", "YES", "Answer.NO"),
    ("words: String more: String", "words: String", "Ask.more"),
    ("words: String more: String", "words: String more: String!", "Ask.more"),
    ("words: String more: String", "words: String more: String by: Int!", "Ask.by"),
    ("= Family | Lead", "= Family", "Lead"),
    ("enum Answer { YES NO }", "scalar Answer", "Answer"),
    ("directive @gone on FIELD", "", "@gone"),
    ("@told(first: Int, second: Int)", "@told(first: Int)", "@told(second:)"),
    ("repeatable ", "", "@told"),
    ("FIELD | QUERY", "FIELD", "@told"),
]
REMOVALS = [
    ("name: String }\nenum", "name: String short: String }\nenum", "short: String", "Lead.short"),
    ("YES NO", "YES NO MAYBE", "MAYBE", "Answer.MAYBE"),
    ("more: String", "more: String less: String", "less: String", "Ask.less"),
    ("at: Int)", "at: Int, on: Int)", "on: Int", "Family.size(on:)"),
]


class TestTheSchema:
    def test_keeps_every_promise_or_says_so(self) -> None:
        said = changelog((ROOT / "README.md").read_text())

        assert faults(PUBLISHED.read_text(), sdl(), said) == []


class TestABrokenPromise:
    @pytest.mark.parametrize(("was", "becomes", "where"), BREAKS)
    def test_is_known_by_its_coordinate(self, was: str, becomes: str, where: str) -> None:
        found = find_schema_changes(build_schema(BEFORE), build_schema(changed(was, becomes)))

        assert {coordinate(c) for c in found if isinstance(c, BreakingChange)} == {where}

    @pytest.mark.parametrize(("was", "becomes", "where"), BREAKS)
    def test_is_a_fault_until_the_changelog_names_it(
        self, was: str, becomes: str, where: str
    ) -> None:
        after = changed(was, becomes)
        unnamed = [f for f in faults(BEFORE, after, f"{where} and `Other.field`") if "name `" in f]

        assert unnamed
        assert all(f"name `{where}` in the README" in fault for fault in unnamed)
        assert [f for f in faults(BEFORE, after, f"`{where}`: ...") if "name `" in f] == []


class TestARemoval:
    @pytest.mark.parametrize(("place", "wider", "one", "where"), REMOVALS)
    @pytest.mark.parametrize(
        ("how", "enough"),
        [
            ("", False),
            (" @deprecated", False),
            (' @deprecated(reason: "")', False),
            (' @deprecated(reason: "Ask for the other.")', True),
        ],
    )
    def test_needs_a_reason_published_before(
        self, place: str, wider: str, one: str, where: str, how: str, *, enough: bool
    ) -> None:
        before = changed(place, wider.replace(one, one + how))
        left = faults(before, BEFORE, f"- `{where}`: use another.")

        assert (
            left == [] if enough else ["@deprecated(reason:)" in fault for fault in left] == [True]
        )


class TestAnAddition:
    def test_is_no_fault(self) -> None:
        after = changed("type Lead {", "type Other { a: Int } type Lead { other: Other ")

        assert faults(BEFORE, after, "") == []
        assert dangers(BEFORE, after) == []

    def test_that_may_surprise_a_client_is_told(self) -> None:
        after = changed("YES NO", "YES NO MAYBE")

        assert faults(BEFORE, after, "") == []
        assert dangers(BEFORE, after) == ["Enum value Answer.MAYBE was added."]


class TestTheChangelog:
    def test_ends_where_the_next_section_begins(self) -> None:
        readme = "# It\n## Changelog of the API\n\n- `A.b`: c\n\n## Next\n`D.e`\n"

        assert "`A.b`" in changelog(readme)
        assert "`D.e`" not in changelog(readme)


def changed(was: str, becomes: str) -> str:
    assert BEFORE.count(was) == 1, was
    return BEFORE.replace(was, becomes)
