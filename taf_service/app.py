"""Composition root: settings become an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tortoise import connections

from schema.build import schema
from schema.context import Letterhead
from taf_service import access, database
from taf_service.settings import Settings
from taf_service.web.endpoint import GraphQLEndpoint
from taf_service.web.reply import reply_routes


def create_app(
    settings: Settings,
    service_url: str,
    verifier: access.Verifier,
    extra_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The web application: GraphQL, reply links, health.

    `service_url` names the database as the service's role; the application never holds the owner's.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with database.orm(service_url, pool=settings.pool):
            schema()  # built before the first request waits for it
            yield

    endpoint = GraphQLEndpoint(
        verifier,
        introspection=settings.demo,
        letterhead=Letterhead(settings.mail_domain, settings.public_url),
    )
    return Starlette(
        routes=[
            Route("/graphql", endpoint.__call__, methods=["POST"]),
            *reply_routes(link_key(settings)),
            Route("/live", _live),
            Route("/ready", _ready),
            *extra_routes,
        ],
        middleware=[Middleware(SafeHeaders)],
        lifespan=lifespan,
    )


def link_key(settings: Settings) -> str:
    """Errors: `LinkKeyMissing`: tokens in links are only as good as the key behind them."""
    key = settings.link_key.get_secret_value() if settings.link_key else ""
    if len(key) < SHORTEST_KEY:
        raise LinkKeyMissing(f"Set TAF_LINK_KEY to at least {SHORTEST_KEY} random characters.")
    return key


class LinkKeyMissing(Exception):
    """The service refuses to start."""


SHORTEST_KEY = 32


async def _live(_request: Request) -> Response:
    return PlainTextResponse("live")


async def _ready(_request: Request) -> Response:
    """503 while the database does not answer (reliability R17)."""
    try:
        await connections.get("default").execute_query("select 1")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return PlainTextResponse("the database does not answer", 503)
    return PlainTextResponse("ready")


class SafeHeaders:
    """Nothing is cached, sniffed, framed or referred (security 13)."""

    HEADERS = (
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-frame-options", b"DENY"),
        (b"strict-transport-security", b"max-age=31536000"),
    )
    POLICY = (
        b"content-security-policy",
        b"default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                present = {name.lower() for name, _ in headers}
                headers += [h for h in (*self.HEADERS, self.POLICY) if h[0] not in present]
            await send(message)

        await self._app(scope, receive, sending)
