"""Meetings and invitations an actor may see."""

from __future__ import annotations

from uuid import UUID

from taf_service import visibility
from taf_service.core.work import Work
from taf_service.meetings.models import Invitation, Meeting


async def meeting_for(work: Work, meeting_id: UUID, *, lock: bool = False) -> Meeting:
    """Errors: `NotFound`."""
    return await visibility.one(work, Meeting, meeting_id, lock=lock)


async def invitation_for(work: Work, invitation_id: UUID, *, lock: bool = False) -> Invitation:
    """Errors: `NotFound`."""
    return await visibility.one(work, Invitation, invitation_id, lock=lock)
