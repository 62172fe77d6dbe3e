"""How somebody is safely reached, and who must not meet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise import connections
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from taf_service import visibility
from taf_service.core import faults
from taf_service.core.work import Work, operation
from taf_service.families import policies, rules
from taf_service.families.models import NoContact, SafeContact
from taf_service.families.operations.reaching import mark_shared_channels
from taf_service.families.operations.relating import two_of_one_family
from taf_service.families.queries import family_member_for, no_contact_for


@dataclass(frozen=True, slots=True)
class SafeContactRecorded:
    safe_contact_id: UUID


@dataclass(frozen=True, slots=True)
class NoContactRecorded:
    no_contact_id: UUID


@dataclass(frozen=True, slots=True)
class NoContactEnded:
    no_contact_id: UUID


@operation(policies.record_safe_contact)
async def record_safe_contact(
    work: Work, *, family_member_id: UUID, instructions: str, email_allowed: bool
) -> SafeContactRecorded:
    """Record how somebody may safely be reached; what was said before is kept.

    Errors: `InvalidInput`.
    """
    member = await visibility.to_change(
        work, policies.record_safe_contact, family_member_for, family_member_id
    )
    faults.check_said(instructions, "instructions")
    await SafeContact.filter(family_member_id=member.id, replaced_at=None).update(
        replaced_at=work.now
    )
    recorded = await SafeContact.create(
        id=work.new_id(),
        family_id=member.family_id,
        family_member_id=member.id,
        instructions=instructions.strip(),
        email_allowed=email_allowed,
        recorded_by_id=work.actor.person_id,
        recorded_at=work.now,
    )
    await work.record("safe_contact.recorded", subject_id=recorded.id, family_id=member.family_id)
    return SafeContactRecorded(recorded.id)


@operation(policies.record_no_contact)
async def record_no_contact(
    work: Work, *, first_id: UUID, second_id: UUID, reason: str
) -> NoContactRecorded:
    """Record that two of a family must not meet or learn each other's details.

    A mailbox that both of them read is no obstacle: it is marked, for danger must always be
    recorded (domain, edge cases 1 and 3).

    Errors: `NotOfOneFamily`, `NoContactInForce`, `InvalidInput`.
    """
    first, second = await two_of_one_family(
        work, policies.record_no_contact, first_id, second_id, field="secondId"
    )
    faults.check_said(reason, "reason")
    person_a_id, person_b_id = sorted((first.person_id, second.person_id))
    try:
        async with in_transaction():
            recorded = await NoContact.create(
                id=work.new_id(),
                family_id=first.family_id,
                person_a_id=person_a_id,
                person_b_id=person_b_id,
                reason=reason.strip(),
                recorded_by_id=work.actor.person_id,
                recorded_at=work.now,
            )
    except IntegrityError as twice:
        raise rules.NoContactInForce("It is on record that these two must not meet.") from twice
    await connections.get("default").execute_query(
        "select mark_mailboxes_shared_by($1, $2, $3)", [person_a_id, person_b_id, work.now]
    )
    await mark_shared_channels(work, first.family_id)
    await work.record("no_contact.recorded", subject_id=recorded.id, family_id=first.family_id)
    return NoContactRecorded(recorded.id)


@operation(policies.end_no_contact)
async def end_no_contact(work: Work, *, no_contact_id: UUID, reason: str) -> NoContactEnded:
    """Record that two people may meet again, and why.

    Errors: `InvalidInput`.
    """
    pair = await visibility.to_change(work, policies.end_no_contact, no_contact_for, no_contact_id)
    faults.check_said(reason, "reason")
    await NoContact.filter(id=pair.id).update(ended_at=work.now, ended_reason=reason.strip())
    await work.record("no_contact.ended", subject_id=pair.id, family_id=pair.family_id)
    return NoContactEnded(pair.id)
