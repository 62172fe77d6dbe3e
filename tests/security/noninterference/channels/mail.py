"""What was sent to a watcher, with its calendar file, and the pages that its links lead to."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default

from tests.security.noninterference.watching import Watcher

_LINK = re.compile(r"https://taf\.example(/r/[a-z0-9]+)")


async def mailbox(watcher: Watcher) -> None:
    """All of it each time: what was sent once must not be followed by anything unexplained."""
    if watcher.address is None:
        return
    links: dict[str, None] = {}
    for number, sent in enumerate(watcher.world.mail_to(watcher.address)):
        watcher.note(f"message {number}", sent)
        links.update(dict.fromkeys(_links_in(sent)))
    for number, path in enumerate(links):
        await watcher.fetch(f"reply page {number}", "GET", path)


def _links_in(sent: bytes) -> list[str]:
    message = message_from_bytes(sent.partition(b"\r\n")[2], policy=default)
    body = message.get_body(("plain",))
    return [] if body is None else _LINK.findall(str(body.get_content()))
