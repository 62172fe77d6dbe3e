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

PREPARED = 200  # statements kept ready on each connection; the one used longest ago goes first


if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection


class _Stateless(_Connection):
    def get_reset_query(self) -> str:
        return ""


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
        max_cacheable_statement_size=0,
    ) as pool:
        before, _Open.pool = _Open.pool, pool
        try:
            yield
        finally:
            _Open.pool = before


async def answer(sql: str, values: Sequence[object]) -> asyncpg.Record | None:
    """The only row of a statement, if it has one; whoever is cancelled stops it in PostgreSQL too.

    Errors: asyncpg's own.
    """
    assert _Open.pool is not None, "no connections were opened"
    async with _Open.pool.acquire() as connection:
        return await connection.fetchrow(sql, *values)


async def rehearse(sql: str, values: Sequence[object]) -> None:
    """Have every connection prepare and plan a statement. Errors: asyncpg's own."""
    pool = _Open.pool
    assert pool is not None, "no connections were opened"
    async with AsyncExitStack() as held:
        for _ in range(pool.get_max_size()):
            connection = await held.enter_async_context(pool.acquire())
            await connection.fetchrow(sql, *values)


async def rows(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    """The rows of a query in the transaction that is open, for the actor bound to it."""
    found: list[dict[str, Any]] = await connections.get("default").execute_query_dict(sql, values)
    return found
