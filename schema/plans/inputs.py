"""What the mutations about actions take."""

from __future__ import annotations

from datetime import date

import strawberry

from schema.enums import ActionStatus
from schema.inputs import acknowledged, given, key, optional, read_version
from schema.problems import WarningCode
from schema.scalars import Key, Text, Version


@strawberry.input(description="What somebody is to do, and by when.")
class RaiseActionInput:
    team_id: strawberry.ID = given("The team.")
    text: Text = given("What is to be done.")
    due_on: date = given("By when.")
    owner_membership_id: strawberry.ID | None = optional(
        "The member who owns it; or give an agency with a contact."
    )
    owner_agency_id: strawberry.ID | None = optional("The agency that owns it.")
    owner_contact_id: strawberry.ID | None = optional("The practitioner who is its contact there.")
    child_id: strawberry.ID | None = optional("For which child; none means the whole family.")
    meeting_id: strawberry.ID | None = optional("The meeting it came from, if any.")
    proposed: bool = optional("Whether the owner has yet to accept it.", False)  # noqa: FBT003
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="How an action stands.")
class ReportProgressInput:
    action_id: strawberry.ID = given("The action.")
    status: ActionStatus = given("How it stands now.")
    note: Text = given("What was done, or why not.")
    version: Version = read_version("action")
    idempotency_key: Key | None = key()
