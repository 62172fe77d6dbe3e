"""The demo's parts: a database of its own, the web and worker processes, the mail catcher."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import uvicorn
from starlette.applications import Starlette

from taf_service import database
from taf_service.demo.catcher import Catcher
from taf_service.settings import Settings

DATABASE = "taf_demo"
READY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the demo's parts answer."""

    web: str
    mail: str


class NotReady(Exception):
    """A part of the demo did not come up."""


async def fresh_database(settings: Settings) -> database.Urls:
    """An empty database of the demo's own, migrated: what an earlier demo left is dropped."""
    superuser = await asyncio.to_thread(database.start_embedded, settings.var / "postgres")
    connection = await asyncpg.connect(superuser)
    try:
        await connection.execute(f"drop database if exists {DATABASE} with (force)")
    finally:
        await connection.close()
    await database.establish(superuser, database=DATABASE)
    roles = (database.OWNER, database.SERVICE, database.WORKER)
    urls = database.Urls(*(database.at(superuser, role, DATABASE) for role in roles))
    await database.migrate(urls.owner)
    return urls


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else a port that the machine chooses."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            return chosen
    raise NotReady("There is no free port on this machine.")


@asynccontextmanager
async def catching(settings: Settings, port: int) -> AsyncIterator[tuple[Catcher, int]]:
    """A mail catcher with an empty mailbox, and its page on `port`."""
    folder = settings.var / "mail"
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    catcher = Catcher(folder)
    smtp_port = await catcher.start()
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=list(catcher.routes("/mail"))),
            host="127.0.0.1",
            port=port,
            log_config=None,
            access_log=False,
        )
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    try:
        yield catcher, smtp_port
    finally:
        server.should_exit = True
        await serving
        await catcher.stop()


@asynccontextmanager
async def service(
    settings: Settings, urls: database.Urls, *, smtp_port: int, port: int, tokens: dict[str, str]
) -> AsyncIterator[str]:
    """The web and worker processes, as in production but for invented tokens and local mail."""
    address = f"http://127.0.0.1:{port}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TAF_")},
        "TAF_DEMO": "true",
        "TAF_VAR": str(settings.var),
        "TAF_DATABASE_URL": urls.service,
        "TAF_WORKER_DATABASE_URL": urls.worker,
        "TAF_PORT": str(port),
        "TAF_PUBLIC_URL": address,
        "TAF_DEMO_TOKENS": json.dumps(tokens),
        "TAF_LINK_KEY": secrets.token_urlsafe(32),
        "TAF_SMTP_HOST": "127.0.0.1",
        "TAF_SMTP_PORT": str(smtp_port),
        "TAF_SMTP_TLS": "loopback-plain",
    }
    started = [await _start(command, environment, settings.var) for command in ("serve", "worker")]
    try:
        await _ready(f"{address}/ready", started)
        yield address
    finally:
        await asyncio.gather(*(_stop(process) for process in started))


async def _start(
    command: str, environment: dict[str, str], var: Path
) -> asyncio.subprocess.Process:
    log = (var / f"demo-{command}.log").open("wb")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "taf_service.cli", command, env=environment, stdout=log, stderr=log
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 15)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _ready(url: str, processes: list[asyncio.subprocess.Process]) -> None:
    for _ in range(READY_SECONDS * 10):
        if any(process.returncode is not None for process in processes):
            raise NotReady("A process ended at once: see demo-serve.log and demo-worker.log.")
        if await asyncio.to_thread(_answers, url):
            return
        await asyncio.sleep(0.1)
    raise NotReady(f"{url} did not answer within {READY_SECONDS} seconds.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False
