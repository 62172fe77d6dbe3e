"""Actions: what was agreed, who owes it and by when (guidance 19)."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class ActionStatus(StrEnum):
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    IN_PROGRESS = "IN_PROGRESS"
    PARTLY_DONE = "PARTLY_DONE"
    DONE = "DONE"
    BLOCKED = "BLOCKED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    TRANSFERRED = "TRANSFERRED"


class Action(Model):
    """Owned by one member, or by an agency with a named contact there."""

    id = fields.UUIDField(primary_key=True)
    team_id = fields.UUIDField()
    meeting_id = fields.UUIDField(null=True)
    child_id = fields.UUIDField(null=True)
    text = fields.TextField()
    owner_membership_id = fields.UUIDField(null=True)
    owner_agency_id = fields.UUIDField(null=True)
    owner_contact_id = fields.UUIDField(null=True)
    due_on = fields.DateField()
    original_due_on = fields.DateField()
    status = fields.CharEnumField(ActionStatus, max_length=20)
    raised_by_id = fields.UUIDField()
    raised_at = fields.DatetimeField()
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "action"


class ActionProgress(Model):
    """One report by the owner (or the lead for them)."""

    id = fields.UUIDField(primary_key=True)
    action_id = fields.UUIDField()
    status = fields.CharEnumField(ActionStatus, max_length=20)
    note = fields.TextField()
    reported_by_id = fields.UUIDField()
    reported_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "action_progress"
