"""Reading teams."""

from __future__ import annotations

import strawberry
from strawberry.types.field import StrawberryField

from schema.roots import by_id
from schema.teams.types import Team


@strawberry.type
class TeamQueries:
    team: StrawberryField = by_id("A team you are in, or whose family you know.", Team)
