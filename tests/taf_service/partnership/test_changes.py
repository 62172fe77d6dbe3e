from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taf_service.core.errors import InvalidInput
from taf_service.partnership.changes import changed, names_changed, read_changes
from taf_service.partnership.rules import DEFAULTS, AuthoritySettings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from([*AuthoritySettings.model_fields, "interval_days", "earliest_hour", "x"])


def faults(changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        changed(DEFAULTS, changes)
    return {error.field: error.message for error in refusal.value.errors}


class TestAChange:
    def test_leaves_alone_what_it_leaves_out(self) -> None:
        after = changed(DEFAULTS, {"reviews": {"interval_days": 28}, "screening_hours": 48})

        assert (after.reviews.interval_days, after.screening_hours) == (28, 48)
        assert after.reviews.longest_weeks == DEFAULTS.reviews.longest_weeks
        assert names_changed(DEFAULTS, after) == ("screening_hours", "reviews.interval_days")

    def test_replaces_a_list_as_a_whole(self) -> None:
        after = changed(DEFAULTS, {"dispute_stages": [{"name": " Talk ", "working_days": 3}]})

        assert [(stage.name, stage.working_days) for stage in after.dispute_stages] == [("Talk", 3)]
        assert names_changed(DEFAULTS, after) == ("dispute_stages",)

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"zone": None}, "zone", "Give a text."),
            ({"zone": "Mars/Base"}, "zone", "Use an IANA time zone such as Europe/London."),
            ({"nothing": 1}, "nothing", "There is no such setting."),
            ({"meetings": 3}, "meetings", "Give a group of settings."),
            (
                {"meetings": {"longest_hours": 1.5}},
                "meetings.longest_hours",
                "Give a whole number.",
            ),
            (
                {"meetings": {"longest_hours": "4"}},
                "meetings.longest_hours",
                "Give a whole number.",
            ),
            (
                {"meetings": {"longest_hours": True}},
                "meetings.longest_hours",
                "Give a whole number.",
            ),
            ({"meetings": {"longest_hours": 13}}, "meetings.longest_hours", "Use 12 or less."),
            ({"meetings": {"longest_hours": 0}}, "meetings.longest_hours", "Use 1 or more."),
            (
                {"meetings": {"earliest_hour": 20}},
                "meetings",
                "The latest hour must come after the earliest.",
            ),
            (
                {"meetings": {"minimum_notice_working_days": 11}},
                "meetings",
                "The minimum notice cannot be longer than the usual notice.",
            ),
            (
                {"reviews": {"shortest_weeks": 7}},
                "reviews",
                "The usual interval must lie between the shortest and the longest.",
            ),
            (
                {"handovers": {"lead_changes_on_step_up": 1}},
                "handovers.lead_changes_on_step_up",
                "Give true or false.",
            ),
            ({"coordinator_title": "  "}, "coordinator_title", "Give a text that is not empty."),
            ({"coordinator_title": "x" * 81}, "coordinator_title", "Use at most 80 characters."),
            ({"outcome_headlines": "all"}, "outcome_headlines", "Give a list."),
            ({"outcome_headlines": []}, "outcome_headlines", "List at least 1."),
            ({"outcome_headlines": ["a"] * 51}, "outcome_headlines", "List at most 50."),
            ({"outcome_headlines": ["a", "A"]}, "outcome_headlines", "List each one once."),
            (
                {"dispute_stages": [{"name": "a"}]},
                "dispute_stages.0.working_days",
                "This is missing.",
            ),
        ],
    )
    def test_is_refused_with_one_sentence_for_a_wrong_setting(
        self, changes: dict[str, Any], field: str, words: str
    ) -> None:
        assert faults(changes) == {f"changes.{field}": words}

    def test_names_every_setting_that_is_wrong(self) -> None:
        assert set(faults({"zone": 1, "reviews": {"interval_days": 1, "drift": 2}})) == {
            "changes.reviews.drift",
            "changes.reviews.interval_days",
            "changes.zone",
        }

    @given(st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=3), max_size=4))
    def test_makes_settings_or_is_refused(self, changes: dict[str, Any]) -> None:
        try:
            after = changed(DEFAULTS, changes)
        except InvalidInput:
            return
        assert AuthoritySettings.model_validate(after.model_dump(mode="json")) == after


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": [value]}
    return value


class TestChangesAsSent:
    @pytest.mark.parametrize(
        "changes",
        [
            None,
            3,
            "zone",
            [{"zone": "Europe/London"}],
            nested(5),
            nested(50_000),
            {"outcome_headlines": ["a"] * 100_000},
            {str(number): number for number in range(501)},
            {"zone": "x" * 301},
            {"x" * 301: 1},
            {"zone": "a\0b"},
            {"a\nb": 1},
            {"zone": "\u202e"},
            {"zone": "\ud800"},
            {"screening_hours": 2**63},
            {"screening_hours": -(10**400)},
            {"screening_hours": float("nan")},
            {"screening_hours": float("-inf")},
        ],
        ids=lambda changes: str(changes)[:20] if not isinstance(changes, dict) else None,
    )
    def test_are_refused_when_no_setting_could_hold_them(self, changes: Any) -> None:
        with pytest.raises(InvalidInput) as refusal:
            read_changes(changes)
        assert refusal.value.field == "changes"

    @given(JSON)
    def test_are_read_or_refused(self, changes: Any) -> None:
        with suppress(InvalidInput):
            assert read_changes(changes) is changes
