"""Families and the people in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.enums import (
    ChannelKind,
    FamilyRole,
    RelationshipKind,
    ResponsibilityBasis,
    StopReason,
)
from schema.node import Node
from schema.partnership.types import Authority, Locality
from schema.scalars import Version
from schema.sources import (
    allowed,
    column,
    many,
    node_id,
    one,
    part,
    readable,
    same_row,
    version,
)
from taf_service import families, teams

if TYPE_CHECKING:
    from schema.meetings.types import Meeting
    from schema.teams.types import LeadEnquiry, Team

LazyMeeting = Annotated["Meeting", strawberry.lazy("schema.meetings.types")]
LazyTeam = Annotated["Team", strawberry.lazy("schema.teams.types")]
LazyLeadEnquiry = Annotated["LeadEnquiry", strawberry.lazy("schema.teams.types")]


@readable("contact_channel")
class ContactChannel(Node):
    """A way to reach somebody. Confidential to the practitioners in the team."""

    id: strawberry.ID = node_id()
    kind: ChannelKind = column("How.")
    value: str = column(
        "The address or number.",
        "case when {row}.kind = 'EMAIL' then (select e.address from mailbox b join email_address e"
        " on e.id = b.address_id where b.id = {row}.mailbox_id) else {row}.value end",
    )
    preferred: bool = column(
        "Whether this is how they like to be reached.", "{row}.preferred_since is not null"
    )
    read_by_others_since: datetime | None = column(
        "Since when it is known in this family that somebody else may read this mailbox."
    )
    ended_at: datetime | None = column("When it stopped being used.")


@readable("safe_contact")
class SafeContact(Node):
    """How somebody may safely be reached. While this stands, no calendar file is sent to them."""

    id: strawberry.ID = node_id()
    instructions: str = column("What to do and what never to do.")
    email_allowed: bool = column("Whether mail may be sent at all.")
    recorded_at: datetime = column("When this was recorded.")


@part
class FamilyMemberCan:
    """What you may do for this person: answered by the policies that will decide."""

    record_birth: bool = allowed(families.policies.record_birth)
    remove_family_member: bool = allowed(families.policies.remove_family_member)
    add_contact_channel: bool = allowed(families.policies.add_contact_channel)
    record_safe_contact: bool = allowed(families.policies.record_safe_contact)
    stop_contact: bool = allowed(families.policies.stop_contact)


@readable("family_member")
class FamilyMember(Node):
    """A person's place in one family."""

    id: strawberry.ID = node_id()
    name: str = column("Their name.", "select p.name from person p where p.id = {row}.person_id")
    role: FamilyRole = column("Their place in the family.")
    born_on: date | None = column("Date of birth.")
    expected_on: date | None = column("When a child is expected.")
    joined_at: datetime = column("Since when they are on record here.")
    left_at: datetime | None = column(
        "When they left the family; who has left is known to practitioners alone."
    )
    contact_channels: list[ContactChannel] = many(
        "How to reach them, the preferred way first; for practitioners in the team.",
        "{child}.family_member_id = {row}.id and {child}.ended_at is null",
        "{child}.preferred_since is null, {child}.added_at, {child}.id",
    )
    safe_contact: SafeContact | None = one(
        "How they may safely be reached; for practitioners in the team.",
        "{child}.family_member_id = {row}.id and {child}.replaced_at is null",
    )
    can: FamilyMemberCan = same_row("What you may do.")
    version: Version = version()


@readable("relationship")
class Relationship(Node):
    """What one person in the family is to another."""

    id: strawberry.ID = node_id()
    kind: RelationshipKind = column("What the first is to the second.")
    first: FamilyMember | None = one("The first person.", "{child}.id = {row}.from_member_id")
    second: FamilyMember | None = one("The second person.", "{child}.id = {row}.to_member_id")
    recorded_at: datetime = column("Since when this is on record.")
    ended_at: datetime | None = column("Until when, if something else was recorded since.")


@readable("parental_responsibility")
class ParentalResponsibility(Node):
    """Who holds parental responsibility for a child. It gives no right to another's address."""

    id: strawberry.ID = node_id()
    basis: ResponsibilityBasis = column("How they came by it.")
    holder: FamilyMember | None = one("Who holds it.", "{child}.id = {row}.holder_id")
    child: FamilyMember | None = one("For which child.", "{child}.id = {row}.child_id")
    from_on: date | None = column("Since when, where known.")
    ended_on: date | None = column("Until when, if it ended.")


