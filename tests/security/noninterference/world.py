"""One world: an empty database, the real application over it, real letters, an invented time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx2
from pydantic import SecretStr

from notifications import claims, letters, outcomes, worker
from notifications.claims import Entry, Pool
from notifications.letters import Letterhead
from notifications.letters import Post as Letters
from notifications.links import LinkKey
from notifications.smtp import Sender
from taf_service import access, database
from taf_service.app import create_app
from taf_service.database import OWNER, SERVICE, WORKER
from taf_service.settings import Settings
from tests.notifications.mail_server import Server, serving
from tests.security.noninterference.pretended import Chance, ClockedCopy, set_clock
from tests.stage import ISSUER, Stage

BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BETWEEN_STEPS = timedelta(minutes=10)
_KEY = "k" * 32
_MAIL_DOMAIN, _PUBLIC_URL = "reply.taf.example", "https://taf.example"
_POST = Letters(Letterhead(_MAIL_DOMAIN, _PUBLIC_URL), LinkKey("1", _KEY))
_LEASE = timedelta(seconds=30)


@dataclass
class World:
    """`client` speaks to the application, `stage` builds, `mailbag` is what left by mail."""

    owner: asyncpg.Connection[asyncpg.Record]
    client: httpx2.AsyncClient
    chance: Chance
    stage: Stage
    _mail: Server
    _pool: Pool
    _sender: Sender

    async def turn_to(self, step: int) -> None:
        """The clock shows the moment of this step, the same whatever happened before it."""
        self.stage.now = BEGINNING + step * BETWEEN_STEPS
        await set_clock(self.owner, self.stage.now)

    def mail_to(self, address: str) -> list[bytes]:
        """What was sent to this address, envelope and all, in the order it was sent."""
        return [
            f"{sent.mail_from} {sent.rcpt_tos}\r\n".encode() + (sent.original_content or b"")
            for sent in self._mail.received
            if address in sent.rcpt_tos
        ]

    async def deliver(self) -> None:
        """Everything that is due, as the worker does it, but one letter after another."""
        await worker.tell_of_trouble(self._pool)
        async with self._pool.acquire() as connection:
            while entry := await self._next(connection):
                await self._send(connection, entry)

    async def _next(self, connection: claims.Connection) -> Entry | None:
        entries = await claims.claim(connection, lease=_LEASE, limit=1, per_domain=1, busy={})
        return entries[0] if entries else None

    async def _send(self, connection: claims.Connection, entry: Entry) -> None:
        letter = (entry.kind, entry.recipient_id, entry.subject_id, entry.number, entry.attempts)
        with self.chance.during("letter", *letter):
            frozen = await letters.prepare(connection, entry, _POST, lease=_LEASE)
        if frozen is not None:
            outcome = await self._sender.send(
                frozen.message, envelope_from=frozen.envelope_from, to=frozen.address
            )
            await outcomes.record(connection, entry, outcome)


@dataclass
class House:
    """Connections to one database, for one world after another.

    They outlive a world because PostgreSQL plans each statement once in each of them, and that
    costs more than running it. Nothing else does: the database is emptied, the application new.
    """

    copy: ClockedCopy
    owner: asyncpg.Connection[asyncpg.Record]
    _pool: Pool

    @asynccontextmanager
    async def world(self, chance: Chance, names: Iterable[str]) -> AsyncIterator[World]:
        """A new world in which whoever has one of these names can sign in by it."""
        await self.copy.empty()
        await set_clock(self.owner, BEGINNING)
        mail = Server()
        app = create_app(_settings(), self.copy.url_of(SERVICE), _verifier(names))
        transport = httpx2.ASGITransport(app=app)
        async with (
            httpx2.AsyncClient(transport=transport, base_url=_PUBLIC_URL) as client,
            serving(mail) as relay,
            Sender(relay) as sender,
        ):
            stage = Stage(self.owner, BEGINNING)
            yield World(self.owner, client, chance, stage, mail, self._pool, sender)


@asynccontextmanager
async def opened(copy: ClockedCopy) -> AsyncIterator[House]:
    owner = await asyncpg.connect(copy.url_of(OWNER))
    async with (
        database.orm(copy.url_of(SERVICE), pool=2),
        database.pool(copy.url_of(WORKER), size=1) as pool,
    ):
        yield House(copy, owner, pool)
    await owner.close()


def _settings() -> Settings:
    return Settings(
        demo=True,
        pool=2,
        link_key=SecretStr(_KEY),
        mail_domain=_MAIL_DOMAIN,
        public_url=_PUBLIC_URL,
    )


def _verifier(names: Iterable[str]) -> access.Verifier:
    tokens = {token_of(name): access.Identity(ISSUER, name) for name in names}
    return access.verifier_for(demo=True, jwks=None, issuer=None, audience=None, demo_tokens=tokens)


def token_of(name: str) -> str:
    return f"demo-{name}"
