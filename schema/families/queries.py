"""Reading families."""

from __future__ import annotations

import strawberry

from schema import roots
from schema.context import Info
from schema.families.types import Family


@strawberry.type
class FamilyQueries:
    @strawberry.field(description="A family you work with, belong to or co-ordinate help for.")
    async def family(self, info: Info, id: strawberry.ID) -> Family | None:
        return await roots.by_id(info, "Family", id)  # type: ignore[no-any-return]
