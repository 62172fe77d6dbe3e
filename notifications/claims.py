"""Who may work on a queued message, and until when: leases on the database's clock, with a fence.

Whoever claims an entry raises its fence. A worker that stalled past its lease therefore finds that
its later writes change nothing, and stops (reliability R10). Every function but `claim` answers
whether the entry was still its caller's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import asyncpg

from notifications.outbox import DeliveryState

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


@dataclass(frozen=True, slots=True, repr=False)
class Frozen:
    """What was decided when the message was built; every attempt sends exactly this."""

    address: str
    message_id: str
    stamped_at: datetime
    envelope_from: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A queued message in our hands; `frozen` is None until it was built.

    `is_uncertain`: whoever held it before vanished, and perhaps after sending it.
    """

    id: UUID
    kind: str
    recipient_id: UUID
    subject_id: UUID
    number: int
    attempts: int
    fence: int
    frozen: Frozen | None
    is_uncertain: bool = False


# Rows are locked in the first step and only ranked in the second, because a window cannot lock.
_CLAIM = """
with candidates as materialized (
    select e.id, e.due_at, split_part(e.address, '@', 2) as domain,
           e.state = 'SENDING' and e.message is not null as is_uncertain
    from outbox_entry e
    where e.state in ('QUEUED', 'SENDING')
      and (e.state = 'QUEUED' and e.due_at <= now()
           or e.state = 'SENDING' and e.claimed_until < now())
      and (e.address is null or split_part(e.address, '@', 2) <> all($3::text[]))
      and e.id <> all($7::uuid[])
      and not exists (
          select 1 from outbox_entry o
          where o.subject_id = e.subject_id and o.recipient_id = e.recipient_id
            and o.state in ('QUEUED', 'SENDING')
            and (o.number, o.queued_at, o.id) < (e.number, e.queued_at, e.id))
    order by e.due_at, e.id
    limit greatest($2, 200)
    for update of e skip locked
),
ranked as (
    select c.*, row_number() over (
        partition by coalesce(c.domain, c.id::text) order by c.due_at, c.id) as place
    from candidates c
),
chosen as (
    select r.id, r.is_uncertain from ranked r
    left join unnest($4::text[], $5::int[]) as room (domain, places) on room.domain = r.domain
    where r.domain is null or r.place <= coalesce(room.places, $6)
    order by r.due_at, r.id
    limit $2
)
update outbox_entry e
set state_at = case when e.state = 'SENDING' then e.state_at else now() end,
    state = 'SENDING', claimed_until = now() + $1, fence = e.fence + 1, attempts = e.attempts + 1
from chosen where e.id = chosen.id
returning e.*, chosen.is_uncertain
"""


async def claim(
    connection: Connection,
    *,
    lease: timedelta,
    limit: int,
    per_domain: int,
    busy: Mapping[str, int],
    held: Collection[UUID] = (),
) -> list[Entry]:
    """Take up to `limit` entries that are due, or whose holder let the lease run out.

    Of messages to one person about one subject only the first unsettled one can be taken
    (invitations rule 20).
    `busy` says how many messages to a domain are in the caller's hands: those whose domain is known
    are left alone when that would make more than `per_domain` (R5). `held` are in the caller's own
    hands: when it could not renew their leases for a while, nobody else need send them again.
    """
    room = {domain: per_domain - number for domain, number in busy.items()}
    full = [domain for domain, places in room.items() if places <= 0]
    rows = await connection.fetch(
        _CLAIM, lease, limit, full, list(room), list(room.values()), per_domain, list(held)
    )
    return [_entry(row) for row in rows]


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        id=row["id"],
        kind=row["kind"],
        recipient_id=row["recipient_id"],
        subject_id=row["subject_id"],
        number=row["number"],
        attempts=row["attempts"],
        fence=row["fence"],
        frozen=None if row["message"] is None else _frozen(row),
        is_uncertain=row["is_uncertain"],
    )


def _frozen(row: asyncpg.Record) -> Frozen:
    return Frozen(
        address=row["address"],
        message_id=row["message_id"],
        stamped_at=row["stamped_at"],
        envelope_from=row["envelope_from"],
        message=row["message"],
    )


async def renew(
    connection: Connection, entries: Iterable[Entry], *, lease: timedelta
) -> frozenset[UUID]:
    """Prolong the leases of `entries`; returns those that are still ours."""
    held = list(entries)
    rows = await connection.fetch(
        "update outbox_entry e set claimed_until = now() + $3"
        " from unnest($1::uuid[], $2::int[]) as held (id, fence)"
        " where e.id = held.id and e.fence = held.fence and e.state = 'SENDING' returning e.id",
        [entry.id for entry in held],
        [entry.fence for entry in held],
        lease,
    )
    return frozenset(row["id"] for row in rows)


async def freeze(connection: Connection, entry: Entry, frozen: Frozen, *, lease: timedelta) -> bool:
    """Keep what every attempt will send."""
    return await _changed(
        connection,
        entry,
        "claimed_until = now() + $3, address = $4, message_id = $5, stamped_at = $6,"
        " envelope_from = $7, message = $8",
        lease,
        frozen.address,
        frozen.message_id,
        frozen.stamped_at,
        frozen.envelope_from,
        frozen.message,
    )


async def settle(connection: Connection, entry: Entry, state: DeliveryState, reply: str) -> bool:
    """Write down what became of it, once and for all."""
    return await _changed(
        connection,
        entry,
        "state = $3, state_at = now(), claimed_until = null, last_reply = $4",
        state.value,
        reply,
    )


async def put_back(connection: Connection, entry: Entry, *, after: timedelta, reply: str) -> bool:
    """Queue it for another attempt, or give up when that would come too late (R4)."""
    return await _changed(
        connection,
        entry,
        "state = case when now() + $3::interval < give_up_at then 'QUEUED' else 'FAILED' end,"
        " state_at = now(), due_at = now() + $3::interval, claimed_until = null, last_reply = $4",
        after,
        reply,
    )


async def release(connection: Connection, entry: Entry) -> bool:
    """Give it back as if it had not been claimed: nothing was tried."""
    return await _changed(
        connection,
        entry,
        "state = 'QUEUED', state_at = now(), claimed_until = null, attempts = attempts - 1",
    )


async def _changed(connection: Connection, entry: Entry, change: str, *values: object) -> bool:
    done = await connection.execute(
        f"update outbox_entry set {change} where id = $1 and fence = $2 and state = 'SENDING'",  # noqa: S608 - ours
        entry.id,
        entry.fence,
        *values,
    )
    return done == "UPDATE 1"
