"""Keyset pages: where a page starts, which way it runs, and what a cursor holds (api 3)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from schema.sources import MOST, USUAL, Key
from taf_service.core.errors import FieldError, InvalidInput


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _words(text: str) -> str:
    if "\0" in text:  # PostgreSQL has no such character
        raise ValueError
    return text


_PARSERS: dict[str, Callable[[str], Any]] = {
    "uuid": UUID,
    "date": date.fromisoformat,
    "timestamptz": _moment,
    "text": _words,
}


@dataclass(frozen=True, slots=True)
class Page:
    """`size` rows from the start (or, `backwards`, from the end), beyond the cursors given."""

    size: int
    backwards: bool
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None


def page_of(arguments: dict[str, Any], keys: tuple[Key, ...]) -> Page:
    """Read a connection's arguments.

    Errors: `InvalidInput`, naming each argument that cannot be right.
    """
    first, last = arguments.get("first"), arguments.get("last")
    errors = [
        FieldError(name, f"Ask for 1 to {MOST} at a time.")
        for name, value in (("first", first), ("last", last))
        if value is not None and not 1 <= value <= MOST
    ]
    if first is not None and last is not None:
        errors.append(FieldError("last", "Use first or last, not both."))
    if errors:
        raise InvalidInput(*errors)
    return Page(
        size=last or first or USUAL,
        backwards=last is not None,
        after=_cursor(arguments, "after", keys),
        before=_cursor(arguments, "before", keys),
    )


def _cursor(arguments: dict[str, Any], name: str, keys: tuple[Key, ...]) -> tuple[Any, ...] | None:
    text = arguments.get(name)
    if text is None:
        return None
    try:
        return _read(base64.b64decode(text, altchars=b"-_", validate=True), keys)
    except (binascii.Error, ValueError, OverflowError, orjson.JSONDecodeError):
        raise InvalidInput(FieldError(name, "This cursor is not one of ours.")) from None


def _read(cursor: bytes, keys: tuple[Key, ...]) -> tuple[Any, ...]:
    """Errors: `ValueError`, `OverflowError`: clients may send whatever they like."""
    values = orjson.loads(cursor)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError
    return tuple(_PARSERS[key.kind](value) for key, value in zip(keys, values, strict=True))


def cursor_sql(keys: tuple[str, ...]) -> str:
    """The cursor of a row, from the SQL texts of its keys."""
    listed = ", ".join(f"{key}::text" for key in keys)
    encoded = f"encode(convert_to(json_build_array({listed})::text, 'UTF8'), 'base64')"
    return f"translate({encoded}, E'+/\\n', '-_')"
