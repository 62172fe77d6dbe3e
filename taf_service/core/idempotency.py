"""Keys that make a repeated request happen once (reliability R7)."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model


class IdempotencyKey(Model):
    """Keeps references of a success for 30 days; the answer is read again through visibility."""

    id = fields.UUIDField(primary_key=True)
    actor_id = fields.UUIDField()
    key = fields.CharField(max_length=100)
    operation = fields.CharField(max_length=80)
    arguments_hash = fields.CharField(max_length=64)
    result: fields.JSONField[Any] = fields.JSONField()
    used_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "idempotency_key"
        unique_together = (("actor_id", "key"),)
