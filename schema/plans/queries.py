"""Reading actions."""

from __future__ import annotations

import strawberry
from strawberry.types.field import StrawberryField

from schema.plans.types import Action
from schema.roots import by_id


@strawberry.type
class PlanQueries:
    action: StrawberryField = by_id("An action of a team you are in.", Action)
