"""Who holds a link from a mail: it signs nobody in, it lets one person answer one invitation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise import connections

LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """The person a link was made for, and the invitation it answers."""

    invitation_id: UUID
    person_id: UUID


async def holder_of(token: str) -> LinkHolder | None:
    """The holder of a link that still works; None for any other, and none of the reasons why.

    Links end when they expire, are revoked, or the invitation is withdrawn (invitations rule 35).
    """
    if len(token) > LONGEST_TOKEN:
        return None
    rows = await connections.get("default").execute_query_dict(
        "select *, now() as now from invitation_for_link($1)",
        [hashlib.sha256(token.encode()).hexdigest()],
    )
    if not rows or not _works(rows[0]):
        return None
    return LinkHolder(rows[0]["invitation_id"], rows[0]["person_id"])


def _works(row: dict[str, datetime | None]) -> bool:
    expires_at, now = row["expires_at"], row["now"]
    assert expires_at is not None and now is not None  # noqa: PT018
    return row["revoked_at"] is None and row["withdrawn_at"] is None and now < expires_at
