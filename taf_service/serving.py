"""What the commands do: the processes of the service, put together from settings."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from uuid import UUID

import uvicorn

from notifications import worker
from schema import build
from taf_service import access, database, logs, partnership
from taf_service.app import create_app, link_key
from taf_service.core import sealing
from taf_service.settings import Settings

DEMO_ISSUER = "demo"


def serve(settings: Settings) -> None:
    """Serve until told to stop; in flight requests are finished first.

    Errors: `ConfigurationRefused`, `LinkKeyMissing`: before anything listens.
    """
    logs.configure()
    verifier = access.verifier_for(
        demo=settings.demo,
        jwks=settings.jwks,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        demo_tokens={
            token: access.Identity(DEMO_ISSUER, subject)
            for token, subject in settings.demo_tokens.items()
        },
    )
    link_key(settings)
    urls = asyncio.run(database.urls_for(settings))
    uvicorn.run(
        create_app(settings, urls.service, verifier),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
    )


async def work(settings: Settings) -> None:
    """Send and seal until told to stop."""
    logs.configure()
    link_key(settings)
    urls = await database.urls_for(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await worker.serve(settings, urls.worker, stop)


async def migrate(settings: Settings) -> None:
    """As the owner. Errors: `DatabaseNotConfigured`, `DatabaseUnreachable`."""
    urls = await database.urls_for(settings)
    await database.migrate(urls.owner)


def sdl() -> str:
    return build.sdl()


async def verify_audit(
    settings: Settings, kept: Mapping[UUID, sealing.Head]
) -> tuple[dict[UUID, sealing.Head], tuple[sealing.Broken, ...]]:
    """The heads there are, and what does not add up."""
    urls = await database.urls_for(settings)
    connection = await database.connect(urls.worker)
    try:
        return await sealing.heads(connection), await sealing.verify(connection, kept)
    finally:
        await connection.close()


async def establish_authority(
    settings: Settings,
    *,
    code: str,
    name: str,
    administrator: str,
    issuer: str,
    subject: str,
    localities: tuple[str, ...],
) -> None:
    """As the owner, before anybody can sign in.

    Errors: `EstablishmentRefused`, `DatabaseNotConfigured`, `DatabaseUnreachable`.
    """
    urls = await database.urls_for(settings)
    connection = await database.connect(urls.owner)
    try:
        await partnership.establish_authority(
            connection,
            code=code,
            name=name,
            administrator=administrator,
            issuer=issuer,
            subject=subject,
            localities=localities,
        )
    finally:
        await connection.close()
