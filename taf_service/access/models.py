"""Accounts: which signed-in identity is which person."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Account(Model):
    """`issuer` and `subject` as in the token (OpenID Connect Core 2)."""

    id = fields.UUIDField(primary_key=True)
    issuer = fields.CharField(max_length=200)
    subject = fields.CharField(max_length=200)
    person_id = fields.UUIDField()
    disabled_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "account"
        unique_together = (("issuer", "subject"),)
