"""Who exactly would be told, at which address, and whether they still may be.

Asked each time before a message leaves, for weeks may pass between the change and the mail: people
are taken out, move, are suppressed, or are no longer safe to write to. One statement, `standing_of`
in the database, answers from one snapshot, so a message never mixes two states of a meeting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from notifications.claims import Connection, Entry
from notifications.outbox import DeliveryState


class Audience(StrEnum):
    """What somebody is to the team decides what a message to them may say."""

    PRACTITIONER = "PRACTITIONER"
    FAMILY = "FAMILY"
    GUEST = "GUEST"


class Reason(StrEnum):
    """Why a message is not sent."""

    SUPERSEDED = "SUPERSEDED"
    NOTHING_WAS_SENT = "NOTHING_WAS_SENT"
    NO_INVITATION = "NO_INVITATION"
    MEETING_PAST = "MEETING_PAST"
    TOO_LATE = "TOO_LATE"
    STOPPED = "STOPPED"
    INVITED_AGAIN = "INVITED_AGAIN"
    MEETING_STANDS = "MEETING_STANDS"
    WITHDRAWN = "WITHDRAWN"
    MEETING_CANCELLED = "MEETING_CANCELLED"
    NOT_BY_EMAIL = "NOT_BY_EMAIL"
    LEFT_TEAM = "LEFT_TEAM"
    NO_ADDRESS = "NO_ADDRESS"
    ROLE_MAILBOX = "ROLE_MAILBOX"
    SOMEBODY_ELSES_MAILBOX = "SOMEBODY_ELSES_MAILBOX"
    READ_BY_NO_CONTACT = "READ_BY_NO_CONTACT"
    SUPPRESSED = "SUPPRESSED"
    EMAIL_NOT_SAFE = "EMAIL_NOT_SAFE"
    CANNOT_BE_WRITTEN = "CANNOT_BE_WRITTEN"
    SEEN_TO = "SEEN_TO"


_NOTHING_TO_TELL = "Nothing is sent: there is nothing they still need to hear."
# One sentence for danger, a shared mailbox and an address that failed: none may stand out.
_NOT_BY_MAIL = (
    "Nothing is sent: they may not be told by email. Ask the lead practitioner whether and how"
    " they may be told."
)
_WORDS: Mapping[Reason, str] = {
    Reason.SUPERSEDED: "Nothing is sent: a newer message takes its place.",
    Reason.NOTHING_WAS_SENT: "Nothing is sent: they were never told of the meeting by email.",
    Reason.NO_INVITATION: _NOTHING_TO_TELL,
    Reason.MEETING_PAST: "Nothing is sent: the meeting is past.",
    Reason.TOO_LATE: "It could not be sent in time. Tell them another way.",
    Reason.INVITED_AGAIN: _NOTHING_TO_TELL,
    Reason.MEETING_STANDS: _NOTHING_TO_TELL,
    Reason.SEEN_TO: _NOTHING_TO_TELL,
    Reason.WITHDRAWN: "Nothing is sent: they are no longer invited.",
    Reason.MEETING_CANCELLED: "Nothing is sent: the meeting is cancelled.",
    Reason.NOT_BY_EMAIL: "Nothing is sent: they are invited another way. Tell them, then record"
    " it.",
    Reason.LEFT_TEAM: "Nothing is sent: they have left the team.",
    Reason.NO_ADDRESS: "Nothing is sent: no email address of theirs is recorded. Tell them"
    " another way, then record it.",
    Reason.CANNOT_BE_WRITTEN: "It cannot be put into an email. Tell them another way.",
}


@dataclass(frozen=True, slots=True)
class NotTold:
    """The message ends here, in this state."""

    state: DeliveryState
    reason: Reason

    @property
    def words(self) -> str:
        """For people: why, as far as everybody may know it, and what to do."""
        return _WORDS.get(self.reason, _NOT_BY_MAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """When and where, as far as it may ever be said in mail.

    Somebody who is asked to a part has the times and the link of that part alone (rule 40).
    `public_place` is None unless the place is a public venue (security 9); `is_somewhere` says
    that there is a place at all.
    """

    starts_at: datetime
    ends_at: datetime
    zone: str
    public_place: str | None
    is_somewhere: bool
    joining_link: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Earlier:
    """What this person was sent before about the same invitation, oldest first.

    `last_message` is the newest of those messages, as it was sent.
    """

    message_ids: tuple[str, ...] = ()
    last_message: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Invited:
    """Somebody who may be told now, with all that a message to them is made of.

    `sequence` is that of the notice, not the newest. `changed` gathers what changed since the last
    message that was sent. `private_words` are names and addresses that no message may hold.
    `stamped_at` lies after the stamp of every earlier message (invitations rule 11).
    """

    invitation_id: UUID
    audience: Audience
    address: str
    name: str
    label: str
    lead: str
    required: bool
    uid: str
    organiser: str
    sequence: int
    answer: str
    meeting: Gathering
    calendar_is_safe: bool
    changed: frozenset[str]
    stamped_at: datetime
    link_id: UUID | None = None
    link_nonce: UUID | None = None
    private_words: tuple[str, ...] = ()
    earlier: Earlier = field(default_factory=Earlier)


TAKES_BACK = frozenset({"InvitationWithdrawn", "MeetingCancelled"})

# The columns of `standing_of`, however they were fetched.
Row: TypeAlias = "asyncpg.Record | Mapping[str, Any]"
Obstacles: TypeAlias = "tuple[tuple[Reason, DeliveryState, Callable[[Row], bool]], ...]"


async def standing(connection: Connection, entry: Entry) -> Invited | NotTold:
    """Whether the person of `entry` may be told now, and if so how."""
    return judge(await connection.fetchrow("select * from standing_of($1, now())", entry.id))


def judge(row: Row | None) -> Invited | NotTold:
    """The answer that a row of `standing_of` gives; None when there was no row."""
    if row is None:
        return NotTold(DeliveryState.CANCELLED, Reason.NO_INVITATION)
    return first_of(_OBSTACLES, row) or _invited(row)


def first_of(obstacles: Obstacles, row: Row) -> NotTold | None:
    """What stands in the way first, if anything does."""
    for reason, state, holds in obstacles:
        if holds(row):
            return NotTold(state, reason)
    return None


_CANCELLED, _FAILED, _WITHHELD = (
    DeliveryState.CANCELLED,
    DeliveryState.FAILED,
    DeliveryState.WITHHELD,
)


def _takes_back(row: Row) -> bool:
    return row["kind"] in TAKES_BACK


def _is_practitioner(row: Row) -> bool:
    return bool(row["audience"] == Audience.PRACTITIONER)


# Whatever a message says, it is not sent to such an address.
UNFIT_ADDRESS: Obstacles = (
    (Reason.NO_ADDRESS, _WITHHELD, lambda r: r["address"] is None),
    (
        Reason.ROLE_MAILBOX,
        _WITHHELD,
        lambda r: r["mailbox_kind"] == "ROLE" and r["audience"] != Audience.GUEST,
    ),
    (
        Reason.SOMEBODY_ELSES_MAILBOX,
        _WITHHELD,
        lambda r: r["mailbox_kind"] != "ROLE" and r["mailbox_person_id"] != r["person_id"],
    ),
    (Reason.READ_BY_NO_CONTACT, _WITHHELD, lambda r: r["is_read_by_no_contact"]),
    (Reason.SUPPRESSED, _WITHHELD, lambda r: r["suppressed_at"] is not None),
)
CONTACT_STOPPED: Obstacles = ((Reason.STOPPED, _WITHHELD, lambda r: r["is_stopped"]),)

# In this order: what ends the message altogether, then what forbids it, then what it lacks.
_OBSTACLES: Obstacles = (
    (Reason.SUPERSEDED, _CANCELLED, lambda r: r["is_superseded"]),
    (
        Reason.NOTHING_WAS_SENT,
        _CANCELLED,
        lambda r: _takes_back(r) and not r["earlier_ids"],
    ),
    *CONTACT_STOPPED,
    (Reason.MEETING_PAST, _WITHHELD, lambda r: r["is_past"] and not r["is_frozen"]),
    (Reason.TOO_LATE, _FAILED, lambda r: r["is_too_late"] or r["is_past"]),
    (
        Reason.INVITED_AGAIN,
        _CANCELLED,
        lambda r: r["kind"] == "InvitationWithdrawn" and r["withdrawn_at"] is None,
    ),
    (
        Reason.MEETING_STANDS,
        _CANCELLED,
        lambda r: r["kind"] == "MeetingCancelled" and r["cancelled_at"] is None,
    ),
    (
        Reason.WITHDRAWN,
        _WITHHELD,
        lambda r: r["kind"] != "InvitationWithdrawn" and r["withdrawn_at"] is not None,
    ),
    (
        Reason.MEETING_CANCELLED,
        _WITHHELD,
        lambda r: not _takes_back(r) and r["cancelled_at"] is not None,
    ),
    (Reason.NOT_BY_EMAIL, _WITHHELD, lambda r: r["invited_by"] != "EMAIL"),
    (Reason.LEFT_TEAM, _WITHHELD, lambda r: r["has_left"] and not _takes_back(r)),
    (
        Reason.EMAIL_NOT_SAFE,
        _WITHHELD,
        lambda r: r["email_is_forbidden"] and not _is_practitioner(r),
    ),
    *UNFIT_ADDRESS,
)


def _invited(row: Row) -> Invited:
    return Invited(
        invitation_id=row["invitation_id"],
        audience=Audience(row["audience"]),
        address=row["address"],
        name=row["name"],
        label=row["label"],
        lead=row["lead"],
        required=row["required"],
        uid=row["uid"],
        organiser=row["organiser"],
        sequence=row["number"],
        answer=_answer(row),
        meeting=_gathering(row),
        calendar_is_safe=_is_practitioner(row) or not row["has_safe_contact"],
        changed=frozenset(row["changed"]),
        stamped_at=row["stamp"],
        link_id=row["link_id"],
        link_nonce=row["link_nonce"],
        private_words=tuple(row["private_words"]),
        earlier=Earlier(message_ids=tuple(row["earlier_ids"]), last_message=row["last_message"]),
    )


def _gathering(row: Row) -> Gathering:
    return Gathering(
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        zone=row["zone"],
        public_place=row["place"] if row["place_kind"] == "PUBLIC_VENUE" else None,
        is_somewhere=row["place_kind"] is not None,
        joining_link=row["joining_link"],
    )


def _answer(row: Row) -> str:
    """The known answer; nobody has answered yet to a time they are only now told of (rule 15)."""
    was_moved = row["number"] > 0 and row["number"] == row["reschedule_sequence"]
    answered_since = row["answered_at"] is not None and row["answered_at"] > row["queued_at"]
    return "NEEDS_ACTION" if was_moved and not answered_since else str(row["answer"])
