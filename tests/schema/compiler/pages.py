"""A page as a client is to see it: in Python, over all the rows that there are.

Nothing of `schema/` is asked: what a cursor holds and what is refused is written down once more.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from tests.schema.compiler.rows import Related, Row

USUAL, MOST = 20, 100

Listed = Sequence[tuple[Related, Row]]


def page(listed: Listed, arguments: dict[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
    """The values of a connection. Errors: `GraphQLError`, as the client is to read it."""
    size, backwards = _size(arguments)
    after, before = (_place(arguments, name, kinds) for name in ("after", "before"))
    left = [
        (place, row)
        for place, row in listed
        if (after is None or place.keys > after) and (before is None or place.keys < before)
    ]
    shown = left[-size:] if backwards else left[:size]
    more = len(left) > size
    cursors = [_cursor(place.texts) for place, _ in shown]
    return {
        "nodes": [row for _, row in shown],
        "edges": [
            {"cursor": cursor, "node": row} for cursor, (_, row) in zip(cursors, shown, strict=True)
        ],
        "pageInfo": {
            "hasNextPage": before is not None if backwards else more,
            "hasPreviousPage": more if backwards else after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _size(arguments: dict[str, Any]) -> tuple[int, bool]:
    first, last = arguments.get("first"), arguments.get("last")
    wrong = [
        (name, f"Ask for 1 to {MOST} at a time.")
        for name, size in (("first", first), ("last", last))
        if size is not None and (size < 1 or size > MOST)
    ]
    if first is not None and last is not None:
        wrong.append(("last", "Use first or last, not both."))
    if wrong:
        raise refused(wrong[0][0], " ".join(words for _, words in wrong))
    return (first or USUAL, False) if last is None else (last, True)


def _cursor(texts: Sequence[str]) -> str:
    listed = json.dumps(list(texts), ensure_ascii=False)
    return base64.urlsafe_b64encode(listed.encode()).decode()


def _place(arguments: dict[str, Any], name: str, kinds: Sequence[str]) -> tuple[Any, ...] | None:
    cursor = arguments.get(name)
    if cursor is None:
        return None
    try:
        values = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        assert isinstance(values, list)
        assert len(values) == len(kinds)
        return tuple(_PARSED[kind](value) for kind, value in zip(kinds, values, strict=True))
    except (AssertionError, binascii.Error, ValueError, TypeError):
        raise refused(name, "This cursor is not one of ours.") from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment.astimezone(UTC)


def _words(text: str) -> str:
    assert isinstance(text, str)
    return text


_PARSED: dict[str, Callable[[Any], Any]] = {
    "timestamptz": _moment,
    "date": date.fromisoformat,
    "uuid": lambda text: UUID(_words(text)),
    "text": _words,
}


def refused(name: str, words: str) -> GraphQLError:
    return GraphQLError(words, extensions={"code": "INVALID_INPUT", "field": name})
