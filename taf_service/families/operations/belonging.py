"""Who is in a family, since when and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from taf_service import directory, visibility
from taf_service.core import faults
from taf_service.core.codes import WarningCode
from taf_service.core.errors import FieldError, InvalidInput
from taf_service.core.work import Work, operation
from taf_service.families import policies, rules
from taf_service.families.models import Family, FamilyMember
from taf_service.families.queries import (
    children_of,
    family_for,
    family_member_for,
    namesakes_in,
    somebody_of_a_family,
)
from taf_service.families.rules import FamilyRole, NewMember


@dataclass(frozen=True, slots=True)
class FamilyMemberAdded:
    family_member_id: UUID


@dataclass(frozen=True, slots=True)
class BirthRecorded:
    family_member_id: UUID


@dataclass(frozen=True, slots=True)
class FamilyMemberRemoved:
    family_member_id: UUID
    family_id: UUID


@operation(policies.add_family_member)
async def add_family_member(
    work: Work,
    *,
    family_id: UUID,
    member: NewMember,
    same_person_as_id: UUID | None = None,
    practitioner_id: UUID | None = None,
) -> FamilyMemberAdded:
    """Add somebody to a family: somebody new, or a person who is known already.

    `same_person_as_id` is their place in this or another family, now or before; `practitioner_id`
    their entry in the directory. A known person keeps the name they are known by, and neither
    family sees the other (domain, edge cases 8 and 17).

    Errors: `AlreadyInFamily`, `OwnFamily`, `InvalidInput`, `NotFound`.
    """
    family = await visibility.to_change(work, policies.add_family_member, family_for, family_id)
    rules.check_dates((member,), work.today())
    person_id = await _known_person(work, member, same_person_as_id, practitioner_id)
    if person_id is None:
        await _warn_of_namesakes(work, family, member.name.strip())
    entered = await enter(work, family.id, member, person_id=person_id)
    await work.record("family_member.added", subject_id=entered.id, family_id=family.id)
    return FamilyMemberAdded(entered.id)


async def _known_person(
    work: Work, member: NewMember, same_person_as_id: UUID | None, practitioner_id: UUID | None
) -> UUID | None:
    """Errors: `NotFound`, `OwnFamily`, `InvalidInput` for two people or somebody born already."""
    people = set()
    is_born = practitioner_id is not None
    if same_person_as_id is not None:
        place = await somebody_of_a_family(work, same_person_as_id)
        people.add(place.person_id)
        is_born = is_born or place.expected_on is None
    if practitioner_id is not None:
        people.add((await directory.practitioner_for(work, practitioner_id)).person_id)
    if work.actor.person_id in people:
        raise rules.OwnFamily("Ask a colleague: nobody works with their own family.")
    if len(people) > 1:
        raise InvalidInput(FieldError("practitionerId", "These are two people: name one of them."))
    rules.check_not_born_twice(member, is_born=is_born)
    return next(iter(people), None)


async def _warn_of_namesakes(work: Work, family: Family, name: str) -> None:
    """Entered as somebody new, whoever comes back would lose what protects them."""
    if await namesakes_in(work, family, name):
        work.warn(
            WarningCode.POSSIBLE_DUPLICATE,
            "Somebody of this name is, or was, in the family. If it is the same person, say so.",
        )


async def enter(
    work: Work, family_id: UUID, member: NewMember, *, person_id: UUID | None = None
) -> FamilyMember:
    """Give somebody a place in a family; without `person_id` a person is made for it.

    Errors: `AlreadyInFamily`.
    """
    if person_id is None:
        person_id = work.new_id()
        await directory.Person.create(id=person_id, name=member.name.strip(), version=work.new_id())
    try:
        async with in_transaction():
            return await FamilyMember.create(
                id=work.new_id(),
                family_id=family_id,
                person_id=person_id,
                role=member.role,
                born_on=member.born_on,
                expected_on=member.expected_on,
                joined_at=work.now,
                version=work.new_id(),
            )
    except IntegrityError as twice:
        raise rules.AlreadyInFamily("This person is in the family already.") from twice


@operation(policies.record_birth)
async def record_birth(
    work: Work, *, family_member_id: UUID, version: UUID, born_on: date, name: str | None = None
) -> BirthRecorded:
    """Record that a child who was expected is born, and their name if it was not known.

    Errors: `Stale`, `NotExpected`, `InvalidInput`.
    """
    child = await visibility.to_change(
        work, policies.record_birth, family_member_for, family_member_id, version=version
    )
    if name is not None:
        faults.refuse(rules.name_fault(name))
    rules.check_birth(child.expected_on, born_on, work.today())
    await FamilyMember.filter(id=child.id).update(
        born_on=born_on, expected_on=None, version=work.new_id()
    )
    if name is not None:
        await directory.Person.filter(id=child.person_id).update(
            name=name.strip(), version=work.new_id()
        )
    await work.record("family_member.born", subject_id=child.id, family_id=child.family_id)
    return BirthRecorded(child.id)


@operation(policies.remove_family_member)
async def remove_family_member(
    work: Work, *, family_member_id: UUID, version: UUID
) -> FamilyMemberRemoved:
    """Record that somebody is no longer in a family.

    What protects them, and others from them, stays in force.

    Errors: `Stale`, `LastChild`.
    """
    policy = policies.remove_family_member
    seen = await family_member_for(work, family_member_id)
    work.require(policy, seen)
    family = await family_for(work, seen.family_id, lock=True)  # so that two children do not cross
    member = await visibility.to_change(
        work, policy, family_member_for, family_member_id, version=version
    )
    if member.role is FamilyRole.CHILD and len(await children_of(work, family)) == 1:
        raise rules.LastChild("This is the family's only child.", field="familyMemberId")
    await FamilyMember.filter(id=member.id).update(left_at=work.now, version=work.new_id())
    await work.record("family_member.left", subject_id=member.id, family_id=family.id)
    return FamilyMemberRemoved(member.id, family.id)
