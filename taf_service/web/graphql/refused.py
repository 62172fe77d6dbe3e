"""What is refused before GraphQL is asked, each with its status and a code for programs."""

from __future__ import annotations

from http import HTTPStatus

from taf_service.web.graphql.media import JSON

_CODES = {
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.UNAUTHORIZED: "UNAUTHENTICATED",
    HTTPStatus.FORBIDDEN: "PREFLIGHT_REQUIRED",
    HTTPStatus.METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    HTTPStatus.NOT_ACCEPTABLE: "NOT_ACCEPTABLE",
    HTTPStatus.REQUEST_TIMEOUT: "BODY_TOO_SLOW",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "BODY_TOO_LARGE",
    HTTPStatus.REQUEST_URI_TOO_LONG: "URL_TOO_LONG",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE",
    HTTPStatus.SERVICE_UNAVAILABLE: "DEADLINE_EXCEEDED",
}
# Whoever still sends what will never be read is cut off.
_CLOSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class Refused(Exception):
    """A request that HTTP itself answers."""

    def __init__(self, status: int, message: str, *, allow: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = _CODES[HTTPStatus(status)]
        self._status = status
        self._allow = allow

    def status(self, media_type: str) -> int:  # noqa: ARG002 - a document's refusal asks for it
        return self._status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What this refusal says beside its body."""
        if self._allow is not None:
            return [(b"allow", self._allow.encode())]
        if self._status == HTTPStatus.UNAUTHORIZED:
            return [(b"www-authenticate", b"Bearer")]
        return [(b"connection", b"close")] if self._status in _CLOSING else []


class NotRegistered(Refused):
    """Well-formed HTTP that names no document we know: told as GraphQL's own errors are."""

    def __init__(self, message: str) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, message)
        self.code = "DOCUMENT_NOT_REGISTERED"

    def status(self, media_type: str) -> int:
        return HTTPStatus.OK if media_type == JSON else super().status(media_type)
