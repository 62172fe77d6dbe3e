"""How somebody is reached, which way they prefer, and who else reads it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise import connections

from taf_service import directory, visibility
from taf_service.core.errors import Attempt, FieldError, InvalidInput
from taf_service.core.work import Work, operation
from taf_service.families import policies, rules
from taf_service.families.models import ContactChannel, FamilyMember
from taf_service.families.queries import (
    contact_channel_for,
    family_member_for,
    pairs_kept_apart,
    readers_kept_apart,
)
from taf_service.families.rules import ChannelKind


@dataclass(frozen=True, slots=True)
class ContactChannelAdded:
    contact_channel_id: UUID


@dataclass(frozen=True, slots=True)
class ContactChannelPreferred:
    contact_channel_id: UUID


@dataclass(frozen=True, slots=True)
class ContactChannelEnded:
    contact_channel_id: UUID


@dataclass(frozen=True, slots=True)
class SharedMailboxRecorded:
    contact_channel_id: UUID


@operation(policies.add_contact_channel)
async def add_contact_channel(
    work: Work,
    *,
    family_member_id: UUID,
    kind: ChannelKind,
    value: str,
    preferred: bool,
    read_by_others: bool,
) -> ContactChannelAdded:
    """Record a way to reach somebody.

    Errors: `AddressRefused`, `ChannelKnown`, `InvalidInput`.
    """
    member = await visibility.to_change(
        work, policies.add_contact_channel, family_member_for, family_member_id
    )
    rules.check_read_by_others(kind, read_by_others=read_by_others, field="readByOthers")
    channel = ContactChannel(
        id=work.new_id(),
        family_id=member.family_id,
        family_member_id=member.id,
        kind=kind,
        value=value.strip(),
        added_at=work.now,
    )
    await _check_value(work, member, channel)
    if preferred:
        await _end_preference(member.id)
        channel.preferred_since = work.now
    await channel.save(force_create=True)
    if read_by_others:
        await _mark_read_by_others(work, channel)
    if kind is ChannelKind.EMAIL:
        await mark_shared_channels(work, member.family_id)
    await work.record(
        "contact_channel.added", subject_id=channel.id, family_id=member.family_id, kind=kind.value
    )
    return ContactChannelAdded(channel.id)


async def _check_value(work: Work, member: FamilyMember, channel: ContactChannel) -> None:
    """An email address gives way to the mailbox there.

    Errors: `InvalidInput`, `AddressRefused`, `ChannelKnown`.
    """
    if channel.kind is ChannelKind.EMAIL:
        mailbox = await _mailbox(work, member, channel.value)
        channel.mailbox_id, channel.value = mailbox.id, ""
    else:
        rules.check_value(channel.kind, channel.value)
    if await ContactChannel.filter(
        family_member_id=member.id,
        kind=channel.kind,
        mailbox_id=channel.mailbox_id,
        value=channel.value,
        ended_at=None,
    ).exists():
        raise rules.ChannelKnown("This way to reach them is recorded already.", field="value")


async def _mailbox(work: Work, member: FamilyMember, address: str) -> directory.ClaimedMailbox:
    """Errors: `InvalidInput`, `AddressRefused`."""
    mailbox = await directory.claim_mailbox(
        work,
        directory.normalised_address(address, "value"),
        kind=directory.MailboxKind.PERSONAL,
        person_id=member.person_id,
    )
    await _check_readers(work, member, mailbox)
    return mailbox


async def _check_readers(
    work: Work, member: FamilyMember, mailbox: directory.ClaimedMailbox
) -> None:
    """Errors: `AddressRefused`, which says why only to those who may know of a pair."""
    readers = await readers_kept_apart(work, member.person_id, mailbox.address_id)
    if not readers:
        return
    pairs = [
        pair
        for pair in await pairs_kept_apart(work, {member.person_id, *readers})
        if member.person_id in (pair.person_a_id, pair.person_b_id)
    ]
    refusal = rules.AddressRefused(
        "Somebody whom they must not meet reads this address. Use another way to reach them."
        if all(pair.is_known for pair in pairs)
        else "Ask the lead practitioner.",
        field="value",
    )
    refusal.attempt = Attempt("contact_channel.refused", member.id, member.family_id)
    raise refusal


async def _end_preference(member_id: UUID) -> None:
    await ContactChannel.filter(family_member_id=member_id, ended_at=None).update(
        preferred_since=None
    )


async def _mark_read_by_others(work: Work, channel: ContactChannel) -> None:
    await ContactChannel.filter(id=channel.id, read_by_others_since=None).update(
        read_by_others_since=work.now
    )
    await directory.Mailbox.filter(id=channel.mailbox_id, read_by_others_since=None).update(
        read_by_others_since=work.now
    )


async def mark_shared_channels(work: Work, family_id: UUID) -> None:
    """Note what the family's own records say of an address: that two of it read it, or did."""
    connection = connections.get("default")
    await connection.execute_query(
        "update contact_channel c set read_by_others_since = $2 from mailbox b"
        " where b.id = c.mailbox_id and c.family_id = $1 and c.ended_at is null"
        " and c.read_by_others_since is null and exists ("
        "select 1 from contact_channel o join mailbox x on x.id = o.mailbox_id"
        " where o.family_id = $1 and o.id <> c.id and x.address_id = b.address_id"
        " and (o.read_by_others_since is not null"
        " or (o.ended_at is null and o.family_member_id <> c.family_member_id)))",
        [family_id, work.now],
    )
    await connection.execute_query(
        "update mailbox b set read_by_others_since = $2 where b.read_by_others_since is null"
        " and b.id in (select c.mailbox_id from contact_channel c where c.family_id = $1"
        " and c.ended_at is null and c.read_by_others_since is not null)",
        [family_id, work.now],
    )


