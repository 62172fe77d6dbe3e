"""What a real mail server was handed by a real worker, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

import icalendar
from aiosmtpd.smtp import Envelope

from notifications.claims import Pool
from tests.notifications.mail_server import Server, serving
from tests.notifications.post import Post
from tests.notifications.working import SETTLED, read, text_of, until, working


@dataclass(frozen=True)
class Delivered:
    """One message, as its bytes arrived."""

    envelope: Envelope

    @property
    def raw(self) -> bytes:
        content = self.envelope.original_content
        assert isinstance(content, bytes)
        return content

    @property
    def to(self) -> str:
        (address,) = self.envelope.rcpt_tos
        return str(address)

    @property
    def message(self) -> EmailMessage:
        return read(self.envelope)

    @property
    def text(self) -> str:
        return text_of(self.message)

    def parts(self, kind: str) -> list[EmailMessage]:
        return [part for part in self.message.walk() if part.get_content_type() == kind]

    def decoded(self, kind: str) -> bytes:
        (part,) = self.parts(kind)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        return content

    @property
    def calendar(self) -> bytes:
        return self.decoded("text/calendar")

    @property
    def lines(self) -> list[str]:
        """The calendar's content lines, unfolded."""
        return self.calendar.decode().replace("\r\n ", "").split("\r\n")

    @property
    def event(self) -> icalendar.Event:
        (found,) = icalendar.Calendar.from_ical(self.calendar).walk("VEVENT")
        assert isinstance(found, icalendar.Event)
        return found

    @property
    def partstat(self) -> str:
        return str(self.event["ATTENDEE"].params["PARTSTAT"])

    def header(self, name: str) -> str:
        """Of the whole message, unfolded."""
        head = self.raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ")
        (value,) = re.findall(rf"(?m)^{name}: (.*?)\r?$", head)
        return str(value)


async def deliver(post: Post, pool: Pool, *entry_ids: UUID) -> list[Delivered]:
    """Let a worker deal with these messages; what arrived, in the order in which it did."""

    async def all_settled() -> bool:
        return all([(await post.entry(each))["state"] in SETTLED for each in entry_ids])

    server = Server()
    async with serving(server) as relay, working(pool, relay):
        await until(all_settled)
    return [Delivered(envelope) for envelope in server.received]


async def delivered(post: Post, pool: Pool, entry_id: UUID) -> Delivered:
    (one,) = await deliver(post, pool, entry_id)
    return one
