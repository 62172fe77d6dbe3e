"""Builds a world of invented families in a database of its own: `python -m bench.world 5000`.

A world that is there already is used again, as long as the code that made it is the same and its
meetings to come are still to come.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.progress import Progress

from bench import naming, rows
from bench.naming import World
from taf_service import database

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "var" / "bench-postgres"
PEERS = ROOT / "bench" / "peers" / "peers.sql"
FRESH = timedelta(days=5)  # the first meeting to come is seven days ahead when a world is made
# What any server of one's own would have; the same for everybody who is measured.
SETTINGS = {"shared_buffers": "512MB", "max_connections": "300", "max_wal_size": "4GB"}


async def build(families: int = 5_000, *, busy_actions: int = 0) -> World:
    """The world with so many families, made now if it is not there; `families` in twenties."""
    if families < 100 or families % naming.TEAMS_EACH:  # noqa: PLR2004 - so that places suffice
        raise SystemExit("A world has at least 100 families, and a multiple of 20.")
    superuser = await asyncio.to_thread(start)
    world = _world(superuser, families, busy_actions)
    if not await _stands(world):
        await _make(world)
    return world


def start() -> str:
    """The server of the measurements; the last process that asked for it stops it."""
    if not (FOLDER / "PG_VERSION").exists():
        # Settings such as shared_buffers hold from the next start: a process that comes and goes.
        subprocess.run([sys.executable, "-m", "bench.world", "--prepare"], check=True, cwd=ROOT)
    return database.start_embedded(FOLDER)


def _world(superuser: str, families: int, busy_actions: int) -> World:
    name = f"bench_{families}" + (f"_busy_{busy_actions}" if busy_actions else "")
    roles = (database.OWNER, database.SERVICE, database.WORKER)
    urls = database.Urls(*(database.at(superuser, role, name) for role in roles))
    return World(families, database.at(superuser, "postgres", name), urls, busy_actions)


async def _stands(world: World) -> bool:
    """Whether the world is there, whole, young and made by this code."""
    try:
        connection = await asyncpg.connect(world.superuser)
    except asyncpg.InvalidCatalogNameError:
        return False
    try:
        text = await connection.fetchval(
            "select shobj_description(oid, 'pg_database') from pg_database"
            " where datname = current_database()"
        )
    finally:
        await connection.close()
    stamp = json.loads(text or "{}")
    return stamp.get("code") == _code() and _now() - datetime.fromisoformat(stamp["at"]) < FRESH


def _now() -> datetime:
    return datetime.now(UTC)


def _code() -> str:
    """A digest of whatever decides what a world looks like."""
    sources = [
        *sorted((ROOT / "taf_service" / "migrations").glob("*.py")),
        ROOT / "bench" / "naming.py",
        ROOT / "bench" / "rows.py",
        PEERS,
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


async def _make(world: World) -> None:
    name = world.superuser.partition("?")[0].rpartition("/")[2]
    await _drop(world, name)
    await database.establish(database.at(world.superuser, "postgres", "postgres"), database=name)
    await database.migrate(world.urls.owner)
    await _equip(world.urls.owner)
    connection = await asyncpg.connect(world.superuser)
    try:
        # Neither foreign keys nor triggers are asked for each of millions of rows.
        await connection.execute("set session_replication_role = replica")
        await connection.execute("set synchronous_commit = off")
        await _fill(connection, world)
        await connection.execute("vacuum (freeze, analyze)")
        stamp = json.dumps({"code": _code(), "at": _now().isoformat()})
        await connection.execute(f"comment on database {name} is '{stamp}'")
    finally:
        await connection.close()


async def _drop(world: World, name: str) -> None:
    connection = await asyncpg.connect(database.at(world.superuser, "postgres", "postgres"))
    try:
        await connection.execute(f"drop database if exists {name} with (force)")
    finally:
        await connection.close()


async def _equip(owner: str) -> None:
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute(PEERS.read_text())
    finally:
        await connection.close()


async def _fill(connection: asyncpg.Connection[asyncpg.Record], world: World) -> None:
    steps = list(rows.statements(world.families, world.busy_actions))
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(f"{world.families:,} families", total=len(steps))
        for what, sql in steps:
            if what:
                progress.update(bar, description=f"{world.families:,} families: {what}")
            await connection.execute(sql)
            progress.advance(bar)


async def _prepare() -> None:
    connection = await asyncpg.connect(database.start_embedded(FOLDER))
    try:
        for name, value in SETTINGS.items():
            await connection.execute(f"alter system set {name} = '{value}'")
    finally:
        await connection.close()


def main(
    families: Annotated[int, typer.Argument(help="How many, in twenties.")] = 5_000,
    busy_actions: Annotated[
        int, typer.Option(help="And somebody who owns so many actions, in one family more.")
    ] = 0,
    prepare: Annotated[bool, typer.Option("--prepare", hidden=True)] = False,  # noqa: FBT002
) -> None:
    """Build a world, or find it, and say how to reach it."""
    if prepare:
        asyncio.run(_prepare())
        return
    world = asyncio.run(build(families, busy_actions=busy_actions))
    typer.echo(f"superuser {world.superuser}\nservice   {world.urls.service}")
    first = world.viewers[0]
    typer.echo(f"viewer    {first.person_id} (token {first.token}, in families {first.families})")


if __name__ == "__main__":
    typer.run(main)
