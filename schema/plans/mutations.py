"""Raising actions and reporting on them."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.context import Info, request_of
from schema.ids import optional_row_id, row_id
from schema.mutation import mutation
from schema.plans.inputs import ActionOwnerInput, RaiseActionInput, ReportProgressInput
from schema.plans.payloads import ActionRaised, ProgressReported
from taf_service import plans


@strawberry.type
class PlanMutations:
    @mutation(plans.raise_action, ActionRaised)
    async def raise_action(self, info: Info, input: RaiseActionInput) -> Any:
        return await plans.raise_action(
            request_of(info, input),
            team_id=row_id(input.team_id, "Team", field="teamId"),
            text=input.text,
            owner=_owner(input.owner),
            due_on=input.due_on,
            child_id=optional_row_id(input.child_id, "FamilyMember", field="childId"),
            meeting_id=optional_row_id(input.meeting_id, "Meeting", field="meetingId"),
            proposed=input.proposed,
        )

    @mutation(plans.report_progress, ProgressReported)
    async def report_progress(self, info: Info, input: ReportProgressInput) -> Any:
        return await plans.report_progress(
            request_of(info, input),
            action_id=row_id(input.action_id, "Action", field="actionId"),
            version=input.version,
            status=input.status,
            note=input.note,
        )


def _owner(given: ActionOwnerInput) -> plans.Owner:
    if given.agency:
        return plans.Owner(
            agency_id=row_id(given.agency.agency_id, "Agency", field="owner.agency.agencyId"),
            contact_id=row_id(
                given.agency.contact_id, "Practitioner", field="owner.agency.contactId"
            ),
        )
    membership_id = optional_row_id(given.membership_id, "Membership", field="owner.membershipId")
    return plans.Owner(membership_id=membership_id)
