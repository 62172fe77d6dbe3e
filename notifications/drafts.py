"""What somebody would be sent, for a preview: shown to who runs the meeting, never sent.

Asked inside the operation that is about to be rolled back, with the statement and the words that
the worker will use, so that a preview promises what will leave.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from notifications import letters, recipients
from notifications.addresses import Mailbox as Mailbox
from notifications.addresses import Malformed
from notifications.letters import Letterhead as Letterhead
from notifications.outbox import DeliveryState
from notifications.recipients import Invited
from notifications.recipients import NotTold as NotTold
from notifications.recipients import Reason as Reason

# Such as `connections.get("default").execute_query_dict` of Tortoise, inside its transaction.
Fetch: TypeAlias = Callable[[str, list[Any]], Awaitable[Sequence[Mapping[str, Any]]]]

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_HIDDEN = "hidden@address.invalid"  # RFC 6761 6.4: leads nowhere


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Draft:
    """A message as it would leave, but for the token of its link, and what its viewer may not know.

    `address` is None when the viewer does not know it; then `calendar` has another in its place.
    `calendar` is None when they are sent no calendar file (invitations rule 39).
    """

    address: str | None
    sender: Mailbox
    subject: str
    text: str
    html: str
    calendar: str | None


async def draft(
    fetch: Fetch, entry_id: UUID, letterhead: Letterhead, *, at: datetime
) -> Draft | NotTold:
    """What the queued message `entry_id` would be if it left at `at` (`work.now`).

    `NotTold` when nothing would be sent; its `words` are for people. So too for a meeting that the
    actor bound to the transaction may not see whole.
    """
    rows = await fetch("select * from standing_of($1::uuid, $2::timestamptz)", [entry_id, at])
    told = recipients.judge(rows[0] if rows else None)
    if isinstance(told, NotTold):
        return told
    try:
        return _draft(rows[0], told, letterhead)
    except Malformed:
        return NotTold(DeliveryState.FAILED, Reason.CANNOT_BE_WRITTEN)


def _draft(row: Mapping[str, Any], told: Invited, letterhead: Letterhead) -> Draft:
    shown = told if row["knows_address"] else replace(told, address=_HIDDEN)
    token = None if told.link_id is None else _ELLIPSIS
    sender, email = letters.composed(row["kind"], shown, letterhead, token=token)
    return Draft(
        address=told.address if row["knows_address"] else None,
        sender=sender,
        subject=email.subject,
        text=email.text,
        html=email.html,
        calendar=None if email.calendar is None else email.calendar.decode(),
    )
