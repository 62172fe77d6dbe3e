"""Append-only record of who did what, when: by reference, never repeating case content.

Entries of one family form a chain, sealed in batches so that writers never queue behind one another
(security, "who may see what"). `facts` holds ids, codes and dates only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class AuditEntry(Model):
    """`family_id` names the chain; entries outside any family (settings, directory) share one."""

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()
    actor_id = fields.UUIDField(null=True)
    event = fields.CharField(max_length=80)
    subject_id = fields.UUIDField()
    facts: fields.JSONField[dict[str, Any]] = fields.JSONField()

    class Meta(Model.Meta):
        table = "audit_entry"


class AuditSeal(Model):
    """One batch of a chain: `hash` covers the batch and the seal before it."""

    id = fields.UUIDField(primary_key=True)
    chain_id = fields.UUIDField()
    number = fields.IntField()
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)
    entries = fields.IntField()
    sealed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "audit_seal"


class SealedEntry(Model):
    """The place of one entry in its chain."""

    entry_id = fields.UUIDField(primary_key=True)
    seal_id = fields.UUIDField()
    position = fields.IntField()

    class Meta(Model.Meta):
        table = "sealed_entry"


async def append(
    event: str,
    *,
    entry_id: UUID,
    family_id: UUID | None,
    actor_id: UUID | None,
    subject_id: UUID,
    facts: dict[str, Any],
    at: datetime,
) -> None:
    await AuditEntry.create(
        id=entry_id,
        family_id=family_id,
        at=at,
        actor_id=actor_id,
        event=event,
        subject_id=subject_id,
        facts=facts,
    )
