"""What takes too long is ended: reads in PostgreSQL too, operations never half-way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest
from starlette.types import ASGIApp, Message

from schema import ids
from taf_service.database import Urls
from taf_service.web.graphql.media import JSON
from tests.stage import Connection, Somebody, Stage
from tests.taf_service.web.client import ME, Answered, endpoint, raw

SHORT = 0.3
ADD = """
mutation ($input: AddLocalityInput!) { addLocality(input: $input) { __typename } }
"""


async def ask(app: ASGIApp, document: str, who: str = "helen", **given: object) -> Answered:
    body = json.dumps({"query": document, "variables": given}).encode()
    headers = [(b"authorization", f"Bearer demo-{who}".encode()), (b"content-type", JSON.encode())]
    return await raw(app, body, headers=headers)


@asynccontextmanager
async def locked(owner: Connection, table: str) -> AsyncIterator[None]:
    """Nobody gets at `table` meanwhile: a statement that hangs, as a slow one would."""
    async with owner.transaction():
        await owner.execute(f"lock table {table} in access exclusive mode")
        yield


@pytest.fixture
async def superuser(server: str) -> AsyncIterator[Connection]:
    """Who sees what everybody's connections are doing."""
    connection = await asyncpg.connect(server)
    yield connection
    await connection.close()


async def running(superuser: Connection, urls: Urls) -> int:
    count: int = await superuser.fetchval(
        "select count(*) from pg_stat_activity where usename = 'taf_service' and datname = $1"
        " and state <> 'idle'",
        urlsplit(urls.owner).path.lstrip("/"),
    )
    return count


async def until_there_run(superuser: Connection, urls: Urls, expected: int) -> None:
    """A statement begins and ends at once, but in another process."""
    for _ in range(100):
        if await running(superuser, urls) == expected:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"there are not {expected} statements running in PostgreSQL")


class TestAReadThatTakesTooLong:
    async def test_is_ended_here_and_in_postgresql(
        self, db: Urls, helen: Somebody, owner: Connection, superuser: Connection
    ) -> None:
        app = endpoint(deadline=SHORT)
        assert (await ask(app, ME)).status == 200

        async with locked(owner, "person"):
            answered = await ask(app, ME)
            await until_there_run(superuser, db, 0)

        assert (answered.status, answered.code) == (503, "DEADLINE_EXCEEDED")
        assert (await ask(app, ME)).status == 200

    async def test_is_answered_alike_when_postgresql_ends_it(
        self, db: Urls, helen: Somebody, owner: Connection, superuser: Connection
    ) -> None:
        app = endpoint()
        assert (await ask(app, ME)).status == 200

        async with locked(owner, "person"):
            asking = asyncio.create_task(ask(app, ME))
            await until_there_run(superuser, db, 1)
            await superuser.execute(
                "select pg_cancel_backend(pid) from pg_stat_activity where state = 'active'"
                " and usename = 'taf_service' and datname = $1",
                urlsplit(db.owner).path.lstrip("/"),
            )
            answered = await asking

        assert (answered.status, answered.code) == (503, "DEADLINE_EXCEEDED")

    async def test_while_signing_in_is_ended_too(
        self, db: Urls, helen: Somebody, owner: Connection
    ) -> None:
        async with locked(owner, "account"):
            answered = await ask(endpoint(deadline=SHORT), ME)

        assert (answered.status, answered.code) == (503, "DEADLINE_EXCEEDED")


class TestAnOperationThatTakesTooLong:
    async def test_is_told_of_and_still_happens_whole(
        self, db: Urls, stage: Stage, owner: Connection, superuser: Connection
    ) -> None:
        await stage.account(stage.administrator, "ada")
        given = {
            "authorityId": ids.encode("Authority", stage.authority_id),
            "name": "Far North",
            "idempotencyKey": "far-north-1",
        }
        app = endpoint(deadline=SHORT)
        assert (await ask(app, ME, "ada")).status == 200

        async with locked(owner, "locality"):
            answered = await ask(app, ADD, "ada", input=given)
            assert await running(superuser, db) == 1
        await until_there_run(superuser, db, 0)
        again = await ask(app, ADD, "ada", input=given)

        assert (answered.status, answered.code) == (503, "DEADLINE_EXCEEDED")
        assert "idempotencyKey" in answered.errors[0]["message"]
        assert b"LocalityAdded" in again.body
        found = await owner.fetchval("select count(*) from locality where name = 'Far North'")
        assert found == 1


class TestABodyThatTrickles:
    async def test_is_not_waited_for(self, db: Urls, helen: Somebody, stage: Stage) -> None:
        before = await stage.state()
        sent: list[Message] = []

        async def receive() -> Message:
            await asyncio.sleep(0.05)
            return {"type": "http.request", "body": b" ", "more_body": True}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"authorization", b"Bearer demo-helen"), (b"content-type", JSON.encode())]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": b"",
            "headers": headers,
        }
        await endpoint(deadline=SHORT)(scope, receive, send)

        assert sent[0]["status"] == 408
        assert (b"connection", b"close") in sent[0]["headers"]
        assert json.loads(sent[1]["body"])["errors"][0]["extensions"]["code"] == "BODY_TOO_SLOW"
        assert await stage.state() == before
