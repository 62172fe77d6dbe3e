from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from notifications.claims import Pool
from taf_service import database
from taf_service.database import Urls
from tests.notifications.post import Post
from tests.stage import Stage


@pytest.fixture
async def pool(urls: Urls) -> AsyncIterator[Pool]:
    """Connections with the worker's role."""
    async with database.pool(urls.worker, size=4) as pool:
        yield pool


@pytest.fixture
async def post(db: Urls, owner: asyncpg.Connection[asyncpg.Record]) -> Post:
    """A meeting in a fortnight by the database's clock, which workers go by."""
    stage = Stage(owner, await owner.fetchval("select date_trunc('second', now())"))
    await stage.set()
    return await Post.of(stage)
