"""What an act about a meeting would send: asked of the act itself, which is then rolled back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from notifications.drafts import Draft, Letterhead, NotTold, draft
from schema.context import Info, request_of
from schema.enums import InvitedBy
from schema.problems import Warned
from schema.scalars import Mail
from taf_service import visibility
from taf_service.core import reading
from taf_service.core.work import Operation, Work

LINK_WORDS = (
    "The link by which somebody answers is shown to nobody but them: here it ends in an ellipsis."
)
_OTHERWISE = {
    "EMAIL": "Nothing is sent: nothing changes for them.",
    "POST": "Nothing is sent: write them a letter, then record that they were told.",
    "PHONE": "Nothing is sent: telephone them, then record that they were told.",
    "TEXT": "Nothing is sent: send them a text message, then record that they were told.",
    "IN_PERSON": "Nothing is sent: tell them in person, then record that they were told.",
}


@strawberry.type(description="What one person would be told, and how.")
class MessagePreview:
    name: str = strawberry.field(description="Who would be told.")
    starts_at: datetime = strawberry.field(description="When the meeting starts.")
    how_told: InvitedBy = strawberry.field(description="How they are told about this meeting.")
    sends: bool = strawberry.field(description="Whether a mail would leave.")
    why: str | None = strawberry.field(
        description="Why no mail would leave, and what to do instead; null where one would."
    )
    sender: str | None = strawberry.field(description="The name that the mail would come from.")
    to: Mail | None = strawberry.field(
        description="Where the mail would go; null where none would leave, or where you may not"
        " know their address."
    )
    subject: str | None = strawberry.field(description="The subject of the mail.")
    text: str | None = strawberry.field(description="The words of the mail.")
    calendar: str | None = strawberry.field(
        description="The calendar file with it (RFC 5545); null where they are sent none."
    )


@strawberry.type(description="What this would do, if you did it now. Nothing was done or sent.")
class MeetingPreview:
    warnings: list[Warned] = strawberry.field(
        description="What you would be asked to acknowledge first."
    )
    messages: list[MessagePreview] = strawberry.field(
        description="Everybody who would be told, one entry each."
    )
    answer_link: str = strawberry.field(
        description="What is left out of the messages shown here, in words."
    )


async def foresee(
    info: Info, given: Any, operation: Operation[..., Any], arguments: dict[str, Any]
) -> dict[str, Any]:
    """The values of a `MeetingPreview`. Errors: whatever the operation refuses."""
    seen = await operation.preview(
        request_of(info, given), _messages_on(info.context.letterhead), **arguments
    )
    return {
        "warnings": [{"code": w.code, "message": w.message} for w in seen.warnings],
        "messages": seen.details,
        "answer_link": LINK_WORDS,
    }


def _messages_on(letterhead: Letterhead) -> Callable[[Work], Awaitable[list[dict[str, Any]]]]:
    async def read(work: Work) -> list[dict[str, Any]]:
        entries = {queued.notice.subject_id: queued.entry_id for queued in work.queued}
        return [
            await _message(work, person, entries.get(person["id"]), letterhead)
            for person in await _people(work)
        ]

    return read


async def _people(work: Work) -> list[dict[str, Any]]:
    """The one whom the act is about, or everybody invited to its meeting.

    An act that is about a team tells people of several meetings: those whom it writes to.
    """
    seen = visibility.predicate("invitation", row="i", actor="$1::uuid")
    which, value = _whom(work)
    return await reading.rows(
        "select i.id, p.name, i.invited_by, m.starts_at from invitation i"  # noqa: S608 - ours
        " join person p on p.id = i.person_id join meeting m on m.id = i.meeting_id"
        f" where {seen} and {which} order by m.starts_at, not i.required, p.name, i.id",
        [work.actor.person_id, value],
    )


def _whom(work: Work) -> tuple[str, Any]:
    if invitation_id := getattr(work.fact, "invitation_id", None):
        return "i.id = $2", invitation_id
    if meeting_id := getattr(work.fact, "meeting_id", None):
        return "i.meeting_id = $2 and i.withdrawn_at is null", meeting_id
    return "i.id = any($2::uuid[])", [queued.notice.subject_id for queued in work.queued]


async def _message(
    work: Work, person: dict[str, Any], entry_id: UUID | None, letterhead: Letterhead
) -> dict[str, Any]:
    message: dict[str, Any] = dict.fromkeys(("why", "sender", "to", "subject", "text", "calendar"))
    message |= {name: person[name] for name in ("name", "starts_at")}
    message |= {"how_told": person["invited_by"], "sends": False}
    if entry_id is None:
        return message | {"why": _OTHERWISE[person["invited_by"]]}
    told = await draft(reading.rows, entry_id, letterhead, at=work.now)
    if isinstance(told, NotTold):
        return message | {"why": told.words}
    return message | _written(told)


def _written(told: Draft) -> dict[str, Any]:
    return {
        "sends": True,
        "sender": told.sender.name,
        "to": told.address,
        "subject": told.subject,
        "text": told.text,
        "calendar": told.calendar,
    }
