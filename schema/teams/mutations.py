"""Opening a team, who is in it, who leads it and who stands in."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.context import Info, request_of
from schema.ids import row_id
from schema.mutation import mutation
from schema.teams import payloads
from schema.teams.inputs import (
    AddFamilyMemberToTeamInput,
    AddPractitionerInput,
    AnswerLeadEnquiryInput,
    ArrangeCoverInput,
    AskForExistingLeadInput,
    ChangeReviewIntervalInput,
    EndCoverInput,
    OpenTeamInput,
    RecordEngagementInput,
)
from taf_service import teams


@strawberry.type
class TeamMutations:
    @mutation(teams.ask_for_existing_lead, payloads.LeadEnquiryAsked)
    async def ask_for_existing_lead(self, info: Info, input: AskForExistingLeadInput) -> Any:
        return await teams.ask_for_existing_lead(
            request_of(info, input),
            family_id=row_id(input.family_id, "Family", field="familyId"),
            question=input.question or "",
        )

    @mutation(teams.answer_lead_enquiry, payloads.LeadEnquiryAnswered)
    async def answer_lead_enquiry(self, info: Info, input: AnswerLeadEnquiryInput) -> Any:
        return await teams.answer_lead_enquiry(
            request_of(info, input),
            enquiry_id=row_id(input.enquiry_id, "LeadEnquiry", field="enquiryId"),
            answer=input.answer,
            note=input.note or "",
            version=input.version,
        )

    @mutation(teams.open_team, payloads.TeamOpened)
    async def open_team(self, info: Info, input: OpenTeamInput) -> Any:
        return await teams.open_team(
            request_of(info, input),
            family_id=row_id(input.family_id, "Family", field="familyId"),
            enquiry_id=row_id(input.enquiry_id, "LeadEnquiry", field="enquiryId"),
            agency_id=row_id(input.agency_id, "Agency", field="agencyId"),
            reason=input.reason,
            interim=input.interim,
            family_preference=input.family_preference or "",
            engagement=input.engagement,
            engagement_note=input.engagement_note or "",
            despite_lead=input.despite_lead or "",
        )

    @mutation(teams.add_practitioner, payloads.PractitionerAdded)
    async def add_practitioner(self, info: Info, input: AddPractitionerInput) -> Any:
        return await teams.add_practitioner(
            request_of(info, input),
            team_id=row_id(input.team_id, "Team", field="teamId"),
            practitioner_id=row_id(input.practitioner_id, "Practitioner", field="practitionerId"),
            agency_id=row_id(input.agency_id, "Agency", field="agencyId"),
        )

    @mutation(teams.add_family_member_to_team, payloads.FamilyMemberAddedToTeam)
    async def add_family_member_to_team(self, info: Info, input: AddFamilyMemberToTeamInput) -> Any:
        return await teams.add_family_member_to_team(
            request_of(info, input),
            team_id=row_id(input.team_id, "Team", field="teamId"),
            family_member_id=row_id(input.family_member_id, "FamilyMember", field="familyMemberId"),
        )

    @mutation(teams.arrange_cover, payloads.CoverArranged)
    async def arrange_cover(self, info: Info, input: ArrangeCoverInput) -> Any:
        return await teams.arrange_cover(
            request_of(info, input),
            team_id=row_id(input.team_id, "Team", field="teamId"),
            membership_id=row_id(input.membership_id, "Membership", field="membershipId"),
            kind=input.kind,
            reason=input.reason,
            from_on=input.from_on,
            until_on=input.until_on,
        )

    @mutation(teams.end_cover, payloads.CoverEnded)
    async def end_cover(self, info: Info, input: EndCoverInput) -> Any:
        return await teams.end_cover(
            request_of(info, input),
            cover_id=row_id(input.cover_id, "Cover", field="coverId"),
        )

    @mutation(teams.change_review_interval, payloads.ReviewIntervalChanged)
    async def change_review_interval(self, info: Info, input: ChangeReviewIntervalInput) -> Any:
        return await teams.change_review_interval(
            request_of(info, input),
            team_id=row_id(input.team_id, "Team", field="teamId"),
            days=input.days,
            reason=input.reason or "",
            version=input.version,
        )

    @mutation(teams.record_engagement, payloads.EngagementRecorded)
    async def record_engagement(self, info: Info, input: RecordEngagementInput) -> Any:
        return await teams.record_engagement(
            request_of(info, input),
            team_id=row_id(input.team_id, "Team", field="teamId"),
            engagement=input.engagement,
            note=input.note,
            version=input.version,
        )
