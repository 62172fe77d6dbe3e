"""`taf serve` as it runs: several processes, and a stop that loses no answer."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest

from taf_service.database import Urls
from taf_service.demo.processes import free_port
from taf_service.serving import DEMO_ISSUER
from tests.stage import Connection, Stage

ASK = json.dumps({"query": "{ me { name } }"})
HEADERS = {"authorization": "Bearer demo-ada", "content-type": "application/json"}


@dataclass(frozen=True)
class Served:
    process: asyncio.subprocess.Process
    address: str


@asynccontextmanager
async def serving(urls: Urls, **settings: str) -> AsyncIterator[Served]:
    """The command itself, on a port of its own, once it is ready."""
    port = free_port(0)
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "TAF_DATABASE_URL": urls.service,
        "TAF_WORKER_DATABASE_URL": urls.worker,
        "TAF_DEMO": "1",
        "TAF_DEMO_TOKENS": '{"demo-ada": "ada"}',
        "TAF_LINK_KEY": "k" * 32,
        "TAF_PORT": str(port),
        **settings,
    }
    command = (sys.executable, "-m", "taf_service.cli", "serve")
    process = await asyncio.create_subprocess_exec(*command, env=env)
    try:
        await _ready(f"http://127.0.0.1:{port}/ready")
        yield Served(process, f"http://127.0.0.1:{port}/graphql")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        for _ in range(300):
            try:
                if (await client.get(address)).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError("taf serve did not come up")


@pytest.fixture
async def _ada(stage: Stage) -> None:
    await stage.insert(
        "account", issuer=DEMO_ISSUER, subject="ada", person_id=stage.administrator.person_id
    )


@pytest.mark.usefixtures("_ada")
class TestServing:
    @pytest.mark.parametrize("processes", ["1", "2"])
    async def test_finishes_what_was_asked_before_it_stops(
        self, urls: Urls, owner: Connection, processes: str
    ) -> None:
        async with (
            serving(urls, TAF_PROCESSES=processes) as served,
            httpx2.AsyncClient(timeout=30) as client,
        ):
            assert (await client.post(served.address, content=ASK, headers=HEADERS)).is_success
            async with owner.transaction():
                await owner.execute("lock table person in access exclusive mode")
                asking = asyncio.create_task(
                    client.post(served.address, content=ASK, headers=HEADERS)
                )
                await asyncio.sleep(0.5)
                served.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.5)
                assert not asking.done()
            answered = await asking
            await served.process.wait()

        assert answered.json() == {"data": {"me": {"name": "Ada Administrator"}}}

    async def test_by_several_processes_is_by_each_of_them(self, urls: Urls) -> None:
        """A process that dies is replaced, and the others answer meanwhile."""
        async with serving(urls, TAF_PROCESSES="2") as served:
            before = await _children(served.process.pid)
            os.kill(max(before), signal.SIGKILL)
            async with httpx2.AsyncClient(timeout=30) as client:
                for _ in range(10):
                    response = await client.post(served.address, content=ASK, headers=HEADERS)
                    assert response.is_success
            for _ in range(100):
                if len(await _children(served.process.pid) - before) == 1:
                    break
                await asyncio.sleep(0.1)
            assert len(await _children(served.process.pid)) == len(before)


async def _children(pid: int) -> set[int]:
    listing = await asyncio.create_subprocess_exec(
        "ps", "-A", "-o", "pid=,ppid=", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await listing.communicate()
    pairs = (line.split() for line in out.splitlines())
    return {int(child) for child, parent in pairs if int(parent) == pid}
