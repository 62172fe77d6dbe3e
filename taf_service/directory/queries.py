"""Agencies, practitioners and mailboxes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise import connections

from taf_service import visibility
from taf_service.core.errors import NotFound
from taf_service.core.work import Work
from taf_service.directory import rules
from taf_service.directory.models import (
    Affiliation,
    Agency,
    AgencyKind,
    Mailbox,
    MailboxKind,
    Person,
    Practitioner,
)


@dataclass(frozen=True, slots=True)
class ClaimedMailbox:
    """The mailbox of one reader at one address.

    `read_by_others`: somebody else reads it too, or may. That is for the rules that decide whom to
    write to; it is told only to those who may know why.
    """

    id: UUID
    address_id: UUID
    read_by_others: bool


async def agency_for(work: Work, agency_id: UUID, *, lock: bool = False) -> Agency:
    """Errors: `NotFound`."""
    return await visibility.one(work, Agency, agency_id, lock=lock)


async def practitioner_for(
    work: Work, practitioner_id: UUID, *, lock: bool = False
) -> Practitioner:
    """Errors: `NotFound`."""
    return await visibility.one(work, Practitioner, practitioner_id, lock=lock)


async def affiliation_for(work: Work, affiliation_id: UUID, *, lock: bool = False) -> Affiliation:
    """Errors: `NotFound`."""
    return await visibility.one(work, Affiliation, affiliation_id, lock=lock)


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


async def is_agency_known(work: Work, name: str, kind: AgencyKind) -> bool:
    """Whether an open agency of this kind bears the name, however it is spelt."""
    return bool(
        await visibility.rows(
            work,
            Agency,
            "r.sort_name = search_form($2) and r.kind = $3 and r.closed_at is null",
            name,
            kind.value,
        )
    )


async def is_anybody_at_work(work: Work, agency_id: UUID, day: date) -> bool:
    """Whether anybody works for the agency on `day`, or will later."""
    return bool(
        await visibility.rows(
            work,
            Affiliation,
            "r.agency_id = $2 and (r.until_on is null or r.until_on > $3)",
            agency_id,
            day,
        )
    )


async def is_name_at_work(work: Work, agency_id: UUID, name: str, day: date) -> bool:
    """Whether somebody of that name, however it is spelt, works there on `day` or will later."""
    return bool(
        await visibility.rows(
            work,
            Practitioner,
            "r.sort_name = search_form($3) and r.id in (select a.practitioner_id"
            " from affiliation a where a.agency_id = $2"
            " and (a.until_on is null or a.until_on > $4))",
            agency_id,
            name,
            day,
        )
    )


async def others_at(work: Work, claimed: ClaimedMailbox) -> list[Mailbox]:
    """Other mailboxes in the directory at the same address. Nobody's at home are among them."""
    return await visibility.rows(
        work,
        Mailbox,
        "r.address_id = $2 and r.id <> $3 and r.ended_at is null and r.kind <> 'PERSONAL'",
        claimed.address_id,
        claimed.id,
    )


async def claim_mailbox(
    work: Work,
    address: str,
    *,
    kind: MailboxKind,
    person_id: UUID | None = None,
    agency_id: UUID | None = None,
    label: str = "",
) -> ClaimedMailbox:
    """The mailbox at `address` of this person or agency, added when it is not there yet.

    An address is one row however many people read it, compared in lower case; claims of it wait
    for one another until the commit. As soon as it has a second reader, each of them has it on
    record that others read it. Errors: `InvalidInput`.
    """
    rows = await connections.get("default").execute_query_dict(
        "select * from claim_mailbox($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            rules.normalised_address(address),
            kind.value,
            person_id,
            agency_id,
            label,
            work.new_id(),
            work.new_id(),
            work.now,
        ],
    )
    (row,) = rows
    return ClaimedMailbox(row["mailbox_id"], row["at_address_id"], row["read_by_others"])
