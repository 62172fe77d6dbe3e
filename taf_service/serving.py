"""What the commands do: the processes of the service, put together from settings."""

from __future__ import annotations

import asyncio
import functools
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import uvicorn
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from notifications import worker
from schema import build, documents
from taf_service import access, database, logs, partnership
from taf_service.app import create_app, link_key, trusted_documents
from taf_service.core import sealing
from taf_service.settings import Settings
from taf_service.web.heads import BoundedHeads

DEMO_ISSUER = "demo"


def serve(settings: Settings) -> None:
    """Serve until told to stop; in flight requests are finished first.

    Errors: `ConfigurationRefused`, `LinkKeyMissing`, `DocumentsRefused`: before anything listens.
    """
    logs.configure()
    _verifier(settings)
    link_key(settings)
    trusted_documents(settings)
    urls = asyncio.run(database.urls_for(settings))
    _keep_up(
        uvicorn.Config(
            functools.partial(_application, settings, urls.service),
            factory=True,
            workers=settings.processes,
            host=settings.host,
            port=settings.port,
            http=BoundedHeads,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=30,
        )
    )


def _keep_up(config: uvicorn.Config) -> None:
    """`uvicorn.run`, but for an application that is made from settings and not named in a text."""
    if config.workers > 1:
        Multiprocess(config, sockets=[config.bind_socket()]).run()
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


def _application(settings: Settings, service_url: str) -> Starlette:
    """Each process makes its own."""
    logs.configure()
    return create_app(settings, service_url, _verifier(settings))


def _verifier(settings: Settings) -> access.Verifier:
    return access.verifier_for(
        demo=settings.demo,
        jwks=settings.jwks,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        demo_tokens={
            token: access.Identity(DEMO_ISSUER, subject)
            for token, subject in settings.demo_tokens.items()
        },
    )


def register_documents(settings: Settings, paths: Sequence[Path]) -> list[str]:
    """Their ids, once all of them are kept. Errors: `DocumentsRefused`."""
    if settings.documents is None:
        raise documents.DocumentsRefused("Set TAF_DOCUMENTS to the folder of registered documents.")
    return documents.register(settings.documents, paths)


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
