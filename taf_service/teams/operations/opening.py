"""Opening the team around a family."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from taf_service import families, partnership, visibility
from taf_service.core.codes import WarningCode
from taf_service.core.work import Work, operation
from taf_service.teams import policies, rules
from taf_service.teams.models import Engagement, LeadAnswer, LeadEnquiry, Team
from taf_service.teams.operations.places import admit_practitioner, seat_lead
from taf_service.teams.queries import (
    enquiry_for,
    open_team_of,
    own_practice,
)


@dataclass(frozen=True, slots=True)
class TeamOpened:
    team_id: UUID


@operation(policies.open_team)
async def open_team(  # noqa: PLR0913 - what is said of a family and its lead when a team opens
    work: Work,
    *,
    family_id: UUID,
    enquiry_id: UUID,
    agency_id: UUID,
    reason: str,
    interim: bool = True,
    family_preference: str = "",
    engagement: Engagement = Engagement.ENGAGED,
    engagement_note: str = "",
    despite_lead: str = "",
) -> TeamOpened:
    """Open the team around a family; whoever opens it leads it until somebody is appointed.

    So there is always a named lead. From whoever has a conflict of interest the family is hidden.

    Errors: `LeadEnquiryElsewhere`, `LeadEnquiryUnanswered`, `DespiteLeadRequired`,
    `EngagementNoteRequired`, `TeamAlreadyOpen`, `NotAtAgency`. Warnings: `LEAD_EXISTS_ELSEWHERE`.
    """
    # The lock makes two who open at once wait for one another.
    family = await visibility.to_change(work, policies.open_team, families.family_for, family_id)
    rules.check_opening(reason, family_preference, engagement, engagement_note)
    enquiry = await _check_enquiry(work, family, enquiry_id, despite_lead)
    practitioner = await own_practice(work, agency_id)
    team = await _create(work, family, enquiry, engagement, engagement_note, despite_lead)
    membership = await admit_practitioner(work, team, practitioner, agency_id)
    await seat_lead(
        work, team, membership, reason=reason, family_preference=family_preference, interim=interim
    )
    await work.record("team.opened", subject_id=team.id, family_id=family.id, enquiry_id=enquiry.id)
    return TeamOpened(team.id)


async def _check_enquiry(
    work: Work, family: families.Family, enquiry_id: UUID, despite_lead: str
) -> LeadEnquiry:
    """The answered question about this family (guidance 11)."""
    enquiry = await enquiry_for(work, enquiry_id)
    if enquiry.family_id != family.id:
        raise rules.LeadEnquiryElsewhere(
            "Name the question that was asked about this family.", field="enquiryId"
        )
    rules.check_despite(enquiry.answer, despite_lead)
    if enquiry.answer is LeadAnswer.LEAD_EXISTS:
        work.warn(
            WarningCode.LEAD_EXISTS_ELSEWHERE,
            "The coordinator found a lead practitioner. Talk to them before you open a team.",
        )
    return enquiry


async def _create(
    work: Work,
    family: families.Family,
    enquiry: LeadEnquiry,
    engagement: Engagement,
    engagement_note: str,
    despite_lead: str,
) -> Team:
    """Errors: `TeamAlreadyOpen`."""
    if await open_team_of(work, family) is not None:
        raise rules.TeamAlreadyOpen("This family has a team: ask its lead practitioner to add you.")
    settings = await partnership.settings_of(work, family.authority_id)
    return await Team.create(
        id=work.new_id(),
        family_id=family.id,
        enquiry_id=enquiry.id,
        engagement=engagement,
        engagement_note=engagement_note.strip(),
        opened_despite_lead=despite_lead.strip(),
        review_interval_days=settings.reviews.interval_days,
        opened_at=work.now,
        version=work.new_id(),
    )
