"""Scalars: values are checked once, at the edge, by type (security 7, api 6)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any, NewType
from uuid import UUID
from zoneinfo import available_timezones

from graphql import GraphQLError
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition, scalar

from notifications.addresses import LONGEST_ADDRESS, Malformed, check_address, domain_of

Line = NewType("Line", str)
Text = NewType("Text", str)
Mail = NewType("Mail", str)
LocalTime = NewType("LocalTime", datetime)
Zone = NewType("Zone", str)
Link = NewType("Link", str)
Version = NewType("Version", UUID)
Key = NewType("Key", str)

LONGEST_LINE, LONGEST_TEXT, LONGEST_LINK, LONGEST_COMMENT = 300, 4_000, 500, 1_000
EARLIEST, LATEST = 1900, 2100

_BIDI = set("\u200e\u200f\u061c\u2028\u2029") | {
    chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_ZONES = available_timezones()
_ONE_ADDRESS = "Give one email address, such as name@example.org."


def clean(value: Any, *, longest: int, lines: bool) -> str:
    """Refuse what no honest text holds: control characters, bidi overrides, lone surrogates."""
    if not isinstance(value, str):
        raise GraphQLError("Give a text.")
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > longest:
        raise GraphQLError(f"Use at most {longest:,} characters.")
    allowed = "\n\t" if lines else ""
    for character in text:
        kind = unicodedata.category(character)
        if (kind in ("Cc", "Cs") and character not in allowed) or character in _BIDI:
            raise GraphQLError("Control characters cannot be used here.")
    return text


def _line(value: Any) -> str:
    return clean(value, longest=LONGEST_LINE, lines=False).strip()


def _text(value: Any) -> str:
    return clean(value, longest=LONGEST_TEXT, lines=True).strip()


def _mail(value: Any) -> str:
    """Only what mail can carry is let in: one plain address in a domain with a dot."""
    address = clean(value, longest=LONGEST_ADDRESS, lines=False).strip()
    try:
        check_address(address, what="This")
    except Malformed:
        raise GraphQLError(_ONE_ADDRESS) from None
    if "." not in domain_of(address):
        raise GraphQLError(_ONE_ADDRESS)
    return address


def _day(value: Any) -> date:
    text = clean(value, longest=10, lines=False)
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day.year <= LATEST:
        raise GraphQLError("Give a date such as 2026-03-02.")
    return day


def _local_time(value: Any) -> datetime:
    text = clean(value, longest=19, lines=False)
    moment = None
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
    if moment is None or not EARLIEST <= moment.year <= LATEST:
        raise GraphQLError("Give a local time such as 2026-03-02T14:30.")
    return moment


def _zone(value: Any) -> str:
    zone = clean(value, longest=60, lines=False)
    if zone not in _ZONES:
        raise GraphQLError("Give an IANA time zone such as Europe/London.")
    return zone


def _link(value: Any) -> str:
    link = clean(value, longest=LONGEST_LINK, lines=False).strip()
    if link and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?([/?#][^\s<>\"]*)?", link):
        raise GraphQLError("Give a link that starts with https://.")
    return link


def _version(value: Any) -> UUID:
    try:
        return UUID(hex=clean(value, longest=32, lines=False))
    except ValueError:
        raise GraphQLError("Give the version that you read.") from None


def _key(value: Any) -> str:
    key = clean(value, longest=100, lines=False)
    if not re.fullmatch(r"[A-Za-z0-9._:-]{8,100}", key):
        raise GraphQLError("An idempotency key is 8 to 100 letters, digits or . _ : -")
    return key


def _as_is(value: Any) -> Any:
    """Fetched values come from PostgreSQL ready to send."""
    return value.isoformat() if isinstance(value, date) else value


def _output_only(_value: Any) -> Any:
    raise GraphQLError("This is not an input.")


def _scalar(name: str, description: str, parse: Any) -> ScalarDefinition:
    return scalar(name=name, description=description, serialize=_as_is, parse_value=parse)


SCALARS: dict[object, ScalarDefinition] = {
    **DEFAULT_SCALAR_REGISTRY,
    Line: _scalar("Line", "One line of text, at most 300 characters.", _line),
    Text: _scalar("Text", "Text of several lines, at most 4,000 characters.", _text),
    Mail: _scalar("EmailAddress", "One email address.", _mail),
    date: _scalar("Date", "A calendar day (ISO 8601), such as 2026-03-02.", _day),
    datetime: _scalar("DateTime", "An instant with its offset (RFC 3339).", _output_only),
    LocalTime: _scalar(
        "LocalDateTime", "What the clock on the wall says, such as 2026-03-02T14:30.", _local_time
    ),
    Zone: _scalar("TimeZone", "An IANA time zone, such as Europe/London.", _zone),
    Link: _scalar("Link", "A web address that starts with https://.", _link),
    Version: _scalar(
        "Version",
        "Opaque: changes when the object does. Send back the one that you read.",
        _version,
    ),
    Key: _scalar(
        "IdempotencyKey",
        "Repeating a request with the same key and arguments within 30 days happens once.",
        _key,
    ),
}
