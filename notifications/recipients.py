"""Who exactly would be told, at which address, and whether they still may be.

Asked each time before a message leaves, for weeks may pass between the change and the mail: people
are taken out, move, are suppressed, or are no longer safe to write to. One statement answers from
one snapshot, so a message never mixes two states of a meeting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

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
    SUPPRESSED = "SUPPRESSED"
    EMAIL_NOT_SAFE = "EMAIL_NOT_SAFE"


@dataclass(frozen=True, slots=True)
class NotTold:
    """The message ends here, in this state."""

    state: DeliveryState
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """When and where, as far as it may ever be said in mail.

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

if TYPE_CHECKING:
    import asyncpg

    Row = asyncpg.Record

# A message counts as sent unless its address was refused: after a crash nobody knows for certain,
# and a cancellation too many harms less than a meeting left standing in somebody's calendar.
_STANDING = """
select
    e.kind, e.number, e.queued_at, e.message is not null as is_frozen,
    now() >= e.give_up_at as is_too_late,
    i.id as invitation_id, i.person_id, i.uid, i.organiser, i.required, i.answer, i.answered_at,
    i.reschedule_sequence, i.withdrawn_at, i.invited_by,
    m.starts_at, m.ends_at, m.zone, m.place, m.place_kind, m.joining_link, m.cancelled_at,
    m.ends_at <= now() as is_past,
    p.name, coalesce(b.label, '') as label,
    coalesce(b.kind, 'GUEST') as audience,
    b.left_at is not null or member.left_at is not null as has_left,
    coalesce(lead.name, convener.name) as lead,
    x.kind as mailbox_kind, x.person_id as mailbox_person_id,
    a.address, a.suppressed_at,
    link.id as link_id, link.nonce as link_nonce,
    safety.has_safe_contact, safety.email_is_forbidden,
    exists (
        select 1 from stop_contact s
        where s.lifted_at is null and (
            s.person_id = i.person_id or s.address_id = a.id
            or s.address_id in (select o.address_id from mailbox o
                                where o.person_id = i.person_id and o.ended_at is null))
    ) as stopped,
    exists (
        select 1 from outbox_entry o
        where o.subject_id = e.subject_id and o.number > e.number
          and o.state in ('QUEUED', 'SENDING')
    ) as superseded,
    earlier.ids as earlier_ids, earlier.last_message,
    (select coalesce(array_agg(distinct word), '{}')
     from outbox_entry o
     cross join lateral jsonb_array_elements_text(
         case when jsonb_typeof(o.facts -> 'changed') = 'array'
              then o.facts -> 'changed' else '[]' end) as word
     where o.subject_id = e.subject_id and o.number <= e.number
       and o.number > coalesce(earlier.last_number, -1)
    ) as changed,
    (select greatest(date_trunc('second', now()), max(o.stamped_at) + interval '1 second')
     from outbox_entry o where o.subject_id = e.subject_id) as stamp,
    (select coalesce(array_agg(distinct private.words), '{}') from (
        select f.name from family f where f.id = t.family_id
        union all
        select q.name from family_member n join person q on q.id = n.person_id
        where n.family_id = t.family_id
        union all
        select c.value from contact_channel c
        where c.family_id = t.family_id and c.kind = 'POST') as private (words)
    ) as private_words
from outbox_entry e
join invitation i on i.id = e.subject_id and i.person_id = e.recipient_id
join meeting m on m.id = i.meeting_id
join team t on t.id = m.team_id
join person p on p.id = i.person_id
join person convener on convener.id = m.convener_id
left join membership b on b.id = i.membership_id
left join family_member member on member.id = b.family_member_id
left join lateral (
    select q.name from lead_tenure l
    join membership lm on lm.id = l.membership_id join person q on q.id = lm.person_id
    where l.team_id = t.id
    order by l.until_at is null desc, l.from_at desc limit 1
) lead on true
left join lateral (
    select f.mailbox_id from affiliation f
    where b.kind = 'PRACTITIONER'
      and f.practitioner_id = b.practitioner_id and f.agency_id = b.agency_id
      and f.from_on <= (now() at time zone m.zone)::date
      and (f.until_on is null or f.until_on > (now() at time zone m.zone)::date)
    limit 1
) at_work on true
left join lateral (
    select c.mailbox_id from contact_channel c
    where b.kind = 'FAMILY' and c.family_member_id = b.family_member_id
      and c.kind = 'EMAIL' and c.ended_at is null
    order by c.preferred_since desc nulls last, c.added_at desc limit 1
) at_home on true
left join mailbox x on x.ended_at is null and x.id = case
    when b.id is null then i.guest_mailbox_id
    else coalesce(at_work.mailbox_id, at_home.mailbox_id) end
left join email_address a on a.id = x.address_id
left join reply_link link on link.invitation_id = i.id
    and link.revoked_at is null and link.expires_at > now()
-- Whoever is in danger in one family is in danger whichever team writes to them.
cross join lateral (
    select count(*) > 0 as has_safe_contact,
           coalesce(bool_or(not s.email_allowed), false) as email_is_forbidden
    from safe_contact s join family_member f on f.id = s.family_member_id
    where f.person_id = i.person_id and s.replaced_at is null
) safety
cross join lateral (
    select coalesce(array_agg(o.message_id order by o.number, o.queued_at), '{}') as ids,
           max(o.number) filter (where o.state in ('ACCEPTED', 'UNCONFIRMED')) as last_number,
           (array_agg(o.message order by o.number desc, o.queued_at desc))[1] as last_message
    from outbox_entry o
    where o.subject_id = e.subject_id and o.id <> e.id
      and o.message is not null and o.state <> 'BOUNCED'
) earlier
where e.id = $1
"""


async def standing(connection: Connection, entry: Entry) -> Invited | NotTold:
    """Whether the person of `entry` may be told now, and if so how."""
    row = await connection.fetchrow(_STANDING, entry.id)
    if row is None:
        return NotTold(DeliveryState.CANCELLED, Reason.NO_INVITATION)
    for reason, state, holds in _OBSTACLES:
        if holds(row):
            return NotTold(state, reason)
    return _invited(row)


_CANCELLED, _FAILED, _WITHHELD = (
    DeliveryState.CANCELLED,
    DeliveryState.FAILED,
    DeliveryState.WITHHELD,
)


def _takes_back(row: Row) -> bool:
    return row["kind"] in TAKES_BACK


def _is_practitioner(row: Row) -> bool:
    return bool(row["audience"] == Audience.PRACTITIONER)


# In this order: what ends the message altogether, then what forbids it, then what it lacks.
_OBSTACLES: tuple[tuple[Reason, DeliveryState, Callable[[Row], bool]], ...] = (
    (Reason.SUPERSEDED, _CANCELLED, lambda r: bool(r["superseded"])),
    (
        Reason.NOTHING_WAS_SENT,
        _CANCELLED,
        lambda r: _takes_back(r) and not r["earlier_ids"],
    ),
    (Reason.STOPPED, _WITHHELD, lambda r: r["stopped"]),
    (Reason.MEETING_PAST, _WITHHELD, lambda r: r["is_past"] and not r["is_frozen"]),
    (Reason.TOO_LATE, _FAILED, lambda r: r["is_too_late"]),
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
    (Reason.SUPPRESSED, _WITHHELD, lambda r: r["suppressed_at"] is not None),
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
