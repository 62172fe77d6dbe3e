"""One caught message as its recipient would see it, however broken it is.

Read with the `compat32` policy, which does not raise on broken headers, and with a few character
sets only, because some of Python's run long or raise whatever they are told about errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from pathlib import Path

from taf_service.demo import caught_event
from taf_service.demo.caught_event import LONDON as LONDON

HEADERS = (
    "From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    "Auto-Submitted",
)  # fmt: skip
_SENDER, _RECIPIENT = b"Return-Path: ", b"Delivered-To: "
_CHARSETS = frozenset({"us-ascii", "ascii", "utf-8", "utf8", "iso-8859-1", "windows-1252"})
_CALENDARS = ("text/calendar", "application/ics")


@dataclass(frozen=True, slots=True)
class CaughtMessage:
    """What a list of messages shows.

    `recipient` is whom the sender named to the server, whatever the headers say; several are
    separated by commas. `method` is that of the calendar part.
    """

    number: int
    path: Path
    recipient: str
    subject: str
    received_at: datetime
    method: str | None

    def content(self) -> bytes:
        """The bytes as they were sent."""
        return _opened(self.path.read_bytes())[1]

    def calendar_text(self) -> str | None:
        """The calendar part, decoded. None: there is none."""
        return self.view().calendar

    def view(self) -> View:
        return _view(self.content())


@dataclass(frozen=True, slots=True)
class View:
    """What a mail program makes of a message; `event` are the words of its calendar part."""

    headers: Sequence[tuple[str, str]]
    text: str | None
    html: str | None
    calendar: str | None
    event: Sequence[tuple[str, str]]
    attachments: Sequence[str]


def with_envelope(content: bytes, *, sender: str, recipients: Sequence[str]) -> bytes:
    """The message under the two lines that a mailbox adds at delivery (RFC 5321 4.4)."""
    lines = (_SENDER, f"<{sender.strip('<>')}>"), (_RECIPIENT, ", ".join(recipients))
    return b"".join(name + _printable(value) + b"\r\n" for name, value in lines) + content


def read(path: Path) -> CaughtMessage:
    recipient, content = _opened(path.read_bytes())
    message = _parsed(content)
    return CaughtMessage(
        number=int(path.stem),
        path=path,
        recipient=recipient,
        subject=_header(message, "Subject"),
        received_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        method=_method(message),
    )


def _printable(value: str) -> bytes:
    line = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in value)
    return line.encode()


def _opened(kept: bytes) -> tuple[str, bytes]:
    """Whom the message was for, and the message without the lines added at delivery."""
    sender, _, rest = kept.partition(b"\r\n")
    recipient, _, content = rest.partition(b"\r\n")
    if not (sender.startswith(_SENDER) and recipient.startswith(_RECIPIENT)):
        return "", kept
    return recipient.removeprefix(_RECIPIENT).decode(errors="replace"), content


def _parsed(content: bytes) -> Message:
    """The message; one nested beyond all reason is read as its headers alone."""
    try:
        return message_from_bytes(content)
    except RecursionError:
        head, _, _ = content.partition(b"\r\n\r\n")
        return message_from_bytes(head)


def _view(content: bytes) -> View:
    message = _parsed(content)
    calendar = _first(message, *_CALENDARS)
    calendar_text = None if calendar is None else _text(calendar)
    return View(
        headers=[(name, _header(message, name)) for name in HEADERS if name in message],
        text=_text_of(message, "text/plain"),
        html=_text_of(message, "text/html"),
        calendar=calendar_text,
        event=[] if calendar_text is None else caught_event.words(calendar_text),
        attachments=[name for part in _leaves(message) if (name := _filename(part))],
    )


def _header(message: Message, name: str) -> str:
    """Every header of that name, decoded; a second one is a fault worth seeing."""
    return " | ".join(_decoded(value) for value in message.get_all(name, []))


def _decoded(value: object) -> str:
    try:
        parts = decode_header(value if isinstance(value, str) else str(value))
    except (MessageError, ValueError):
        return str(value)
    words = (part if isinstance(part, str) else _characters(part, of) for part, of in parts)
    return " ".join("".join(words).split())


def _method(message: Message) -> str | None:
    """METHOD as the part's own header says it, which is where mail programs look (RFC 6047 2.4)."""
    calendar = _first(message, *_CALENDARS)
    written = None if calendar is None else calendar.get_param("method")
    return None if written is None else collapse_rfc2231_value(written)


def _first(message: Message, *kinds: str) -> Message | None:
    """The first part of the first of these kinds that the message has."""
    leaves = list(_leaves(message))
    for kind in kinds:
        for part in leaves:
            if part.get_content_type() == kind:
                return part
    return None


def _leaves(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _text_of(message: Message, kind: str) -> str | None:
    part = _first(message, kind)
    return None if part is None else _text(part)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset()
    return _characters(payload if isinstance(payload, bytes) else b"", charset)


def _characters(data: bytes, charset: str | None) -> str:
    known = charset if charset and charset.lower() in _CHARSETS else "utf-8"
    return data.decode(known, errors="replace")


def _filename(part: Message) -> str | None:
    name = part.get_filename()
    return None if name is None else _decoded(name)
