"""The demo's mailbox: real SMTP on loopback that keeps every message and delivers none."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.routing import BaseRoute

from taf_service.demo import catcher_page, caught
from taf_service.demo.caught import CaughtMessage as CaughtMessage

LONGEST_MESSAGE = 10 * 1024 * 1024
SECONDS_TO_SPEAK = 60
DIGITS = 8


class Catcher:
    """Keeps each message as `00000001.eml` and so on in `folder`, in the order of arrival.

    A message that was answered with 250 is on the disk. Nothing is ever deleted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._keeping: set[asyncio.Task[int]] = set()
        self._last_number = 0
        self._read: dict[Path, CaughtMessage] = {}

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; return the port, chosen by the machine when 0.

        ValueError: `host` is not an address on loopback. OSError: the port is taken.
        """
        if not _is_loopback(host):
            raise ValueError("The mail catcher listens on loopback only, such as 127.0.0.1.")
        if self._server is not None:
            raise ValueError("The mail catcher is listening already.")
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        self._last_number = max(map(_number, _kept(self._folder)), default=0)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, host, port)
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def stop(self) -> None:
        """Finish keeping what has arrived, then close every connection."""
        if self._server is None:
            return
        self._server.close()
        if self._keeping:
            await asyncio.wait(self._keeping)  # their senders wake first, and are answered
        while self._connections:
            await self._connections.pop().leave()
        await self._server.wait_closed()
        self._server = None

    def messages(self) -> list[CaughtMessage]:
        """What was caught, in the order of arrival, in earlier runs too."""
        paths = _kept(self._folder)
        self._read = {path: self._read.get(path) or caught.read(path) for path in paths}
        return list(self._read.values())

    def routes(self, prefix: str) -> Sequence[BaseRoute]:
        """Pages under `prefix` that show what was caught; they change nothing."""
        return catcher_page.routes(prefix, self.messages)

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Answer the final dot of a message."""
        # A task of its own: a sender that hangs up now has still handed its message over.
        task = asyncio.create_task(self._keep(envelope))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
        try:
            number = await asyncio.shield(task)
        except OSError:
            return "452 The message could not be kept, try again later"
        return f"250 Kept as number {number}"

    async def _keep(self, envelope: Envelope) -> int:
        self._last_number += 1
        content = caught.with_envelope(
            envelope.original_content or b"",
            sender=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
        )
        return await asyncio.to_thread(_write, self._folder, self._last_number, content)

    def _connection(self) -> SMTP:
        connection = _Connection(self, self._connections.discard)
        self._connections.add(connection)
        return connection


class _Connection(SMTP):
    """One sender's connection, which says when it is over."""

    def __init__(self, catcher: Catcher, on_end: Callable[[_Connection], None]) -> None:
        super().__init__(
            catcher,
            data_size_limit=LONGEST_MESSAGE,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="mail catcher",
            timeout=SECONDS_TO_SPEAK,
            loop=asyncio.get_running_loop(),
        )
        self._on_end = on_end

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._on_end(self)

    async def leave(self) -> None:
        """Close what is open and wait until the conversation has ended."""
        conversation = self._handler_coroutine
        if self.transport is not None:
            self.transport.close()
        if conversation is not None:
            await asyncio.wait([conversation])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name may mean any machine


def _kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]" * DIGITS + ".eml"), key=_number)


def _number(path: Path) -> int:
    return int(path.stem)


def _write(folder: Path, number: int, content: bytes) -> int:
    """Keep `content` under the first free number from `number` on."""
    names = ((each, folder / f"{each:0{DIGITS}}.eml") for each in count(number))
    kept = next(each for each, path in names if _written(path, content))
    _sync(folder)
    return kept


def _written(path: Path, content: bytes) -> bool:
    """Write the whole file or nothing; False when the name is taken.

    The unfinished file claims the name, so that two catchers may share a folder.
    """
    unfinished = path.with_suffix(".part")
    try:
        file = unfinished.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            if path.exists():
                return False
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def _sync(folder: Path) -> None:
    """Make the new name as durable as the content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
