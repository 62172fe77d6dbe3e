"""What arrives, as the server hands it over: headers, and a body of bounded size."""

from __future__ import annotations

from typing import Any, TypeAlias
from urllib.parse import urlsplit

from starlette.types import Receive, Scope

from taf_service.web.graphql.asked import BODY
from taf_service.web.graphql.media import JSON, is_json
from taf_service.web.graphql.refused import Refused

Headers: TypeAlias = dict[bytes, bytes]

_TOO_LONG = f"Send at most {BODY // 1024} kB."
_LONGEST_NUMBER = 18  # digits: far beyond what is refused anyway
_OWN_SITE = (b"same-origin", b"none")


class Arriving:
    """One request, read as far as it was needed."""

    __slots__ = ("_receive", "has_arrived", "headers", "method", "query_string")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self.method: str = scope["method"]
        self.query_string: bytes = scope["query_string"]
        self.headers = _headers(scope)
        self.has_arrived = self.is_get

    @property
    def is_get(self) -> bool:
        return self.method == "GET"

    def refuse_foreign_pages(self) -> None:
        """No page of another site may ask in a reader's name, not even by a link (security 3).

        Browsers send `Sec-Fetch-Site` or, for a header of its own making, ask first; others send
        what they like and are believed by their token. Errors: `Refused` (403).
        """
        site, origin = self.headers.get(b"sec-fetch-site"), self.headers.get(b"origin")
        if site is None:
            is_foreign = origin is not None and not self._is_ours(origin)
            is_foreign |= self.is_get and b"graphql-require-preflight" not in self.headers
        else:
            is_foreign = site not in _OWN_SITE
        if is_foreign:
            raise Refused(403, "Send the header GraphQL-Require-Preflight, from no other site.")

    def _is_ours(self, origin: bytes) -> bool:
        try:
            host = urlsplit(origin.decode("latin-1")).netloc
        except ValueError:
            return False
        return host.encode("latin-1") == self.headers.get(b"host")

    async def body(self) -> bytes:
        """The whole body. Errors: `Refused` (400, 413, 415)."""
        if not is_json(text_of(self.headers, b"content-type") or ""):
            raise Refused(415, f"Send {JSON}; charset=utf-8.")
        if self._announced() > BODY:
            raise Refused(413, _TOO_LONG)
        body = await self._whole()
        self.has_arrived = True
        return body

    def _announced(self) -> int:
        length = self.headers.get(b"content-length", b"0")[:_LONGEST_NUMBER]
        return int(length) if length.isdigit() else 0

    async def _whole(self) -> bytes:
        message = await self._part()
        body: bytes = message.get("body", b"")
        parts = [body]
        size = len(body)
        while size <= BODY and message.get("more_body"):
            message = await self._part()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
        if size > BODY:
            raise Refused(413, _TOO_LONG)
        return b"".join(parts)

    async def _part(self) -> Any:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request ended early.")
        return message


def text_of(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _headers(scope: Scope) -> Headers:
    """By lower-case name; repeated lines become one list, as RFC 9110 5.3 says."""
    headers: Headers = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers
