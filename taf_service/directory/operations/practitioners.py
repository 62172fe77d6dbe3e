"""Practitioners: who they are, and where they work from when until when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from taf_service import partnership, visibility
from taf_service.core import faults
from taf_service.core.codes import WarningCode
from taf_service.core.errors import FieldError
from taf_service.core.work import Work, operation
from taf_service.directory import policies, queries, rules
from taf_service.directory.facts import (
    AffiliationEnded,
    PractitionerAffiliated,
    PractitionerRegistered,
    PractitionerRenamed,
)
from taf_service.directory.models import Affiliation, MailboxKind, Person, Practitioner
from taf_service.directory.operations.agencies import check_domain, check_open


@dataclass(frozen=True, slots=True)
class _Post:
    """What somebody is to be at an agency."""

    agency_id: UUID
    role_title: str
    email_address: str
    locality_id: UUID | None
    from_on: date


@operation(policies.register_practitioner)
async def register_practitioner(
    work: Work,
    *,
    name: str,
    agency_id: UUID,
    role_title: str,
    email_address: str,
    locality_id: UUID | None = None,
    from_on: date | None = None,
) -> PractitionerRegistered:
    """Register somebody new at work, with their agency and their own work address there."""
    await visibility.stand(work)
    work.require(policies.register_practitioner)
    post = _Post(agency_id, role_title, email_address, locality_id, from_on or work.today())
    faults.refuse(rules.line_error(name, "name"), *_wrong(post))
    if await queries.is_name_at_work(work, agency_id, name, work.today()):
        work.warn(
            WarningCode.POSSIBLE_DUPLICATE, "Somebody of this name works at this agency already."
        )
    person = await Person.create(id=work.new_id(), name=rules.tidy(name), version=work.new_id())
    practitioner = await Practitioner.create(
        id=work.new_id(), person_id=person.id, version=work.new_id()
    )
    affiliation = await _join(work, practitioner, post)
    await _record(work, "practitioner.registered", affiliation)
    return PractitionerRegistered(practitioner.id, affiliation.id)


@operation(policies.rename_practitioner)
async def rename_practitioner(
    work: Work, *, practitioner_id: UUID, name: str, version: UUID
) -> PractitionerRenamed:
    """Correct a practitioner's name, or record a new one."""
    practitioner = await visibility.to_change(
        work,
        policies.rename_practitioner,
        queries.practitioner_for,
        practitioner_id,
        version=version,
    )
    faults.refuse(rules.line_error(name, "name"))
    await Person.filter(id=practitioner.person_id).update(
        name=rules.tidy(name), version=work.new_id()
    )
    await Practitioner.filter(id=practitioner.id).update(version=work.new_id())
    await work.record("practitioner.renamed", subject_id=practitioner.id, family_id=None)
    return PractitionerRenamed(practitioner.id)


@operation(policies.affiliate_practitioner)
async def affiliate_practitioner(
    work: Work,
    *,
    practitioner_id: UUID,
    agency_id: UUID,
    role_title: str,
    email_address: str,
    locality_id: UUID | None = None,
    from_on: date | None = None,
) -> PractitionerAffiliated:
    """Record that a practitioner works for another agency too, or comes back to one."""
    practitioner = await visibility.to_change(
        work, policies.affiliate_practitioner, queries.practitioner_for, practitioner_id
    )
    post = _Post(agency_id, role_title, email_address, locality_id, from_on or work.today())
    faults.refuse(*_wrong(post))
    affiliation = await _join(work, practitioner, post)
    await _record(work, "practitioner.affiliated", affiliation)
    return PractitionerAffiliated(practitioner.id, affiliation.id)


@operation(policies.end_affiliation)
async def end_affiliation(
    work: Work, *, affiliation_id: UUID, last_on: date, version: UUID
) -> AffiliationEnded:
    """Record somebody's last day at an agency; their identity stays, for wherever they go next."""
    affiliation = await visibility.to_change(
        work, policies.end_affiliation, queries.affiliation_for, affiliation_id, version=version
    )
    until_on = rules.until(last_on, from_on=affiliation.from_on)
    rules.check_not_over(affiliation.until_on, until_on, work.today())
    async with _once_at_a_time(field="lastOn"):
        await Affiliation.filter(id=affiliation.id).update(until_on=until_on, version=work.new_id())
    await work.record(
        "affiliation.ended", subject_id=affiliation.id, family_id=None, last_on=last_on
    )
    return AffiliationEnded(affiliation.id)


def _wrong(post: _Post) -> tuple[FieldError | None, ...]:
    return (
        rules.line_error(post.role_title, "roleTitle"),
        rules.address_error(post.email_address, "emailAddress"),
        rules.day_error(post.from_on, "fromOn"),
    )


async def _join(work: Work, practitioner: Practitioner, post: _Post) -> Affiliation:
    """Errors: `NotFound`, `NotPermitted`, `AgencyIsClosed`, `AlreadyAffiliated`; the address's."""
    agency = await queries.agency_for(work, post.agency_id, lock=True)
    work.require(policies.staff_agency, agency)
    check_open(agency)
    check_domain(agency, post.email_address)
    if post.locality_id is not None:
        await partnership.locality_for(work, post.locality_id)
    mailbox = await _own_mailbox(work, practitioner, post.email_address)
    async with _once_at_a_time(field="agencyId"):
        return await Affiliation.create(
            id=work.new_id(),
            practitioner_id=practitioner.id,
            agency_id=agency.id,
            locality_id=post.locality_id,
            role_title=rules.tidy(post.role_title),
            mailbox_id=mailbox.id,
            from_on=post.from_on,
            version=work.new_id(),
        )


async def _own_mailbox(
    work: Work, practitioner: Practitioner, email_address: str
) -> queries.ClaimedMailbox:
    """Errors: `AddressOfAnAgency`, `AddressOfSomebody`; whose it is stays unsaid."""
    claimed = await queries.claim_mailbox(
        work, email_address, kind=MailboxKind.WORK, person_id=practitioner.person_id
    )
    others = await queries.others_at(work, claimed)
    if any(other.kind is MailboxKind.ROLE for other in others):
        raise rules.AddressOfAnAgency(
            "Whoever is on duty reads this mailbox. Give the person's own work address.",
            field="emailAddress",
        )
    if others:
        raise rules.AddressOfSomebody(
            "Another practitioner has this work address. Give the person's own.",
            field="emailAddress",
        )
    return claimed


@asynccontextmanager
async def _once_at_a_time(*, field: str) -> AsyncIterator[None]:
    """Errors: `AlreadyAffiliated`; `no_overlapping_affiliation` decides, also between requests."""
    try:
        async with in_transaction():
            yield
    except IntegrityError:
        raise rules.AlreadyAffiliated(
            "They work for this agency in that time already.", field=field
        ) from None


async def _record(work: Work, event: str, affiliation: Affiliation) -> None:
    await work.record(
        event,
        subject_id=affiliation.practitioner_id,
        family_id=None,
        agency_id=affiliation.agency_id,
        affiliation_id=affiliation.id,
        from_on=affiliation.from_on,
    )
