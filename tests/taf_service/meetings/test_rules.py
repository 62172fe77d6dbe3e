from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taf_service import directory, partnership
from taf_service.core.codes import WarningCode
from taf_service.core.errors import InvalidInput, Refusal
from taf_service.meetings import (
    Answer,
    Guest,
    GuestRole,
    InviteBasis,
    Part,
    PlaceKind,
    Slot,
    Venue,
    rules,
)
from tests.taf_service.meetings.scene import LONDON, slot, wall

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
DEFAULTS = partnership.DEFAULTS
CLOCKS = ZoneInfo(LONDON)

# Both clock changes of each year lie within.
LOCAL = st.datetimes(wall("2024-01-01T00:00"), wall("2029-12-31T00:00"))
LENGTHS = st.integers(1, 12 * 60).map(lambda minutes: timedelta(minutes=minutes))


def last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


class TestSlot:
    @given(starts=LOCAL, length=LENGTHS)
    def test_means_what_the_clocks_on_the_wall_say(
        self, starts: datetime, length: timedelta
    ) -> None:
        try:
            made = Slot.at(starts, starts + length, LONDON)
        except rules.BadSlot:
            return
        assert made.local_start.replace(tzinfo=None) == starts
        assert made.local_end.replace(tzinfo=None) == starts + length
        assert made.starts_at.utcoffset() == timedelta(0)

    @given(year=st.integers(2024, 2030), minute=st.integers(0, 59))
    def test_refuses_the_hour_that_does_not_exist(self, year: int, minute: int) -> None:
        day = last_sunday(year, 3)
        starts = wall(f"{day}T01:{minute:02}")

        with pytest.raises(rules.BadSlot, match="does not exist"):
            Slot.at(starts, starts + timedelta(hours=3), LONDON)

    @given(year=st.integers(2024, 2030), minute=st.integers(0, 59))
    def test_refuses_the_hour_that_exists_twice(self, year: int, minute: int) -> None:
        day = last_sunday(year, 10)
        ends = wall(f"{day}T01:{minute:02}")

        with pytest.raises(rules.BadSlot, match="comes twice") as refusal:
            Slot.at(ends - timedelta(hours=3), ends, LONDON)

        assert refusal.value.field == "endsAt"

    @given(starts=LOCAL)
    def test_refuses_only_those_hours(self, starts: datetime) -> None:
        changes = {last_sunday(starts.year, 3), last_sunday(starts.year, 10)}
        try:
            Slot.at(starts, starts + timedelta(days=1), LONDON)
        except rules.BadSlot:
            days = {starts.date(), starts.date() + timedelta(days=1)}
            assert days & changes
            assert starts.hour == 1

    @pytest.mark.parametrize(
        ("starts", "ends", "zone"),
        [
            (wall("2026-03-18T10:00"), wall("2026-03-18T10:00"), LONDON),
            (wall("2026-03-18T10:00"), wall("2026-03-18T09:00"), LONDON),
            (wall("2026-03-18T10:00"), wall("2026-03-18T11:00"), "Derby"),
            (wall("2026-03-18T10:00"), wall("2026-03-18T11:00"), "../etc/passwd"),
            (wall("2026-03-18T10:00"), wall("2026-03-18T11:00"), ""),
            (wall("0001-01-01T00:00"), wall("2026-03-18T11:00"), "Asia/Tokyo"),
            (wall("2026-03-18T10:00"), wall("9999-12-31T23:59"), "America/New_York"),
        ],
    )
    def test_refuses_what_is_no_time(self, starts: datetime, ends: datetime, zone: str) -> None:
        with pytest.raises(rules.BadSlot):
            Slot.at(starts, ends, zone)

    def test_refuses_times_by_nobodys_clocks(self) -> None:
        with pytest.raises(rules.BadSlot):
            Slot(wall("2026-03-18T10:00"), wall("2026-03-18T11:00"), LONDON)
        with pytest.raises(rules.BadSlot):
            Slot(NOW, NOW + timedelta(hours=1), "Derby")


class TestVenue:
    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"place": "  ", "place_kind": PlaceKind.PUBLIC_VENUE},
            {"place": "Town Hall"},
            {"place_kind": PlaceKind.FAMILY_HOME, "joining_link": "https://meet.example/1"},
            {"joining_link": "http://meet.example/1"},
            {"joining_link": "javascript:alert(1)"},
            {"joining_link": "https://meet.example/1\r\nX: y"},
            {"joining_link": "https://meet.example/" + "x" * 500},
            {"place": "x" * 201, "place_kind": PlaceKind.PUBLIC_VENUE},
        ],
    )
    def test_is_a_place_of_a_kind_or_a_link(self, values: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput):
            Venue(**values)

    def test_may_be_both(self) -> None:
        assert Venue("Town Hall", PlaceKind.PUBLIC_VENUE, "https://meet.example/1").place


class TestGuest:
    @pytest.mark.parametrize(
        "values",
        [
            {"name": "  "},
            {"name": "x" * 121},
            {"basis_note": "x" * 4_001},
            {"email_address": "ines"},
            {"email_address": "a@b.example, c@d.example"},
            {"email_address": "a@b.example\r\nBcc: c@d.example"},
            {"email_address": "c@d> RCPT TO:<e@f"},
            {"email_address": "x" * 250 + "@words.example"},
        ],
    )
    def test_has_a_name_and_one_address_at_most(self, values: dict[str, Any]) -> None:
        right: dict[str, Any] = {
            "name": "Ines",
            "role": GuestRole.INTERPRETER,
            "basis": InviteBasis.CONSENT,
        }
        assert Guest(**right)

        with pytest.raises(InvalidInput):
            Guest(**(right | values))


