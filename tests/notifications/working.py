"""A worker at work in this process, and what the mail server heard of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import icalendar
from aiosmtpd.smtp import Envelope

from notifications.claims import Pool
from notifications.letters import Letterhead
from notifications.letters import Post as Letters
from notifications.links import LinkKey
from notifications.smtp import Relay, Sender
from notifications.worker import WorkerConfig, run
from tests.notifications.post import KEY

LETTERHEAD = Letterhead("reply.taf.example", "https://taf.example")
LETTERS = Letters(LETTERHEAD, LinkKey("1", KEY))
SETTLED = {"ACCEPTED", "UNCONFIRMED", "BOUNCED", "WITHHELD", "FAILED", "CANCELLED"}


@asynccontextmanager
async def working(pool: Pool, relay: Relay, **options: Any) -> AsyncIterator[asyncio.Event]:
    """A worker, until the block ends or the event that it yields is set."""
    settings = {
        "idle_seconds": 0.05,
        "drain_seconds": 0.2,
        "lease": timedelta(seconds=30),
        "trouble_seconds": 3600,
    }
    config = WorkerConfig(post=LETTERS, **{**settings, **options})
    stop = asyncio.Event()
    relay = replace(relay, connections=config.concurrency)
    async with Sender(relay) as sender:
        work = asyncio.create_task(run(pool, sender, config, stop))
        try:
            yield stop
        finally:
            stop.set()
            await work


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - a database announces nothing here
            await asyncio.sleep(0.02)


def read(envelope: Envelope) -> EmailMessage:
    content = envelope.original_content
    assert content is not None
    return message_from_bytes(content, policy=default)


def calendar_of(message: EmailMessage) -> bytes:
    """The bytes of the calendar part as its reader decodes them."""
    (part,) = (p for p in message.walk() if p.get_content_type() == "text/calendar")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def event(message: EmailMessage) -> icalendar.Event:
    (found,) = icalendar.Calendar.from_ical(calendar_of(message)).walk("VEVENT")
    assert isinstance(found, icalendar.Event)
    return found


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def everything_in(envelope: Envelope) -> str:
    """Every byte that left: as sent, and again with each part and header decoded and unfolded."""
    message = read(envelope)
    raw = (envelope.original_content or b"").decode()
    parts = [p.get_payload(decode=True) for p in message.walk() if not p.is_multipart()]
    decoded = [part.decode() for part in parts if isinstance(part, bytes)]
    unfolded = [re.sub(r"\r?\n[ \t]", "", part) for part in decoded]
    headers = [f"{name}: {value}" for p in message.walk() for name, value in p.items()]
    ends = [envelope.mail_from or "", *envelope.rcpt_tos]
    return "\n".join([raw, *decoded, *unfolded, *headers, *ends])
