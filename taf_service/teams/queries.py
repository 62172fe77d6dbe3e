"""Teams an actor may see, and who is in them."""

from __future__ import annotations

from uuid import UUID

from taf_service import families, partnership, visibility
from taf_service.core.work import Work
from taf_service.partnership import AuthoritySettings
from taf_service.teams.models import LeadEnquiry, LeadTenure, Membership, Team


async def team_for(work: Work, team_id: UUID, *, lock: bool = False) -> Team:
    """Errors: `NotFound`."""
    return await visibility.one(work, Team, team_id, lock=lock)


async def enquiry_for(work: Work, enquiry_id: UUID, *, lock: bool = False) -> LeadEnquiry:
    """Errors: `NotFound`."""
    return await visibility.one(work, LeadEnquiry, enquiry_id, lock=lock)


async def membership_for(work: Work, membership_id: UUID, *, lock: bool = False) -> Membership:
    """Somebody's place in a team, now or in the past. Errors: `NotFound`."""
    return await visibility.one(work, Membership, membership_id, lock=lock)


async def members_of(work: Work, team: Team) -> list[Membership]:
    """Who is in the team now, as far as the actor may see."""
    return await visibility.rows(work, Membership, "r.team_id = $2 and r.left_at is null", team.id)


async def lead_of(work: Work, team: Team) -> LeadTenure:
    """Who leads an open team now."""
    (tenure,) = await visibility.rows(
        work, LeadTenure, "r.team_id = $2 and r.until_at is null", team.id
    )
    return tenure


async def settings_for(work: Work, team: Team) -> AuthoritySettings:
    """The settings of the authority whose family it is."""
    family = await families.family_for(work, team.family_id)
    return await partnership.settings_of(work, family.authority_id)
