"""Who leads a team, and who leaves it."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.context import Info, request_of
from schema.handovers import payloads, values
from schema.handovers.inputs import AppointLeadInput, RemoveFromTeamInput
from schema.mutation import mutation
from taf_service import handovers


@strawberry.type
class HandoverMutations:
    @mutation(handovers.appoint_lead, payloads.LeadAppointed)
    async def appoint_lead(self, info: Info, input: AppointLeadInput) -> Any:
        return await handovers.appoint_lead(request_of(info, input), **values.appointing(input))

    @mutation(handovers.remove_from_team, payloads.LeftTeam)
    async def remove_from_team(self, info: Info, input: RemoveFromTeamInput) -> Any:
        return await handovers.remove_from_team(request_of(info, input), **values.removing(input))
