"""Sends what is queued: claims, asks, builds once, sends, writes down what became of it.

Nothing is lost when this process dies at any moment: an entry whose lease ran out is taken up by
another and the same bytes are sent again (reliability R1 to R5, R10). No network call is made
inside a database transaction.
"""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from notifications import claims, letters, outcomes, troubles
from notifications.addresses import domain_of
from notifications.claims import Entry, Pool
from notifications.letters import Letterhead, Post
from notifications.links import LinkKey
from notifications.smtp import Outcome, Relay, Sender, TlsPolicy
from taf_service import database
from taf_service.core import sealing
from taf_service.settings import Settings

log = structlog.get_logger()

KEYS_KEPT = timedelta(days=30)
_HOUSEKEEPING_SECONDS = 60.0
_GATHER_SECONDS = 0.02  # so that several free places are filled by one claim
_RENEWALS_PER_LEASE = 3
_CONNECTIONS = 6
_WRITE_AGAIN_SECONDS = 0.5
_NEVER_FITS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """`lease`: how long after a crash a message waits for somebody else; it is renewed meanwhile.

    `concurrency` messages are in hand at once, `per_domain` of them to one domain, so that a server
    which lets us wait holds up nobody else (R5). Every `trouble_seconds` we look for messages that
    have not arrived (R4).
    """

    post: Post
    lease: timedelta = timedelta(seconds=30)
    concurrency: int = 16
    per_domain: int = 4
    idle_seconds: float = 0.5
    drain_seconds: float = 20.0
    trouble_seconds: float = 15.0


async def serve(settings: Settings, url: str, stop: asyncio.Event) -> None:
    """Send and seal until `stop`, as the worker's role at `url`.

    Errors: `ValueError` for settings that are not safe to send with.
    """
    config = config_of(settings)
    async with (
        database.pool(url, size=_CONNECTIONS) as pool,
        Sender(relay_of(settings, config)) as sender,
    ):
        await run(pool, sender, config, stop)


def config_of(settings: Settings) -> WorkerConfig:
    secret = settings.link_key.get_secret_value() if settings.link_key else ""
    key = LinkKey(settings.link_key_id, secret)
    letterhead = Letterhead(settings.mail_domain, settings.public_url)
    lease = timedelta(seconds=settings.lease_seconds)
    return WorkerConfig(post=Post(letterhead, key), lease=lease)


def relay_of(settings: Settings, config: WorkerConfig) -> Relay:
    password = settings.smtp_password
    return Relay(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        tls=TlsPolicy(settings.smtp_tls),
        tls_exceptions={d: TlsPolicy(tls) for d, tls in settings.smtp_tls_exceptions.items()},
        ca_file=settings.smtp_ca_file,
        client_name=settings.mail_domain,
        connections=config.concurrency,
    )


async def run(pool: Pool, sender: Sender, config: WorkerConfig, stop: asyncio.Event) -> None:
    """Work until `stop`; what is in hand by then is finished, or left to its lease."""
    worker = _Worker(pool, sender, config)
    every = config.lease.total_seconds() / _RENEWALS_PER_LEASE
    beside = [
        asyncio.create_task(_again_and_again("renewal", every, worker.renew)),
        asyncio.create_task(
            _again_and_again("housekeeping", _HOUSEKEEPING_SECONDS, lambda: keep_house(pool))
        ),
        asyncio.create_task(
            _again_and_again(
                "trouble", config.trouble_seconds, lambda: tell_of_trouble(pool), at_once=False
            )
        ),
    ]
    try:
        await worker.work(stop)
        await worker.drain()
    finally:
        await _ended(beside)


async def keep_house(pool: Pool) -> None:
    """Seal the audit; forget idempotency keys after their 30 days."""
    async with pool.acquire() as connection:
        while await sealing.seal(connection) == sealing.BATCH:
            pass
        await connection.execute(
            "delete from idempotency_key where used_at < now() - $1::interval", KEYS_KEPT
        )


async def tell_of_trouble(pool: Pool) -> None:
    """Let those know who must see to a message that has not arrived (R4)."""
    async with pool.acquire() as connection:
        await troubles.tell(connection)


