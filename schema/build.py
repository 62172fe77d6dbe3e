"""The schema: every area's types, queries and mutations in one."""

from __future__ import annotations

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from schema.access.mutations import AccessMutations
from schema.access.queries import AccessQueries
from schema.directory.mutations import DirectoryMutations
from schema.directory.queries import DirectoryQueries
from schema.families.mutations import FamilyMutations
from schema.families.queries import FamilyQueries
from schema.handovers.mutations import HandoverMutations
from schema.handovers.queries import HandoverQueries
from schema.meetings.mutations import MeetingMutations
from schema.meetings.queries import MeetingQueries
from schema.partnership.mutations import PartnershipMutations
from schema.partnership.queries import PartnershipQueries
from schema.plans.mutations import PlanMutations
from schema.plans.queries import PlanQueries
from schema.scalars import SCALARS
from schema.teams.mutations import TeamMutations
from schema.teams.queries import TeamQueries
from schema.viewer import ViewerQueries
from schema.wiring import wire

Query = merge_types(
    "Query",
    (
        ViewerQueries,
        PartnershipQueries,
        DirectoryQueries,
        AccessQueries,
        FamilyQueries,
        TeamQueries,
        MeetingQueries,
        PlanQueries,
        HandoverQueries,
    ),
)
Mutation = merge_types(
    "Mutation",
    (
        PartnershipMutations,
        DirectoryMutations,
        AccessMutations,
        FamilyMutations,
        TeamMutations,
        MeetingMutations,
        PlanMutations,
        HandoverMutations,
    ),
)


@cache
def schema() -> strawberry.Schema:
    """Build the schema once."""
    built = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        config=StrawberryConfig(
            scalar_map=SCALARS,
            disable_field_suggestions=True,
            sort_schema=True,
        ),
    )
    wire(built._schema)  # noqa: SLF001 - Strawberry offers no other way to the built schema
    return built


def sdl() -> str:
    """The published schema, sorted."""
    return schema().as_str() + "\n"
