"""What the mutations about teams take."""

from __future__ import annotations

from datetime import date

import strawberry

from schema.enums import CoverKind, Engagement, LeadAnswer
from schema.inputs import acknowledged, given, key, optional, read_version
from schema.problems import WarningCode
from schema.scalars import Key, Text, Version


@strawberry.input(description="A question to the coordinator's inbox (guidance 11).")
class AskForExistingLeadInput:
    family_id: strawberry.ID = given("Whom it is about.")
    question: Text | None = optional("What you want to know, and what you know already.")
    idempotency_key: Key | None = key()


@strawberry.input(description="What the coordinator found (guidance 11).")
class AnswerLeadEnquiryInput:
    enquiry_id: strawberry.ID = given("The question.")
    answer: LeadAnswer = given("Whether there is a lead practitioner already.")
    note: Text | None = optional("Who it is and where, or where was looked.")
    version: Version = read_version("question")
    idempotency_key: Key | None = key()


@strawberry.input(description="A team to open around a family.")
class OpenTeamInput:
    family_id: strawberry.ID = given("Around whom.")
    enquiry_id: strawberry.ID = given("The answered question about an existing lead.")
    agency_id: strawberry.ID = given("The agency on whose behalf you are in the team.")
    reason: Text = given("Why you hold the lead until the team decides (guidance 5, 6).")
    interim: bool = optional("Whether you hold the lead only until somebody is appointed.", True)  # noqa: FBT003
    family_preference: Text | None = optional("Whom the family wishes for (guidance 87).")
    engagement: Engagement = optional(
        "Whether the family takes part (guidance 13).", Engagement.ENGAGED
    )
    engagement_note: Text | None = optional("What is known about that.")
    despite_lead: Text | None = optional(
        "Why a team is opened although a lead practitioner exists, after talking to them."
    )
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="A practitioner to add, on behalf of an agency.")
class AddPractitionerInput:
    team_id: strawberry.ID = given("Which team they join.")
    practitioner_id: strawberry.ID = given("Who is to join.")
    agency_id: strawberry.ID = given("The agency they are there for.")
    idempotency_key: Key | None = key()


@strawberry.input(description="One of the family, to take part in the team.")
class AddFamilyMemberToTeamInput:
    team_id: strawberry.ID = given("Where they are to take part.")
    family_member_id: strawberry.ID = given("Who.")
    idempotency_key: Key | None = key()


@strawberry.input(description="Somebody to stand in for the lead practitioner.")
class ArrangeCoverInput:
    team_id: strawberry.ID = given("Whose lead practitioner they stand in for.")
    membership_id: strawberry.ID = given("Who stands in.")
    kind: CoverKind = given("Deputy, or cover for an absence.")
    reason: Text = given("Why.")
    from_on: date = given("The first day.")
    until_on: date | None = optional("The day after the last.")
    idempotency_key: Key | None = key()


@strawberry.input(description="Cover that ends.")
class EndCoverInput:
    cover_id: strawberry.ID = given("Which.")
    idempotency_key: Key | None = key()


@strawberry.input(description="How often the plan is to be reviewed (guidance 22).")
class ChangeReviewIntervalInput:
    team_id: strawberry.ID = given("Whose plan it is.")
    days: int = given("Days between reviews, within the authority's limits: 7 to 91 at most.")
    reason: Text | None = optional("Why, where it is not the usual.")
    version: Version = read_version("team")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="Whether the family takes part (guidance 13).")
class RecordEngagementInput:
    team_id: strawberry.ID = given("Whose family it is about.")
    engagement: Engagement = given("Whether it does.")
    note: Text = given("What is known about that.")
    version: Version = read_version("team")
    idempotency_key: Key | None = key()
