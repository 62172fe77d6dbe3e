"""What the mutations about actions take."""

from __future__ import annotations

from datetime import date

import strawberry

from schema.enums import ActionStatus
from schema.inputs import acknowledged, either, given, key, optional, read_version
from schema.problems import WarningCode
from schema.scalars import Key, Text, Version


@strawberry.input(description="An agency that owns an action, with somebody there to ask.")
class OwnerAgencyInput:
    agency_id: strawberry.ID = given("The agency that owns it.")
    contact_id: strawberry.ID = given("The practitioner who answers for it there (guidance 19).")


@strawberry.input(one_of=True, description="Who owns an action: one person, or an agency.")
class ActionOwnerInput:
    membership_id: strawberry.ID | None = either("Somebody in the team; never a child.")
    agency: OwnerAgencyInput | None = either("An agency, where nobody of it is in the team.")


@strawberry.input(description="What somebody is to do, and by when.")
class RaiseActionInput:
    team_id: strawberry.ID = given("Whose plan it is part of.")
    text: Text = given("What is to be done.")
    due_on: date = given("By when.")
    owner: ActionOwnerInput = given("Who is to do it.")
    child_id: strawberry.ID | None = optional("For which child; none means the whole family.")
    meeting_id: strawberry.ID | None = optional("The meeting it came from, if any.")
    proposed: bool = optional("Whether the owner has yet to accept it.", False)  # noqa: FBT003
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="How an action stands.")
class ReportProgressInput:
    action_id: strawberry.ID = given("What is reported on.")
    status: ActionStatus = given("How it stands now.")
    note: Text = given("What was done, or why not.")
    version: Version = read_version("action")
    idempotency_key: Key | None = key()
