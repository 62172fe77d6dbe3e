from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.easter import easter
from hypothesis import given, settings
from hypothesis import strategies as st

from taf_service import directory

DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 12, 31))
SPANS = st.integers(min_value=-20, max_value=500)

# As announced for England and Wales (GOV.UK, "UK bank holidays"), later years by the same rules
# (Banking and Financial Dealings Act 1971, schedule 1, and the customary proclamations).
OFF_WORK = {
    2026: ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"],
    2027: ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"],
    2028: ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"],
    2029: ["01-01", "03-30", "04-02", "05-07", "05-28", "08-27", "12-25", "12-26"],
    2030: ["01-01", "04-19", "04-22", "05-06", "05-27", "08-26", "12-25", "12-26"],
}

UNTIMED = settings(deadline=None)


def all_days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


class TestBankHoliday:
    @pytest.mark.parametrize("year", OFF_WORK)
    def test_is_each_of_the_year_with_its_substitute_days(self, year: int) -> None:
        weekdays = [day for day in all_days(year) if day.weekday() < 5]

        found = [f"{day:%m-%d}" for day in weekdays if directory.bank_holiday(day)]

        assert found == OFF_WORK[year]

    @pytest.mark.parametrize("year", range(2020, 2041))
    def test_moves_with_easter(self, year: int) -> None:
        sunday = easter(year)

        assert directory.bank_holiday(sunday - timedelta(days=2)) == "Good Friday"
        assert directory.bank_holiday(sunday + timedelta(days=1)) == "Easter Monday"

    def test_is_not_one_of_scotland_or_northern_ireland(self) -> None:
        assert directory.bank_holiday(date(2026, 3, 17)) is None
        assert directory.bank_holiday(date(2026, 8, 3)) is None
        assert directory.bank_holiday(date(2026, 11, 30)) is None

    def test_of_the_coronation_counted_once(self) -> None:
        assert directory.bank_holiday(date(2023, 5, 8))
        assert not directory.is_working_day(date(2023, 5, 8))
        assert directory.is_working_day(date(2024, 5, 8))


class TestWorkingDay:
    @UNTIMED
    @given(DAYS)
    def test_is_a_weekday_that_is_no_bank_holiday(self, day: date) -> None:
        off = day.weekday() >= 5 or f"{day:%m-%d}" in OFF_WORK[day.year]

        assert directory.is_working_day(day) is not off

    @UNTIMED
    @given(DAYS)
    def test_comes_within_a_week(self, day: date) -> None:
        """Christmas on a Thursday is the longest: four days."""
        assert any(directory.is_working_day(day + timedelta(days=n)) for n in range(5))


class TestWorkingDaysBetween:
    @UNTIMED
    @given(DAYS)
    def test_leaves_out_the_day_of_the_start(self, day: date) -> None:
        assert directory.working_days_between(day, day) == 0
        following = day + timedelta(days=1)
        assert directory.working_days_between(day, following) == directory.is_working_day(following)

    @UNTIMED
    @given(DAYS, SPANS)
    def test_counts_up_to_and_with_the_end(self, start: date, span: int) -> None:
        end = start + timedelta(days=span)
        days = [day for year in range(2025, 2033) for day in all_days(year)]

        expected = sum(directory.is_working_day(day) for day in days if start < day <= end)

        assert directory.working_days_between(start, end) == expected

    @UNTIMED
    @given(DAYS, SPANS, SPANS)
    def test_adds_up(self, start: date, first: int, second: int) -> None:
        middle = start + timedelta(days=max(first, 0))
        end = middle + timedelta(days=max(second, 0))

        assert directory.working_days_between(start, end) == directory.working_days_between(
            start, middle
        ) + directory.working_days_between(middle, end)

    def test_from_maundy_thursday_the_next_is_on_tuesday(self) -> None:
        assert directory.working_days_between(date(2026, 4, 2), date(2026, 4, 6)) == 0
        assert directory.working_days_between(date(2026, 4, 2), date(2026, 4, 7)) == 1
