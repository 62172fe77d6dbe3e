"""Taking a place in a team, leading it, leaving it: steps inside other operations.

Nothing here asks a policy or writes the audit: whoever calls has done the one and does the other.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tortoise import connections
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from taf_service import directory, families
from taf_service.core.work import Work
from taf_service.teams import labels, rules
from taf_service.teams.models import Cover, LeadTenure, MemberKind, Membership, Team


async def admit_practitioner(
    work: Work, team: Team, practitioner: directory.Practitioner, agency_id: UUID
) -> Membership:
    """Errors: `AlreadyInTeam`."""
    return await _admit(
        work,
        team,
        practitioner.person_id,
        kind=MemberKind.PRACTITIONER,
        practitioner_id=practitioner.id,
        agency_id=agency_id,
        label=await _new_label(work, practitioner.person_id),
    )


async def admit_family_member(work: Work, team: Team, member: families.FamilyMember) -> Membership:
    """Errors: `AlreadyInTeam`."""
    return await _admit(
        work, team, member.person_id, kind=MemberKind.FAMILY, family_member_id=member.id
    )


async def _admit(work: Work, team: Team, person_id: UUID, **place: Any) -> Membership:
    # The constraint decides: a look at the rows would miss who left a moment after this began.
    try:
        async with in_transaction():
            return await Membership.create(
                id=work.new_id(),
                team_id=team.id,
                person_id=person_id,
                joined_at=work.now,
                added_by_id=work.actor.person_id,
                version=work.new_id(),
                **place,
            )
    except IntegrityError as overlap:
        raise rules.AlreadyInTeam("They are in this team already.") from overlap


async def _new_label(work: Work, person_id: UUID) -> str:
    """Words that this person knows no other case by, hidden ones included (invitations rule 10)."""
    while True:
        label = labels.label(work.new_id())
        rows = await connections.get("default").execute_query_dict(
            "select label_is_taken($1, $2) as taken", [person_id, label]
        )
        if not rows[0]["taken"]:
            return label


async def seat_lead(
    work: Work,
    team: Team,
    membership: Membership,
    *,
    reason: str,
    family_preference: str = "",
    interim: bool = False,
) -> LeadTenure:
    """Let `membership` lead from now on; whoever led until now does so no longer.

    The team must be locked. Its version moves, so that of two who appoint at once one is told.
    """
    await LeadTenure.filter(team_id=team.id, until_at=None).update(until_at=work.now)
    # Nobody stands in for themselves.
    await _end_covers(work, membership)
    await Team.filter(id=team.id).update(version=work.new_id())
    return await LeadTenure.create(
        id=work.new_id(),
        team_id=team.id,
        membership_id=membership.id,
        interim=interim,
        reason=reason.strip(),
        family_preference=family_preference.strip(),
        appointed_by_id=work.actor.person_id,
        from_at=work.now,
    )


async def end_membership(work: Work, membership: Membership, *, reason: str) -> None:
    """From the next request on they see nothing of the team any more."""
    await _end_covers(work, membership)
    await Membership.filter(id=membership.id).update(
        left_at=work.now, left_reason=reason.strip(), version=work.new_id()
    )


async def _end_covers(work: Work, membership: Membership) -> None:
    await Cover.filter(membership_id=membership.id, ended_at=None).update(ended_at=work.now)
