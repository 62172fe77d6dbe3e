"""Times as people read them, with the zone in words: as the mail about a meeting says them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_ZONES = {"Europe/London": "United Kingdom time"}


def in_words(starts_at: str, ends_at: str, zone: str) -> str:
    """`Monday 16 March 2026, 09:00 to 10:00, United Kingdom time`; from ISO 8601 instants."""
    start, end = (
        datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)) for moment in (starts_at, ends_at)
    )
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{_day(end)}, {end:%H:%M}"
    return f"{_day(start)}, {start:%H:%M} to {until}, {_ZONES.get(zone, f'{zone} time')}"


def _day(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y}"
