"""What a resolver knows of its request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry

from notifications.drafts import Letterhead as Letterhead
from taf_service.access import Identity
from taf_service.core.actors import Actor, Request
from taf_service.core.errors import NotFound

# What previews show where nobody said which service this is (RFC 6761 6.4).
_UNKNOWN = Letterhead("mail.invalid", "https://pages.invalid")


@dataclass(frozen=True, slots=True)
class Context:
    """`actor` is the person signed in, or whoever holds a link from a mail.

    Such a holder answers the invitation of their link, `link_invitation_id`, and nothing else.
    `letterhead` is what a preview of mail is written on. `identity` is what `actor` signed in with,
    to be checked by whatever statement reads for them.
    """

    actor: Actor
    link_invitation_id: UUID | None = None
    letterhead: Letterhead = _UNKNOWN
    identity: Identity | None = None


Info = strawberry.Info[Context, None]


def request_of(info: Info, given: Any) -> Request:
    """One act of the viewer: with the key and the acknowledgements that came in the input.

    Errors: `NotFound` for the holder of a link, who is not signed in.
    """
    if info.context.link_invitation_id is not None:
        raise NotFound("There is nothing here under that id.")
    return _request(info, given)


def answering(info: Info, given: Any, *, invitation_id: UUID) -> Request:
    """Like `request_of`, but open to the holder of the link that answers this invitation.

    Errors: `NotFound` for any other invitation, as for one that was never there.
    """
    if info.context.link_invitation_id not in (None, invitation_id):
        raise NotFound("There is nothing here under that id.", field="invitationId")
    return _request(info, given)


def _request(info: Info, given: Any) -> Request:
    return Request(
        actor=info.context.actor,
        idempotency_key=getattr(given, "idempotency_key", None),
        acknowledged=frozenset(code.value for code in getattr(given, "acknowledge", None) or ()),
    )
