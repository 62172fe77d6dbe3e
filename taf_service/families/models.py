"""Families, the people in them, and how each may safely be reached."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from taf_service.families.rules import ChannelKind as ChannelKind
from taf_service.families.rules import FamilyRole as FamilyRole


class RelationshipKind(StrEnum):
    """What the first person is to the second."""

    PARENT = "PARENT"
    STEP_PARENT = "STEP_PARENT"
    GRANDPARENT = "GRANDPARENT"
    SIBLING = "SIBLING"
    HALF_SIBLING = "HALF_SIBLING"
    PARTNER = "PARTNER"
    FORMER_PARTNER = "FORMER_PARTNER"
    FOSTER_CARER = "FOSTER_CARER"
    OTHER = "OTHER"


class ResponsibilityBasis(StrEnum):
    """How somebody came by parental responsibility (Children Act 1989, sections 2 to 4A)."""

    MOTHER = "MOTHER"
    MARRIED_TO_MOTHER = "MARRIED_TO_MOTHER"
    REGISTERED_FATHER = "REGISTERED_FATHER"
    AGREEMENT = "AGREEMENT"
    COURT_ORDER = "COURT_ORDER"
    ADOPTION = "ADOPTION"
    GUARDIAN = "GUARDIAN"


class StopReason(StrEnum):
    DANGER = "DANGER"
    BEREAVEMENT = "BEREAVEMENT"


class Family(Model):
    """`reference` is random: it says nothing of when or how many."""

    id = fields.UUIDField(primary_key=True)
    reference = fields.CharField(max_length=20, unique=True)
    name = fields.CharField(max_length=120)
    authority_id = fields.UUIDField()
    locality_id = fields.UUIDField(null=True)
    language = fields.CharField(max_length=60)
    interpreter_needs = fields.TextField(default="")
    registered_by_id = fields.UUIDField()
    registered_at = fields.DatetimeField()
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "family"


class FamilyMember(Model):
    """Somebody's place in one family. A child has a date of birth, or one when it is expected."""

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField()
    person_id = fields.UUIDField()
    role = fields.CharEnumField(FamilyRole, max_length=20)
    born_on = fields.DateField(null=True)
    expected_on = fields.DateField(null=True)
    joined_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "family_member"


class Relationship(Model):
    """What one is to the other; what they were before is kept."""

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField()
    from_member_id = fields.UUIDField()
    to_member_id = fields.UUIDField()
    kind = fields.CharEnumField(RelationshipKind, max_length=20)
    recorded_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "relationship"


class ParentalResponsibility(Model):
    """It gives no right to another parent's address (domain, edge case 1)."""

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField()
    holder_id = fields.UUIDField()
    child_id = fields.UUIDField()
    basis = fields.CharEnumField(ResponsibilityBasis, max_length=20)
    from_on = fields.DateField(null=True)
    ended_on = fields.DateField(null=True)

    class Meta(Model.Meta):
        table = "parental_responsibility"


class ContactChannel(Model):
    """A way to reach somebody. Email goes through `mailbox_id`, anything else is in `value`.

    `read_by_others_since`: this family's practitioners know that somebody else may read it. The
    mailbox's own column also counts readers who are on record in other families, and is shown to
    nobody.
    """

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField()
    family_member_id = fields.UUIDField()
    kind = fields.CharEnumField(ChannelKind, max_length=20)
    mailbox_id = fields.UUIDField(null=True)
    value = fields.CharField(max_length=300, default="")
    preferred_since = fields.DatetimeField(null=True)
    read_by_others_since = fields.DatetimeField(null=True)
    added_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "contact_channel"


class SafeContact(Model):
    """How one person may safely be reached; the newest row is in force.

    Where such a row exists no calendar file is sent (invitations rule 39).
    """

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField()
    family_member_id = fields.UUIDField()
    instructions = fields.TextField()
    email_allowed = fields.BooleanField()
    recorded_by_id = fields.UUIDField()
    recorded_at = fields.DatetimeField()
    replaced_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "safe_contact"


class NoContact(Model):
    """Two people who must not meet or learn each other's details; `person_a_id` < `person_b_id`."""

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField()
    person_a_id = fields.UUIDField()
    person_b_id = fields.UUIDField()
    reason = fields.TextField()
    recorded_by_id = fields.UUIDField()
    recorded_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    ended_reason = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "no_contact"


class StopContact(Model):
    """Nothing goes to this person or this address while `lifted_at` is empty."""

    id = fields.UUIDField(primary_key=True)
    family_id = fields.UUIDField(null=True)
    person_id = fields.UUIDField(null=True)
    address_id = fields.UUIDField(null=True)
    reason = fields.CharEnumField(StopReason, max_length=20)
    note = fields.TextField(default="")
    stopped_by_id = fields.UUIDField()
    stopped_at = fields.DatetimeField()
    lifted_at = fields.DatetimeField(null=True)
    lifted_reason = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "stop_contact"
