"""What a request asks, read from its JSON or its URL (GraphQL over HTTP, "Request")."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from taf_service.web.graphql.refused import Refused

BODY = 256 * 1024
URL = 16 * 1024
_PARAMETERS = 10
_KEY = re.compile(rb'"[ \t\r\n]*:')


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request: with the text of its document, or the id of a registered one."""

    query: str | None
    document_id: str | None
    variables: dict[str, Any] | None
    operation_name: str | None


def in_body(body: bytes) -> Asked:
    """Errors: `Refused` (400) with a sentence that says what is wrong."""
    return _asked(_json(body, "The body"))


def in_url(query_string: bytes) -> Asked:
    """Errors: `Refused` (400, 414)."""
    if len(query_string) > URL:
        raise Refused(414, f"Ask in at most {URL // 1024} kB, or by POST.")
    given: dict[str, Any] = _parameters(query_string)
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _json(given[name].encode(), name)
    return _asked({**given, "operationName": given.get("operationName") or None})


def _asked(given: Any) -> Asked:
    if not isinstance(given, dict):
        raise Refused(400, "Send one request: an object with a query.")
    query, document_id = _text(given, "query"), _text(given, "documentId")
    if (query is None) == (document_id is None):
        raise Refused(400, "Send either a query or a documentId.")
    _object(given, "extensions")
    return Asked(query, document_id, _object(given, "variables"), _text(given, "operationName"))


def _text(given: dict[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None or isinstance(value, str):
        return value
    raise Refused(400, f"{name} must be a text.")


def _object(given: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = given.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise Refused(400, f"{name} must be an object.")


def _parameters(query_string: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_PARAMETERS,
        )
    except ValueError:
        raise Refused(400, "The URL's parameters cannot be read.") from None
    if len(pairs) != len(dict(pairs)):
        raise Refused(400, "The URL names a parameter twice.")
    return dict(pairs)


def _json(written: bytes, what: str) -> Any:
    """Two readers of one body must understand the same, so a key may not stand there twice."""
    try:
        read = orjson.loads(written)
    except orjson.JSONDecodeError:
        raise Refused(400, f"{what} is not JSON.") from None
    if _keys(read) != len(_KEY.findall(written)):  # there may be another inside a text
        _read_strictly(written, what)
    return read


def _keys(value: Any) -> int:
    """How many keys all objects in `value` have together."""
    count, pending = 0, [value]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            count += len(each)
            pending += each.values()
        elif isinstance(each, list):
            pending += each
    return count


def _read_strictly(written: bytes, what: str) -> None:
    """The same text, read slowly: the numbers in it do not matter."""
    try:
        json.loads(written, object_pairs_hook=_distinct, parse_int=str, parse_float=str)
    except _NamedTwice:
        raise Refused(400, f"{what} names a key twice.") from None
    except RecursionError:
        raise Refused(400, f"{what} is nested too deep.") from None


class _NamedTwice(Exception):
    pass


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({name for name, _ in pairs}):
        raise _NamedTwice
