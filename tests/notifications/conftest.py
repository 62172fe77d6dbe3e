from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg
import pytest

from notifications.claims import Pool
from taf_service import database
from taf_service.database import Urls
from tests.notifications.post import Post
from tests.stage import Stage


@pytest.fixture
async def now(owner: asyncpg.Connection[asyncpg.Record]) -> datetime:
    """The database's time, which the worker goes by."""
    moment: datetime = await owner.fetchval("select date_trunc('second', now())")
    return moment


@pytest.fixture
async def pool(urls: Urls) -> AsyncIterator[Pool]:
    """Connections with the worker's role."""
    async with database.pool(urls.worker, size=4) as pool:
        yield pool


@pytest.fixture
async def post(stage: Stage) -> Post:
    """A team of a lead and a practitioner, two parents, and a meeting in a fortnight."""
    return await Post.of(stage)
