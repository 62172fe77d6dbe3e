"""What the mutations about agencies and practitioners take."""

from __future__ import annotations

from datetime import date

import strawberry

from schema.enums import AgencyKind, DomainPolicy
from schema.inputs import acknowledged, given, key, optional, read_version
from schema.problems import WarningCode
from schema.scalars import Key, Line, Mail, Version


@strawberry.input(description="An agency whose practitioners join teams.")
class RegisterAgencyInput:
    name: Line = given("What it is called.")
    kind: AgencyKind = given("What it does (guidance 15).")
    authority_id: strawberry.ID | None = optional("The authority it belongs to, if to one.")
    domain_policy: DomainPolicy = optional(
        "Whether work addresses must lie in its domains.", DomainPolicy.ANY
    )
    email_domains: list[Line] | None = optional("Domains of its work addresses.")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="What changed about an agency.")
class ChangeAgencyInput:
    agency_id: strawberry.ID = given("Which one is changed.")
    name: Line | None = optional("What it is called now; unchanged when left out.")
    domain_policy: DomainPolicy | None = optional("Unchanged when left out.")
    email_domains: list[Line] | None = optional("All of them; unchanged when left out.")
    version: Version = read_version("agency")
    idempotency_key: Key | None = key()


@strawberry.input(description="An agency that closes.")
class CloseAgencyInput:
    agency_id: strawberry.ID = given("Which one closes.")
    version: Version = read_version("agency")
    idempotency_key: Key | None = key()


@strawberry.input(description="Somebody new at work.")
class RegisterPractitionerInput:
    name: Line = given("Their name.")
    agency_id: strawberry.ID = given("Where they work.")
    role_title: Line = given("What they do there.")
    email_address: Mail = given("Their work address.")
    locality_id: strawberry.ID | None = optional("Where, if it matters.")
    from_on: date | None = optional("Since when; today, unless said.")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="The name that a practitioner bears.")
class RenamePractitionerInput:
    practitioner_id: strawberry.ID = given("Who.")
    name: Line = given("Their name.")
    version: Version = read_version("practitioner")
    idempotency_key: Key | None = key()


@strawberry.input(description="Another agency that a practitioner works for.")
class AffiliatePractitionerInput:
    practitioner_id: strawberry.ID = given("Who.")
    agency_id: strawberry.ID = given("For whom.")
    role_title: Line = given("What they do there.")
    email_address: Mail = given("Their work address there.")
    locality_id: strawberry.ID | None = optional("Where, if it matters.")
    from_on: date | None = optional("Since when; today, unless said.")
    idempotency_key: Key | None = key()


@strawberry.input(description="A practitioner leaves an agency.")
class EndAffiliationInput:
    affiliation_id: strawberry.ID = given("Which.")
    last_on: date = given("Their last day.")
    version: Version = read_version("affiliation")
    idempotency_key: Key | None = key()


@strawberry.input(description="A mailbox that whoever is on duty reads.")
class AddRoleMailboxInput:
    agency_id: strawberry.ID = given("Whose mailbox it is.")
    email_address: Mail = given("Where it is.")
    label: Line = given("What it is for.")
    idempotency_key: Key | None = key()
