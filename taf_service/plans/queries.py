"""Actions an actor may see."""

from __future__ import annotations

from uuid import UUID

from taf_service import teams, visibility
from taf_service.core.work import Work
from taf_service.plans import rules
from taf_service.plans.models import Action


async def action_for(work: Work, action_id: UUID, *, lock: bool = False) -> Action:
    """The action, if the actor's team owes it. Errors: `NotFound`."""
    return await visibility.one(work, Action, action_id, lock=lock)


async def open_actions_of(work: Work, membership: teams.Membership) -> list[Action]:
    """What somebody in a team still owes, themselves or as the contact of their agency."""
    owned = await visibility.rows(
        work,
        Action,
        "r.team_id = $2 and (r.owner_membership_id = $3 or r.owner_contact_id = $4)",
        membership.team_id,
        membership.id,
        membership.practitioner_id,
    )
    return [action for action in owned if not rules.has_ended(action.status)]
