"""Registering a family, and correcting what is known of it as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from taf_service import partnership, visibility
from taf_service.core import faults
from taf_service.core.codes import WarningCode
from taf_service.core.errors import Busy, FieldError, InvalidInput
from taf_service.core.work import Work, operation
from taf_service.families import policies, rules
from taf_service.families.models import Family
from taf_service.families.operations.belonging import enter
from taf_service.families.queries import children_alike, family_for
from taf_service.families.rules import FamilyRole, NewMember

_DRAWS = 5  # of a reference, among 25 thousand million


@dataclass(frozen=True, slots=True)
class FamilyRegistered:
    family_id: UUID


@dataclass(frozen=True, slots=True)
class FamilyChanged:
    family_id: UUID


@operation(policies.register_family)
async def register_family(
    work: Work,
    *,
    authority_id: UUID,
    locality_id: UUID | None,
    name: str,
    language: str,
    interpreter_needs: str,
    members: tuple[NewMember, ...],
) -> FamilyRegistered:
    """Register a family with its first members.

    Errors: `ChildRequired`, `LocalityOfAnotherAuthority`, `InvalidInput`, `NotFound`.
    """
    await visibility.stand(work)
    work.require(policies.register_family)
    faults.refuse(rules.name_fault(name), *rules.tongue_faults(language, interpreter_needs))
    rules.check_children(members)
    rules.check_dates(members, work.today())
    await _check_locality(work, authority_id, locality_id)
    await _warn_of_duplicates(work, members)
    family = Family(
        id=work.new_id(),
        name=name.strip(),
        authority_id=authority_id,
        locality_id=locality_id,
        language=language.strip(),
        interpreter_needs=interpreter_needs.strip(),
        registered_by_id=work.actor.person_id,
        registered_at=work.now,
        version=work.new_id(),
    )
    await _keep_under_a_reference(work, family)
    for member in members:
        await enter(work, family.id, member)
    await work.record("family.registered", subject_id=family.id, family_id=family.id)
    return FamilyRegistered(family.id)


@operation(policies.change_family)
async def change_family(
    work: Work,
    *,
    family_id: UUID,
    version: UUID,
    name: str | None = None,
    language: str | None = None,
    interpreter_needs: str | None = None,
    locality_id: UUID | None = None,
) -> FamilyChanged:
    """Correct what is known of a family; what is left out stays as it was.

    Errors: `Stale`, `LocalityOfAnotherAuthority`, `InvalidInput`.
    """
    family = await visibility.to_change(
        work, policies.change_family, family_for, family_id, version=version
    )
    faults.refuse(
        None if name is None else rules.name_fault(name),
        *rules.tongue_faults(language, interpreter_needs),
    )
    await _check_locality(work, family.authority_id, locality_id)
    words = {"name": name, "language": language, "interpreter_needs": interpreter_needs}
    changes: dict[str, object] = {k: v.strip() for k, v in words.items() if v is not None}
    if locality_id is not None:
        changes["locality_id"] = locality_id
    if not changes:
        raise InvalidInput(FieldError("familyId", "Say what is to be corrected."))
    await Family.filter(id=family.id).update(version=work.new_id(), **changes)
    await work.record(
        "family.changed", subject_id=family.id, family_id=family.id, changed=sorted(changes)
    )
    return FamilyChanged(family.id)


async def _check_locality(work: Work, authority_id: UUID, locality_id: UUID | None) -> None:
    """Errors: `NotFound`, `LocalityOfAnotherAuthority`."""
    authority = await partnership.authority_for(work, authority_id)
    if locality_id is None:
        return
    locality = await partnership.locality_for(work, locality_id)
    if locality.authority_id != authority.id:
        raise rules.LocalityOfAnotherAuthority(
            "Name a locality of the family's own authority.", field="localityId"
        )


async def _warn_of_duplicates(work: Work, members: tuple[NewMember, ...]) -> None:
    """Only of families that the actor may see: a hidden one must not show by a warning."""
    children = [member for member in members if member.role is FamilyRole.CHILD]
    names = [child.name.strip() for child in children]
    if await children_alike(work, names, [child.day for child in children]):
        work.warn(
            WarningCode.POSSIBLE_DUPLICATE,
            "A child of this name and date is in a family that you can see. Look there first.",
        )


async def _keep_under_a_reference(work: Work, family: Family) -> None:
    for _ in range(_DRAWS):
        family.reference = rules.reference(work.new_id())
        try:
            async with in_transaction():
                await family.save(force_create=True)
        except IntegrityError:
            continue  # another family bears this one
        return
    raise Busy("The service is busy. Nothing was changed; try again.")
