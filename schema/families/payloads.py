"""What the mutations about families answer with."""

from __future__ import annotations

from schema.families.types import (
    ContactChannel,
    Family,
    FamilyMember,
    NoContact,
    ParentalResponsibility,
    Relationship,
    SafeContact,
    StopContact,
)
from schema.sources import loaded, payload


@payload
class FamilyRegistered:
    """A family was registered."""

    family: Family | None = loaded("What is on record of it.")


@payload
class FamilyChanged:
    """What is known of a family was corrected."""

    family: Family | None = loaded("The family, as it is now.")


@payload
class FamilyMemberAdded:
    """Somebody more is in a family."""

    family_member: FamilyMember | None = loaded("Their place in it.")


@payload
class BirthRecorded:
    """A child who was expected is born."""

    family_member: FamilyMember | None = loaded("The child.")


@payload
class FamilyMemberRemoved:
    """Somebody is no longer in a family."""

    family_member: FamilyMember | None = loaded("Their place in it, which ended.")
    family: Family | None = loaded("Whose they were, as it is now.")


@payload
class RelationshipRecorded:
    """What one person is to another was recorded."""

    relationship: Relationship | None = loaded("Who is what to whom from now on.")


@payload
class ParentalResponsibilityRecorded:
    """Who holds parental responsibility for a child was recorded."""

    parental_responsibility: ParentalResponsibility | None = loaded("The record.")


@payload
class ParentalResponsibilityEnded:
    """Somebody no longer holds parental responsibility for a child."""

    parental_responsibility: ParentalResponsibility | None = loaded("The record, with its end.")


@payload
class ContactChannelAdded:
    """Somebody can be reached another way."""

    contact_channel: ContactChannel | None = loaded("The way to reach them.")


@payload
class ContactChannelPreferred:
    """Somebody likes to be reached another way than before."""

    contact_channel: ContactChannel | None = loaded("The way they prefer.")


@payload
class ContactChannelEnded:
    """Somebody is no longer reached this way."""

    contact_channel: ContactChannel | None = loaded("The way that ended.")


@payload
class SharedMailboxRecorded:
    """Somebody else may read a mailbox."""

    contact_channel: ContactChannel | None = loaded("The mailbox.")


@payload
class SafeContactRecorded:
    """How somebody may safely be reached was recorded."""

    safe_contact: SafeContact | None = loaded("The instructions in force.")


@payload
class NoContactRecorded:
    """Two people must not meet or learn each other's details."""

    no_contact: NoContact | None = loaded("The record.")


@payload
class NoContactEnded:
    """Two people may meet again."""

    no_contact: NoContact | None = loaded("The record, with its end.")


@payload
class ContactStopped:
    """Nothing more is sent to a person or an address, and their links have ended."""

    stop_contact: StopContact | None = loaded("The record; lift it with `resumeContact`.")


@payload
class ContactResumed:
    """Contact may begin again."""

    stop_contact: StopContact | None = loaded("The record, with its end.")
