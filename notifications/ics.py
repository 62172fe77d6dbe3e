"""Calendar files for one attendee (RFC 5545, RFC 5546). Knows nothing of families.

A file is a pure function of its `Invite`: nothing is read from a clock or a table, and of the
machine's zone data only the offset of Europe/London, so the same invite gives the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import icalendar

from notifications.addresses import Mailbox as Mailbox
from notifications.addresses import Malformed, check_address, check_line, check_lines

PRODUCT = "-//TAF service//meetings//EN"
LONDON = ZoneInfo("Europe/London")
LONGEST_ORGANISER = 64
LONGEST_UID = 255  # RFC 7986 5.3
GREATEST_SEQUENCE = 2**31 - 1  # RFC 5545 3.3.8
# The fixed zone block equals British law from 1996; 2037 is the last year of a 32-bit calendar.
YEARS = range(1996, 2038)

# Outlook reads RRULE only, so the zone is written out here and never generated (rule 12 of the
# invitation rules, which the numbers below mean too).
_ZONE = icalendar.Timezone.from_ical("""\
BEGIN:VTIMEZONE
TZID:Europe/London
X-LIC-LOCATION:Europe/London
BEGIN:DAYLIGHT
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
DTSTART:19700329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
DTSTART:19701025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
""")


class Method(StrEnum):
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Answer(StrEnum):
    """The last known answer, repeated in updates that did not move the meeting (rule 15)."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


@dataclass(frozen=True, slots=True, repr=False)
class Attendee:
    """The one person a file is for; `name` is a practitioner's, None for anyone else (rule 13)."""

    address: str
    name: str | None = None
    required: bool = True
    answer: Answer = Answer.NEEDS_ACTION

    def __post_init__(self) -> None:
        check_address(self.address, what="The attendee")
        if self.name is not None:
            check_line(self.name, what="The attendee's name")


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Invite:
    """One revision of one person's invitation.

    `uid`, and the organiser's address, never change for the life of the invitation; `sequence` and
    `stamped_at` (UTC, written in whole seconds) only rise (rules 6, 11, 14).

    Refuses with `Malformed`: a value that no calendar could show rightly.
    """

    method: Method
    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    organiser: Mailbox
    attendee: Attendee
    place: str | None = None

    def __post_init__(self) -> None:
        _check_identity(self.uid, self.sequence)
        _check_times(self)
        _check_organiser(self.organiser.address)
        check_line(self.summary, what="The title")
        check_lines(self.description, what="The description")
        if self.place is not None:
            check_line(self.place, what="The place")


def calendar_file(invite: Invite) -> bytes:
    """Finished bytes: CRLF, lines of 75 octets at most, one event, one attendee (rules 3, 4)."""
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", str(invite.method))
    calendar.add_component(_ZONE)
    calendar.add_component(_event(invite))
    return bytes(calendar.to_ical(sorted=False))


class _Text(icalendar.vText):
    """Escapes each sign once (RFC 5545 3.3.11); the library reads a line end into backslash N."""

    def to_ical(self) -> bytes:
        escaped = re.sub(r"([\\;,])", r"\\\1", self).replace("\n", r"\n")
        return escaped.encode()


def _event(invite: Invite) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", invite.uid)
    event.add("sequence", invite.sequence)
    event.add("dtstamp", invite.stamped_at.astimezone(UTC))
    event.add("dtstart", invite.starts_at.astimezone(LONDON))
    event.add("dtend", invite.ends_at.astimezone(LONDON))
    event.add("status", "CANCELLED" if invite.method is Method.CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    event.add("summary", _Text(invite.summary))
    if invite.place is not None:
        event.add("location", _Text(invite.place))
    if invite.description:
        event.add("description", _Text(invite.description))
    event.add("organizer", _address(invite.organiser.address, invite.organiser.name))
    event.add("attendee", _invited(invite.attendee))
    return event


def _invited(attendee: Attendee) -> icalendar.vCalAddress:
    invited = _address(attendee.address, attendee.name)
    invited.params["CUTYPE"] = "INDIVIDUAL"
    invited.params["ROLE"] = "REQ-PARTICIPANT" if attendee.required else "OPT-PARTICIPANT"
    invited.params["PARTSTAT"] = str(attendee.answer)
    invited.params["RSVP"] = "TRUE"
    return invited


def _address(address: str, name: str | None) -> icalendar.vCalAddress:
    written = icalendar.vCalAddress(f"mailto:{address}")
    if name is not None:
        # Some readers take a backslash for the start of an escape and swallow the next parameter.
        written.params["CN"] = name.replace("\\", "/")
    return written


def _check_identity(uid: str, sequence: int) -> None:
    check_line(uid, what="The UID")
    if not uid.isascii() or " " in uid or len(uid) > LONGEST_UID:
        raise Malformed("A UID is one ASCII word of at most 255 characters.")
    if not 0 <= sequence <= GREATEST_SEQUENCE:
        raise Malformed("A SEQUENCE is a whole number from 0.")


def _check_times(invite: Invite) -> None:
    if invite.stamped_at.utcoffset() != timedelta(0):
        raise Malformed("The time of writing must be in UTC.")
    for time in (invite.starts_at, invite.ends_at):
        _check_time(time)
    # Compared as instants: two times of one zone would compare by the clock on the wall.
    if invite.ends_at.astimezone(UTC) <= invite.starts_at.astimezone(UTC):
        raise Malformed("A meeting must end after it starts.")


def _check_time(time: datetime) -> None:
    if time.utcoffset() is None:
        raise Malformed("A meeting's times need a zone.")
    if time.microsecond:
        raise Malformed("A meeting's times are in whole seconds.")
    if time.year not in YEARS:
        raise Malformed(f"A meeting's year lies between {YEARS[0]} and {YEARS[-1]}.")
    # RFC 5545 3.3.5: a local time that comes twice means the first; the second cannot be written.
    if time.astimezone(LONDON).fold:
        raise Malformed("The hour repeated when summer time ends cannot be put in a calendar.")


def _check_organiser(address: str) -> None:
    """Outlook drops what follows a `+`, and replies would then reach nobody (rule 6)."""
    if "+" in address or len(address) > LONGEST_ORGANISER:
        raise Malformed("The organiser's address has no '+' and at most 64 characters.")
