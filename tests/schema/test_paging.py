from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.paging import page_of
from schema.sources import Key
from taf_service.core.errors import InvalidInput

KEYS = (Key("{child}.starts_at", "timestamptz"), Key("{child}.id", "uuid"))
ID = UUID(int=7)


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def refused(keys: tuple[Key, ...] = KEYS, **arguments: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        page_of(arguments, keys)
    return [error.field for error in refusal.value.errors]


class TestAPage:
    def test_starts_at_the_beginning_and_is_twenty_long_unless_said(self) -> None:
        page = page_of({}, KEYS)

        assert (page.size, page.backwards, page.after, page.before) == (20, False, None, None)

    def test_runs_from_the_end_with_last(self) -> None:
        page = page_of({"last": 3}, KEYS)

        assert (page.size, page.backwards) == (3, True)

    def test_is_1_to_100_long(self) -> None:
        assert page_of({"first": 1}, KEYS).size == 1
        assert page_of({"first": 100}, KEYS).size == 100
        for wrong in (0, -1, 101, 2**31 - 1):
            assert refused(first=wrong) == ["first"]
            assert refused(last=wrong) == ["last"]
        assert refused(first=0, last=0) == ["first", "last", "last"]
        assert refused(first=1, last=1) == ["last"]


class TestACursor:
    def test_holds_the_keys_of_its_row(self) -> None:
        page = page_of({"after": cursor("2026-03-02 09:00:00.5+00", str(ID))}, KEYS)

        assert page.after == (datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC), ID)

    def test_may_hold_a_day_or_a_text(self) -> None:
        keys = (Key("d", "date"), Key("t", "text"))

        assert page_of({"before": cursor("2026-03-02", "Ö")}, keys).before == (
            date(2026, 3, 2),
            "Ö",
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "?",
            "ÿ",
            cursor(),
            cursor("2026-03-02 09:00:00+00"),
            cursor("2026-03-02 09:00:00+00", str(ID), "more"),
            cursor(5, str(ID)),
            cursor("2026-03-02 09:00:00+00", 5),
            cursor("2026-03-02 09:00:00+00", None),
            cursor("2026-03-02 09:00:00", str(ID)),
            cursor("0001-01-01 00:00:00+23:59", str(ID)),
            cursor("yesterday", str(ID)),
            cursor("2026-03-02 09:00:00+00", "' or true --"),
            base64.urlsafe_b64encode(b'{"a": 1}').decode(),
            base64.urlsafe_b64encode(b"[" * 100_000).decode(),
            base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        ],
    )
    def test_is_one_of_ours(self, text: str) -> None:
        assert refused(after=text) == ["after"]
        assert refused(before=text) == ["before"]

    def test_holds_no_character_that_a_database_refuses(self) -> None:
        assert refused((Key("t", "text"),), after=cursor("a\0b")) == ["after"]

    @given(st.text() | st.lists(st.text() | st.integers() | st.none(), max_size=3).map(json.dumps))
    def test_is_read_or_refused_whatever_it_holds(self, content: str) -> None:
        for text in (content, base64.urlsafe_b64encode(content.encode()).decode()):
            with suppress(InvalidInput):
                page_of({"after": text}, KEYS)