@operation(policies.prefer_contact_channel)
async def prefer_contact_channel(
    work: Work, *, contact_channel_id: UUID
) -> ContactChannelPreferred:
    """Record the way somebody likes to be reached; another one is preferred no longer."""
    seen = await contact_channel_for(work, contact_channel_id)
    work.require(policies.prefer_contact_channel, seen)
    await family_member_for(work, seen.family_member_id, lock=True)
    channel = await visibility.to_change(
        work, policies.prefer_contact_channel, contact_channel_for, contact_channel_id
    )
    if channel.preferred_since is None:
        await _end_preference(channel.family_member_id)
        await ContactChannel.filter(id=channel.id).update(preferred_since=work.now)
        await work.record(
            "contact_channel.preferred", subject_id=channel.id, family_id=channel.family_id
        )
    return ContactChannelPreferred(channel.id)


@operation(policies.end_contact_channel)
async def end_contact_channel(work: Work, *, contact_channel_id: UUID) -> ContactChannelEnded:
    """Record that somebody is no longer reached this way."""
    channel = await visibility.to_change(
        work, policies.end_contact_channel, contact_channel_for, contact_channel_id
    )
    await ContactChannel.filter(id=channel.id).update(ended_at=work.now)
    if channel.mailbox_id is not None:
        await connections.get("default").execute_query(
            "select give_up_mailbox($1, $2)", [channel.mailbox_id, work.now]
        )
    await work.record("contact_channel.ended", subject_id=channel.id, family_id=channel.family_id)
    return ContactChannelEnded(channel.id)


@operation(policies.record_shared_mailbox)
async def record_shared_mailbox(work: Work, *, contact_channel_id: UUID) -> SharedMailboxRecorded:
    """Record that somebody else may read a mailbox.

    Errors: `InvalidInput`.
    """
    channel = await visibility.to_change(
        work, policies.record_shared_mailbox, contact_channel_for, contact_channel_id
    )
    if channel.kind is not ChannelKind.EMAIL:
        raise InvalidInput(FieldError("contactChannelId", "Name an email address."))
    await _mark_read_by_others(work, channel)
    await work.record("contact_channel.shared", subject_id=channel.id, family_id=channel.family_id)
    return SharedMailboxRecorded(channel.id)
