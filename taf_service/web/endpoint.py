"""`POST /graphql` (GraphQL over HTTP): one request in, one answer out, nothing unlimited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from schema.context import Context, Letterhead
from schema.execute import answer
from taf_service import access

BODY = 256 * 1024
RESPONSE_JSON, JSON = "application/graphql-response+json", "application/json"
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    406: "NOT_ACCEPTABLE",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The well-formed body of a request."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class GraphQLEndpoint:
    """Answers signed-in clients; `introspection` only where the API may be explored (demo mode)."""

    def __init__(
        self, verifier: access.Verifier, *, introspection: bool, letterhead: Letterhead
    ) -> None:
        self._verifier = verifier
        self._introspection = introspection
        self._letterhead = letterhead

    async def __call__(self, request: Request) -> Response:
        """Answer one POST; every refusal is a GraphQL-shaped error with a status that fits."""
        media_type = negotiate(request.headers.get("accept"))
        try:
            if media_type is None:
                raise _Refused(406, f"Accept {RESPONSE_JSON} or {JSON}.")
            actor = await self._actor(request)
            asked = read(await _body(request))
        except _Refused as refused:
            return _refusal(refused, media_type or JSON)
        done = await answer(
            asked.query,
            asked.variables,
            asked.operation_name,
            context=Context(actor, letterhead=self._letterhead),
            introspection=self._introspection,
        )
        status = 400 if media_type == RESPONSE_JSON and not done.executed else 200
        return _response(done.body, status, media_type)

    async def _actor(self, request: Request) -> access.Actor:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _Refused(401, "Send a bearer token in the Authorization header.")
        try:
            return await access.actor_for(await self._verifier.identity(token.strip()))
        except access.InvalidToken:
            raise _Refused(401, "This token is not accepted.") from None


def negotiate(accept: str | None) -> str | None:
    """The media type to answer in (RFC 9110 12.5.1), or None when nothing fits."""
    if not accept:
        return JSON
    best, weight = None, 0.0
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        offered = RESPONSE_JSON if name == RESPONSE_JSON else JSON
        if name not in (RESPONSE_JSON, JSON, "*/*", "application/*"):
            continue
        quality = _quality(parameters)
        if quality > weight:
            best, weight = offered, quality
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


async def _body(request: Request) -> bytes:
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != JSON or charset not in ("", "utf-8", "utf8"):
        raise _Refused(415, f"Send {JSON}; charset=utf-8.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY:
                raise _Refused(413, f"Send at most {BODY // 1024} kB.")
    except ClientDisconnect:
        raise _Refused(400, "The request ended early.") from None
    return bytes(body)


def read(body: bytes) -> Asked:
    """Check the shape of a request's JSON (GraphQL over HTTP, "Request").

    Errors: 400 with a sentence that says what is wrong.
    """
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _Refused(400, "The body is not JSON.") from None
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        raise _Refused(400, "Send an object with a query.")
    variables, name = given.get("variables"), given.get("operationName")
    if variables is not None and not isinstance(variables, dict):
        raise _Refused(400, "variables must be an object.")
    if name is not None and not isinstance(name, str):
        raise _Refused(400, "operationName must be a text.")
    return Asked(given["query"], variables, name)


def _refusal(refused: _Refused, media_type: str) -> Response:
    error = {"message": refused.message, "extensions": {"code": _CODES[refused.status]}}
    response = _response(orjson.dumps({"errors": [error]}), refused.status, media_type)
    if refused.status == 401:  # noqa: PLR2004
        response.headers["www-authenticate"] = "Bearer"
    return response


def _response(body: bytes, status: int, media_type: str) -> Response:
    return Response(body, status, {"content-type": f"{media_type}; charset=utf-8"})
