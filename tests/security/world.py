"""One family's whole case, somebody outside it, and whoever may do each thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import pytest

from tests.security.inputs import World
from tests.stage import ATeam, Somebody, Stage

BY_ADMINISTRATORS = {
    "addLocality",
    "appointToOffice",
    "changeAgency",
    "changeSettings",
    "closeAgency",
    "disableAccount",
    "endOffice",
    "linkAccount",
    "registerAgency",
    "registerPractitioner",
    "affiliatePractitioner",
    "addRoleMailbox",
    "endAffiliation",
    "renamePractitioner",
}


@dataclass(frozen=True)
class Situation:
    """`outsider` works for an agency and leads another family's team."""

    world: World
    team: ATeam
    outsider: Somebody
    administrator: Somebody
    coordinator: Somebody

    @property
    def parent(self) -> Somebody:
        return self.team.family.parent

    def asker_of(self, mutation: str) -> Somebody:
        """Somebody with the standing for it."""
        if mutation in BY_ADMINISTRATORS:
            return self.administrator
        return self.coordinator if mutation == "answerLeadEnquiry" else self.team.lead


@pytest.fixture
async def situation(stage: Stage) -> Situation:
    helen = await stage.practitioner("Helen Health")
    team = await stage.team(helen)
    outsider = await stage.practitioner("Otto Outside")
    await stage.team(lead=outsider)
    meeting_id = await stage.meeting(team)
    world = World(
        {
            "Authority": stage.authority_id,
            "Locality": stage.locality_id,
            "Agency": known(helen.agency_id),
            "Practitioner": known(helen.practitioner_id),
            "Affiliation": known(helen.affiliation_id),
            "OfficeHolder": await stage.owner.fetchval("select id from office_holder limit 1"),
            "Team": team.team_id,
            "Membership": team.of(helen),
            "Meeting": meeting_id,
            "Invitation": await stage.invitation(team, meeting_id, helen),
            "Action": await stage.action(team, helen),
            **await _family(stage, team),
        }
    )
    return Situation(world, team, outsider, stage.administrator, stage.coordinator)


async def _family(stage: Stage, team: ATeam) -> dict[str, UUID]:
    family, parent = team.family, team.family.parent
    return {
        "Family": family.family_id,
        "FamilyMember": known(parent.family_member_id),
        "ContactChannel": await stage.owner.fetchval(
            "select id from contact_channel where family_member_id = $1", parent.family_member_id
        ),
        "NoContact": await stage.no_contact(family, parent, family.other_parent),
        "LeadEnquiry": await _unanswered(stage, team),
        "StopContact": await stage.insert(
            "stop_contact",
            family_id=family.family_id,
            person_id=parent.person_id,
            reason="DANGER",
            stopped_by_id=team.lead.person_id,
            stopped_at=stage.now,
        ),
        "ParentalResponsibility": await stage.insert(
            "parental_responsibility",
            family_id=family.family_id,
            holder_id=parent.family_member_id,
            child_id=family.child.family_member_id,
            basis="MOTHER",
        ),
        "Cover": await stage.insert(
            "cover",
            team_id=team.team_id,
            membership_id=team.of(team.lead),
            kind="DEPUTY",
            reason="Always at her side",
            from_on=date(2026, 4, 1),
            arranged_by_id=team.lead.person_id,
        ),
    }


async def _unanswered(stage: Stage, team: ATeam) -> UUID:
    return await stage.insert(
        "lead_enquiry",
        family_id=team.family.family_id,
        authority_id=stage.authority_id,
        locality_id=stage.locality_id,
        asked_by_id=team.lead.person_id,
        asked_at=stage.now,
        version=uuid4(),
    )


def known(row_id: UUID | None) -> UUID:
    assert row_id is not None
    return row_id
