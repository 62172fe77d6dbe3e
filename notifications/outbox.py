"""Messages waiting to be sent, written in the transaction of the change they report.

The domain knows only this module of `notifications`. An entry holds references; wording, address
and calendar file are decided and frozen when a worker first claims it (reliability R1, invitations
rule 20).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class DeliveryState(StrEnum):
    """What became of a message; `ACCEPTED` is by their mail server, never "delivered" (R6)."""

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    ACCEPTED = "ACCEPTED"
    UNCONFIRMED = "UNCONFIRMED"
    BOUNCED = "BOUNCED"
    WITHHELD = "WITHHELD"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Notice:
    """A fact one person should be told, by reference.

    `subject_id` is what the message is about (an invitation, say); messages to one person about one
    subject leave one at a time, in `number` order. After `give_up_at` nobody is served by another
    attempt (R4).
    """

    recipient_id: UUID
    subject_id: UUID
    number: int
    give_up_at: datetime


class OutboxEntry(Model):
    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=80)
    recipient_id = fields.UUIDField()
    subject_id = fields.UUIDField()
    number = fields.IntField()
    facts: fields.JSONField[dict[str, Any]] = fields.JSONField()
    state = fields.CharEnumField(DeliveryState, max_length=20)
    state_at = fields.DatetimeField()
    queued_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    give_up_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    fence = fields.IntField(default=0)
    claimed_until = fields.DatetimeField(null=True)
    address = fields.CharField(max_length=254, null=True)
    message_id = fields.CharField(max_length=200, null=True)
    stamped_at = fields.DatetimeField(null=True)
    envelope_from = fields.CharField(max_length=254, null=True)
    message: fields.BinaryField[bytes | None] = fields.BinaryField(null=True)
    last_reply = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "outbox_entry"


_HEADER = frozenset({"recipient_id", "subject_id", "number", "give_up_at"})


async def enqueue(notice: Notice, *, entry_id: UUID, at: datetime) -> None:
    """Queue `notice` inside the caller's transaction."""
    facts = {
        name: str(value) if isinstance(value, UUID | datetime) else value
        for name, value in asdict(notice).items()
        if name not in _HEADER
    }
    await OutboxEntry.create(
        id=entry_id,
        kind=type(notice).__name__,
        recipient_id=notice.recipient_id,
        subject_id=notice.subject_id,
        number=notice.number,
        facts=facts,
        state=DeliveryState.QUEUED,
        state_at=at,
        queued_at=at,
        due_at=at,
        give_up_at=notice.give_up_at,
    )
