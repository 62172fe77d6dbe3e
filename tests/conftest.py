"""One PostgreSQL per test run; a template and one copy of it per process, emptied for each test."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import hypothesis
import pytest
from tortoise import connections

from taf_service import database
from taf_service.core import clock
from taf_service.database import OWNER, SERVICE, WORKER, Urls
from tests.emptying import EmptyCopy
from tests.stage import ATeam, Somebody, Stage

FOLDER = Path(__file__).parent.parent / "var" / "test-postgres"
RUN = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


# A busy machine is no fault of the code: no test asserts time on the clock.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def server() -> str:
    """The superuser's URL: a real server named by TAF_TEST_DATABASE_URL, or our own."""
    return os.environ.get("TAF_TEST_DATABASE_URL") or database.start_embedded(FOLDER)


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """A database with the real migrations applied, to copy for each test."""
    name = f"template_{RUN}"
    asyncio.run(_build_template(server, name))
    yield name
    asyncio.run(_drop(server, name))


async def _build_template(server: str, name: str) -> None:
    await _quicken(server)
    await database.establish(server, database=name)
    await database.migrate(database.at(server, OWNER, name))


async def _quicken(server: str) -> None:
    """Durability is worth nothing to a database that lives for one test."""
    connection = await asyncpg.connect(server)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await connection.execute(f"alter system set {setting} = off")
    await connection.execute("select pg_reload_conf()")
    await connection.close()


async def _drop(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f'drop database if exists "{name}" with (force)')
    await connection.close()


@pytest.fixture(scope="session")
def copy(server: str, template: str) -> Iterator[EmptyCopy]:
    """This process's copy of the template."""
    copy = EmptyCopy(server, template, f"test_{RUN}")
    asyncio.run(copy.make())
    yield copy
    asyncio.run(_drop(server, copy.name))


@pytest.fixture
async def urls(copy: EmptyCopy) -> AsyncIterator[Urls]:
    """An empty, migrated database that is this test's alone; nothing is connected to it yet."""
    yield Urls(*(database.at(copy.server, role, copy.name) for role in (OWNER, SERVICE, WORKER)))
    await copy.clear()


@pytest.fixture
async def db(urls: Urls) -> AsyncIterator[Urls]:
    """The domain connected as the service's role, behind row-level security."""
    async with database.orm(urls.service, pool=4):
        yield urls


@pytest.fixture
async def owner(urls: Urls) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """The owner's connection: sees everything, for building situations and looking behind walls."""
    connection = await asyncpg.connect(urls.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def stage(db: Urls, owner: asyncpg.Connection[asyncpg.Record], now: datetime) -> Stage:
    """Builds situations: an authority is there, the rest on demand."""
    stage = Stage(owner, now)
    await stage.set()
    return stage


@pytest.fixture
async def helen(stage: Stage) -> Somebody:
    """A practitioner whom most tests put into a team beside its lead."""
    return await stage.practitioner("Helen Health")


@pytest.fixture
async def team(stage: Stage, helen: Somebody) -> ATeam:
    """Around two parents and their child; Helen is in it, and Lena leads it."""
    return await stage.team(helen)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """A Monday morning in term time; the one clock reads it."""
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    async def begin(person_id: UUID) -> datetime:
        await connections.get("default").execute_query(
            "select set_config('taf.actor', $1, true)", [str(person_id)]
        )
        return moment

    monkeypatch.setattr(clock, "begin", begin)
    return moment
