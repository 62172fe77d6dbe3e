"""Composition root: settings become an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from tortoise import connections

from schema import documents, execute
from schema.build import schema
from schema.context import Letterhead
from taf_service import access, database
from taf_service.core import reading
from taf_service.settings import Settings
from taf_service.web.graphiql import graphiql_routes
from taf_service.web.graphql import GraphQLEndpoint
from taf_service.web.reply import reply_routes
from taf_service.web.safe_headers import SafeHeaders


def create_app(
    settings: Settings,
    service_url: str,
    verifier: access.Verifier,
    extra_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The web application: GraphQL, reply links, health; in demo mode also a page to explore it.

    `service_url` names the database as the service's role; the application never holds the owner's.
    Errors: `LinkKeyMissing`, `DocumentsRefused`.
    """
    trusted = trusted_documents(settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with database.orm(service_url, pool=settings.pool, readers=settings.readers):
            schema()  # built before the first request waits for it
            await execute.warm(trusted.texts)
            yield

    return Application(
        _endpoint(settings, verifier, trusted),
        routes=[
            *reply_routes(link_key(settings)),
            *(graphiql_routes(settings.demo_tokens) if settings.demo else ()),
            Route("/live", _live),
            Route("/ready", _ready),
            *extra_routes,
        ],
        middleware=[Middleware(SafeHeaders)],
        lifespan=lifespan,
    )


class Application(Starlette):
    """`/graphql` goes straight to its endpoint, everything else through routes and middleware."""

    def __init__(self, graphql: ASGIApp, **pages: Any) -> None:
        super().__init__(**pages)
        self._graphql = graphql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self._graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def trusted_documents(settings: Settings) -> documents.Documents:
    """Ours and the clients'. Errors: `DocumentsRefused`."""
    theirs = () if settings.documents is None else (settings.documents,)
    return documents.registered(documents.OWN, *theirs)


def _endpoint(
    settings: Settings, verifier: access.Verifier, trusted: documents.Documents
) -> GraphQLEndpoint:
    return GraphQLEndpoint(
        verifier,
        trusted,
        Letterhead(settings.mail_domain, settings.public_url),
        introspection=settings.demo,
        only_trusted=settings.only_trusted,
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
READY_SECONDS = 2


async def _live(_request: Request) -> Response:
    return PlainTextResponse("live")


async def _ready(_request: Request) -> Response:
    """503 while the database does not answer (reliability R17)."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await reading.answer("select read_as(null)", [])
        await connections.get("default").execute_query("select 1")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, reading.Unanswered):
        return PlainTextResponse("the database does not answer", 503)
    return PlainTextResponse("ready")
