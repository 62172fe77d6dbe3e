"""Actions an actor may see."""

from __future__ import annotations

from uuid import UUID

from taf_service import visibility
from taf_service.core.work import Work
from taf_service.plans.models import Action


async def action_for(work: Work, action_id: UUID, *, lock: bool = False) -> Action:
    """The action, if the actor's team owes it. Errors: `NotFound`."""
    return await visibility.one(work, Action, action_id, lock=lock)
