"""Real mail servers on loopback, well and badly behaved, and one way of calling them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from notifications.smtp import (
    Outcome,
    Relay,
    Sender,
    TlsPolicy,
)

HOST = "127.0.0.1"
FROM = "b-4kq2@reply.taf.example"
TO = "jane.smith@school.example"
MESSAGE = b"Subject: Meeting\r\n\r\n.hidden dot\r\nFrom here\r\n..\r\n.\r\nEnd\r\n"
LARGE = b"Subject: Meeting\r\n\r\n" + (b"x" * 998 + b"\r\n") * 8_000


@dataclass
class Server:
    """A mail server that says what it is told to say, and remembers what it heard."""

    rcpt: str = "250 OK"
    mail: str = "250 OK"
    mail_on_first: str | None = None
    data: str | Callable[[SMTP], Awaitable[str]] = "250 Taken as 4711"
    received: list[Envelope] = field(default_factory=list)
    connections: list[SMTP] = field(default_factory=list)

    async def handle_MAIL(self, line: SMTP, *told: Any) -> str:  # noqa: N802
        _, envelope, address, _ = told
        envelope.mail_from = address
        is_first = line is self.connections[0]
        return (self.mail_on_first if is_first else None) or self.mail

    async def handle_RCPT(self, *told: Any) -> str:  # noqa: N802
        _, _, envelope, address, _ = told
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, line: SMTP, *told: Any) -> str:  # noqa: N802
        reply = self.data if isinstance(self.data, str) else await self.data(line)
        if reply.startswith("250"):
            self.received.append(told[1])
        return reply

    @property
    def open_connections(self) -> list[SMTP]:
        return [line for line in self.connections if line.transport is not None]


def hang_up(line: SMTP) -> None:
    """Cut the connection without a word."""
    assert isinstance(line.transport, asyncio.WriteTransport)
    line.transport.abort()


@asynccontextmanager
async def serving(
    server: Server, *, implicit_tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[Relay]:
    """A relay in clear to `server`, on a free port of this machine."""

    def answer() -> SMTP:
        line = SMTP(server, hostname="mail.example", **options)
        server.connections.append(line)
        return line

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(answer, HOST, 0, ssl=implicit_tls)
    try:
        yield _relay(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()
        for line in server.open_connections:
            hang_up(line)
        await asyncio.sleep(0.01)


@asynccontextmanager
async def scripted(
    script: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[Relay]:
    """A relay that answers byte for byte what the script says."""
    ended = asyncio.Event()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
            await ended.wait()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    listener = await asyncio.start_server(play, HOST, 0)
    try:
        yield _relay(listener.sockets[0].getsockname()[1])
    finally:
        ended.set()
        listener.close()
        await asyncio.sleep(0.01)


def _relay(port: int) -> Relay:
    return Relay(host=HOST, port=port, tls=TlsPolicy.LOOPBACK_PLAIN, timeout=2.0, data_timeout=2.0)


async def until_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Agree to everything, up to and including the DATA command."""
    writer.write(b"220 mail.example\r\n")
    while not (await reader.readline()).startswith(b"DATA"):
        writer.write(b"250 OK\r\n")
    writer.write(b"354 Go ahead\r\n")
    await writer.drain()


async def send(relay: Relay, message: bytes = MESSAGE, *, to: str = TO) -> Outcome:
    async with Sender(relay) as sender:
        return await sender.send(message, envelope_from=FROM, to=to)
