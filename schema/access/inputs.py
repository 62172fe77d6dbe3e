"""What the mutations about accounts and offices take."""

from __future__ import annotations

import strawberry

from schema.enums import Office
from schema.inputs import acknowledged, given, key, optional
from schema.problems import WarningCode
from schema.scalars import Key, Line


@strawberry.input(description="Who a signed-in identity is.")
class LinkAccountInput:
    practitioner_id: strawberry.ID = given("Whom it will sign in.")
    issuer: Line = given("Who signs their tokens (iss).")
    subject: Line = given("Who they are there (sub).")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="An identity that may no longer sign in.")
class DisableAccountInput:
    issuer: Line = given("Who signs the tokens (iss).")
    subject: Line = given("Who it is there (sub).")
    idempotency_key: Key | None = key()


@strawberry.input(description="An office somebody takes on.")
class AppointToOfficeInput:
    authority_id: strawberry.ID = given("Where they hold it.")
    practitioner_id: strawberry.ID = given("Who takes it on.")
    office: Office = given("What they will do.")
    locality_id: strawberry.ID | None = optional(
        "The one locality a coordinator does it for; none means the whole authority."
    )
    idempotency_key: Key | None = key()


@strawberry.input(description="An office somebody gives up.")
class EndOfficeInput:
    office_holder_id: strawberry.ID = given("Who holds it.")
    idempotency_key: Key | None = key()
