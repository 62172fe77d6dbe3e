"""Agencies and the people who work for them."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.enums import AgencyKind, DomainPolicy
from schema.node import Node
from schema.partnership.types import Locality
from schema.scalars import Mail, Version
from schema.sources import (
    allowed,
    column,
    many,
    node_id,
    one,
    part,
    readable,
    same_row,
    version,
)
from taf_service import directory


@readable("mailbox")
class RoleMailbox(Node):
    """An address that whoever is on duty at an agency reads."""

    id: strawberry.ID = node_id()
    label: str = column("What it is for.")
    address: Mail = column(
        "Where it is.", "select e.address from email_address e where e.id = {row}.address_id"
    )


@part
class AgencyCan:
    """What you may do with this agency: answered by the policies that will decide."""

    change_agency: bool = allowed(directory.policies.change_agency)
    close_agency: bool = allowed(directory.policies.close_agency)
    add_role_mailbox: bool = allowed(directory.policies.add_role_mailbox)


@readable("agency")
class Agency(Node):
    """An organisation whose practitioners join teams (guidance 15)."""

    id: strawberry.ID = node_id()
    name: str = column("What it is called.")
    kind: AgencyKind = column("What it does.")
    email_domains: list[str] = column("Domains of its work addresses.")
    domain_policy: DomainPolicy = column("Whether work addresses must lie in those domains.")
    closed_at: datetime | None = column("When it closed, if it has.")
    version: Version = version()
    role_mailboxes: list[RoleMailbox] = many(
        "Mailboxes that belong to nobody in particular.",
        "{child}.agency_id = {row}.id and {child}.ended_at is null",
        "{child}.label, {child}.id",
    )
    can: AgencyCan = same_row("What you may do.")


@part
class AffiliationCan:
    """What you may do here: answered by the policies that will decide."""

    end_affiliation: bool = allowed(directory.policies.end_affiliation)


@readable("affiliation")
class Affiliation(Node):
    """A practitioner works for an agency, from one day until another."""

    id: strawberry.ID = node_id()
    agency: Agency = one("For whom.", "{child}.id = {row}.agency_id")
    locality: Locality | None = one("Where, if it matters.", "{child}.id = {row}.locality_id")
    role_title: str = column("What they do there.")
    email_address: Mail | None = column(
        "Their work address there.",
        "select e.address from mailbox b join email_address e on e.id = b.address_id"
        " where b.id = {row}.mailbox_id",
    )
    from_on: date = column("Their first day.")
    until_on: date | None = column("The day after their last, if they leave or have left.")
    can: AffiliationCan = same_row("What you may do.")
    version: Version = version()


@part
class PractitionerCan:
    """What you may do with this entry: answered by the policies that will decide."""

    rename_practitioner: bool = allowed(directory.policies.rename_practitioner)
    affiliate_practitioner: bool = allowed(directory.policies.affiliate_practitioner)


@readable("practitioner")
class Practitioner(Node):
    """Somebody at work; their identity outlives any one agency."""

    id: strawberry.ID = node_id()
    name: str = column("Their name.", "select p.name from person p where p.id = {row}.person_id")
    affiliations: list[Affiliation] = many(
        "Where they work and worked, latest first.",
        "{child}.practitioner_id = {row}.id",
        "{child}.from_on desc, {child}.id",
    )
    can: PractitionerCan = same_row("What you may do.")
    version: Version = version()
