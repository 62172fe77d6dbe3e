"""When a meeting may be, when somebody should think twice, and until when mail helps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from taf_service import directory
from taf_service.core.codes import WarningCode
from taf_service.meetings.rules.refusals import (
    MeetingBegan,
    MeetingIsCancelled,
    MeetingNotBegun,
    MeetingOver,
    NotHeldYet,
    NothingChanged,
    PastTime,
    TooFarAhead,
    TooLong,
)
from taf_service.meetings.rules.values import Slot
from taf_service.partnership import AuthoritySettings

FARTHEST = timedelta(days=731)
LONGEST_TRY = timedelta(days=5)  # reliability R4

_SATURDAY = 5
_MOMENT = timedelta(microseconds=1)


def check_upcoming(slot: Slot, now: datetime, settings: AuthoritySettings) -> None:
    """Errors: `PastTime`, `TooFarAhead`, `TooLong`."""
    if slot.starts_at <= now:
        raise PastTime(
            "Choose a time to come; record a meeting that was held already.", field="startsAt"
        )
    if slot.starts_at > now + FARTHEST:
        raise TooFarAhead("Choose a time within the next two years.", field="startsAt")
    _check_length(slot, settings)


def check_held(slot: Slot, now: datetime, settings: AuthoritySettings) -> None:
    """Errors: `NotHeldYet`, `TooLong`."""
    if slot.ends_at > now:
        raise NotHeldYet("It is not over yet: convene it instead.", field="endsAt")
    _check_length(slot, settings)


def _check_length(slot: Slot, settings: AuthoritySettings) -> None:
    longest = settings.meetings.longest_hours
    if slot.ends_at - slot.starts_at > timedelta(hours=longest):
        raise TooLong(f"Let it take at most {longest} hours.", field="endsAt")


def check_stands(cancelled_at: datetime | None) -> None:
    """Errors: `MeetingIsCancelled`."""
    if cancelled_at is not None:
        raise MeetingIsCancelled("This meeting was cancelled. Convene another if you need to.")


def check_not_over(ends_at: datetime, now: datetime) -> None:
    """Errors: `MeetingOver`."""
    if ends_at <= now:
        raise MeetingOver("This meeting is over. Record who came, or convene another.")


def check_can_be_cancelled(starts_at: datetime, now: datetime) -> None:
    """Errors: `MeetingBegan`."""
    if starts_at <= now:
        raise MeetingBegan("This meeting has begun. Record who came instead.")


def check_can_be_moved(*, was_attended: bool) -> None:
    """Errors: `MeetingBegan`."""
    if was_attended:
        raise MeetingBegan("Attendance was recorded, so it was held. Convene another meeting.")


def check_can_be_answered(starts_at: datetime, now: datetime) -> None:
    """Errors: `MeetingBegan` (invitations rule 35)."""
    if starts_at <= now:
        raise MeetingBegan(
            "This meeting has begun, so answers are closed. Tell whoever invited you."
        )


def check_has_begun(starts_at: datetime, now: datetime) -> None:
    """Errors: `MeetingNotBegun`."""
    if starts_at > now:
        raise MeetingNotBegun("Record who came once the meeting has begun.")


def unusual(
    slot: Slot, today: date, settings: AuthoritySettings
) -> Iterator[tuple[WarningCode, str]]:
    """What somebody should know before they insist on this time; `today` as its clocks have it."""
    days = _days(slot)
    for day in days:
        name = directory.bank_holiday(day)
        if name is not None:
            yield WarningCode.BANK_HOLIDAY, f"{_said(day)} is a bank holiday: {name}."
    if any(day.weekday() >= _SATURDAY for day in days):
        yield WarningCode.WEEKEND, "The meeting is at a weekend."
    if _is_out_of_hours(slot, settings):
        yield (
            WarningCode.OUT_OF_HOURS,
            (
                f"The meeting is not between {settings.meetings.earliest_hour}:00"
                f" and {settings.meetings.latest_hour}:00."
            ),
        )
    yield from short_notice(slot, today, settings)


def short_notice(
    slot: Slot, today: date, settings: AuthoritySettings
) -> Iterator[tuple[WarningCode, str]]:
    """Domain, section 6: people get some working days' notice."""
    least = settings.meetings.minimum_notice_working_days
    if directory.working_days_between(today, slot.local_start.date()) < least:
        yield WarningCode.SHORT_NOTICE, f"People get less than {least} working days' notice."


def _days(slot: Slot) -> list[date]:
    """Each day it touches; one that ends at midnight does not touch the next."""
    first, last = slot.local_start.date(), (slot.local_end - _MOMENT).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _is_out_of_hours(slot: Slot, settings: AuthoritySettings) -> bool:
    start, end = slot.local_start, slot.local_end
    earliest = time(settings.meetings.earliest_hour)
    latest = timedelta(hours=settings.meetings.latest_hour)
    midnight = datetime.combine(start.date(), time())
    return start.time() < earliest or end.replace(tzinfo=None) - midnight > latest


def _said(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def give_up_at(now: datetime, starts_at: datetime, ends_at: datetime, *, cancels: bool) -> datetime:
    """When no further attempt serves anybody (R4).

    An invitation helps until the meeting begins; that it is off, or has moved while it runs, helps
    until it ends.
    """
    last = ends_at if cancels or starts_at <= now else starts_at
    return min(now + LONGEST_TRY, last)


def check_differs(columns: Mapping[str, object], meeting: object, field: str) -> None:
    """Errors: `NothingChanged`."""
    if all(getattr(meeting, name) == value for name, value in columns.items()):
        raise NothingChanged("The meeting is like that already.", field=field)
