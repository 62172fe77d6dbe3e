from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taf_service.core import faults
from taf_service.core.errors import FieldError, InvalidInput


class TestCheckSaid:
    @given(st.text(" \t\n", max_size=4))
    def test_wants_something_said(self, text: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            faults.check_said(text, "reason", "Say why.")
        assert refusal.value.errors == (FieldError("reason", "Say why."),)

    def test_wants_no_novel(self) -> None:
        faults.check_said("x" * faults.LONGEST, "reason")
        with pytest.raises(InvalidInput) as refusal:
            faults.check_said("x" * (faults.LONGEST + 1), "reason")
        assert refusal.value.errors == (FieldError("reason", "Use at most 4,000 characters."),)

    def test_takes_several_lines(self) -> None:
        faults.check_said("The board decided.\nMinute 4.", "reason")


class TestCheckLength:
    def test_takes_nothing_at_all(self) -> None:
        faults.check_length("", "note")

    def test_wants_no_more_than_the_longest(self) -> None:
        faults.check_length("12345", "note", 5)
        with pytest.raises(InvalidInput) as refusal:
            faults.check_length("123456", "note", 5)
        assert refusal.value.errors == (FieldError("note", "Use at most 5 characters."),)


class TestRefuse:
    def test_names_everything_together(self) -> None:
        wrong = FieldError("name", "Give one."), FieldError("bornOn", "Check the year.")
        with pytest.raises(InvalidInput) as refusal:
            faults.refuse(wrong[0], None, wrong[1])
        assert refusal.value.errors == wrong

    def test_lets_pass_what_is_right(self) -> None:
        faults.refuse(None, None)
