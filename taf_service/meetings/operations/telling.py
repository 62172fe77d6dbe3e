"""Invitations written, and everybody told by mail who is told by mail.

SEQUENCE counts, for each person, what they were mailed (invitations rule 14): it grows with each
message queued here and with nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tortoise import connections

from notifications.outbox import Notice
from taf_service.core.work import Work
from taf_service.meetings import rules
from taf_service.meetings.models import Answer, Invitation, InvitedBy, Meeting, ReplyLink
from taf_service.meetings.notices import (
    InvitationWithdrawn,
    InvitedToMeeting,
    MeetingCancelled,
    MeetingChanged,
)
from taf_service.meetings.operations.asking import Asked
from taf_service.partnership import AuthoritySettings

_CANCELS = (InvitationWithdrawn, MeetingCancelled)


async def invite(
    work: Work, meeting: Meeting, asked: Asked, settings: AuthoritySettings
) -> Invitation:
    """A first invitation, under a name of its own for calendars (rules 6, 11)."""
    invitation = await Invitation.create(
        id=work.new_id(),
        meeting_id=meeting.id,
        uid=str(work.new_id()),
        organiser=organiser(work),
        sequence=0,
        reschedule_sequence=0,
        answer=Answer.NEEDS_ACTION,
        invited_at=work.now,
        version=work.new_id(),
        **asked.columns(),
    )
    if asked.is_by_email:
        await _open_link(work, meeting, invitation, settings)
        await _notify(work, meeting, invitation, InvitedToMeeting, number=0)
    return invitation


def organiser(work: Work) -> str:
    """A mailbox of ours without the domain: no `+`, at most 64 characters with one (rule 6)."""
    return f"t-{base64.b32encode(work.new_id().bytes).decode().rstrip('=').lower()}"


async def invite_again(
    work: Work, meeting: Meeting, invitation: Invitation, asked: Asked, settings: AuthoritySettings
) -> None:
    """Continue the row: the same name for calendars, and a new answer unless theirs still holds."""
    number = invitation.sequence + asked.is_by_email
    columns = asked.columns() | {"sequence": number}
    if invitation.withdrawn_at is not None or _is_other_time(invitation, columns):
        columns |= _unanswered(number)
    if invitation.withdrawn_at is not None:
        columns |= {"withdrawn_at": None, "invited_at": work.now}
    await _close_link(work, invitation)
    await _update(work, invitation, **columns, **_UNTOLD)
    if asked.is_by_email:
        await _open_link(work, meeting, invitation, settings)
        await _notify(work, meeting, invitation, InvitedToMeeting, number=number)


def _is_other_time(invitation: Invitation, columns: dict[str, Any]) -> bool:
    times = (invitation.part_starts_at, invitation.part_ends_at)
    return times != (columns["part_starts_at"], columns["part_ends_at"])


async def tell_of_change(
    work: Work, meeting: Meeting, invitation: Invitation, *changed: str
) -> None:
    """By mail, or else by a person, afresh. Answers stand (rule 15)."""
    number = await _mail(work, meeting, invitation, partial(MeetingChanged, changed=changed))
    await _update(work, invitation, sequence=number, **_UNTOLD)


async def tell_of_move(
    work: Work, meeting: Meeting, invitation: Invitation, distance: timedelta
) -> None:
    """Everybody is asked again, told by mail or not (rule 15); parts move along."""
    number = await _mail(work, meeting, invitation, partial(MeetingChanged, changed=("TIME",)))
    moved = {}
    if invitation.part_starts_at is not None and invitation.part_ends_at is not None:
        moved = {
            "part_starts_at": invitation.part_starts_at + distance,
            "part_ends_at": invitation.part_ends_at + distance,
        }
    await _update(work, invitation, **_unanswered(number), **_UNTOLD, **moved)


async def tell_of_lead(work: Work, meeting: Meeting, invitation: Invitation) -> None:
    """Another name on the invitation, to those who hold one; answers stand (rule 18)."""
    number = await _mail(work, meeting, invitation, partial(MeetingChanged, changed=("LEAD",)))
    await _update(work, invitation, sequence=number)


async def tell_of_cancelling(work: Work, meeting: Meeting, invitation: Invitation) -> None:
    number = await _mail(work, meeting, invitation, MeetingCancelled)
    await _close_link(work, invitation)
    await _update(work, invitation, sequence=number, **_UNTOLD)


async def take_back(work: Work, meeting: Meeting, invitation: Invitation) -> None:
    """They alone are told (rule 16). Their own sight of it ends with the last statement."""
    number = await _mail(work, meeting, invitation, InvitationWithdrawn)
    await _close_link(work, invitation)
    await connections.get("default").execute_query(
        "select take_back_invitation($1, $2, $3, $4)",
        [invitation.id, number, work.new_id(), work.now],
    )


_UNTOLD = {"told_at": None, "told_by_id": None}


def _unanswered(number: int) -> dict[str, Any]:
    """Nobody has answered what they are asked from SEQUENCE `number` on (rule 15)."""
    return {
        "sequence": number,
        "reschedule_sequence": number,
        "answer": Answer.NEEDS_ACTION,
        "answered_at": None,
        "answer_source": None,
        "comment": "",
    }


async def _update(work: Work, invitation: Invitation, **columns: Any) -> None:
    await Invitation.filter(id=invitation.id).update(version=work.new_id(), **columns)


async def _mail(
    work: Work, meeting: Meeting, invitation: Invitation, notice: Callable[..., Notice]
) -> int:
    """Queue it for somebody told by mail. The SEQUENCE of their invitation from now on."""
    if invitation.invited_by is not InvitedBy.EMAIL:
        return invitation.sequence
    await _notify(work, meeting, invitation, notice, number=invitation.sequence + 1)
    return invitation.sequence + 1


async def _notify(
    work: Work,
    meeting: Meeting,
    invitation: Invitation,
    notice: Callable[..., Notice],
    *,
    number: int,
) -> None:
    last = rules.give_up_at(
        work.now, meeting.starts_at, meeting.ends_at, cancels=notice in _CANCELS
    )
    await work.notify(
        notice(
            recipient_id=invitation.person_id,
            subject_id=invitation.id,
            number=number,
            give_up_at=last,
        )
    )


async def _open_link(
    work: Work, meeting: Meeting, invitation: Invitation, settings: AuthoritySettings
) -> None:
    """A link they never had: the nonce makes the token (reliability, "tokens in links")."""
    fresh: dict[str, Any] = {
        "nonce": work.new_id(),
        "token_hash": None,
        "expires_at": _link_ends_at(meeting.ends_at, settings),
        "revoked_at": None,
    }
    if not await ReplyLink.filter(invitation_id=invitation.id).update(**fresh):
        await ReplyLink.create(id=work.new_id(), invitation_id=invitation.id, **fresh)


def _link_ends_at(ends_at: datetime, settings: AuthoritySettings) -> datetime:
    return ends_at + timedelta(days=settings.meetings.link_days_after_meeting)


async def _close_link(work: Work, invitation: Invitation) -> None:
    await ReplyLink.filter(invitation_id=invitation.id, revoked_at=None).update(revoked_at=work.now)


async def prolong_links(meeting: Meeting, settings: AuthoritySettings) -> None:
    """Links follow their meeting; those revoked stay so."""
    invitations = Invitation.filter(meeting_id=meeting.id).values_list("id", flat=True)
    await ReplyLink.filter(invitation_id__in=await invitations, revoked_at=None).update(
        expires_at=_link_ends_at(meeting.ends_at, settings)
    )
