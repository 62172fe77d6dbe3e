"""Reading authorities."""

from __future__ import annotations

import strawberry
from strawberry.types.field import StrawberryField

from schema import roots
from schema.connections import Connection
from schema.context import Info
from schema.partnership.types import Authority
from schema.roots import root_page
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

    @strawberry.field(description="An authority.")
    async def authority(self, info: Info, id: strawberry.ID) -> Authority | None:
        return await roots.by_id(info, "Authority", id)  # type: ignore[no-any-return]
