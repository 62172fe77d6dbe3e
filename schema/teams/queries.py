"""Reading teams."""

from __future__ import annotations

import strawberry

from schema import roots
from schema.context import Info
from schema.teams.types import Team


@strawberry.type
class TeamQueries:
    @strawberry.field(description="A team you are in, or whose family you know.")
    async def team(self, info: Info, id: strawberry.ID) -> Team | None:
        return await roots.by_id(info, "Team", id)  # type: ignore[no-any-return]
