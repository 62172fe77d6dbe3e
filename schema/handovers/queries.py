"""What appointing a lead, or taking somebody out of a team, would send."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.context import Info
from schema.handovers import values
from schema.handovers.inputs import AppointLeadInput, RemoveFromTeamInput
from schema.meetings.previews import MeetingPreview, foresee
from schema.mutation import preview
from taf_service import handovers


@strawberry.type
class HandoverQueries:
    @preview(handovers.appoint_lead, MeetingPreview)
    async def preview_appoint_lead(self, info: Info, input: AppointLeadInput) -> Any:
        return await foresee(info, input, handovers.appoint_lead, values.appointing(input))

    @preview(handovers.remove_from_team, MeetingPreview)
    async def preview_remove_from_team(self, info: Info, input: RemoveFromTeamInput) -> Any:
        return await foresee(info, input, handovers.remove_from_team, values.removing(input))
