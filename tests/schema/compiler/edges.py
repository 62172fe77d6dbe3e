"""Puts into each case what seldom comes about by chance: things seen that lead to things hidden."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tests.schema.compiler.building import Builder
from tests.stage import ATeam, Somebody, place_of


async def at_the_edges(
    builder: Builder,
    team: ATeam,
    practitioners: Sequence[Somebody],
    former: Somebody,
    guest: Somebody,
) -> None:
    meeting_id = await _a_meeting_of_few(builder, team, former)
    await _an_action_of_an_outsider(builder, team, guest, meeting_id)
    await _a_report_by_somebody_kept_apart(builder, team, practitioners[0])
    await _a_relative_who_left(builder, team)


async def _a_meeting_of_few(builder: Builder, team: ATeam, former: Somebody) -> UUID:
    """Both parents are asked, who may have to be kept apart, and somebody who has left since."""
    family = team.family
    invited = [p for p in (family.parent, family.other_parent) if p.person_id in team.memberships]
    starts_at = builder.moment(5, 9)
    return await builder.stage.meeting(
        team,
        *invited,
        former,
        kind="PROFESSIONAL",
        starts_at=starts_at,
        ends_at=starts_at.replace(minute=59),
    )


async def _an_action_of_an_outsider(
    builder: Builder, team: ATeam, guest: Somebody, meeting_id: UUID
) -> None:
    await builder.stage.action(
        team,
        team.lead,
        owner_membership_id=None,
        owner_agency_id=guest.agency_id,
        owner_contact_id=guest.practitioner_id,
        meeting_id=meeting_id,
        child_id=team.family.child.family_member_id,
    )


async def _a_report_by_somebody_kept_apart(
    builder: Builder, team: ATeam, practitioner: Somebody
) -> None:
    """Of two families, one has a parent who must meet neither this practitioner nor the child."""
    action_id = await builder.stage.action(team, team.lead)
    await builder.stage.insert(
        "action_progress",
        action_id=action_id,
        status="BLOCKED",
        note=builder.text(),
        reported_by_id=practitioner.person_id,
        reported_at=builder.now,
    )
    if builder.maybe(0.7):
        for other in (practitioner, team.family.child):
            await builder.stage.no_contact(team.family, team.family.other_parent, other)


async def _a_relative_who_left(builder: Builder, team: ATeam) -> None:
    """They left the family, and nobody took them out of the team."""
    relative = await builder.stage.family_member(team.family.family_id, "Uncle Ed", "OTHER")
    await builder.stage.membership(team, relative)
    await builder.change("family_member", place_of(relative), left_at=builder.now)


async def a_coordinator_in_the_family(builder: Builder, team: ATeam) -> None:
    """Whoever belongs to a family does not co-ordinate help for it."""
    await builder.stage.insert(
        "family_member",
        family_id=team.family.family_id,
        person_id=builder.people["coordinator"].person_id,
        role="OTHER",
        joined_at=builder.now,
        version=builder.new_id(),
    )
