"""Whether two questions cost the same, as far as anybody could tell from how long answers take.

Processor time, ours and PostgreSQL's together, because the clock on the wall tells of a busy
machine instead. The questions are asked in pairs, one right after the other and in turn first; a
pair tells whether the one cost more than a bound times the other. Were that so in half of all
pairs at most, as when the difference lies within the bound, `CRITICAL` of them or more would be
found less than once in ten million comparisons (sign test: whatever the distribution, whatever
else the machine does).
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import asyncpg

Question: TypeAlias = Callable[[], Awaitable[object]]

READ, ACT = 1.1, 1.25  # bounds: a read is one statement, an act a transaction of several
PAIRS = 80
FALSE_ALARM = 1e-7  # of one comparison, so that ten of them stay below one in a million
_BACKENDS = """
select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""


def _critical(pairs: int, chance: float) -> int:
    """The least number of heads that `pairs` throws of a coin show less often than `chance`."""
    rest, heads = 0.0, pairs + 1
    while rest + math.comb(pairs, heads - 1) / 2**pairs < chance:
        heads -= 1
        rest += math.comb(pairs, heads) / 2**pairs
    return heads


CRITICAL = _critical(PAIRS, FALSE_ALARM / 2)  # either of the two may be the dearer


class Meter:
    """Processor seconds of this process and of the database's processes that serve it.

    A database on another machine, or without Linux's accounts of processes, counts for nothing.
    """

    def __init__(self, backends: list[int]) -> None:
        self._accounts = [Path(f"/proc/{pid}/schedstat") for pid in backends]

    @classmethod
    async def of(cls, owner: asyncpg.Connection[asyncpg.Record]) -> Meter:
        return cls([row["pid"] for row in await owner.fetch(_BACKENDS)])

    def read(self) -> float:
        theirs = sum(int(a.read_text().split()[0]) for a in self._accounts if a.exists())
        return time.process_time() + theirs / 1e9

    async def cost(self, question: Question) -> float:
        before = self.read()
        await question()
        return self.read() - before


async def ratios(meter: Meter, one: Question, other: Question, pairs: int = PAIRS) -> list[float]:
    """What `one` cost in terms of `other`, pair by pair; both are warmed first."""
    for question in (one, other) * 3:
        await question()
    found = []
    for number in range(pairs):
        if number % 2:
            dear = await meter.cost(one)
            found.append(dear / await meter.cost(other))
        else:
            cheap = await meter.cost(other)
            found.append(await meter.cost(one) / cheap)
    return found


def differs(found: list[float], bound: float) -> bool:
    """Whether the one question costs more than the bound allows, or less."""
    above = sum(ratio > bound for ratio in found)
    below = sum(ratio < 1 / bound for ratio in found)
    return max(above, below) >= CRITICAL
