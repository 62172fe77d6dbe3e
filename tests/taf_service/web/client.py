"""A client of the application in this process, and the raw requests that no client would send."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import httpx2
from pydantic import SecretStr
from starlette.types import ASGIApp, Message

from schema.context import Letterhead
from schema.documents import Documents
from taf_service import access
from taf_service.app import create_app
from taf_service.database import Urls
from taf_service.settings import Settings
from taf_service.web.graphql import GraphQLEndpoint
from taf_service.web.graphql.media import JSON
from tests.stage import ISSUER

ADDRESS = "http://taf.example"
TOKEN = "demo-helen"
ME = "{ me { name } }"
SIGNED_IN = {"authorization": f"Bearer {TOKEN}", "content-type": JSON}


def application(
    urls: Urls, verifier: access.Verifier, *, demo: bool = False, **settings: Any
) -> httpx2.AsyncClient:
    return asking(create_app(settings_of(demo=demo, **settings), urls.service, verifier))


def settings_of(**settings: Any) -> Settings:
    return Settings(link_key=SecretStr("k" * 32), **settings)


def asking(app: ASGIApp) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ADDRESS)


def endpoint(*, deadline: float = 10, **given: Any) -> GraphQLEndpoint:
    """The endpoint by itself, for Helen and for Ada, who administers the stage's authority."""
    letterhead = Letterhead("reply.taf.example", ADDRESS)
    tokens = {TOKEN: access.Identity(ISSUER, "helen"), "demo-ada": access.Identity(ISSUER, "ada")}
    return GraphQLEndpoint(invented(tokens), Documents(), letterhead, deadline=deadline, **given)


def invented(demo_tokens: dict[str, access.Identity]) -> access.Verifier:
    return access.verifier_for(
        demo=True, jwks=None, issuer=None, audience=None, demo_tokens=demo_tokens
    )


async def post(client: httpx2.AsyncClient, document: str, **body: Any) -> httpx2.Response:
    return await client.post("/graphql", content=json.dumps({"query": document, **body}))


def code_of(response: httpx2.Response) -> str:
    (error,) = response.json()["errors"]
    assert error["message"].endswith(".")
    found: str = error["extensions"]["code"]
    return found


@dataclass(frozen=True)
class Answered:
    """What an application sent, and how much of the request it had read by then."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    read: int

    @property
    def errors(self) -> list[dict[str, Any]]:
        errors: list[dict[str, Any]] = json.loads(self.body)["errors"]
        return errors

    @property
    def code(self) -> str:
        (error,) = self.errors
        assert error["message"].endswith(".")
        code: str = error["extensions"]["code"]
        return code


async def raw(
    app: ASGIApp,
    *parts: bytes,
    method: str = "POST",
    query_string: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] | None = None,
    breaks_off: bool = False,
) -> Answered:
    """One request as a server hands it over, its body in these parts."""
    if headers is None:
        headers = [(name.encode(), value.encode()) for name, value in SIGNED_IN.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": query_string,
        "headers": list(headers),
    }
    sent: list[Message] = []
    arriving = _arriving(parts, breaks_off=breaks_off)
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return await anext(arriving)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *bodies = sent
    body = b"".join(message.get("body", b"") for message in bodies)
    return Answered(start["status"], dict(start["headers"]), body, read)


async def _arriving(parts: tuple[bytes, ...], *, breaks_off: bool) -> AsyncIterator[Message]:
    for number, part in enumerate(parts, start=1):
        more = number < len(parts) or breaks_off
        yield {"type": "http.request", "body": part, "more_body": more}
    yield {"type": "http.disconnect"}
