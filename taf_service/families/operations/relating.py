"""Who is what to whom, and who answers for a child before the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from taf_service import visibility
from taf_service.core.policies import Policy
from taf_service.core.work import Work, operation
from taf_service.families import policies, rules
from taf_service.families.models import (
    FamilyMember,
    ParentalResponsibility,
    Relationship,
    RelationshipKind,
    ResponsibilityBasis,
)
from taf_service.families.queries import (
    family_for,
    family_member_for,
    parental_responsibility_for,
)


@dataclass(frozen=True, slots=True)
class RelationshipRecorded:
    relationship_id: UUID


@dataclass(frozen=True, slots=True)
class ParentalResponsibilityRecorded:
    parental_responsibility_id: UUID


@dataclass(frozen=True, slots=True)
class ParentalResponsibilityEnded:
    parental_responsibility_id: UUID


async def two_of_one_family(
    work: Work, policy: Policy, first_id: UUID, second_id: UUID, *, field: str
) -> tuple[FamilyMember, FamilyMember]:
    """Two different people of a family that the actor may change; the family is kept.

    `field` names the second. Errors: `NotFound`, `NotPermitted`, `NotOfOneFamily`, `InvalidInput`.
    """
    first = await family_member_for(work, first_id)
    second = await family_member_for(work, second_id)
    await visibility.to_change(work, policy, family_for, first.family_id)
    rules.check_of_one_family(first.family_id, second.family_id, field=field)
    rules.check_two_people(first.id, second.id, field=field)
    return first, second


@operation(policies.record_relationship)
async def record_relationship(
    work: Work, *, first_id: UUID, kind: RelationshipKind, second_id: UUID
) -> RelationshipRecorded:
    """Record what one of a family is to another; it takes the place of what they were before.

    Errors: `NotOfOneFamily`, `InvalidInput`.
    """
    first, second = await two_of_one_family(
        work, policies.record_relationship, first_id, second_id, field="secondId"
    )
    await Relationship.filter(
        from_member_id=first.id, to_member_id=second.id, ended_at=None
    ).update(ended_at=work.now)
    recorded = await Relationship.create(
        id=work.new_id(),
        family_id=first.family_id,
        from_member_id=first.id,
        to_member_id=second.id,
        kind=kind,
        recorded_at=work.now,
    )
    await work.record(
        "relationship.recorded", subject_id=recorded.id, family_id=first.family_id, kind=kind.value
    )
    return RelationshipRecorded(recorded.id)


@operation(policies.record_parental_responsibility)
async def record_parental_responsibility(
    work: Work,
    *,
    holder_id: UUID,
    child_id: UUID,
    basis: ResponsibilityBasis,
    from_on: date | None = None,
) -> ParentalResponsibilityRecorded:
    """Record who holds parental responsibility for a child.

    Errors: `NotOfOneFamily`, `AdultRequired`, `BornChildRequired`, `ResponsibilityHeld`.
    """
    holder, child = await two_of_one_family(
        work, policies.record_parental_responsibility, holder_id, child_id, field="childId"
    )
    rules.check_responsibility(holder.role, child.role, child.born_on, from_on, work.today())
    try:
        async with in_transaction():
            held = await ParentalResponsibility.create(
                id=work.new_id(),
                family_id=child.family_id,
                holder_id=holder.id,
                child_id=child.id,
                basis=basis,
                from_on=from_on,
            )
    except IntegrityError as twice:
        raise rules.ResponsibilityHeld(
            "This is recorded already. To correct it, end the record first.", field="holderId"
        ) from twice
    await work.record(
        "parental_responsibility.recorded", subject_id=held.id, family_id=held.family_id
    )
    return ParentalResponsibilityRecorded(held.id)


@operation(policies.end_parental_responsibility)
async def end_parental_responsibility(
    work: Work, *, parental_responsibility_id: UUID, ended_on: date
) -> ParentalResponsibilityEnded:
    """Record that parental responsibility ended.

    Errors: `InvalidInput`.
    """
    held = await visibility.to_change(
        work,
        policies.end_parental_responsibility,
        parental_responsibility_for,
        parental_responsibility_id,
    )
    rules.check_end_of_responsibility(held.from_on, ended_on, work.today())
    await ParentalResponsibility.filter(id=held.id).update(ended_on=ended_on)
    await work.record("parental_responsibility.ended", subject_id=held.id, family_id=held.family_id)
    return ParentalResponsibilityEnded(held.id)
