from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from taf_service import access
from taf_service.database import Urls
from tests.stage import ISSUER, Somebody, Stage
from tests.taf_service.web.client import SIGNED_IN, TOKEN, application, invented


@pytest.fixture
async def helen(stage: Stage) -> Somebody:
    helen = await stage.practitioner("Helen Health")
    await stage.account(helen, "helen")
    return helen


@pytest.fixture
def verifier() -> access.Verifier:
    return invented({TOKEN: access.Identity(ISSUER, "helen")})


@pytest.fixture
async def client(
    db: Urls, helen: Somebody, verifier: access.Verifier
) -> AsyncIterator[httpx2.AsyncClient]:
    async with application(db, verifier) as client:
        client.headers |= SIGNED_IN
        yield client