class TestPart:
    @given(first=st.integers(0, 240), last=st.integers(1, 241))
    def test_lies_within_the_meeting(self, first: int, last: int) -> None:
        if last <= first:
            return
        meeting = slot(18, "10:00", "12:00")
        eight = slot(18, "08:00", "09:00").starts_at
        part = Part(Slot(eight + timedelta(minutes=first), eight + timedelta(minutes=last), LONDON))
        try:
            part.check_within(meeting)
        except rules.PartOutside:
            assert first < 120 or last > 240
        else:
            assert 120 <= first < last <= 240


class TestCheckUpcoming:
    @given(minutes=st.integers(-2_000_000, 2_000_000), length=LENGTHS)
    def test_takes_times_to_come_of_a_fair_length(self, minutes: int, length: timedelta) -> None:
        starts = NOW + timedelta(minutes=minutes)
        asked = Slot(starts, starts + length, LONDON)
        try:
            rules.check_upcoming(asked, NOW, DEFAULTS)
        except rules.PastTime:
            assert minutes <= 0
        except rules.TooFarAhead:
            assert starts > NOW + timedelta(days=730)
        except rules.TooLong:
            assert length > timedelta(hours=4)
        else:
            assert NOW < starts <= NOW + timedelta(days=731)
            assert length <= timedelta(hours=4)

    def test_counts_hours_that_pass_not_hours_on_the_clock(self) -> None:
        """From 23:00 until 03:30 are three and a half hours when the clocks go forward."""
        starts = wall("2026-03-28T23:00")
        spring = Slot.at(starts, starts + timedelta(hours=4, minutes=30), LONDON)

        rules.check_upcoming(spring, NOW, DEFAULTS)


def warned(asked: Slot, today: date = TODAY) -> set[WarningCode]:
    return {code for code, _ in rules.unusual(asked, today, DEFAULTS)}


class TestUnusual:
    @given(starts=LOCAL, length=LENGTHS)
    def test_warns_of_exactly_what_is_unusual(self, starts: datetime, length: timedelta) -> None:
        try:
            asked = Slot.at(starts, starts + length, LONDON)
        except rules.BadSlot:
            return
        ends = starts + length
        days = {starts.date(), (ends - timedelta(microseconds=1)).date()}
        today = starts.date() - timedelta(days=30)
        expected = {
            WarningCode.WEEKEND: any(day.weekday() > 4 for day in days),
            WarningCode.BANK_HOLIDAY: any(directory.bank_holiday(day) for day in days),
            WarningCode.OUT_OF_HOURS: starts.hour < 8 or ends > wall(f"{starts:%Y-%m-%d}T19:00"),
        }
        assert warned(asked, today) == {code for code, holds in expected.items() if holds}

    @given(days=st.integers(1, 60))
    def test_warns_of_short_notice_in_working_days(self, days: int) -> None:
        day = NOW.date() + timedelta(days=days)
        starts = wall(f"{day}T10:00")
        codes = warned(Slot.at(starts, starts + timedelta(hours=1), LONDON))

        working = directory.working_days_between(NOW.date(), day)
        assert (WarningCode.SHORT_NOTICE in codes) == (working < 2)

    def test_goes_by_the_clocks_of_the_meeting(self) -> None:
        """Half past eight in summer is half past seven in UTC."""
        assert not warned(slot(22, "08:30", "09:00", month=4))

    def test_says_which_holiday(self) -> None:
        messages = [said for _, said in rules.unusual(slot(3, month=4), NOW.date(), DEFAULTS)]

        assert messages == ["Friday 3 April is a bank holiday: Good Friday."]

    def test_lets_a_meeting_end_at_midnight_before_a_day_off(self) -> None:
        evening = Slot.at(wall("2026-03-20T22:00"), wall("2026-03-21T00:00"), LONDON)

        assert warned(evening) == {WarningCode.OUT_OF_HOURS}


class TestGiveUpAt:
    @given(starts=st.integers(-120, 20_000), length=st.integers(1, 240), cancels=st.booleans())
    def test_is_never_later_than_mail_helps(self, starts: int, length: int, cancels: bool) -> None:
        starts_at = NOW + timedelta(minutes=starts)
        ends_at = starts_at + timedelta(minutes=length)
        last = rules.give_up_at(NOW, starts_at, ends_at, cancels=cancels)

        assert last <= NOW + timedelta(days=5)
        assert last <= ends_at
        if not cancels and starts > 0:
            assert last <= starts_at
        assert last in {NOW + timedelta(days=5), starts_at, ends_at}


class TestCheckAnswer:
    @given(answer=st.sampled_from(Answer), length=st.integers(990, 1_010))
    def test_takes_an_answer_with_a_short_comment(self, answer: Answer, length: int) -> None:
        try:
            rules.check_answer(answer, "x" * length)
        except InvalidInput:
            assert answer is Answer.NEEDS_ACTION or length > 1_000
        else:
            assert answer is not Answer.NEEDS_ACTION
            assert length <= 1_000


def test_each_rule_has_a_code_and_a_reason() -> None:
    broken = [r for r in vars(rules).values() if isinstance(r, type) and issubclass(r, Refusal)]

    assert len({rule.code for rule in broken}) == len(broken) > 15
    assert all(rule.__doc__ for rule in broken)
