"""What the mutations about who leads and who leaves take."""

from __future__ import annotations

import strawberry

from schema.inputs import acknowledged, given, key, optional, read_version
from schema.problems import WarningCode
from schema.scalars import Key, Text, Version


@strawberry.input(description="Who is to lead, and why.")
class AppointLeadInput:
    team_id: strawberry.ID = given("Which team they will lead.")
    membership_id: strawberry.ID = given("The member who will lead.")
    reason: Text = given("Why they are the right person now (guidance 5, 6).")
    family_preference: Text | None = optional("Whom the family wishes for (guidance 87).")
    version: Version = read_version("team")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="Somebody who leaves the team.")
class RemoveFromTeamInput:
    membership_id: strawberry.ID = given("Who.")
    reason: Text = given("Why.")
    version: Version = read_version("membership")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()
