from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taf_service.core.errors import InvalidInput, Refusal
from taf_service.families import rules
from taf_service.families.rules import ChannelKind, FamilyRole, NewMember

TODAY = date(2026, 3, 2)
DAYS = st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1))


class TestNewMember:
    @given(st.text(max_size=130), st.sampled_from(FamilyRole), DAYS, DAYS)
    def test_is_built_only_when_it_can_be_true(
        self, name: str, role: FamilyRole, born_on: date | None, expected_on: date | None
    ) -> None:
        has_name = bool(name.strip()) and len(name) <= 120
        if role is FamilyRole.CHILD:
            has_dates = (born_on is None) != (expected_on is None)
        else:
            has_dates = expected_on is None
        try:
            member = NewMember(name, role, born_on, expected_on)
        except InvalidInput:
            assert not (has_name and has_dates)
        else:
            assert has_name
            assert has_dates
            assert member.day == (born_on or expected_on)

    def test_tells_all_that_is_wrong_at_once(self) -> None:
        with pytest.raises(InvalidInput) as refusal:
            NewMember(" ", FamilyRole.CHILD)

        assert [error.field for error in refusal.value.errors] == ["name", "bornOn"]


class TestDates:
    @given(st.dates(date(1950, 1, 1), date(2030, 1, 1)), st.sampled_from(FamilyRole))
    def test_of_birth_never_lie_in_the_future(self, born_on: date, role: FamilyRole) -> None:
        member = NewMember("Robin", role, born_on)
        is_too_old = role is FamilyRole.CHILD and born_on <= date(2000, 3, 2)
        if born_on > TODAY or is_too_old:
            with pytest.raises(InvalidInput):
                rules.check_dates([member], TODAY)
        else:
            rules.check_dates([member], TODAY)

    @given(st.integers(-100, 400))
    def test_of_an_expected_birth_are_near(self, days: int) -> None:
        member = NewMember("Baby", FamilyRole.CHILD, expected_on=TODAY + timedelta(days))
        if -28 <= days <= 300:
            rules.check_dates([member], TODAY)
        else:
            with pytest.raises(InvalidInput):
                rules.check_dates([member], TODAY)

    def test_count_years_by_birthdays(self) -> None:
        born_on_leap_day = NewMember("Robin", FamilyRole.CHILD, date(2000, 2, 29))
        rules.check_dates([born_on_leap_day], date(2026, 2, 28))
        with pytest.raises(InvalidInput):
            rules.check_dates([born_on_leap_day], date(2026, 3, 1))


class TestReferences:
    @given(st.uuids())
    def test_are_short_and_cannot_be_misread(self, chance: UUID) -> None:
        reference = rules.reference(chance)

        assert len(reference) == 9
        assert reference[4] == "-"
        assert set(reference.replace("-", "")) <= set("BCDFGHJKMNPQRSTVWXYZ")

    @given(st.uuids(version=4), st.uuids(version=4))
    def test_differ_where_chance_differs(self, one: UUID, other: UUID) -> None:
        assert (rules.reference(one) == rules.reference(other)) == (
            one.int % 20**8 == other.int % 20**8
        )


class TestValues:
    @pytest.mark.parametrize(
        "number", ["01632 960123", "+44 (0)1632 960-123", "01632.960123 ext. 12", "01632960123x4"]
    )
    def test_of_telephones_may_be(self, number: str) -> None:
        rules.check_value(ChannelKind.PHONE, number)
        rules.check_value(ChannelKind.TEXT, number)

    @pytest.mark.parametrize(
        "number", ["", " ", "999", "ring mum", "01632 960123; DROP", "٠١٦٣٢٩٦٠١٢٣", "0" * 21]
    )
    def test_of_telephones_may_not_be(self, number: str) -> None:
        for kind in (ChannelKind.PHONE, ChannelKind.TEXT):
            with pytest.raises(InvalidInput):
                rules.check_value(kind, number)

    def test_of_letters_say_where(self) -> None:
        rules.check_value(ChannelKind.POST, "Flat 2, 7 Brook Street, Derby")
        for value in (" ", "x" * 301):
            with pytest.raises(InvalidInput):
                rules.check_value(ChannelKind.POST, value)

    def test_of_meeting_in_person_may_be_empty(self) -> None:
        rules.check_value(ChannelKind.IN_PERSON, "")
        with pytest.raises(InvalidInput):
            rules.check_value(ChannelKind.IN_PERSON, "x" * 301)


class TestParentalResponsibility:
    @given(
        st.sampled_from(FamilyRole),
        st.sampled_from(FamilyRole),
        st.none() | st.dates(date(2010, 1, 1), TODAY),
        st.none() | st.dates(date(2005, 1, 1), date(2030, 1, 1)),
    )
    def test_is_an_adults_for_a_born_child(
        self, holder: FamilyRole, child: FamilyRole, born_on: date | None, from_on: date | None
    ) -> None:
        is_possible = (
            holder is not FamilyRole.CHILD
            and child is FamilyRole.CHILD
            and born_on is not None
            and (from_on is None or born_on <= from_on <= TODAY)
        )
        try:
            rules.check_responsibility(holder, child, born_on, from_on, TODAY)
        except Refusal:
            assert not is_possible
        else:
            assert is_possible

    @pytest.mark.parametrize(
        ("from_on", "ended_on", "is_possible"),
        [
            (None, TODAY, True),
            (TODAY, TODAY, True),
            (None, TODAY + timedelta(1), False),
            (TODAY, TODAY - timedelta(1), False),
        ],
    )
    def test_ends_after_it_began(
        self, from_on: date | None, ended_on: date, is_possible: bool
    ) -> None:
        if is_possible:
            rules.check_end_of_responsibility(from_on, ended_on, TODAY)
        else:
            with pytest.raises(InvalidInput):
                rules.check_end_of_responsibility(from_on, ended_on, TODAY)
