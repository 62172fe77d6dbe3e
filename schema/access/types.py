"""Accounts: which signed-in identity is which person."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.directory.types import Practitioner
from schema.node import Node
from schema.sources import column, node_id, one, readable


@readable("account")
class Account(Node):
    """An identity that signs somebody in (OpenID Connect Core 2)."""

    id: strawberry.ID = node_id()
    issuer: str = column("Who signs the tokens (iss).")
    subject: str = column("Who it is there (sub).")
    practitioner: Practitioner | None = one(
        "The practitioner it signs in; null for somebody who is none.",
        "{child}.person_id = {row}.person_id",
    )
    disabled_at: datetime | None = column("Since when it signs nobody in, if that is so.")
