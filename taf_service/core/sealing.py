"""Sealing the audit into a hash chain per family, and checking that nothing was edited or removed.

Writers never wait: entries are sealed in batches behind them, by the worker (security, "every read
of a case is logged and every change audited"). The heads can be kept outside, which is what reveals
a truncated tail.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from taf_service.core.ids import new_id

if TYPE_CHECKING:
    import asyncpg

    Connection = (
        asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    )

NO_FAMILY = UUID(int=0)
FIRST = "0" * 64
BATCH = 5_000
_SEALING_LOCK = 7_204_119


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal of a chain; keep it elsewhere to notice a missing tail."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A chain that does not add up, and where."""

    chain_id: UUID
    number: int
    why: str


async def seal(connection: Connection) -> int:
    """Seal what is not sealed yet; returns how many entries that was."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _SEALING_LOCK)
        entries = await connection.fetch(
            "select e.* from audit_entry e left join sealed_entry s on s.entry_id = e.id"
            " where s.entry_id is null order by e.at, e.id limit $1",
            BATCH,
        )
        chains: defaultdict[UUID, list[Any]] = defaultdict(list)
        for entry in entries:
            chains[entry["family_id"] or NO_FAMILY].append(entry)
        now: datetime = await connection.fetchval("select now()")
        for chain_id, batch in chains.items():
            await _append(connection, chain_id, batch, now)
    return len(entries)


async def _append(connection: Connection, chain_id: UUID, batch: list[Any], now: datetime) -> None:
    last = await connection.fetchrow(
        "select number, hash from audit_seal where chain_id = $1 order by number desc limit 1",
        chain_id,
    )
    previous = last["hash"] if last else FIRST
    seal_id = new_id()
    await connection.execute(
        "insert into audit_seal (id, chain_id, number, previous_hash, hash, entries, sealed_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        seal_id,
        chain_id,
        last["number"] + 1 if last else 1,
        previous,
        _hash(previous, batch),
        len(batch),
        now,
    )
    await connection.executemany(
        "insert into sealed_entry (entry_id, seal_id, position) values ($1, $2, $3)",
        [(entry["id"], seal_id, position) for position, entry in enumerate(batch)],
    )


def _hash(previous: str, batch: list[Any]) -> str:
    digest = hashlib.sha256(previous.encode())
    for entry in batch:
        digest.update(_canonical(entry))
    return digest.hexdigest()


def _canonical(entry: Any) -> bytes:
    return orjson.dumps(
        [
            str(entry["id"]),
            str(entry["family_id"]),
            entry["at"].isoformat(),
            str(entry["actor_id"]),
            entry["event"],
            str(entry["subject_id"]),
            orjson.loads(entry["facts"]),
        ],
        option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE,
    )


async def heads(connection: Connection) -> dict[UUID, Head]:
    """The head of every chain."""
    rows = await connection.fetch(
        "select distinct on (chain_id) chain_id, number, hash from audit_seal"
        " order by chain_id, number desc"
    )
    return {row["chain_id"]: Head(row["number"], row["hash"]) for row in rows}


async def verify(
    connection: Connection, kept: Mapping[UUID, Head] | None = None
) -> tuple[Broken, ...]:
    """Recompute every chain; with heads `kept` elsewhere, also notice what was cut off."""
    seals = await connection.fetch("select * from audit_seal order by chain_id, number")
    rows = await connection.fetch(
        "select s.seal_id, s.position, e.* from sealed_entry s"
        " left join audit_entry e on e.id = s.entry_id order by s.seal_id, s.position"
    )
    batches: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        batches[row["seal_id"]].append(row)
    previous: dict[UUID, Head] = {}
    broken = []
    for made in seals:
        before = previous.get(made["chain_id"], Head(0, FIRST))
        why = _fault(made, before, batches[made["id"]])
        if why:
            broken.append(Broken(made["chain_id"], made["number"], why))
        previous[made["chain_id"]] = Head(made["number"], made["hash"])
    return (*broken, *_cut_off(kept or {}, seals))


def _fault(made: Any, before: Head, batch: list[Any]) -> str | None:
    if made["number"] != before.number + 1 or made["previous_hash"] != before.hash:
        return "a seal is missing before it"
    if len(batch) != made["entries"] or any(row["id"] is None for row in batch):
        return "entries are missing"
    if _hash(before.hash, batch) != made["hash"]:
        return "an entry was changed"
    return None


def _cut_off(kept: Mapping[UUID, Head], seals: list[Any]) -> list[Broken]:
    known = {(made["chain_id"], made["number"]): made["hash"] for made in seals}
    return [
        Broken(chain_id, head.number, "the head kept elsewhere is not there")
        for chain_id, head in kept.items()
        if known.get((chain_id, head.number)) != head.hash
    ]
