"""Teams an actor may see, and who is in them."""

from __future__ import annotations

from uuid import UUID

from tortoise import connections

from taf_service import directory, families, partnership, visibility
from taf_service.core.errors import NotFound
from taf_service.core.work import Work
from taf_service.partnership import AuthoritySettings
from taf_service.teams import rules
from taf_service.teams.models import (
    Cover,
    LeadEnquiry,
    LeadTenure,
    MemberKind,
    Membership,
    Team,
)


async def team_for(work: Work, team_id: UUID, *, lock: bool = False) -> Team:
    """Errors: `NotFound`."""
    return await visibility.one(work, Team, team_id, lock=lock)


async def enquiry_for(work: Work, enquiry_id: UUID, *, lock: bool = False) -> LeadEnquiry:
    """Errors: `NotFound`."""
    return await visibility.one(work, LeadEnquiry, enquiry_id, lock=lock)


async def membership_for(work: Work, membership_id: UUID, *, lock: bool = False) -> Membership:
    """Somebody's place in a team, now or in the past. Errors: `NotFound`."""
    return await visibility.one(work, Membership, membership_id, lock=lock)


async def cover_for(work: Work, cover_id: UUID, *, lock: bool = False) -> Cover:
    """Errors: `NotFound`."""
    return await visibility.one(work, Cover, cover_id, lock=lock)


async def members_of(work: Work, team: Team) -> list[Membership]:
    """Who is in the team now, as far as the actor may see."""
    return await visibility.rows(work, Membership, "r.team_id = $2 and r.left_at is null", team.id)


async def agencies_in(work: Work, team: Team) -> dict[UUID, directory.Agency]:
    """The agencies on whose behalf somebody is in the team now, by their ids."""
    present = {m.agency_id for m in await members_of(work, team) if m.agency_id is not None}
    return await visibility.each(work, directory.Agency, present)


async def practitioner_in(work: Work, team: Team, membership_id: UUID) -> Membership:
    """A practitioner who is in this team now.

    Errors: `NotFound`, `PractitionerElsewhere`.
    """
    membership = await membership_for(work, membership_id)
    is_here = membership.team_id == team.id and membership.left_at is None
    if not is_here or membership.kind is not MemberKind.PRACTITIONER:
        raise rules.PractitionerElsewhere(
            "Name a practitioner who is in this team now.", field="membershipId"
        )
    return membership


async def lead_tenure_of(work: Work, team: Team) -> LeadTenure:
    """Who leads an open team now, since when and why."""
    (tenure,) = await visibility.rows(
        work, LeadTenure, "r.team_id = $2 and r.until_at is null", team.id
    )
    return tenure


async def leader_of(_work: Work, team: Team) -> UUID:
    """The person who leads an open team now, known even to those who must not meet them."""
    rows = await connections.get("default").execute_query_dict(
        "select leader_of($1) as person_id", [team.id]
    )
    found: UUID = rows[0]["person_id"]
    return found


async def open_team_of(work: Work, family: families.Family) -> Team | None:
    """The family's open team, if there is one."""
    found = await visibility.rows(work, Team, "r.family_id = $2 and r.closed_at is null", family.id)
    return found[0] if found else None


async def unanswered_enquiry_of(work: Work, family: families.Family) -> LeadEnquiry | None:
    """The question about the family that waits for an answer, if there is one."""
    found = await visibility.rows(
        work, LeadEnquiry, "r.family_id = $2 and r.answered_at is null", family.id
    )
    return found[0] if found else None


async def own_practice(work: Work, agency_id: UUID) -> directory.Practitioner:
    """The actor's own entry in the directory, if they work for this agency today.

    Errors: `NotFound` for an unknown agency, `NotAtAgency`.
    """
    found = await visibility.rows(
        work, directory.Practitioner, "r.person_id = $2", work.actor.person_id
    )
    if not found:
        raise rules.NotAtAgency("Only a practitioner opens a team.", field="agencyId")
    await check_at_agency(work, found[0].id, agency_id)
    return found[0]


async def check_at_agency(work: Work, practitioner_id: UUID, agency_id: UUID) -> None:
    """Errors: `NotFound` for an unknown agency, `NotAtAgency`."""
    await directory.agency_for(work, agency_id)
    try:
        await directory.affiliation_with(work, practitioner_id, agency_id)
    except NotFound:
        raise rules.NotAtAgency(
            "Name an agency where this practitioner works today.", field="agencyId"
        ) from None


async def settings_for(work: Work, team: Team) -> AuthoritySettings:
    """The settings of the authority whose family it is."""
    family = await families.family_for(work, team.family_id)
    return await partnership.settings_of(work, family.authority_id)
