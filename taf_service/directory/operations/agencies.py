"""Agencies: registered, changed, closed, and the mailboxes of whoever is on duty there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from taf_service import partnership, visibility
from taf_service.core import faults
from taf_service.core.codes import WarningCode
from taf_service.core.errors import FieldError, InvalidInput
from taf_service.core.work import Work, operation
from taf_service.directory import policies, queries, rules
from taf_service.directory.facts import (
    AgencyChanged,
    AgencyClosed,
    AgencyRegistered,
    RoleMailboxAdded,
)
from taf_service.directory.models import Agency, AgencyKind, DomainPolicy, Mailbox, MailboxKind


@operation(policies.register_agency)
async def register_agency(
    work: Work,
    *,
    name: str,
    kind: AgencyKind,
    authority_id: UUID | None = None,
    domain_policy: DomainPolicy,
    email_domains: Sequence[str],
) -> AgencyRegistered:
    """Register an agency whose practitioners can join teams (guidance 15)."""
    await visibility.stand(work)
    work.require(policies.register_agency)
    if authority_id is not None:
        authority = await partnership.authority_for(work, authority_id)
        work.require(policies.register_agency_of_authority, authority)
    _check(name, domain_policy, email_domains)
    if await queries.is_agency_known(work, name, kind):
        work.warn(
            WarningCode.POSSIBLE_DUPLICATE, "There is an agency of this name and kind already."
        )
    agency = await Agency.create(
        id=work.new_id(),
        name=rules.tidy(name),
        kind=kind,
        authority_id=authority_id,
        domain_policy=domain_policy,
        email_domains=rules.normalised_domains(email_domains),
        version=work.new_id(),
    )
    await work.record(
        "agency.registered",
        subject_id=agency.id,
        family_id=None,
        kind=kind,
        authority_id=authority_id,
    )
    return AgencyRegistered(agency.id)


@operation(policies.change_agency)
async def change_agency(
    work: Work,
    *,
    agency_id: UUID,
    version: UUID,
    name: str | None = None,
    domain_policy: DomainPolicy | None = None,
    email_domains: Sequence[str] | None = None,
) -> AgencyChanged:
    """Change what an agency is called, or where its work addresses lie from now on."""
    agency = await visibility.to_change(
        work, policies.change_agency, queries.agency_for, agency_id, version=version
    )
    check_open(agency)
    given = {"name": name, "domain_policy": domain_policy, "email_domains": email_domains}
    changes = {field: value for field, value in given.items() if value is not None}
    if not changes:
        raise InvalidInput(FieldError("name", "Say what changes about the agency."))
    agency.update_from_dict(changes)
    _check(agency.name, agency.domain_policy, agency.email_domains)
    await Agency.filter(id=agency.id).update(
        name=rules.tidy(agency.name),
        domain_policy=agency.domain_policy,
        email_domains=rules.normalised_domains(agency.email_domains),
        version=work.new_id(),
    )
    await work.record(
        "agency.changed", subject_id=agency.id, family_id=None, changed=sorted(changes)
    )
    return AgencyChanged(agency.id)


@operation(policies.close_agency)
async def close_agency(work: Work, *, agency_id: UUID, version: UUID) -> AgencyClosed:
    """Close an agency that nobody works for any more; its role mailboxes end with it."""
    agency = await visibility.to_change(
        work, policies.close_agency, queries.agency_for, agency_id, version=version
    )
    check_open(agency)
    if await queries.is_anybody_at_work(work, agency.id, work.today()):
        raise rules.AgencyAtWork(
            "Somebody works there, or will. Record first when each of them leaves.",
            field="agencyId",
        )
    await Agency.filter(id=agency.id).update(closed_at=work.now, version=work.new_id())
    await Mailbox.filter(agency_id=agency.id, ended_at=None).update(ended_at=work.now)
    await work.record("agency.closed", subject_id=agency.id, family_id=None)
    return AgencyClosed(agency.id)


@operation(policies.add_role_mailbox)
async def add_role_mailbox(
    work: Work, *, agency_id: UUID, email_address: str, label: str
) -> RoleMailboxAdded:
    """Add a mailbox that whoever is on duty at an agency reads."""
    agency = await visibility.to_change(
        work, policies.add_role_mailbox, queries.agency_for, agency_id
    )
    check_open(agency)
    faults.refuse(
        rules.address_error(email_address, "emailAddress"), rules.line_error(label, "label")
    )
    check_domain(agency, email_address)
    already = await Mailbox.filter(agency_id=agency.id, ended_at=None).values_list("id", flat=True)
    claimed = await queries.claim_mailbox(
        work,
        email_address,
        kind=MailboxKind.ROLE,
        agency_id=agency.id,
        label=rules.tidy(label),
    )
    if claimed.id in already:
        raise rules.RoleMailboxExists("This agency has this mailbox already.", field="emailAddress")
    await _check_nobodys_own(work, claimed)
    await work.record(
        "agency.role_mailbox_added", subject_id=agency.id, family_id=None, mailbox_id=claimed.id
    )
    return RoleMailboxAdded(agency.id, claimed.id)


def check_open(agency: Agency) -> None:
    """Errors: `AgencyIsClosed`."""
    if agency.closed_at is not None:
        raise rules.AgencyIsClosed("This agency has closed. Name another one.", field="agencyId")


def check_domain(agency: Agency, email_address: str) -> None:
    """Errors: `AddressOutsideDomains` where the agency wants its addresses in its own domains."""
    if agency.domain_policy is DomainPolicy.REQUIRED:
        rules.check_domain(rules.normalised_address(email_address), agency.email_domains)


async def _check_nobodys_own(work: Work, claimed: queries.ClaimedMailbox) -> None:
    """Errors: `AddressOfSomebody`."""
    if any(other.kind is MailboxKind.WORK for other in await queries.others_at(work, claimed)):
        raise rules.AddressOfSomebody(
            "This is somebody's own work address. Give the address that everybody on duty reads.",
            field="emailAddress",
        )


def _check(name: str, domain_policy: DomainPolicy, email_domains: Sequence[str]) -> None:
    """Errors: `InvalidInput`."""
    faults.refuse(
        rules.line_error(name, "name"),
        rules.domains_error(
            email_domains,
            required=domain_policy is DomainPolicy.REQUIRED,
            field="emailDomains",
        ),
    )
