"""One database with a clock of its own, and one house over it for the tests of a module."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from taf_service import database
from taf_service.database import OWNER
from tests.conftest import RUN, _build_template, _drop
from tests.security.noninterference.play import Theatre
from tests.security.noninterference.pretended import ClockedCopy, build_template, pretend
from tests.security.noninterference.world import House, opened


@pytest.fixture(scope="session")
def clocked(server: str) -> Iterator[ClockedCopy]:
    """A copy of the real schema that goes by a clock of our own."""
    template, name = f"clocked_template_{RUN}", f"clocked_{RUN}"
    asyncio.run(_build_template(server, template))
    asyncio.run(build_template(database.at(server, OWNER, template)))
    copy = ClockedCopy(server, template, name)
    asyncio.run(copy.make())
    yield copy
    for made in (name, template):
        asyncio.run(_drop(server, made))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(clocked: ClockedCopy) -> AsyncIterator[House]:
    async with opened(clocked) as house:
        yield house


@pytest.fixture
def theatre(house: House, monkeypatch: pytest.MonkeyPatch) -> Theatre:
    return Theatre(house, pretend(monkeypatch))
