"""Raising actions and reporting on them."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from schema.context import Info, request_of
from schema.enums import ActionStatus
from schema.ids import optional_row_id, row_id
from schema.mutation import mutation
from schema.plans.types import Action
from schema.problems import WarningCode
from schema.scalars import Key, Text, Version
from schema.sources import loaded, payload
from taf_service import plans


@strawberry.input(description="What somebody is to do, and by when.")
class RaiseActionInput:
    team_id: strawberry.ID = strawberry.field(description="The team.")
    text: Text = strawberry.field(description="What is to be done.")
    due_on: date = strawberry.field(description="By when.")
    owner_membership_id: strawberry.ID | None = strawberry.field(
        default=None, description="The member who owns it; or give an agency with a contact."
    )
    owner_agency_id: strawberry.ID | None = strawberry.field(
        default=None, description="The agency that owns it."
    )
    owner_contact_id: strawberry.ID | None = strawberry.field(
        default=None, description="The practitioner who is its contact there."
    )
    child_id: strawberry.ID | None = strawberry.field(
        default=None, description="For which child; none means the whole family."
    )
    meeting_id: strawberry.ID | None = strawberry.field(
        default=None, description="The meeting it came from, if any."
    )
    proposed: bool = strawberry.field(
        default=False, description="Whether the owner has yet to accept it."
    )
    acknowledge: list[WarningCode] | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="Warnings you have read."
    )
    idempotency_key: Key | None = strawberry.field(
        default=None, description="Makes a repeat happen once."
    )


@strawberry.input(description="How an action stands.")
class ReportProgressInput:
    action_id: strawberry.ID = strawberry.field(description="The action.")
    status: ActionStatus = strawberry.field(description="How it stands now.")
    note: Text = strawberry.field(description="What was done, or why not.")
    version: Version = strawberry.field(description="The version of the action that you read.")
    idempotency_key: Key | None = strawberry.field(
        default=None, description="Makes a repeat happen once."
    )


@payload
class ActionRaised:
    """An action was raised."""

    action: Action | None = loaded("The action.")


@payload
class ProgressReported:
    """Progress was reported."""

    action: Action | None = loaded("The action, as it stands now.")


@strawberry.type
class PlanMutations:
    @mutation(plans.raise_action, ActionRaised)
    async def raise_action(self, info: Info, input: RaiseActionInput) -> Any:
        return await plans.raise_action(
            request_of(info, input),
            team_id=row_id(input.team_id, "Team", field="teamId"),
            text=input.text,
            owner=_owner(input),
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


def _owner(given: RaiseActionInput) -> plans.Owner:
    return plans.Owner(
        optional_row_id(given.owner_membership_id, "Membership", field="ownerMembershipId"),
        optional_row_id(given.owner_agency_id, "Agency", field="ownerAgencyId"),
        optional_row_id(given.owner_contact_id, "Practitioner", field="ownerContactId"),
    )
