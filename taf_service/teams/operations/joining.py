"""Taking people into a team."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from taf_service import directory, families, visibility
from taf_service.core.work import Work, operation
from taf_service.teams import policies, rules
from taf_service.teams.models import MemberKind
from taf_service.teams.operations.places import admit_family_member, admit_practitioner
from taf_service.teams.operations.suitability import check_may_meet, check_practitioner
from taf_service.teams.queries import check_at_agency, members_of, team_for


@dataclass(frozen=True, slots=True)
class PractitionerAdded:
    membership_id: UUID


@dataclass(frozen=True, slots=True)
class FamilyMemberAddedToTeam:
    membership_id: UUID


@operation(policies.add_practitioner)
async def add_practitioner(
    work: Work, *, team_id: UUID, practitioner_id: UUID, agency_id: UUID
) -> PractitionerAdded:
    """Add a practitioner to a team on behalf of an agency.

    Errors: `NotAtAgency`, `AlreadyInTeam`, `ConflictOfInterest`, `TeamMustNotMeet`, `AskTheLead`.
    """
    team = await visibility.to_change(work, policies.add_practitioner, team_for, team_id)
    practitioner = await directory.practitioner_for(work, practitioner_id)
    await check_at_agency(work, practitioner.id, agency_id)
    present = [member.person_id for member in await members_of(work, team)]
    await check_practitioner(work, team.family_id, practitioner.person_id, team=present)
    membership = await admit_practitioner(work, team, practitioner, agency_id)
    await work.record(
        "team.practitioner_added",
        subject_id=membership.id,
        family_id=team.family_id,
        practitioner_id=practitioner.id,
        agency_id=agency_id,
    )
    return PractitionerAdded(membership.id)


@operation(policies.add_family_member_to_team)
async def add_family_member_to_team(
    work: Work, *, team_id: UUID, family_member_id: UUID
) -> FamilyMemberAddedToTeam:
    """Add one of the family to its team.

    Two of the family who must not meet may both be in it: each sees nothing of the other.

    Errors: `FamilyMemberElsewhere`, `AlreadyInTeam`; because of a practitioner, `TeamMustNotMeet`
    and `AskTheLead`.
    """
    team = await visibility.to_change(work, policies.add_family_member_to_team, team_for, team_id)
    member = await families.family_member_for(work, family_member_id)
    if member.family_id != team.family_id:
        raise rules.FamilyMemberElsewhere(
            "Name somebody of the family this team works with.", field="familyMemberId"
        )
    practitioners = [
        present.person_id
        for present in await members_of(work, team)
        if present.kind is MemberKind.PRACTITIONER
    ]
    await check_may_meet(work, team.family_id, member.person_id, practitioners)
    membership = await admit_family_member(work, team, member)
    await work.record(
        "team.family_member_added",
        subject_id=membership.id,
        family_id=team.family_id,
        family_member_id=member.id,
    )
    return FamilyMemberAddedToTeam(membership.id)
