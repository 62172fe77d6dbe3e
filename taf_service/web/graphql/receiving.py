"""What arrives, as the server hands it over: headers and a body of bounded size and time."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from starlette.types import Receive, Scope

from taf_service.web.graphql.asked import BODY
from taf_service.web.graphql.media import JSON, is_json
from taf_service.web.graphql.refused import Refused

Headers: TypeAlias = dict[bytes, bytes]

_TOO_LONG = f"Send at most {BODY // 1024} kB."
_OWN_SITE = (b"same-origin", b"none")


def headers_of(scope: Scope) -> Headers:
    """By lower-case name; repeated lines become one list, as RFC 9110 5.3 says."""
    headers: Headers = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def text_of(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def refuse_foreign_pages(headers: Headers, *, is_get: bool) -> None:
    """No page of another site may ask in a reader's name, not even by a link (security 3).

    Browsers send `Sec-Fetch-Site` or, for a header of its own making, ask first; others send what
    they like and are believed by their token. Errors: `Refused` (403).
    """
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is None:
        is_foreign = origin is not None and not _is_ours(origin, headers)
        is_foreign |= is_get and b"graphql-require-preflight" not in headers
    else:
        is_foreign = site not in _OWN_SITE
    if is_foreign:
        raise Refused(403, "Send the header GraphQL-Require-Preflight, from no other site's page.")


def _is_ours(origin: bytes, headers: Headers) -> bool:
    return urlsplit(origin.decode("latin-1")).netloc.encode("latin-1") == headers.get(b"host")


async def body_of(receive: Receive, headers: Headers, *, until: float) -> bytes:
    """The whole body, by `until` on the loop's clock. Errors: `Refused` (400, 408, 413, 415)."""
    if not is_json(text_of(headers, b"content-type") or ""):
        raise Refused(415, f"Send {JSON}; charset=utf-8.")
    if _announced(headers) > BODY:
        raise Refused(413, _TOO_LONG)
    try:
        async with asyncio.timeout_at(until):
            return await _whole(receive)
    except TimeoutError:
        raise Refused(408, "The body took too long to arrive.") from None


def _announced(headers: Headers) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def _whole(receive: Receive) -> bytes:
    message = await _part(receive)
    body: bytes = message.get("body", b"")
    if not message.get("more_body") and len(body) <= BODY:
        return body
    parts = bytearray(body)
    while len(parts) <= BODY and message.get("more_body"):
        message = await _part(receive)
        parts += message.get("body", b"")
    if len(parts) > BODY:
        raise Refused(413, _TOO_LONG)
    return bytes(parts)


async def _part(receive: Receive) -> Any:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Refused(400, "The request ended early.")
    return message
