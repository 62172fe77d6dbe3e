"""People, their addresses, agencies, and who works where."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class AgencyKind(StrEnum):
    """guidance 15."""

    GP = "GP"
    MIDWIFERY = "MIDWIFERY"
    HEALTH_VISITING = "HEALTH_VISITING"
    SCHOOL_NURSING = "SCHOOL_NURSING"
    NURSERY_OR_PLAYGROUP = "NURSERY_OR_PLAYGROUP"
    SCHOOL_OR_COLLEGE = "SCHOOL_OR_COLLEGE"
    CHILDRENS_CENTRE = "CHILDRENS_CENTRE"
    LEISURE = "LEISURE"
    HOUSING = "HOUSING"
    PLAY_OR_YOUTH = "PLAY_OR_YOUTH"
    CAMHS = "CAMHS"
    EARLY_HELP_TEAM = "EARLY_HELP_TEAM"
    YOUTH_OFFENDING_SERVICE = "YOUTH_OFFENDING_SERVICE"
    DISABLED_CHILDRENS_SERVICE = "DISABLED_CHILDRENS_SERVICE"
    VOLUNTARY_SECTOR = "VOLUNTARY_SECTOR"
    SPECIALIST_EDUCATION = "SPECIALIST_EDUCATION"
    POLICE = "POLICE"
    CAREERS = "CAREERS"
    EDUCATION_WELFARE = "EDUCATION_WELFARE"
    CHILDRENS_SOCIAL_CARE = "CHILDRENS_SOCIAL_CARE"


class DomainPolicy(StrEnum):
    """Whether a practitioner's work address must lie in one of the agency's own domains."""

    REQUIRED = "REQUIRED"
    ANY = "ANY"


class MailboxKind(StrEnum):
    WORK = "WORK"
    ROLE = "ROLE"
    PERSONAL = "PERSONAL"


class Person(Model):
    """Behind membership, invitation and ownership; its id never leaves the service."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=120)
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "person"


class EmailAddress(Model):
    """Normalised; one row however many people read it."""

    id = fields.UUIDField(primary_key=True)
    address = fields.CharField(max_length=254, unique=True)
    verified_at = fields.DatetimeField(null=True)
    suppressed_at = fields.DatetimeField(null=True)
    suppressed_because = fields.CharField(max_length=40, null=True)

    class Meta(Model.Meta):
        table = "email_address"


class Mailbox(Model):
    """That one person, or the people on duty at one agency, read an address.

    `read_by_others_since`: it was recorded that somebody else may read it too.
    """

    id = fields.UUIDField(primary_key=True)
    address_id = fields.UUIDField()
    kind = fields.CharEnumField(MailboxKind, max_length=20)
    person_id = fields.UUIDField(null=True)
    agency_id = fields.UUIDField(null=True)
    label = fields.CharField(max_length=120, default="")
    read_by_others_since = fields.DatetimeField(null=True)
    from_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "mailbox"


class Agency(Model):
    """`sort_name` is kept by the database: agencies are found and ordered by it."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=120)
    kind = fields.CharEnumField(AgencyKind, max_length=40)
    authority_id = fields.UUIDField(null=True)
    domain_policy = fields.CharEnumField(DomainPolicy, max_length=20)
    email_domains: fields.JSONField[list[str]] = fields.JSONField()
    version = fields.UUIDField()
    closed_at = fields.DatetimeField(null=True)
    sort_name = fields.CharField(max_length=200, default="")

    class Meta(Model.Meta):
        table = "agency"


class Practitioner(Model):
    """Somebody's identity at work; it outlives any one agency. `sort_name` as for agencies."""

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField(unique=True)
    version = fields.UUIDField()
    sort_name = fields.CharField(max_length=200, default="")

    class Meta(Model.Meta):
        table = "practitioner"


class Affiliation(Model):
    """A practitioner works for an agency, from one day until another (exclusive)."""

    id = fields.UUIDField(primary_key=True)
    practitioner_id = fields.UUIDField()
    agency_id = fields.UUIDField()
    locality_id = fields.UUIDField(null=True)
    role_title = fields.CharField(max_length=120)
    mailbox_id = fields.UUIDField()
    from_on = fields.DateField()
    until_on = fields.DateField(null=True)
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "affiliation"
