"""What leaves: a status, a body of JSON, and headers that were written once, at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from starlette.types import Send

from schema.execute import Answer
from taf_service.web.graphql.media import JSON, RESPONSE_JSON
from taf_service.web.graphql.refused import Refused
from taf_service.web.safe_headers import SAFE

_HEADERS = {
    media_type: [(b"content-type", f"{media_type}; charset=utf-8".encode()), *SAFE]
    for media_type in (JSON, RESPONSE_JSON)
}


@dataclass(frozen=True, slots=True)
class Reply:
    body: bytes
    status: int
    headers: list[tuple[bytes, bytes]]


def answered(done: Answer, media_type: str) -> Reply:
    """An error before execution has a status of its own only where the media type says so."""
    status = 400 if media_type == RESPONSE_JSON and not done.executed else 200
    return Reply(done.body, status, _HEADERS[media_type])


def refusal(refused: Refused, media_type: str) -> Reply:
    error = {"message": refused.message, "extensions": {"code": refused.code}}
    return failure(error, refused.status(media_type), media_type, refused.headers)


def failure(
    error: Mapping[str, object],
    status: int,
    media_type: str,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> Reply:
    body = orjson.dumps({"errors": [error]})
    return Reply(body, status, [*_HEADERS[media_type], *(headers or [])])


async def deliver(reply: Reply, send: Send) -> None:
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
