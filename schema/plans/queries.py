"""Reading actions."""

from __future__ import annotations

import strawberry

from schema import roots
from schema.context import Info
from schema.plans.types import Action


@strawberry.type
class PlanQueries:
    @strawberry.field(description="An action of a team you are in.")
    async def action(self, info: Info, id: strawberry.ID) -> Action | None:
        return await roots.by_id(info, "Action", id)  # type: ignore[no-any-return]
