"""One load of one server: wrk (else autocannon) asks, /proc says what it cost."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from bench import meters
from bench.asks import Query, asks, numbers_of_changed, write
from bench.naming import World, named
from bench.servers import LOGS, PEERS, Server, node, send
from bench.world import FOLDER

WRK = Path(__file__).with_name("wrk.lua")
GRACE = 30  # seconds that a load may take longer than it was told
WHOLE = 0.9  # of an answer's size: families differ a little
WARM = 3  # seconds
BUSY = 0.01  # seconds of processor time by which a backend shows that it is this server's


Processes = dict[int, meters.Process]


class LoadFailed(Exception):
    """The load generator did not come to a result, or was refused."""


@dataclass(frozen=True, slots=True)
class Load:
    """`..._seconds` of processor time a request; latencies in milliseconds; memory in MB."""

    requests: int
    rate: float
    p50: float
    p99: float
    server_seconds: float
    database_seconds: float
    server_memory: float
    database_memory: float


async def warm(server: Server, query: Query, world: World, *, connections: int) -> None:
    """Statements prepared on every connection, code compiled. Errors: `LoadFailed`."""
    asked = asks(server.kind, query, world, await _calm(world, query))
    path = write(asked, LOGS / f"{server.kind}-{query}.txt")
    await _generate(server, path, query, connections, WARM)


async def load(
    server: Server, query: Query, world: World, *, connections: int, seconds: float
) -> Load:
    """Ask for so many seconds. Errors: `LoadFailed`."""
    asked = asks(server.kind, query, world, await _calm(world, query))
    path = write(asked, LOGS / f"{server.kind}-{query}.txt")
    # Whoever answered with errors would answer fast, and shortly.
    least = 0 if query == "report" else WHOLE * len(await asyncio.to_thread(send, server, asked[0]))
    before = meters.processes()
    said = await _generate(server, path, query, connections, seconds)
    if said["bytes"] / said["requests"] < least:
        raise LoadFailed(f"{server.kind}: answers were cut short.")
    after = meters.processes()
    return _costs(server, said, before, after)


def generator() -> str:
    return "wrk" if shutil.which("wrk") else "autocannon"


async def _calm(world: World, query: Query) -> dict[int, UUID]:
    """As before the load before: no reports, an empty log, nothing left to write to disk.

    Returns the present versions of what will be changed.
    """
    connection = await asyncpg.connect(world.superuser)
    try:
        await _idle(connection)
        await connection.execute("set session_replication_role = replica")  # past append-only
        await connection.execute("truncate audit_entry, audit_seal, sealed_entry, action_progress")
        await connection.execute("vacuum (analyze) action")
        await connection.execute("checkpoint")
        if query != "report":
            return {}
        numbers = {named("action", number): number for number in numbers_of_changed(world)}
        rows = await connection.fetch(
            "select id, version from action where id = any($1::uuid[])", list(numbers)
        )
        return {numbers[row["id"]]: row["version"] for row in rows}
    finally:
        await connection.close()


async def _idle(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Wait for what the load before still asked for when it ended."""
    for _ in range(GRACE * 10):
        busy: int = await connection.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and state <> 'idle'"
        )
        if not busy:
            return
        await asyncio.sleep(0.1)


async def _generate(
    server: Server, path: Path, query: Query, connections: int, seconds: float
) -> dict[str, float]:
    what = "changes" if query == "report" else "reads"
    if generator() == "wrk":
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", f"--timeout={GRACE}s"]
        command += ["-s", str(WRK)]
        command += [server.address, "--", str(path), what]
    else:
        command = [node(), str(PEERS / "load.js"), server.address, str(path), what]
        command += [str(connections), str(seconds)]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "NODE_ENV": "production"},
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), seconds + GRACE)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise LoadFailed(f"{server.kind}: the load did not end.") from None
    return _result(server, output.decode())


def _result(server: Server, output: str) -> dict[str, float]:
    for line in output.splitlines():
        if line.startswith("@RESULT "):
            said: dict[str, float] = json.loads(line.removeprefix("@RESULT "))
            if said["errors"] or not said["requests"]:
                raise LoadFailed(f"{server.kind}: {said['errors']:.0f} requests were refused.")
            return said
    raise LoadFailed(f"{server.kind}: {output[-500:]}")


def _costs(server: Server, said: dict[str, float], before: Processes, after: Processes) -> Load:
    requests = int(said["requests"])
    postmaster = int((FOLDER / "postmaster.pid").read_text().splitlines()[0])
    backends = [
        pid
        for pid in meters.family_of(postmaster, after)
        if pid in before and after[pid].seconds - before[pid].seconds > BUSY
    ]
    return Load(
        requests=requests,
        rate=requests / (said["microseconds"] / 1e6),
        p50=said["p50"] / 1e3,
        p99=said["p99"] / 1e3,
        server_seconds=_spent(server.pid, before, after) / requests,
        database_seconds=_spent(postmaster, before, after) / requests,
        server_memory=meters.private_megabytes(meters.family_of(server.pid, after)),
        database_memory=meters.private_megabytes(backends),
    )


def _spent(root: int, before: Processes, after: Processes) -> float:
    """By a process and all below it; what those that ended had spent passes to their parents."""
    return meters.seconds_below(root, after) - meters.seconds_below(root, before)
