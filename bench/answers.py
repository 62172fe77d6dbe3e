"""Whether two servers answered the same: each answer in one shape, whatever it was called there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bench.asks import Kind
from schema.ids import decode
from taf_service.core.errors import NotFound

# Where a pager would continue is each server's own affair; versions and clocks move.
PRIVATE = {"endCursor", "version", "__typename"}


def same_shape(kind: Kind, body: bytes) -> Any:
    """What an answer says. Errors: ValueError for one that is not an answer."""
    answer = json.loads(body)
    if answer.get("errors") or not answer.get("data"):
        raise ValueError(body[:500].decode())
    said = answer["data"]
    if kind == "postgraphile" and "actions" in said:
        said = {"me": said}
    return _plain(said)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _field(name, item) for name, item in value.items() if name not in PRIVATE}
    person = found.pop("person", None) or {}  # whose name ours gives for the row itself
    return {**found, **person}


def _field(name: str, value: Any) -> Any:
    convert = _FIELDS.get(name, lambda item: item)
    return convert(_plain(value))


def _row_id(value: str) -> str:
    try:
        return str(decode(value)[1])
    except NotFound:
        return value


def _only(value: Any) -> Any:
    """PostGraphile has lists where there is one: of a family's teams, those open now."""
    return value[0] if isinstance(value, list) else value


def _page(value: Any) -> Any:
    return {"nodes": value} if isinstance(value, list) else value


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "id": _row_id,
    "team": _only,
    "lead": _only,
    "meetings": _page,
    "actions": _page,
    "startsAt": lambda value: datetime.fromisoformat(value).timestamp(),
}
