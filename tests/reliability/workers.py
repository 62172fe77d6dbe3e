"""Real worker processes, to be killed and stopped, and the mail server that they talk to."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg

from notifications.smtp import Relay
from taf_service.database import Urls
from tests.notifications.post import KEY

LEASE = 1.0


def environment(urls: Urls, relay: Relay) -> dict[str, str]:
    """The settings of a worker that sends to `relay`."""
    return {
        **os.environ,
        "TAF_DATABASE_URL": urls.service,
        "TAF_WORKER_DATABASE_URL": urls.worker,
        "TAF_LINK_KEY": KEY,
        "TAF_PUBLIC_URL": "https://taf.example",
        "TAF_SMTP_HOST": relay.host,
        "TAF_SMTP_PORT": str(relay.port),
        "TAF_SMTP_TLS": "loopback-plain",
        "TAF_LEASE_SECONDS": str(LEASE),
    }


@dataclass
class Workers:
    """Starts workers; all of them are gone when the block ends."""

    owner: asyncpg.Connection[asyncpg.Record]
    source: asyncio.subprocess.Process
    started: list[int] = field(default_factory=list)

    async def start(self) -> int:
        """One more; returns its process number."""
        assert self.source.stdin is not None
        assert self.source.stdout is not None
        self.source.stdin.write(b"\n")
        await self.source.stdin.drain()
        process = int(await self.source.stdout.readline())
        self.started.append(process)
        return process

    async def kill(self, process: int) -> None:
        """`kill -9`; returns once the database has noticed, and nothing of it can still commit."""
        os.kill(process, signal.SIGKILL)
        while await self.owner.fetchval(  # noqa: ASYNC110 - the database announces nothing
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and usename = 'taf_worker'"
        ):
            await asyncio.sleep(0.005)


@asynccontextmanager
async def workers(
    urls: Urls, relay: Relay, owner: asyncpg.Connection[asyncpg.Record]
) -> AsyncIterator[Workers]:
    source = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.reliability.worker_process"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment(urls, relay),
    )
    those = Workers(owner, source)
    try:
        yield those
    finally:
        for process in those.started:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        source.kill()
        await source.wait()


@asynccontextmanager
async def command(urls: Urls, relay: Relay) -> AsyncIterator[asyncio.subprocess.Process]:
    """`taf worker`, as it is deployed; stopped as it is stopped there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "taf_service.cli", "worker"), env=environment(urls, relay)
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