@readable("no_contact")
class NoContact(Node):
    """Two people who must not meet or learn each other's details."""

    id: strawberry.ID = node_id()
    names: list[str] = column(
        "Who they are.",
        "select coalesce(json_agg(p.name order by p.name), '[]') from person p"
        " where p.id in ({row}.person_a_id, {row}.person_b_id)",
    )
    reason: str = column("Why.")
    recorded_at: datetime = column("Since when.")
    ended_at: datetime | None = column("Until when, if it ended.")
    meetings: list[LazyMeeting] = many(
        "Meetings to come that both are still asked to: take one of them out, or hold two.",
        "{row}.ended_at is null and {child}.cancelled_at is null and {child}.ends_at > now()"
        " and (select count(*) from invitation i where i.meeting_id = {child}.id"
        " and i.withdrawn_at is null"
        " and i.person_id in ({row}.person_a_id, {row}.person_b_id)) = 2",
        "{child}.starts_at, {child}.id",
    )


@readable("stop_contact")
class StopContact(Node):
    """Nothing is sent to this person or address while it stands."""

    id: strawberry.ID = node_id()
    family_member: FamilyMember | None = one(
        "The person, where a person is meant.",
        "{child}.family_id = {row}.family_id and {child}.person_id = {row}.person_id",
        "{child}.left_at is not null, {child}.id",
    )
    contact_channel: ContactChannel | None = one(
        "The address, where an address is meant.",
        "{child}.family_id = {row}.family_id and {child}.mailbox_id in"
        " (select b.id from mailbox b where b.address_id = {row}.address_id)",
        "{child}.ended_at is not null, {child}.id",
    )
    reason: StopReason = column("Danger or bereavement.")
    note: str = column("What was written about it.")
    stopped_at: datetime = column("Since when.")
    lifted_at: datetime | None = column("Until when, if it was lifted.")


@part
class FamilyCan:
    """What you may do for this family: answered by the policies that will decide."""

    change_family: bool = allowed(families.policies.change_family)
    add_family_member: bool = allowed(families.policies.add_family_member)
    record_relationship: bool = allowed(families.policies.record_relationship)
    record_parental_responsibility: bool = allowed(families.policies.record_parental_responsibility)
    record_no_contact: bool = allowed(families.policies.record_no_contact)
    ask_for_existing_lead: bool = allowed(teams.policies.ask_for_existing_lead)
    open_team: bool = allowed(teams.policies.open_team)


@readable("family")
class Family(Node):
    """A family that is helped, or is about to be."""

    id: strawberry.ID = node_id()
    reference: str = column("Random, so it tells neither when nor how many.")
    name: str = column("What practitioners call the family.")
    language: str = column("The language spoken at home.")
    interpreter_needs: str = column("What an interpreter must bring: dialect, preferences.")
    authority: Authority = one("Whose family it is.", "{child}.id = {row}.authority_id")
    locality: Locality | None = one("Where it lives.", "{child}.id = {row}.locality_id")
    registered_at: datetime = column("When it was registered.")
    members: list[FamilyMember] = many(
        "The people in it, children first.",
        "{child}.family_id = {row}.id and {child}.left_at is null",
        "{child}.role <> 'CHILD', {child}.joined_at, {child}.id",
    )
    former_members: list[FamilyMember] = many(
        "Who was in it, latest first; for practitioners in the team.",
        "{child}.family_id = {row}.id and {child}.left_at is not null",
        "{child}.left_at desc, {child}.id",
    )
    relationships: list[Relationship] = many(
        "Who is what to whom; for practitioners in the team.",
        "{child}.family_id = {row}.id and {child}.ended_at is null",
        "{child}.id",
    )
    parental_responsibility: list[ParentalResponsibility] = many(
        "Who holds parental responsibility; for practitioners in the team.",
        "{child}.family_id = {row}.id and {child}.ended_on is null",
        "{child}.id",
    )
    no_contacts: list[NoContact] = many(
        "Pairs who must not meet; for practitioners in the team.",
        "{child}.family_id = {row}.id and {child}.ended_at is null",
        "{child}.recorded_at, {child}.id",
    )
    stop_contacts: list[StopContact] = many(
        "Where contact is stopped; for practitioners in the team.",
        "{child}.family_id = {row}.id and {child}.lifted_at is null",
        "{child}.stopped_at, {child}.id",
    )
    team: LazyTeam | None = one(
        "The team around it now.",
        "{child}.family_id = {row}.id and {child}.closed_at is null",
    )
    lead_enquiries: list[LazyLeadEnquiry] = many(
        "What was asked and answered about an existing lead practitioner (guidance 11).",
        "{child}.family_id = {row}.id",
        "{child}.asked_at desc, {child}.id",
    )
    can: FamilyCan = same_row("What you may do.")
    version: Version = version()
