"""The team around a family."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.connections import Connection
from schema.directory.types import Agency, Practitioner
from schema.enums import (
    ActionStatus,
    CoverKind,
    Engagement,
    LeadAnswer,
    MemberKind,
)
from schema.families.types import Family, FamilyMember
from schema.node import Node
from schema.scalars import Version
from schema.sources import (
    Filter,
    Key,
    allowed,
    column,
    guarded,
    many,
    node_id,
    one,
    paged,
    part,
    readable,
    same_row,
    version,
)
from taf_service import meetings, plans, teams

if TYPE_CHECKING:
    from schema.meetings.types import Meeting
    from schema.plans.types import Action

LazyMeeting = Annotated["Meeting", strawberry.lazy("schema.meetings.types")]
LazyAction = Annotated["Action", strawberry.lazy("schema.plans.types")]

UPCOMING = Filter(
    "upcoming",
    bool | None,
    "({child}.ends_at >= now() and {child}.cancelled_at is null) = {value}",
    "boolean",
    "True: still to come and not cancelled. False: the others.",
)
STATUS = Filter(
    "status",
    ActionStatus | None,
    "{child}.status = {value}",
    "text",
    "Only actions of this status.",
)
UNFINISHED = "('PROPOSED', 'ACCEPTED', 'IN_PROGRESS', 'PARTLY_DONE', 'BLOCKED')"
OPEN = Filter(
    "open",
    bool | None,
    f"({{child}}.status in {UNFINISHED}) = {{value}}",
    "boolean",
    "True: still to be done. False: those that ended, one way or another.",
)


@part
class MembershipCan:
    """What you may do with this place: answered by the policies that will decide."""

    remove_from_team: bool = allowed(teams.policies.remove_from_team)


@readable("membership")
class Membership(Node):
    """A person in a team, for a time. A practitioner is there on behalf of an agency."""

    id: strawberry.ID = node_id()
    name: str | None = column(
        "Their name.", "select p.name from person p where p.id = {row}.person_id"
    )
    kind: MemberKind = column("Practitioner or family.")
    agency: Agency | None = one("On whose behalf.", "{child}.id = {row}.agency_id")
    practitioner: Practitioner | None = one(
        "Their entry in the directory.", "{child}.id = {row}.practitioner_id"
    )
    family_member: FamilyMember | None = one(
        "Their place in the family.", "{child}.id = {row}.family_member_id"
    )
    label: str | None = column(
        "The words you know this case by in your calendar; nobody else's are shown.",
        "case when {row}.person_id = {actor} and {row}.label <> '' then {row}.label end",
    )
    is_lead: bool = column(
        "Whether they lead the team now.",
        "exists (select 1 from lead_tenure l where l.membership_id = {row}.id"
        " and l.until_at is null)",
    )
    joined_at: datetime = column("Since when.")
    left_at: datetime | None = column("Until when, if they left.")
    left_reason: str | None = guarded(
        teams.policies.see_leaving_reason, "Why they left.", "{row}.left_reason"
    )
    can: MembershipCan = same_row("What you may do.")
    version: Version = version()


@readable("lead_tenure")
class LeadTenure(Node):
    """Who led the team, from when until when, and why they were chosen (guidance 3-7, 87)."""

    id: strawberry.ID = node_id()
    membership: Membership | None = one("Who.", "{child}.id = {row}.membership_id")
    interim: bool = column("Whether they hold it until somebody is appointed.")
    reason: str | None = guarded(
        teams.policies.see_lead_reason, "Why they were chosen.", "{row}.reason"
    )
    family_preference: str | None = guarded(
        teams.policies.see_lead_reason, "Whom the family wished for.", "{row}.family_preference"
    )
    from_at: datetime = column("Since when.")
    until_at: datetime | None = column("Until when, if it ended.")


@part
class CoverCan:
    """What you may do with this arrangement: answered by the policies that will decide."""

    end_cover: bool = allowed(teams.policies.end_cover)


@readable("cover")
class Cover(Node):
    """Somebody stands in for the lead practitioner."""

    id: strawberry.ID = node_id()
    membership: Membership | None = one("Who.", "{child}.id = {row}.membership_id")
    kind: CoverKind = column("Deputy, or cover for an absence.")
    reason: str | None = guarded(teams.policies.see_cover_reason, "Why.", "{row}.reason")
    from_on: date = column("The first day.")
    until_on: date | None = column("The day after the last.")
    ended_at: datetime | None = column("When it was ended, if it was.")
    can: CoverCan = same_row("What you may do.")


@part
class TeamCan:
    """What you may do with this team: answered by the policies that will decide."""

    add_practitioner: bool = allowed(teams.policies.add_practitioner)
    add_family_member_to_team: bool = allowed(teams.policies.add_family_member_to_team)
    appoint_lead: bool = allowed(teams.policies.appoint_lead)
    arrange_cover: bool = allowed(teams.policies.arrange_cover)
    change_review_interval: bool = allowed(teams.policies.change_review_interval)
    record_engagement: bool = allowed(teams.policies.record_engagement)
    convene_taf_meeting: bool = allowed(meetings.policies.convene_taf_meeting)
    record_past_meeting: bool = allowed(meetings.policies.record_past_meeting)
    raise_action: bool = allowed(plans.policies.raise_action)


@readable("team")
class Team(Node):
    """The team around one family for one episode of early help."""

    id: strawberry.ID = node_id()
    family: Family | None = one("Around whom.", "{child}.id = {row}.family_id")
    engagement: Engagement = column("Whether the family engages (guidance 13).")
    engagement_note: str | None = guarded(
        teams.policies.see_team_notes, "What is known about that.", "{row}.engagement_note"
    )
    review_interval_days: int = column("How often the plan is reviewed: usually every 42 days.")
    review_interval_reason: str | None = guarded(
        teams.policies.see_team_notes,
        "Why, where it is not the usual.",
        "{row}.review_interval_reason",
    )
    opened_at: datetime = column("Since when.")
    closed_at: datetime | None = column("When it closed, if it has.")
    lead: LeadTenure = one(
        "The lead practitioner now.", "{child}.team_id = {row}.id and {child}.until_at is null"
    )
    lead_history: list[LeadTenure] = many(
        "Who led it, latest first.",
        "{child}.team_id = {row}.id",
        "{child}.from_at desc, {child}.id",
    )
    members: list[Membership] = many(
        "Who is in it now, practitioners first.",
        "{child}.team_id = {row}.id and {child}.left_at is null",
        "{child}.kind = 'FAMILY', {child}.joined_at, {child}.id",
    )
    former_members: list[Membership] = many(
        "Who was in it, latest first.",
        "{child}.team_id = {row}.id and {child}.left_at is not null",
        "{child}.left_at desc, {child}.id",
    )
    covers: list[Cover] = many(
        "Who stands in for the lead, now or soon.",
        "{child}.team_id = {row}.id and {child}.ended_at is null",
        "{child}.from_on, {child}.id",
    )
    meetings: Connection[LazyMeeting] = paged(
        "Its meetings that you may see, by time.",
        "{child}.team_id = {row}.id",
        Key("{child}.starts_at", "timestamptz"),
        Key("{child}.id", "uuid"),
        filters=(UPCOMING,),
    )
    actions: Connection[LazyAction] = paged(
        "Who owes what by when, by due date.",
        "{child}.team_id = {row}.id",
        Key("{child}.due_on", "date"),
        Key("{child}.id", "uuid"),
        filters=(STATUS, OPEN),
    )
    can: TeamCan = same_row("What you may do.")
    version: Version = version()


@part
class LeadEnquiryCan:
    """What you may do with this question: answered by the policies that will decide."""

    answer_lead_enquiry: bool = allowed(teams.policies.answer_lead_enquiry)


@readable("lead_enquiry")
class LeadEnquiry(Node):
    """The question whether a lead practitioner already exists elsewhere (guidance 11)."""

    id: strawberry.ID = node_id()
    family: Family | None = one("About whom.", "{child}.id = {row}.family_id")
    question: str = column("What was asked.")
    asked_by: str | None = column(
        "Who asked.", "select p.name from person p where p.id = {row}.asked_by_id"
    )
    asked_at: datetime = column("When.")
    answer: LeadAnswer | None = column("What was answered.")
    answer_note: str = column("What was said about it.")
    answered_by: str | None = column(
        "Who answered.", "select p.name from person p where p.id = {row}.answered_by_id"
    )
    answered_at: datetime | None = column("When.")
    can: LeadEnquiryCan = same_row("What you may do.")
    version: Version = version()
