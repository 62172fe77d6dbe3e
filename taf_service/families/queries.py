"""Families an actor may see, and what must be asked about people before they are told anything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from tortoise import connections

from taf_service import visibility
from taf_service.core.errors import NotFound
from taf_service.core.work import Work
from taf_service.families.models import (
    ContactChannel,
    Family,
    FamilyMember,
    NoContact,
    ParentalResponsibility,
    StopContact,
)
from taf_service.families.rules import FamilyRole


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people. `is_known`: the actor may be told why they are a pair."""

    person_a_id: UUID
    person_b_id: UUID
    is_known: bool


class EmailReach(StrEnum):
    """Whether mail can and may be sent to one of the family."""

    REACHED = "REACHED"
    NO_ADDRESS = "NO_ADDRESS"
    NOT_SAFE = "NOT_SAFE"


async def family_for(work: Work, family_id: UUID, *, lock: bool = False) -> Family:
    """Errors: `NotFound`."""
    return await visibility.one(work, Family, family_id, lock=lock)


async def family_member_for(work: Work, member_id: UUID, *, lock: bool = False) -> FamilyMember:
    """Somebody who is in a family now. Errors: `NotFound`."""
    member = await somebody_of_a_family(work, member_id, lock=lock)
    if member.left_at is not None:
        raise NotFound("There is nothing here under that id.")
    return member


async def somebody_of_a_family(work: Work, member_id: UUID, *, lock: bool = False) -> FamilyMember:
    """Somebody who is in a family; practitioners also know who was. Errors: `NotFound`."""
    return await visibility.one(work, FamilyMember, member_id, lock=lock)


async def members_of(work: Work, family_id: UUID) -> list[FamilyMember]:
    """Who is in the family now, as far as the actor may see."""
    return await visibility.rows(
        work, FamilyMember, "r.family_id = $2 and r.left_at is null", family_id
    )


async def children_of(work: Work, family: Family) -> list[FamilyMember]:
    """The children who are in the family now."""
    return [m for m in await members_of(work, family.id) if m.role is FamilyRole.CHILD]


async def children_alike(
    work: Work, names: Collection[str], days: Collection[date | None]
) -> list[FamilyMember]:
    """Children of one of these names with the same date, in families that the actor may see."""
    return await visibility.rows(
        work,
        FamilyMember,
        "r.role = 'CHILD' and exists (select 1 from person p"
        " join unnest($2::text[], $3::date[]) as child (name, day)"
        " on lower(p.name) = lower(child.name)"
        " and coalesce(r.born_on, r.expected_on) = child.day where p.id = r.person_id)",
        list(names),
        list(days),
    )


async def namesakes_in(work: Work, family: Family, name: str) -> list[FamilyMember]:
    """Who bears, or bore, this name in the family."""
    return await visibility.rows(
        work,
        FamilyMember,
        "r.family_id = $2 and exists"
        " (select 1 from person p where p.id = r.person_id and lower(p.name) = lower($3))",
        family.id,
        name,
    )


async def parental_responsibility_for(
    work: Work, responsibility_id: UUID, *, lock: bool = False
) -> ParentalResponsibility:
    """Errors: `NotFound`."""
    return await visibility.one(work, ParentalResponsibility, responsibility_id, lock=lock)


async def no_contact_for(work: Work, no_contact_id: UUID, *, lock: bool = False) -> NoContact:
    """Errors: `NotFound`."""
    return await visibility.one(work, NoContact, no_contact_id, lock=lock)


async def stop_contact_for(work: Work, stop_id: UUID, *, lock: bool = False) -> StopContact:
    """Errors: `NotFound`."""
    return await visibility.one(work, StopContact, stop_id, lock=lock)


async def contact_channel_for(
    work: Work, channel_id: UUID, *, lock: bool = False
) -> ContactChannel:
    """Errors: `NotFound`."""
    return await visibility.one(work, ContactChannel, channel_id, lock=lock)


async def pairs_kept_apart(work: Work, people: Collection[UUID]) -> tuple[Pair, ...]:
    """Those among `people` who must not meet or learn each other's details, in any family."""
    rows = await connections.get("default").execute_query_dict(
        "select m.person_a_id, m.person_b_id, exists (select 1 from no_contact r"  # noqa: S608 - ours
        f" where r.ended_at is null and r.person_a_id = m.person_a_id"
        f" and r.person_b_id = m.person_b_id"
        f" and {visibility.predicate('no_contact', row='r', actor='$1::uuid')}) as is_known"
        " from (select distinct n.person_a_id, n.person_b_id from must_not_meet($2::uuid[]) n) m"
        " order by 1, 2",
        [work.actor.person_id, list(people)],
    )
    return tuple(Pair(row["person_a_id"], row["person_b_id"], row["is_known"]) for row in rows)


async def kept_apart_from(_work: Work, people: Collection[UUID]) -> frozenset[UUID]:
    """Whoever must not meet one of these people: they may be gone, or of another family."""
    rows = await connections.get("default").execute_query_dict(
        "select p as id from kept_apart_from($1::uuid[]) p", [list(people)]
    )
    return frozenset(row["id"] for row in rows)


async def readers_kept_apart(_work: Work, person_id: UUID, address_id: UUID) -> frozenset[UUID]:
    """Those who read an address and must not meet or learn the details of this person."""
    rows = await connections.get("default").execute_query_dict(
        "select p as id from readers_kept_apart($1, $2) p", [person_id, address_id]
    )
    return frozenset(row["id"] for row in rows)


async def pairs_sharing_a_mailbox(
    _work: Work, people: Collection[UUID]
) -> frozenset[tuple[UUID, UUID]]:
    """Those among `people` who read the same address, each pair in order of their ids."""
    rows = await connections.get("default").execute_query_dict(
        "select person_a_id, person_b_id from shared_mailboxes($1::uuid[])", [list(people)]
    )
    return frozenset((row["person_a_id"], row["person_b_id"]) for row in rows)


async def people_stopped(_work: Work, people: Collection[UUID]) -> frozenset[UUID]:
    """Those among `people` to whom nothing is sent at present."""
    rows = await connections.get("default").execute_query_dict(
        "select p as id from people_stopped($1::uuid[]) p", [list(people)]
    )
    return frozenset(row["id"] for row in rows)


async def email_reach_of(_work: Work, member: FamilyMember) -> EmailReach:
    """Whether one of the family can be written to, as far as the actor may know."""
    rows = await connections.get("default").execute_query_dict(
        "select exists (select 1 from contact_channel c where c.family_member_id = $1"
        " and c.kind = 'EMAIL' and c.ended_at is null) as has_address,"
        " exists (select 1 from safe_contact s where s.family_member_id = $1"
        " and s.replaced_at is null and not s.email_allowed) as is_forbidden",
        [member.id],
    )
    if rows[0]["is_forbidden"]:
        return EmailReach.NOT_SAFE
    return EmailReach.REACHED if rows[0]["has_address"] else EmailReach.NO_ADDRESS
