"""Rule 12 of invitations.md: London times beside a zone block that every reader understands."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from notifications.addresses import Malformed
from notifications.ics import LONDON, YEARS, calendar_file
from tests.notifications.test_ics import FAST, INVITE, event, unfolded


def _written_zone() -> Any:
    """The zone block of a file, read by a second parser."""
    file = calendar_file(INVITE).decode().replace("\r\n", "\n")
    file = file.replace("X-LIC-LOCATION:Europe/London\n", "")
    block = file[file.index("BEGIN:VTIMEZONE") : file.index("BEGIN:VEVENT")]
    return tzical(io.StringIO(f"BEGIN:VCALENDAR\n{block}END:VCALENDAR\n")).get()


ZONE = _written_zone()


class TestRule12Zone:
    def test_times_are_london_s(self) -> None:
        assert "DTSTART;TZID=Europe/London:20260610T140000" in unfolded()
        assert "DTEND;TZID=Europe/London:20260610T153000" in unfolded()

    def test_times_of_other_zones_are_the_same_instants(self) -> None:
        there = timezone(timedelta(hours=-5))
        assert calendar_file(
            replace(INVITE, starts_at=INVITE.starts_at.astimezone(there))
        ) == calendar_file(INVITE)

    def test_block_is_two_yearly_rules_and_no_list_of_dates(self) -> None:
        zone = unfolded()[5 : unfolded().index("END:VTIMEZONE")]
        assert [line for line in zone if line.startswith("RRULE")] == [
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        ]
        assert [line for line in zone if line.startswith("DTSTART")] == [
            "DTSTART:19700329T010000",
            "DTSTART:19701025T020000",
        ]
        assert not [line for line in zone if line.startswith("RDATE")]

    def test_block_agrees_with_the_law_all_along_and_around_every_change(self) -> None:
        instants = [datetime(YEARS[0], 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(15_340)]
        changes = [i for i in instants if _offset(i) != _offset(i + timedelta(days=1))]
        assert len(changes) == 2 * len(YEARS)
        around = [i + timedelta(minutes=30 * n) for i in changes for n in range(48)]
        for instant in instants[::3] + around:
            if not _offset_is_ambiguous(instant):
                assert _clock(instant).replace(tzinfo=ZONE).utcoffset() == _offset(instant)

    def test_repeated_hour_is_refused_because_it_cannot_be_written(self) -> None:
        first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
        early = replace(INVITE, starts_at=first, ends_at=second + timedelta(hours=1))
        assert event(early)["DTSTART"].dt.astimezone(UTC) == first
        with pytest.raises(Malformed):
            replace(INVITE, starts_at=second, ends_at=second + timedelta(hours=1))
        with pytest.raises(Malformed):
            replace(INVITE, starts_at=first, ends_at=second)

    @FAST
    @given(
        starts_at=st.datetimes(
            datetime(1996, 1, 2),  # noqa: DTZ001
            datetime(2037, 12, 1),  # noqa: DTZ001
            timezones=st.sampled_from([UTC, LONDON, ZoneInfo("America/New_York")]),
        ).map(lambda at: at.replace(microsecond=0)),
        minutes=st.integers(1, 3000),
    )
    def test_times_are_read_back_as_the_same_instants(
        self, starts_at: datetime, minutes: int
    ) -> None:
        starts_at = starts_at.astimezone(UTC)
        ends_at = starts_at + timedelta(minutes=minutes)
        if any(at.astimezone(LONDON).fold for at in (starts_at, ends_at)):
            return
        read = event(replace(INVITE, starts_at=starts_at, ends_at=ends_at))
        assert read["DTSTART"].dt.astimezone(UTC) == starts_at
        assert read["DTEND"].dt.astimezone(UTC) == ends_at


def _clock(instant: datetime) -> datetime:
    return instant.astimezone(LONDON).replace(tzinfo=None, fold=0)


def _offset(instant: datetime) -> timedelta | None:
    return instant.astimezone(LONDON).utcoffset()


def _offset_is_ambiguous(instant: datetime) -> bool:
    """Whether the clock on the wall shows this time twice; refused, so never written."""
    clock = instant.astimezone(LONDON)
    return clock.replace(fold=0).utcoffset() != clock.replace(fold=1).utcoffset()
