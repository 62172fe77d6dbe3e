"""Reading authorities."""

from __future__ import annotations

import strawberry
from strawberry.types.field import StrawberryField

from schema.connections import Connection
from schema.partnership.types import Authority
from schema.roots import by_id, root_page
from schema.sources import Key, Paged

BY_NAME = Paged("true", (Key("{child}.name", "text"), Key("{child}.id", "uuid")))


@strawberry.type
class PartnershipQueries:
    authorities: StrawberryField = root_page(
        "The authorities that use this service, by name.",
        Connection[Authority],
        "Authority",
        BY_NAME,
    )

    authority: StrawberryField = by_id("One of those that use this service.", Authority)
