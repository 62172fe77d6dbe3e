"""Wording of the notice that messages have not arrived: neither which, nor to whom, nor of what.

Honest for a message that is late or unconfirmed too (reliability R3): it may yet arrive.
"""

from __future__ import annotations

from notifications.addresses import Mailbox
from notifications.mail import Email
from notifications.messages import discretion
from notifications.messages.wording import worded
from notifications.troubles import Alerted

_TITLE = "Message not delivered"


def compose_trouble(alerted: Alerted) -> Email:
    """Errors: `Malformed` for what mail cannot carry."""
    label = discretion.fit_label(alerted.label, alerted.private_words)
    title = f"{_TITLE}: {label}" if label else _TITLE
    text, html = worded("trouble", {"title": title})
    return Email(to=alerted.address, subject=title, text=text, html=html)


def sender_of_trouble(mail_domain: str) -> Mailbox:
    """A mailbox of the service's own: whoever is told is very often the lead themselves."""
    return Mailbox(f"meetings@{mail_domain}", "Meetings")
