"""Letting people sign in, keeping them out, and giving them offices."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from taf_service import directory, partnership, visibility
from taf_service.access import policies, queries, rules
from taf_service.access.models import Account
from taf_service.core.codes import WarningCode
from taf_service.core.errors import NotFound
from taf_service.core.work import Work, operation


@dataclass(frozen=True, slots=True)
class AccountLinked:
    practitioner_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class AccountDisabled:
    account_id: UUID


@dataclass(frozen=True, slots=True)
class AppointedToOffice:
    authority_id: UUID
    office_holder_id: UUID


@dataclass(frozen=True, slots=True)
class OfficeEnded:
    authority_id: UUID
    office_holder_id: UUID


@operation(policies.link_account)
async def link_account(
    work: Work, *, practitioner_id: UUID, issuer: str, subject: str
) -> AccountLinked:
    """Let a practitioner sign in with an identity; an account that was disabled works again."""
    await visibility.stand(work)
    work.require(policies.link_account)
    rules.check_identity(issuer, subject)
    practitioner = await directory.practitioner_for(work, practitioner_id)
    if not await queries.works_for_actor(work, practitioner.id):
        raise rules.OutOfReach(
            "Ask an administrator of the authority where they work.", field="practitionerId"
        )
    if await queries.can_sign_in(work, practitioner.person_id):
        work.warn(
            WarningCode.SIGNS_IN_ALREADY,
            "They can sign in already. Add another way in only when they asked for it themselves.",
        )
    account_id = await _linked(work, practitioner.person_id, issuer, subject)
    await work.record(
        "account.linked", subject_id=account_id, family_id=None, practitioner_id=practitioner.id
    )
    return AccountLinked(practitioner.id, account_id)


async def _linked(work: Work, person_id: UUID, issuer: str, subject: str) -> UUID:
    """The id of the account, new or enabled again. Errors: `IdentityTaken`."""
    present = await queries.account_of(work, issuer, subject, lock=True)
    if present is None:
        return await _created(work, person_id, issuer, subject)
    if present.person_id != person_id or present.disabled_at is None:
        raise _taken()
    await Account.filter(id=present.id).update(disabled_at=None)
    return present.id


async def _created(work: Work, person_id: UUID, issuer: str, subject: str) -> UUID:
    """Errors: `IdentityTaken`, by somebody whom the actor does not know, or a moment ago."""
    try:
        async with in_transaction():
            account = await Account.create(
                id=work.new_id(), issuer=issuer, subject=subject, person_id=person_id
            )
    except IntegrityError:
        raise _taken() from None
    return account.id


def _taken() -> rules.IdentityTaken:
    return rules.IdentityTaken("This identity signs in somebody already.", field="subject")


@operation(policies.disable_account)
async def disable_account(work: Work, *, issuer: str, subject: str) -> AccountDisabled:
    """Keep an identity from signing in, from the next request on."""
    account = await queries.account_of(work, issuer, subject)
    if account is None:
        raise NotFound("Nobody you may know of signs in with this.", field="subject")
    work.require(policies.disable_account, account)
    if await queries.leaves_no_administrator(account_id=account.id):
        raise rules.LastAdministrator("Let another administrator sign in first.", field="subject")
    disabled = await Account.filter(id=account.id, disabled_at=None).update(disabled_at=work.now)
    if not disabled:
        raise rules.AccountDisabledAlready("This account is disabled already.", field="subject")
    await work.record("account.disabled", subject_id=account.id, family_id=None)
    return AccountDisabled(account.id)


@operation(policies.appoint_to_office)
async def appoint_to_office(
    work: Work,
    *,
    authority_id: UUID,
    practitioner_id: UUID,
    office: partnership.Office,
    locality_id: UUID | None = None,
) -> AppointedToOffice:
    """Appoint a practitioner to an office: a coordinator for the whole authority or a locality."""
    authority = await partnership.authority_for(work, authority_id)
    work.require(policies.appoint_to_office, authority)
    practitioner = await directory.practitioner_for(work, practitioner_id)
    if locality_id is not None:
        await _check_locality(work, authority, office, locality_id)
    holder = partnership.OfficeHolder(
        id=work.new_id(),
        authority_id=authority.id,
        locality_id=locality_id,
        person_id=practitioner.person_id,
        office=office,
        from_at=work.now,
    )
    await _take_office(holder)
    await work.record(
        "office.appointed",
        subject_id=holder.id,
        family_id=None,
        office=office.value,
        practitioner_id=practitioner.id,
    )
    return AppointedToOffice(authority.id, holder.id)


async def _check_locality(
    work: Work, authority: partnership.Authority, office: partnership.Office, locality_id: UUID
) -> None:
    """Errors: `OfficeWithoutLocality`, `NotFound`."""
    rules.check_may_be_narrowed(office)
    locality = await partnership.locality_for(work, locality_id)
    if locality.authority_id != authority.id:
        raise rules.OfficeWithoutLocality("Name a locality of this authority.", field="localityId")


async def _take_office(holder: partnership.OfficeHolder) -> None:
    """Errors: `OfficeHeldAlready`."""
    try:
        async with in_transaction():
            await holder.save(force_create=True)
    except IntegrityError:
        raise rules.OfficeHeldAlready(
            "They hold this office already.", field="practitionerId"
        ) from None


@operation(policies.end_office)
async def end_office(work: Work, *, office_holder_id: UUID) -> OfficeEnded:
    """End an office that somebody holds; what they could see through it is gone at once."""
    holder = await partnership.office_holder_for(work, office_holder_id)
    authority = await partnership.authority_for(work, holder.authority_id)
    work.require(policies.end_office, authority)
    if await queries.leaves_no_administrator(office_holder_id=holder.id):
        raise rules.LastAdministrator(
            "Appoint another administrator who can sign in first.", field="officeHolderId"
        )
    ended = await partnership.OfficeHolder.filter(id=holder.id, ended_at=None).update(
        ended_at=work.now
    )
    if not ended:
        raise rules.OfficeEndedAlready("This office has ended already.", field="officeHolderId")
    await work.record(
        "office.ended", subject_id=holder.id, family_id=None, office=holder.office.value
    )
    return OfficeEnded(authority.id, holder.id)
