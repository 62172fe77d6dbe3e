"""What an earlier message said, read from the message itself."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import cast

import icalendar


def sender(message: bytes | None) -> str | None:
    """The address it came from."""
    if message is None:
        return None
    header = message_from_bytes(message, policy=default)["From"]
    return header.addresses[0].addr_spec if header and header.addresses else None


def times(message: bytes | None) -> tuple[datetime, datetime] | None:
    """Start and end in the calendar file of one of our messages; None where it has none."""
    if message is None:
        return None
    parts = message_from_bytes(message, policy=default).walk()
    files = [part for part in parts if part.get_content_type() == "text/calendar"]
    if not files:
        return None
    content = cast("bytes", files[0].get_payload(decode=True))
    event = icalendar.Calendar.from_ical(content).walk("VEVENT")[0]
    return event.decoded("dtstart"), event.decoded("dtend")
