"""Reading accounts."""

from __future__ import annotations

import strawberry
from strawberry.types.field import StrawberryField

from schema.access.types import Account
from schema.connections import Connection
from schema.roots import root_page
from schema.sources import Key, Paged

BY_IDENTITY = Paged(
    "true",
    (Key("{child}.issuer", "text"), Key("{child}.subject", "text"), Key("{child}.id", "uuid")),
)


@strawberry.type
class AccessQueries:
    accounts: StrawberryField = root_page(
        "Your own accounts and, for an administrator, those of people who work or hold an office"
        " in their authority; by issuer and subject.",
        Connection[Account],
        "Account",
        BY_IDENTITY,
    )
