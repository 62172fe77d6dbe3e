"""Tokens of the links in mail: 160 bits, the same in every update, stored only as a hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID

SHORTEST_KEY = 32
_BYTES = 20
_REPLY = "reply"


@dataclass(frozen=True, slots=True)
class LinkKey:
    """The secret behind the links, and its public name.

    Raises `ValueError`: a link is only as good as the key behind it.
    """

    id: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_KEY:
            raise ValueError(f"A key of links has at least {SHORTEST_KEY} characters.")


def reply_token(key: LinkKey, *, invitation_id: UUID, nonce: UUID) -> str:
    """Lets whoever holds it answer this invitation, and nothing else.

    In lower-case letters and digits, which no mail program breaks, recodes or takes for the end of
    a sentence.
    """
    # The length before each part keeps two sets of parts from meeting in one text.
    parts = (key.id, _REPLY, str(invitation_id), str(nonce))
    words = "".join(f"{len(part)}:{part}" for part in parts)
    digest = hmac.digest(key.secret.encode(), words.encode(), "sha256")
    return base64.b32encode(digest[:_BYTES]).decode().lower()


def hash_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def reply_url(public_url: str, token: str) -> str:
    """The page of a token; it shows no case content and asks before it acts."""
    return f"{public_url.rstrip('/')}/r/{token}"
