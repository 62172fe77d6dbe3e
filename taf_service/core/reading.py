"""Reads that are one statement: on connections of their own, or in the world of a preview.

A statement here binds its own actor and leaves nothing behind in its connection, so nothing is
reset between two of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
from tortoise import connections

# Statements kept ready on each connection; the one used longest ago goes first. PostgreSQL needs
# about a megabyte for each of some 10 kB, so they are few, and none that is very long.
PREPARED = 48
LONGEST_PREPARED = 24_000
RECONNECT_SECONDS = 5


if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection


class _Stateless(_Connection):
    def get_reset_query(self) -> str:
        return ""


class Unanswered(Exception):
    """PostgreSQL did not answer this time: out of time, restarting, full, or not there."""


_PASSING = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.TooManyConnectionsError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    OSError,
)


class _Open:
    pool: asyncpg.Pool[asyncpg.Record] | None = None


@asynccontextmanager
async def opened(url: str, *, size: int, settings: Mapping[str, str]) -> AsyncIterator[None]:
    """Keep up to `size` connections for `answer`, for as long as the block lasts."""
    async with asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        max_inactive_connection_lifetime=0,
        connection_class=_Stateless,
        server_settings=dict(settings),
        statement_cache_size=PREPARED,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=LONGEST_PREPARED,
        max_queries=10_000_000,  # by itself no connection grows old
        timeout=RECONNECT_SECONDS,
    ) as pool:
        before, _Open.pool = _Open.pool, pool
        try:
            yield
        finally:
            _Open.pool = before


async def answer(sql: str, values: Sequence[object]) -> asyncpg.Record | None:
    """The only row of a statement, if it has one; whoever is cancelled stops it in PostgreSQL too.

    Errors: `Unanswered`, and asyncpg's own where the statement itself is at fault.
    """
    if _Open.pool is None:
        raise Unanswered
    try:
        async with _Open.pool.acquire() as connection:
            return await connection.fetchrow(sql, *values)
    except _PASSING as fault:
        raise Unanswered from fault


async def rehearse(sql: str, values: Sequence[object]) -> None:
    """Have every connection prepare and plan a statement. Errors: as `answer`."""
    pool = _Open.pool
    assert pool is not None, "no connections were opened"
    try:
        async with AsyncExitStack() as held:
            for _ in range(pool.get_max_size()):
                connection = await held.enter_async_context(pool.acquire())
                await connection.fetchrow(sql, *values)
    except _PASSING as fault:
        raise Unanswered from fault


async def rows(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    """The rows of a query in the transaction that is open, for the actor bound to it."""
    found: list[dict[str, Any]] = await connections.get("default").execute_query_dict(sql, values)
    return found
