"""From a claimed entry to the bytes that leave, built once and kept (invitations rule 20)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from notifications import claims, links, mail, messages, recipients, troubles
from notifications.addresses import domain_of
from notifications.claims import Connection, Entry, Frozen
from notifications.mail import Email, Mailbox
from notifications.outbox import DeliveryState
from notifications.recipients import Invited, NotTold
from notifications.troubles import Alerted
from taf_service.core.ids import new_id

_LONGEST_THREAD = 20
Told: TypeAlias = Invited | Alerted


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Where mail comes from, and where its links lead."""

    mail_domain: str
    public_url: str


@dataclass(frozen=True, slots=True)
class Post:
    """What it takes to write a letter that leaves."""

    letterhead: Letterhead
    key: links.LinkKey


def composed(
    kind: str, told: Told, letterhead: Letterhead, *, token: str | None
) -> tuple[Mailbox, Email]:
    """The sender and the words; the same for a letter that leaves and for one that is only shown.

    Errors: `Malformed`, `KeyError`: it cannot be put into mail.
    """
    if isinstance(told, Alerted):
        return messages.sender_of_trouble(letterhead.mail_domain), messages.compose_trouble(told)
    sender = messages.organiser_of(told, mail_domain=letterhead.mail_domain)
    reply_url = None if token is None else links.reply_url(letterhead.public_url, token)
    return sender, messages.compose(kind, told, organiser=sender, reply_url=reply_url)


async def prepare(
    connection: Connection, entry: Entry, post: Post, *, lease: timedelta
) -> Frozen | None:
    """What to send for `entry`, or None when there is nothing to send, or it is ours no longer.

    Whether they may be told is asked at every attempt, the words are written at the first. New
    words are made for a new address, which was never sent the old ones, and where a calendar file
    would by now betray them (rule 39).

    Errors: `Malformed`, `KeyError`: the message cannot be built.
    """
    told = await _standing(connection, entry)
    if isinstance(told, NotTold):
        await claims.settle(connection, entry, _end(entry, told), told.reason)
        return None
    if entry.frozen is not None and _still_fits(entry.frozen, told):
        held = await claims.renew(connection, [entry], lease=lease)
        return entry.frozen if held else None
    return await _freeze(connection, entry, told, post, lease)


async def _standing(connection: Connection, entry: Entry) -> Told | NotTold:
    if entry.kind == troubles.KIND:
        return await troubles.standing(connection, entry)
    return await recipients.standing(connection, entry)


def _end(entry: Entry, told: NotTold) -> DeliveryState:
    """What a crash may have sent is never called withheld (R6)."""
    if entry.is_uncertain and told.state is not DeliveryState.CANCELLED:
        return DeliveryState.UNCONFIRMED
    return told.state


def _still_fits(frozen: Frozen, told: Told) -> bool:
    is_safe = isinstance(told, Alerted) or told.calendar_is_safe
    betrays = not is_safe and b"text/calendar" in frozen.message
    return frozen.address == told.address and not betrays


async def _freeze(
    connection: Connection, entry: Entry, told: Told, post: Post, lease: timedelta
) -> Frozen | None:
    token = _token(told, post)
    frozen = _built(entry, told, post, token)
    async with connection.transaction():
        if not await claims.freeze(connection, entry, frozen, lease=lease):
            return None
        if isinstance(told, Invited) and token is not None:
            await connection.execute(
                "update reply_link set token_hash = $2"
                " where id = $1 and token_hash is distinct from $2",
                told.link_id,
                links.hash_of(token),
            )
    return frozen


def _token(told: Told, post: Post) -> str | None:
    if isinstance(told, Alerted) or told.link_nonce is None:
        return None
    return links.reply_token(post.key, invitation_id=told.invitation_id, nonce=told.link_nonce)


def _built(entry: Entry, told: Told, post: Post, token: str | None) -> Frozen:
    sender, email = composed(entry.kind, told, post.letterhead, token=token)
    earlier = told.earlier.message_ids if isinstance(told, Invited) else ()
    domain = domain_of(sender.address)
    message_id = f"<{new_id().hex}@{domain}>"
    envelope = mail.Envelope(
        sender=sender,
        message_id=message_id,
        date=told.stamped_at,
        in_reply_to=earlier[-1] if earlier else None,
        references=_thread(earlier),
    )
    return Frozen(
        address=told.address,
        message_id=message_id,
        stamped_at=told.stamped_at,
        envelope_from=f"b-{_word()}@{domain}",
        message=mail.build(email, envelope),
    )


def _thread(message_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The first message and the newest: enough for every mail program to keep them together."""
    if len(message_ids) <= _LONGEST_THREAD:
        return message_ids
    return (message_ids[0], *message_ids[1 - _LONGEST_THREAD :])


def _word() -> str:
    """A random word by which a report of failed delivery finds its message."""
    return base64.b32encode(new_id().bytes).decode().rstrip("=").lower()
