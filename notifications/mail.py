"""Finished bytes of one message to one person. Knows nothing of families."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, Policy
from hashlib import sha256
from typing import Self

from notifications.addresses import Mailbox as Mailbox
from notifications.addresses import Malformed, check_address, check_line, check_lines

# 7bit, so that no server on the way has to convert a part and break a signature or a calendar file.
_POLICY = SMTP.clone(cte_type="7bit")
_WIDTH = 76
_LONGEST_WORD = 64
_IDENTIFIER = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_METHODS = frozenset({"REQUEST", "CANCEL"})


@dataclass(frozen=True, slots=True, repr=False)
class Email:
    """What one person is told.

    `calendar` are the bytes of `ics.calendar_file`; `method` is the METHOD inside them (rule 2).

    Refuses with `Malformed`: controls, more than one address, a file that is not for `to` alone.
    """

    to: str
    subject: str
    text: str
    html: str
    calendar: bytes | None = None
    method: str | None = None

    def __post_init__(self) -> None:
        check_address(self.to, what="The recipient")
        check_line(self.subject, what="The subject")
        check_lines(self.text.replace("\t", ""), what="The text")
        check_lines(self.html.replace("\t", ""), what="The page")
        if (self.calendar is None) != (self.method is None):
            raise Malformed("A calendar file and its method go together.")
        if self.calendar is not None:
            _check_calendar(self.calendar, method=self.method or "", attendee=self.to)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Envelope:
    """The headers around an email; `sender` is the organiser's mailbox (rule 7).

    An update names the message it follows in `in_reply_to` and the whole thread, oldest first, in
    `references`, each with its angle brackets (rule 9).
    """

    sender: Mailbox
    message_id: str
    date: datetime
    in_reply_to: str | None = None
    references: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        follows = () if self.in_reply_to is None else (self.in_reply_to,)
        for identifier in (self.message_id, *follows, *self.references):
            if _IDENTIFIER.fullmatch(identifier) is None:
                raise Malformed("A message's identifier is one word such as <word@reply.example>.")
        if self.date.utcoffset() is None:
            raise Malformed("The date of a message needs a zone.")


def build(email: Email, envelope: Envelope) -> bytes:
    """The message as it goes over the wire: ASCII, CRLF, the same bytes for the same values.

    With a calendar file the first child holds the three alternatives, because Outlook looks for an
    invitation nowhere else, and the second is the file again for those who save it (rule 1).

    Refuses with `Malformed`: the calendar file names another organiser than the sender (rule 7).
    """
    if email.calendar is not None:
        _check_organiser(email.calendar, envelope.sender.address)
    message = EmailMessage(_POLICY)
    _write_headers(message, email, envelope)
    if email.calendar is None:
        _write_alternatives(message, email, envelope)
    else:
        both = MIMEPart(_POLICY)
        _write_alternatives(both, email, envelope)
        _gather(message, "mixed", [both, _attachment(email.calendar)], envelope)
    return message.as_bytes()


class _Words(str):
    """A header's value in its final ASCII words.

    The standard library encodes and folds on its own otherwise, and in some releases it loses the
    quotes of a long display name, encodes a long identifier and lets a newline through.
    """

    __slots__ = ("name", "words")
    name: str
    words: list[str]

    def __new__(cls, name: str, words: list[str]) -> Self:
        value = super().__new__(cls, " ".join(words))
        value.name = name
        value.words = words
        return value

    def fold(self, *, policy: Policy) -> str:
        lines = [f"{self.name}:"]
        for word in self.words:
            is_first = lines[-1] == f"{self.name}:"
            if not is_first and len(lines[-1]) + 1 + len(word) > _WIDTH:
                lines.append("")
            lines[-1] += f" {word}"
        return policy.linesep.join([*lines, ""])


def _write_headers(message: EmailMessage, email: Email, envelope: Envelope) -> None:
    sender = [*_phrase(envelope.sender.name), f"<{envelope.sender.address}>"]
    _write(message, "From", sender)
    _write(message, "Reply-To", sender)
    _write(message, "To", [email.to])
    _write(message, "Subject", _text(email.subject))
    message["Date"] = envelope.date
    _write(message, "Message-ID", [envelope.message_id])
    if envelope.in_reply_to is not None:
        _write(message, "In-Reply-To", [envelope.in_reply_to])
    if envelope.references:
        _write(message, "References", list(envelope.references))
    _write(message, "Auto-Submitted", ["auto-generated"])
    _write(message, "MIME-Version", ["1.0"])


def _write(part: MIMEPart, name: str, words: list[str]) -> None:
    part[name] = _Words(name, words)


def _phrase(name: str) -> list[str]:
    """A display name, quoted whenever it is plain so that nothing in it is read as an address."""
    if not _is_plain(name):
        return _encoded(name)
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.split(" ")


def _text(text: str) -> list[str]:
    return text.split(" ") if _is_plain(text) else _encoded(text)


def _is_plain(text: str) -> bool:
    """Whether every reader will see these words as they stand, wherever the line is folded."""
    words = text.split()
    return (
        text.isascii()
        and "=?" not in text
        and text == " ".join(words)
        and max(map(len, words)) <= _LONGEST_WORD
    )


def _encoded(text: str) -> list[str]:
    """`text` as encoded words (RFC 2047), none splitting a character."""
    return Header(text, "utf-8", maxlinelen=_LONGEST_WORD).encode(linesep="\n").split("\n ")


def _write_alternatives(part: MIMEPart, email: Email, envelope: Envelope) -> None:
    """The plainest first, what the reader should prefer last (RFC 2046 5.1.4)."""
    alternatives = [_worded(email.text, "plain"), _worded(email.html, "html")]
    if email.calendar is not None:
        alternatives.append(_invitation(email.calendar, email.method or ""))
    _gather(part, "alternative", alternatives, envelope)


def _gather(part: MIMEPart, kind: str, children: list[MIMEPart], envelope: Envelope) -> None:
    """Make `part` a multipart whose boundary follows from the message's identifier."""
    boundary = sha256(f"{kind} {envelope.message_id}".encode()).hexdigest()[:32]
    _write(part, "Content-Type", [f"multipart/{kind};", f'boundary="=_{boundary}"'])
    part.set_payload([*children])