class _Worker:
    """What is in this process's hands."""

    def __init__(self, pool: Pool, sender: Sender, config: WorkerConfig) -> None:
        self._pool = pool
        self._sender = sender
        self._config = config
        self._in_hand: dict[asyncio.Task[None], Entry] = {}
        self._domains: dict[UUID, str] = {}  # of what is in hand, where that is known
        self._changed = asyncio.Event()

    async def work(self, stop: asyncio.Event) -> None:
        stopped = asyncio.create_task(stop.wait())
        stopped.add_done_callback(lambda _: self._changed.set())
        try:
            while not stop.is_set():
                self._changed.clear()
                taken = await self._take_more()
                await self._pause(_GATHER_SECONDS if taken else self._config.idle_seconds)
        finally:
            await _ended([stopped])

    async def drain(self) -> None:
        """Let what was begun come to its end, but not for ever."""
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=self._config.drain_seconds)
        await _ended(self._in_hand)

    async def renew(self) -> None:
        """Keep what is ours; let go of what was taken from us, or stopped (R10)."""
        if not self._in_hand:
            return
        in_hand = dict(self._in_hand)
        async with self._pool.acquire() as connection:
            held = await claims.renew(connection, in_hand.values(), lease=self._config.lease)
        for task, entry in in_hand.items():
            if entry.id not in held:
                task.cancel()

    async def _take_more(self) -> int:
        places = self._config.concurrency - len(self._in_hand)
        if places <= 0:
            return 0
        try:
            entries = await self._claim(places)
        except Exception as error:  # noqa: BLE001 - the loop outlives its database
            _complain("claim_failed", error)
            return 0
        for entry in entries:
            if entry.frozen is not None:
                self._domains[entry.id] = domain_of(entry.frozen.address)
            task = asyncio.create_task(self._deal_with(entry))
            self._in_hand[task] = entry
            task.add_done_callback(self._let_go)
        return len(entries)

    async def _claim(self, limit: int) -> list[Entry]:
        async with self._pool.acquire() as connection:
            return await claims.claim(
                connection,
                lease=self._config.lease,
                limit=limit,
                per_domain=self._config.per_domain,
                busy=Counter(self._domains.values()),
                held=[entry.id for entry in self._in_hand.values()],
            )

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._domains.pop(self._in_hand.pop(task).id, None)
        self._changed.set()

    async def _pause(self, seconds: float) -> None:
        """Wait for a free place or for new mail."""
        await asyncio.sleep(_GATHER_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)

    async def _deal_with(self, entry: Entry) -> None:
        """One message from claim to outcome; whatever goes wrong with it stays its own affair."""
        try:
            await self._deliver(entry)
        except Exception as error:  # noqa: BLE001 - one bad message never stops the others
            _complain("message_failed", error, entry_id=str(entry.id))
            await self._put_aside(entry, error)

    async def _deliver(self, entry: Entry) -> None:
        async with self._pool.acquire() as connection:
            letter = await letters.prepare(
                connection, entry, self._config.post, lease=self._config.lease
            )
        if letter is None:
            return
        if not self._has_room(entry, domain_of(letter.address)):
            async with self._pool.acquire() as connection:
                await claims.release(connection, entry)
            return
        outcome = await self._sender.send(
            letter.message, envelope_from=letter.envelope_from, to=letter.address
        )
        await self._write_down(entry, outcome)

    def _has_room(self, entry: Entry, domain: str) -> bool:
        """Whether one more message to `domain` may be begun; then it counts."""
        if self._domains.get(entry.id) != domain:
            self._domains.pop(entry.id, None)
            if Counter(self._domains.values())[domain] >= self._config.per_domain:
                return False
            self._domains[entry.id] = domain
        return True

    async def _write_down(self, entry: Entry, outcome: Outcome) -> None:
        """Until it is written or ours no longer: an outcome forgotten is a message sent again (R2).

        Errors: those of values that no table takes.
        """
        while True:
            try:
                async with self._pool.acquire() as connection:
                    await outcomes.record(connection, entry, outcome)
            except _NEVER_FITS:
                raise
            except Exception as error:  # noqa: BLE001 - the database may come back
                _complain("outcome_waits", error, entry_id=str(entry.id))
                await asyncio.sleep(_WRITE_AGAIN_SECONDS)
            else:
                return

    async def _put_aside(self, entry: Entry, error: Exception) -> None:
        try:
            async with self._pool.acquire() as connection:
                await outcomes.record_fault(connection, entry, error)
        except Exception as second:  # noqa: BLE001 - then the lease ends, and another takes it up
            _complain("message_left", second, entry_id=str(entry.id))


async def _again_and_again(
    name: str,
    seconds: float,
    act: Callable[[], Coroutine[Any, Any, None]],
    *,
    at_once: bool = True,
) -> None:
    if not at_once:
        await asyncio.sleep(seconds)
    while True:
        try:
            await act()
        except Exception as error:  # noqa: BLE001 - the next time may go well
            _complain(f"{name}_failed", error)
        await asyncio.sleep(seconds)


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _complain(event: str, error: Exception, **ids: str) -> None:
    """Log what went wrong and where, without the words: they may quote an address."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    log.error(event, error=type(error).__name__, at=f"{last.name}:{last.lineno}", **ids)
