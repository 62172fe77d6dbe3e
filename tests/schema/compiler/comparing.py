"""Where an answer and the expected one differ, in words; nothing where they agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import orjson

from tests.schema.compiler.reference import Expected

Path: TypeAlias = tuple[str | int, ...]


def difference(body: dict[str, Any], expected: Expected) -> str | None:
    """Data must be the same to the last key; of errors that null the same place, one is enough."""
    errors = body.get("errors", [])
    if any("errorId" in error.get("extensions", {}) for error in errors):
        return f"a fault of ours: {errors}"
    if expected.refused:
        return _refusal(body, expected)
    if "data" not in body:
        return f"nothing was executed: {errors}"
    if orjson.dumps(body["data"]) != orjson.dumps(expected.data):
        where = first_difference(body["data"], expected.data, ())
        return f"{where}; errors {errors}, expected {expected.errors}"
    return _errors(errors, expected)


def is_over_a_limit(body: dict[str, Any]) -> bool:
    codes = {error.get("extensions", {}).get("code") for error in body.get("errors", ())}
    return "LIMIT_EXCEEDED" in codes


def _refusal(body: dict[str, Any], expected: Expected) -> str | None:
    said = sorted(error["message"] for error in body.get("errors", ()))
    known = sorted(error.message for error in expected.errors)
    if "data" in body or said != known:
        return f"to be refused with {known}: {body}"
    return None


def _errors(errors: Sequence[dict[str, Any]], expected: Expected) -> str | None:
    known = {_meaning(error.formatted) for error in expected.errors}
    given = {_meaning(error) for error in errors}
    if given - known:
        return f"errors nobody expected: {given - known}; expected were {known}"
    nulled = {_nulled(expected.data, error[0]) for error in known}
    told = {_nulled(expected.data, error[0]) for error in given}
    if told != nulled:
        return f"null without an error: {nulled - told}"
    return None


def _meaning(error: Any) -> tuple[Path, str, Any, Any]:
    extensions = error.get("extensions") or {}
    code, named = extensions.get("code"), extensions.get("field")
    return tuple(error.get("path") or ()), error["message"], code, named


def _nulled(data: Any, path: Path) -> Path:
    """The place that an error at `path` made null."""
    at = data
    for depth, step in enumerate(path):
        if at is None:
            return path[:depth]
        at = at[step]
    return path


def first_difference(given: Any, wanted: Any, path: Path) -> str | None:
    if isinstance(given, dict) and isinstance(wanted, dict):
        if list(given) != list(wanted):
            return f"at {path}: keys {list(given)}, expected {list(wanted)}"
        return _first((given[key], wanted[key], (*path, key)) for key in given)
    if isinstance(given, list) and isinstance(wanted, list) and len(given) == len(wanted):
        return _first(
            (one, other, (*path, n))
            for n, (one, other) in enumerate(zip(given, wanted, strict=True))
        )
    if given != wanted or type(given) is not type(wanted):
        return f"at {path}: {given!r}, expected {wanted!r}"
    return None


def _first(pairs: Iterable[tuple[Any, Any, Path]]) -> str | None:
    return next(filter(None, (first_difference(*pair) for pair in pairs)), None)
