"""Agencies, practitioners and mailboxes."""

from __future__ import annotations

from uuid import UUID

from tortoise import connections

from taf_service import visibility
from taf_service.core.errors import NotFound
from taf_service.core.work import Work
from taf_service.directory.models import (
    Affiliation,
    Agency,
    Mailbox,
    MailboxKind,
    Person,
    Practitioner,
)


async def agency_for(work: Work, agency_id: UUID, *, lock: bool = False) -> Agency:
    """Errors: `NotFound`."""
    return await visibility.one(work, Agency, agency_id, lock=lock)


async def practitioner_for(
    work: Work, practitioner_id: UUID, *, lock: bool = False
) -> Practitioner:
    """Errors: `NotFound`."""
    return await visibility.one(work, Practitioner, practitioner_id, lock=lock)


async def affiliation_with(work: Work, practitioner_id: UUID, agency_id: UUID) -> Affiliation:
    """What somebody is at an agency today.

    Errors: `NotFound` when they do not work there, or may not be known to.
    """
    found = await visibility.rows(
        work,
        Affiliation,
        "r.practitioner_id = $2 and r.agency_id = $3 and r.from_on <= $4"
        " and (r.until_on is null or r.until_on > $4)",
        practitioner_id,
        agency_id,
        work.today(),
    )
    if not found:
        raise NotFound("There is nobody of that name at this agency now.")
    return found[0]


async def name_of(_work: Work, person_id: UUID) -> str | None:
    """Somebody's name, if the actor may know them: row-level security decides."""
    person = await Person.get_or_none(id=person_id)
    return None if person is None else person.name


async def claim_mailbox(
    work: Work,
    address: str,
    *,
    kind: MailboxKind,
    person_id: UUID | None = None,
    agency_id: UUID | None = None,
    label: str = "",
) -> Mailbox:
    """The mailbox at `address` of this person or agency, added when it is not there yet.

    An address is one row however many people read it, and is compared in lower case.
    """
    rows = await connections.get("default").execute_query_dict(
        "select claim_address($1, $2) as id", [address.lower(), work.new_id()]
    )
    address_id = rows[0]["id"]
    present = await Mailbox.get_or_none(
        address_id=address_id, person_id=person_id, agency_id=agency_id, ended_at=None
    )
    return present or await Mailbox.create(
        id=work.new_id(),
        address_id=address_id,
        kind=kind,
        person_id=person_id,
        agency_id=agency_id,
        label=label,
        from_at=work.now,
    )
