"""The team around a family: who is in it, who leads it, who stands in."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class MemberKind(StrEnum):
    PRACTITIONER = "PRACTITIONER"
    FAMILY = "FAMILY"


class CoverKind(StrEnum):
    DEPUTY = "DEPUTY"
    COVER = "COVER"


class Engagement(StrEnum):
    """guidance 13, 61: a lead role is agreed even where the family will not engage."""

    ENGAGED = "ENGAGED"
    NOT_ENGAGING = "NOT_ENGAGING"


class LeadAnswer(StrEnum):
    """What the coordinator answered: does a lead practitioner already exist? (guidance 11)."""

    NONE_FOUND = "NONE_FOUND"
    LEAD_EXISTS = "LEAD_EXISTS"


class LeadEnquiry(Model):
    """The question put to the coordinator's inbox before a team is opened (guidance 11)."""

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField()
    authority_id = fields.UUIDField()
    locality_id = fields.UUIDField(null=True)
    asked_by_id = fields.UUIDField()
    asked_at = fields.DatetimeField()
    question = fields.TextField(default="")
    answer = fields.CharEnumField(LeadAnswer, max_length=20, null=True)
    answer_note = fields.TextField(default="")
    answered_by_id = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "lead_enquiry"


class Team(Model):
    """One episode of early help for one family (guidance 34)."""

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField()
    enquiry_id = fields.UUIDField()
    engagement = fields.CharEnumField(Engagement, max_length=20)
    engagement_note = fields.TextField(default="")
    opened_despite_lead = fields.TextField(default="")
    review_interval_days = fields.IntField()
    review_interval_reason = fields.TextField(default="")
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "team"


class Membership(Model):
    """A person in a team, for a time. A practitioner is there on behalf of an agency.

    `label`: the random words this person, and nobody else, knows the case by (invitations rule 10).
    """

    id = fields.UUIDField(primary_key=True)
    team_id = fields.UUIDField()
    person_id = fields.UUIDField()
    kind = fields.CharEnumField(MemberKind, max_length=20)
    practitioner_id = fields.UUIDField(null=True)
    agency_id = fields.UUIDField(null=True)
    family_member_id = fields.UUIDField(null=True)
    label = fields.CharField(max_length=60, default="")
    joined_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)
    left_reason = fields.TextField(default="")
    added_by_id = fields.UUIDField()
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "membership"


class LeadTenure(Model):
    """Who led the team from when until when, and why they were chosen (guidance 3-7, 87)."""

    id = fields.UUIDField(primary_key=True)
    team_id = fields.UUIDField()
    membership_id = fields.UUIDField()
    interim = fields.BooleanField()
    reason = fields.TextField()
    family_preference = fields.TextField(default="")
    appointed_by_id = fields.UUIDField()
    from_at = fields.DatetimeField()
    until_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "lead_tenure"


class Cover(Model):
    """Somebody stands in for the lead, from one day until another (exclusive)."""

    id = fields.UUIDField(primary_key=True)
    team_id = fields.UUIDField()
    membership_id = fields.UUIDField()
    kind = fields.CharEnumField(CoverKind, max_length=20)
    reason = fields.TextField()
    from_on = fields.DateField()
    until_on = fields.DateField(null=True)
    arranged_by_id = fields.UUIDField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "cover"
