"""Standing in for the lead practitioner (domain, edge case 11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from taf_service import visibility
from taf_service.core import faults
from taf_service.core.work import Work, operation
from taf_service.teams import policies, rules
from taf_service.teams.models import Cover, CoverKind, Membership, Team
from taf_service.teams.queries import cover_for, lead_tenure_of, practitioner_in, team_for


@dataclass(frozen=True, slots=True)
class CoverArranged:
    cover_id: UUID


@dataclass(frozen=True, slots=True)
class CoverEnded:
    cover_id: UUID


@operation(policies.arrange_cover)
async def arrange_cover(
    work: Work,
    *,
    team_id: UUID,
    membership_id: UUID,
    kind: CoverKind,
    reason: str,
    from_on: date,
    until_on: date | None = None,
) -> CoverArranged:
    """Arrange that a practitioner in the team stands in for the lead practitioner.

    `until_on` is the day after the last.

    Errors: `PractitionerElsewhere`, `LeadCannotCover`, `InvalidInput`.
    """
    team = await visibility.to_change(work, policies.arrange_cover, team_for, team_id)
    faults.check_said(reason, "reason")
    rules.check_cover(kind, from_on, until_on, work.today())
    membership = await _besides_the_lead(work, team, membership_id)
    cover = await Cover.create(
        id=work.new_id(),
        team_id=team.id,
        membership_id=membership.id,
        kind=kind,
        reason=reason.strip(),
        from_on=from_on,
        until_on=until_on,
        arranged_by_id=work.actor.person_id,
    )
    await work.record(
        "cover.arranged",
        subject_id=cover.id,
        family_id=team.family_id,
        kind=kind.value,
        from_on=from_on,
        until_on=until_on,
    )
    return CoverArranged(cover.id)


async def _besides_the_lead(work: Work, team: Team, membership_id: UUID) -> Membership:
    """Errors: `NotFound`, `PractitionerElsewhere`, `LeadCannotCover`."""
    membership = await practitioner_in(work, team, membership_id)
    if (await lead_tenure_of(work, team)).membership_id == membership.id:
        raise rules.LeadCannotCover(
            "They lead the team: name somebody else to stand in.", field="membershipId"
        )
    return membership


@operation(policies.end_cover)
async def end_cover(work: Work, *, cover_id: UUID) -> CoverEnded:
    """End that somebody stands in for the lead practitioner."""
    cover = await visibility.to_change(work, policies.end_cover, cover_for, cover_id)
    await Cover.filter(id=cover.id).update(ended_at=work.now)
    team = await team_for(work, cover.team_id)
    await work.record("cover.ended", subject_id=cover.id, family_id=team.family_id)
    return CoverEnded(cover.id)
