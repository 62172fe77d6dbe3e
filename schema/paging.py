"""Keyset pages: where a page starts, which way it runs, and what a cursor holds (api 3)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from schema.sources import MOST, USUAL, Key
from taf_service.core.errors import FieldError, InvalidInput

_PARSERS: dict[str, Callable[[str], Any]] = {
    "uuid": UUID,
    "date": date.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "text": str,
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
        values = orjson.loads(base64.b64decode(text, altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(keys):
            raise ValueError
        return tuple(_PARSERS[k.kind](v) for k, v in zip(keys, values, strict=True))
    except (binascii.Error, ValueError, TypeError, orjson.JSONDecodeError):
        raise InvalidInput(FieldError(name, "This cursor is not one of ours.")) from None


def cursor_sql(keys: tuple[str, ...]) -> str:
    """The cursor of a row, from the SQL texts of its keys."""
    listed = ", ".join(f"{key}::text" for key in keys)
    encoded = f"encode(convert_to(json_build_array({listed})::text, 'UTF8'), 'base64')"
    return f"translate({encoded}, E'+/\\n', '-_')"
