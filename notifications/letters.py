"""From a claimed entry to the bytes that leave, built once and kept (invitations rule 20)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta

from notifications import claims, links, mail, messages, recipients
from notifications.claims import Connection, Entry, Frozen
from notifications.recipients import Invited, NotTold
from taf_service.core.ids import new_id

_LONGEST_THREAD = 20


@dataclass(frozen=True, slots=True)
class Post:
    """Where mail comes from, and where its links lead."""

    mail_domain: str
    public_url: str
    key: links.LinkKey


async def prepare(
    connection: Connection, entry: Entry, post: Post, *, lease: timedelta
) -> Frozen | None:
    """What to send for `entry`, or None when there is nothing to send, or it is ours no longer.

    Whether they may be told is asked at every attempt, the words are written at the first. Only a
    new address makes new words: that mailbox was never sent the old ones.

    Errors: `Malformed`, `KeyError`: the message cannot be built.
    """
    told = await recipients.standing(connection, entry)
    if isinstance(told, NotTold):
        await claims.settle(connection, entry, told.state, told.reason)
        return None
    if entry.frozen is not None and entry.frozen.address == told.address:
        held = await claims.renew(connection, [entry], lease=lease)
        return entry.frozen if held else None
    return await _freeze(connection, entry, told, post, lease)


async def _freeze(
    connection: Connection, entry: Entry, told: Invited, post: Post, lease: timedelta
) -> Frozen | None:
    token = _token(told, post)
    frozen = _built(entry, told, post, token)
    async with connection.transaction():
        if not await claims.freeze(connection, entry, frozen, lease=lease):
            return None
        if token is not None:
            await connection.execute(
                "update reply_link set token_hash = $2"
                " where id = $1 and token_hash is distinct from $2",
                told.link_id,
                links.hash_of(token),
            )
    return frozen


def _token(told: Invited, post: Post) -> str | None:
    if told.link_nonce is None:
        return None
    return links.reply_token(post.key, invitation_id=told.invitation_id, nonce=told.link_nonce)


def _built(entry: Entry, told: Invited, post: Post, token: str | None) -> Frozen:
    organiser = messages.organiser_of(told, mail_domain=post.mail_domain)
    reply_url = None if token is None else links.reply_url(post.public_url, token)
    email = messages.compose(entry.kind, told, organiser=organiser, reply_url=reply_url)
    message_id = f"<{new_id().hex}@{post.mail_domain}>"
    envelope = mail.Envelope(
        sender=organiser,
        message_id=message_id,
        date=told.stamped_at,
        in_reply_to=told.earlier.message_ids[-1] if told.earlier.message_ids else None,
        references=_thread(told.earlier.message_ids),
    )
    return Frozen(
        address=told.address,
        message_id=message_id,
        stamped_at=told.stamped_at,
        envelope_from=f"b-{_word()}@{post.mail_domain}",
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
