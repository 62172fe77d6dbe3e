"""One act for danger or bereavement: nothing more is sent (security, "stop contact now")."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise import connections

from taf_service import directory, visibility
from taf_service.core import faults
from taf_service.core.errors import FieldError, InvalidInput
from taf_service.core.work import Work, operation
from taf_service.families import policies, rules
from taf_service.families.models import ContactChannel, FamilyMember, StopContact, StopReason
from taf_service.families.queries import (
    contact_channel_for,
    somebody_of_a_family,
    stop_contact_for,
)


@dataclass(frozen=True, slots=True)
class ContactStopped:
    stop_contact_id: UUID


@dataclass(frozen=True, slots=True)
class ContactResumed:
    stop_contact_id: UUID


@operation(policies.stop_contact)
async def stop_contact(
    work: Work,
    *,
    family_member_id: UUID | None = None,
    contact_channel_id: UUID | None = None,
    reason: StopReason,
    note: str = "",
) -> ContactStopped:
    """Stop all that is queued for a person or an email address, and end their links, everywhere.

    It reaches across families, and says nothing of what it found there. Stopping twice is no
    mistake: each stands until it is lifted.

    Errors: `InvalidInput`.
    """
    rules.check_one_stopped(
        by_person=family_member_id is not None, by_channel=contact_channel_id is not None
    )
    member, channel = await _meant(work, family_member_id, contact_channel_id)
    work.require(policies.stop_contact, member)
    faults.check_length(note, "note")
    stop = await StopContact.create(
        id=work.new_id(),
        family_id=member.family_id,
        person_id=member.person_id if channel is None else None,
        address_id=None if channel is None else await _address_of(channel),
        reason=reason,
        note=note.strip(),
        stopped_by_id=work.actor.person_id,
        stopped_at=work.now,
    )
    await connections.get("default").execute_query(
        "select stop_messages($1, $2, $3)", [stop.person_id, stop.address_id, work.now]
    )
    await work.record("contact.stopped", subject_id=stop.id, family_id=member.family_id)
    return ContactStopped(stop.id)


async def _meant(
    work: Work, member_id: UUID | None, channel_id: UUID | None
) -> tuple[FamilyMember, ContactChannel | None]:
    """Whoever has left the family may still be in danger. Errors: `NotFound`."""
    if channel_id is None:
        assert member_id is not None, "one of the two was given"
        return await somebody_of_a_family(work, member_id), None
    channel = await contact_channel_for(work, channel_id)
    return await somebody_of_a_family(work, channel.family_member_id), channel


async def _address_of(channel: ContactChannel) -> UUID:
    """Errors: `InvalidInput` for a channel through which we send nothing."""
    if channel.mailbox_id is None:
        raise InvalidInput(
            FieldError("contact.contactChannelId", "Name an email address, or stop the person.")
        )
    mailbox = await directory.Mailbox.get(id=channel.mailbox_id)
    return mailbox.address_id


@operation(policies.resume_contact)
async def resume_contact(work: Work, *, stop_contact_id: UUID, reason: str) -> ContactResumed:
    """Let contact begin again, and say why it is safe. What was stopped is not sent after all.

    Errors: `InvalidInput`.
    """
    stop = await visibility.to_change(
        work, policies.resume_contact, stop_contact_for, stop_contact_id
    )
    faults.check_said(reason, "reason")
    await StopContact.filter(id=stop.id).update(lifted_at=work.now, lifted_reason=reason.strip())
    await work.record("contact.resumed", subject_id=stop.id, family_id=stop.family_id)
    return ContactResumed(stop.id)
