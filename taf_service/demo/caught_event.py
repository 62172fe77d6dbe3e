"""What the calendar part of a caught message says, in words.

Read line by line (RFC 5545 3.1) rather than by a calendar library, which would build a hostile
file's time zones and remember them for the whole process. A line that makes no sense is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_LABELS = {
    "SUMMARY": "Summary",
    "LOCATION": "Place",
    "ORGANIZER": "Organiser",
    "ATTENDEE": "Attendee",
    "STATUS": "Status",
    "SEQUENCE": "Sequence",
    "UID": "UID",
    "DESCRIPTION": "Description",
}
_VALUE = r'(?:"[^"]*"|[^";:,]*)'
_LINE = re.compile(rf"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+={_VALUE}(?:,{_VALUE})*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(rf";([A-Za-z0-9-]+)=({_VALUE})")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_FORMS = (("%Y%m%dT%H%M%SZ", 16), ("%Y%m%dT%H%M%S", 15), ("%Y%m%d", 8))


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    parameters: dict[str, str]
    value: str


def words(calendar: str) -> Sequence[tuple[str, str]]:
    """Labels and values of the first event, when it is in local time; empty without an event."""
    lines = list(_lines(calendar))
    method = [("Method", line.value) for line in lines if line.name == "METHOD"]
    event = _first_event(lines)
    if not event:
        return method
    shown = [(_LABELS[line.name], _said(line)) for line in event if line.name in _LABELS]
    return [*method, ("When", _when(event)), *shown]


def _lines(calendar: str) -> Iterator[_Line]:
    unfolded = re.sub(r"\r?\n[ \t]", "", calendar)
    for written in re.split(r"\r?\n", unfolded):
        found = _LINE.fullmatch(written)
        if found is not None:
            parameters = {
                name.upper(): value.strip('"') for name, value in _PARAMETER.findall(found[2])
            }
            yield _Line(found[1].upper(), parameters, found[3])


def _first_event(lines: Sequence[_Line]) -> Sequence[_Line]:
    """The lines of the first VEVENT itself, without those of alarms inside it."""
    event: list[_Line] = []
    inside: list[str] = []
    for line in lines:
        if line.name == "BEGIN":
            inside.append(line.value.upper())
        elif line.name == "END" and inside:
            if inside.pop() == "VEVENT":
                return event
        elif inside and inside[-1] == "VEVENT":
            event.append(line)
    return event


def _said(line: _Line) -> str:
    said = _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], line.value)
    if line.name not in {"ORGANIZER", "ATTENDEE"}:
        return said
    address = re.sub("^mailto:", "", line.value, flags=re.IGNORECASE)
    name = f"{line.parameters['CN']} " if "CN" in line.parameters else ""
    more = [line.parameters[known] for known in ("ROLE", "PARTSTAT") if known in line.parameters]
    return f"{name}<{address}>" + (f" ({', '.join(more)})" if more else "")


def _when(event: Sequence[_Line]) -> str:
    """Both ends on London's clock; times in a zone we do not know are given as they stand."""
    times = {line.name: line for line in event if line.name in {"DTSTART", "DTEND"}}
    if "DTSTART" not in times:
        return "not said"
    start = _time(times["DTSTART"])
    end = _time(times["DTEND"]) if "DTEND" in times else None
    if start is None or (end is None and "DTEND" in times):
        return " to ".join(line.value for line in times.values())
    zone = _zone(start, times["DTSTART"])
    return f"{_day(start)}{_until(start, end)}" + (f" ({zone})" if zone else "")


def _time(line: _Line) -> datetime | None:
    for form, length in _FORMS:
        if len(line.value) == length:
            try:
                return _in_london(datetime.strptime(line.value, form), line)  # noqa: DTZ007
            except (ValueError, OverflowError):
                return None
    return None


def _in_london(written: datetime, line: _Line) -> datetime:
    if line.value.endswith("Z"):
        return written.replace(tzinfo=UTC).astimezone(LONDON)
    return written.replace(tzinfo=LONDON) if line.parameters.get("TZID") == LONDON.key else written


def _zone(start: datetime, line: _Line) -> str | None:
    if start.tzinfo is None:
        return line.parameters.get("TZID")
    return f"{start.tzname()}, {LONDON.key}"


def _day(time: datetime) -> str:
    return f"{time:%A} {time.day} {time:%B} {time.year}, {time:%H:%M}"


def _until(start: datetime, end: datetime | None) -> str:
    if end is None:
        return ""
    return f" to {end:%H:%M}" if end.date() == start.date() else f" to {_day(end)}"
