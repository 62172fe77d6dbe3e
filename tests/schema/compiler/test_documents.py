"""What the generator makes: every document is valid, and together they ask for everything."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.schema.compiler.declarations import leading, readable_types, roots
from tests.schema.compiler.documents import Asked, document
from tests.schema.compiler.goals import goal, goals

ORDINARY = 500
# Of so many documents at least this many show each feature.
FEATURES = {
    "alias": 300,
    "broken cursor": 5,
    "default": 200,
    "directive": 300,
    "directive by variable": 200,
    "fragment on a type": 200,
    "fragment on an interface": 100,
    "fragment spread again": 40,
    "fragment without a type": 200,
    "named fragment": 200,
    "named fragment on an interface": 5,
    "null literal": 5,
    "null or nothing": 20,
    "null where none may be": 3,
    "on an interface": 30,
    "one for a list": 3,
    "repeated field": 200,
    "size out of range": 3,
    "variable": 200,
    "variable used again": 100,
    "wrong variable": 1,
}


@pytest.fixture(scope="module")
def documents() -> list[Asked]:
    """Those of an ordinary run."""
    return [document(seed) for seed in range(ORDINARY)]


@pytest.fixture(scope="module")
def named(documents: list[Asked]) -> Counter[tuple[str, str]]:
    """In how many documents each field is asked."""
    return Counter(field for asked in documents for field in asked.named)


class TestTheDocumentsOfAnOrdinaryRun:
    def test_come_to_their_goals(self, documents: list[Asked]) -> None:
        assert all(goal(asked.seed) in asked.named for asked in documents)

    def test_ask_for_every_field_of_every_type(self, named: Counter[tuple[str, str]]) -> None:
        assert len(goals()) > 300
        assert not set(goals()) - set(named)

    def test_ask_for_every_root_often(self, named: Counter[tuple[str, str]]) -> None:
        assert {root: named["Query", root] for root in roots() if named["Query", root] < 10} == {}

    def test_ask_for_every_readable_type_often(self, named: Counter[tuple[str, str]]) -> None:
        asked: Counter[str] = Counter()
        for (type_name, _), times in named.items():
            asked[type_name] += times

        assert {name: asked[name] for name in readable_types() if asked[name] < 20} == {}

    def test_follow_every_field_that_leads_to_rows(self, named: Counter[tuple[str, str]]) -> None:
        assert all(named[parent, name] >= 2 for parent, name, _ in leading())

    def test_use_the_whole_language(self, documents: list[Asked]) -> None:
        used = Counter(feature for asked in documents for feature in asked.features)

        assert {name: used[name] for name in FEATURES if used[name] < FEATURES[name]} == {}

    def test_are_the_same_every_time(self) -> None:
        assert [document(seed) for seed in range(5)] == [document(seed) for seed in range(5)]