def _worded(text: str, subtype: str) -> MIMEPart:
    part = MIMEPart(_POLICY)
    part.set_content(text, subtype=subtype)
    return part


def _invitation(calendar: bytes, method: str) -> MIMEPart:
    """The part that shows buttons; readers compare its parameters as they stand (rule 2)."""
    part = MIMEPart(_POLICY)
    words = ["text/calendar;", "charset=utf-8;", f"method={method};", "component=VEVENT"]
    _write(part, "Content-Type", words)
    encoding = "7bit" if calendar.isascii() else "base64"
    _write(part, "Content-Transfer-Encoding", [encoding])
    encoded = calendar if encoding == "7bit" else base64.encodebytes(calendar)
    part.set_payload(encoded.decode("ascii"))
    return part


def _attachment(calendar: bytes) -> MIMEPart:
    part = MIMEPart(_POLICY)
    part.set_content(calendar, "application", "ics", filename="invite.ics")
    return part


def _check_calendar(calendar: bytes, *, method: str, attendee: str) -> None:
    """Nobody receives a file that invites somebody else (rules 2, 4, 13)."""
    if method not in _METHODS or _values(calendar, "METHOD") != [method]:
        raise Malformed("The method is not the calendar file's METHOD.")
    if _values(calendar, "ATTENDEE") != [f"mailto:{attendee}"]:
        raise Malformed("The calendar file is not for the recipient, and only the recipient.")


def _check_organiser(calendar: bytes, address: str) -> None:
    if _values(calendar, "ORGANIZER") != [f"mailto:{address}"]:
        raise Malformed("The calendar file has another organiser than the sender.")


def _values(calendar: bytes, name: str) -> list[str]:
    """The values of every property called `name`, parameters left out."""
    unfolded = calendar.decode().replace("\r\n ", "")
    line = re.compile(rf'^{name}(?:;[^=:;]+=(?:"[^"]*"|[^";:]*))*:(.*)\r$', re.MULTILINE)
    return line.findall(unfolded)
