"""What the mutations about families take."""

from __future__ import annotations

from datetime import date

import strawberry

from schema.enums import (
    ChannelKind,
    FamilyRole,
    RelationshipKind,
    ResponsibilityBasis,
    StopReason,
)
from schema.inputs import acknowledged, either, given, key, optional, read_version
from schema.problems import WarningCode
from schema.scalars import Key, Line, Text, Version


@strawberry.input(description="A person's place in a family.")
class NewMemberInput:
    name: Line = given("Their name.")
    role: FamilyRole = given("Their place in the family.")
    born_on: date | None = optional("Date of birth: a child's, unless it is expected; anybody's.")
    expected_on: date | None = optional("When a child is expected.")


@strawberry.input(description="A family to register, with its first members.")
class RegisterFamilyInput:
    name: Line = given("What practitioners will call the family.")
    authority_id: strawberry.ID = given("Whose family it is.")
    locality_id: strawberry.ID | None = optional("Where it lives.")
    language: Line = given("The language spoken at home.")
    interpreter_needs: Text | None = optional("What an interpreter must bring.")
    members: list[NewMemberInput] = given("The people in it: at least one child.")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="What changed about a family.")
class ChangeFamilyInput:
    family_id: strawberry.ID = given("Which one is corrected.")
    name: Line | None = optional("What practitioners call it; unchanged when left out.")
    language: Line | None = optional("The language spoken at home; unchanged when left out.")
    interpreter_needs: Text | None = optional(
        "What an interpreter must bring; unchanged when left out."
    )
    locality_id: strawberry.ID | None = optional("Where it lives; unchanged when left out.")
    version: Version = read_version("family")
    idempotency_key: Key | None = key()


@strawberry.input(description="Somebody more in a family.")
class AddFamilyMemberInput:
    family_id: strawberry.ID = given("Which family they belong to.")
    member: NewMemberInput = given(
        "Who. A person who is known already keeps the name they are known by."
    )
    same_person_as_id: strawberry.ID | None = optional(
        "The same person's place, now or before, in this or another family that you can see."
    )
    practitioner_id: strawberry.ID | None = optional("Their entry in the directory, if they work.")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="A child who was expected is born.")
class RecordBirthInput:
    family_member_id: strawberry.ID = given("The child.")
    born_on: date = given("When.")
    name: Line | None = optional("Their name, if it was not known.")
    version: Version = read_version("family member")
    idempotency_key: Key | None = key()


@strawberry.input(description="Somebody who is no longer in the family.")
class RemoveFamilyMemberInput:
    family_member_id: strawberry.ID = given("Who.")
    version: Version = read_version("family member")
    idempotency_key: Key | None = key()


@strawberry.input(description="What one person is to another.")
class RecordRelationshipInput:
    first_id: strawberry.ID = given("The first person.")
    kind: RelationshipKind = given("What they are to the second.")
    second_id: strawberry.ID = given("The second person.")
    idempotency_key: Key | None = key()


@strawberry.input(description="Who holds parental responsibility for a child.")
class RecordParentalResponsibilityInput:
    holder_id: strawberry.ID = given("Who holds it.")
    child_id: strawberry.ID = given("For which child.")
    basis: ResponsibilityBasis = given("How they came by it.")
    from_on: date | None = optional("Since when, where known.")
    idempotency_key: Key | None = key()


@strawberry.input(description="Parental responsibility that ended.")
class EndParentalResponsibilityInput:
    parental_responsibility_id: strawberry.ID = given("Which.")
    ended_on: date = given("When.")
    idempotency_key: Key | None = key()


@strawberry.input(description="A way to reach somebody.")
class AddContactChannelInput:
    family_member_id: strawberry.ID = given("Whom.")
    kind: ChannelKind = given("How.")
    value: Line = given("The address or number; in person, where and when.")
    preferred: bool = optional("Whether this is how they like to be reached.", False)  # noqa: FBT003
    read_by_others: bool = optional("Whether somebody else may read this mailbox.", False)  # noqa: FBT003
    idempotency_key: Key | None = key()


@strawberry.input(description="How somebody likes to be reached.")
class PreferContactChannelInput:
    contact_channel_id: strawberry.ID = given("Which.")
    idempotency_key: Key | None = key()


@strawberry.input(description="A contact channel that is not used any more.")
class EndContactChannelInput:
    contact_channel_id: strawberry.ID = given("Which.")
    idempotency_key: Key | None = key()


@strawberry.input(description="A mailbox that somebody else may read.")
class RecordSharedMailboxInput:
    contact_channel_id: strawberry.ID = given("Which.")
    idempotency_key: Key | None = key()


@strawberry.input(description="How somebody may safely be reached.")
class RecordSafeContactInput:
    family_member_id: strawberry.ID = given("Who.")
    instructions: Text = given("What to do and what never to do.")
    email_allowed: bool = given("Whether mail may be sent at all.")
    idempotency_key: Key | None = key()


@strawberry.input(description="Two people who must not meet or learn each other's details.")
class RecordNoContactInput:
    first_id: strawberry.ID = given("One of them.")
    second_id: strawberry.ID = given("The other.")
    reason: Text = given("Why.")
    idempotency_key: Key | None = key()


@strawberry.input(description="Two people who may meet again.")
class EndNoContactInput:
    no_contact_id: strawberry.ID = given("Which record.")
    reason: Text = given("Why.")
    idempotency_key: Key | None = key()


@strawberry.input(one_of=True, description="Whom nothing reaches any more, or where.")
class ContactToStopInput:
    family_member_id: strawberry.ID | None = either("A person, whatever way they are reached.")
    contact_channel_id: strawberry.ID | None = either("One email address, whoever reads it.")


@strawberry.input(
    description="Stops everything that is queued, and revokes links, for a person or an address."
)
class StopContactInput:
    contact: ContactToStopInput = given("The person or the address.")
    reason: StopReason = given("Danger or bereavement.")
    note: Text | None = optional("What is to be noted.")
    idempotency_key: Key | None = key()


@strawberry.input(description="Contact that may begin again.")
class ResumeContactInput:
    stop_contact_id: strawberry.ID = given("What was stopped.")
    reason: Text = given("Why it is safe now.")
    idempotency_key: Key | None = key()
