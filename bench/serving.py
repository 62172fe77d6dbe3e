"""What a Python server of the measurements is told by its environment, and how it is served."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from taf_service.database import READER, SERVER_SETTINGS

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def tokens() -> dict[str, str]:
    """Which subject each bearer token stands for, as the service itself is told."""
    given: dict[str, str] = json.loads(os.environ["BENCH_TOKENS"])
    return given


class Stateless(asyncpg.Connection):
    """A connection on which nothing is ever set for longer than a statement or a transaction."""

    def get_reset_query(self) -> str:
        return ""


def pool(**settings: str) -> asyncpg.Pool[asyncpg.Record]:
    """As many connections as every other server has."""
    return asyncpg.create_pool(
        os.environ["BENCH_DATABASE_URL"],
        min_size=0,
        max_size=int(os.environ["BENCH_POOL"]),
        connection_class=Stateless,
        server_settings={**SERVER_SETTINGS, **settings},
        max_inactive_connection_lifetime=0,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
    )


def application(routes: dict[str, Handler]) -> Starlette:
    """POST to each path; `app.state` has connections for `reading` and for `changing`."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with pool(role=READER) as app.state.reading, pool() as app.state.changing:
            yield

    posts = [Route(path, handler, methods=["POST"]) for path, handler in routes.items()]
    return Starlette(routes=[*posts, Route("/ready", ready)], lifespan=lifespan)


async def ready(_request: Request) -> Response:
    return PlainTextResponse("ready")


def bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def serve(application_path: str) -> None:
    """Uvicorn as the service has it: uvloop, httptools, no access log."""
    uvicorn.run(
        application_path,
        host="127.0.0.1",
        port=int(os.environ["BENCH_PORT"]),
        workers=int(os.environ["BENCH_PROCESSES"]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
    )
