"""What people are told about meetings: facts by reference; the words are decided when it leaves.

The subject of each is the invitation, and its number the SEQUENCE of that invitation.
"""

from __future__ import annotations

from dataclasses import dataclass

from notifications.outbox import Notice


@dataclass(frozen=True, slots=True)
class InvitedToMeeting(Notice):
    """Somebody is invited, for the first time or again."""


@dataclass(frozen=True, slots=True)
class MeetingChanged(Notice):
    """`changed`: of TIME, PLACE, LINK, LEAD and STATUS, what is not as it was."""

    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InvitationWithdrawn(Notice):
    """The meeting stands, without them (invitations rule 16)."""


@dataclass(frozen=True, slots=True)
class MeetingCancelled(Notice):
    """It will not be held (invitations rule 17)."""
