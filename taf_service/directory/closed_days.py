"""Days on which nobody is at work: weekends and the bank holidays of England and Wales."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

_SATURDAY = 5


@lru_cache(maxsize=16)
def _bank_holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("GB", subdiv="ENG", years=year))


def bank_holiday(day: date) -> str | None:
    """What the bank holiday on `day` is called, if it is one."""
    return _bank_holidays(day.year).get(day)


def is_working_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and bank_holiday(day) is None


def working_days_between(start: date, end: date) -> int:
    """Working days after `start`, up to and with `end`; the day of the start does not count."""
    days = (end - start).days
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, days + 1))
