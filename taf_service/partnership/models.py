"""Authorities, their localities and settings, and who holds an office there."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model


class Office(StrEnum):
    """What somebody does for an authority, apart from any team."""

    COORDINATOR = "COORDINATOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    AUDITOR = "AUDITOR"


class Authority(Model):
    id = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=40, unique=True)
    name = fields.CharField(max_length=120)

    class Meta(Model.Meta):
        table = "authority"


class Locality(Model):
    id = fields.UUIDField(primary_key=True)
    authority_id = fields.UUIDField()
    name = fields.CharField(max_length=120)

    class Meta(Model.Meta):
        table = "locality"


class SettingsVersion(Model):
    """The whole of an authority's settings at one time; the highest `number` is in force."""

    id = fields.UUIDField(primary_key=True)
    authority_id = fields.UUIDField()
    number = fields.IntField()
    version = fields.UUIDField()
    settings: fields.JSONField[dict[str, Any]] = fields.JSONField()
    reason = fields.TextField()
    changed_by_id = fields.UUIDField(null=True)
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "settings_version"


class OfficeHolder(Model):
    """`locality_id` narrows a coordinator to one locality; without it, the whole authority."""

    id = fields.UUIDField(primary_key=True)
    authority_id = fields.UUIDField()
    locality_id = fields.UUIDField(null=True)
    person_id = fields.UUIDField()
    office = fields.CharEnumField(Office, max_length=20)
    from_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "office_holder"
