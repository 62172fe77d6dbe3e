"""One invented clock and one invented chance: two worlds agree on all that nobody hid from them.

An id is made of the act it belongs to and how many that act drew before. So what happens in secret
takes no id, and no moment, from what everybody sees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg
import pytest
from itsdangerous import TimestampSigner

from taf_service import database
from taf_service.core import ids
from tests import emptying
from tests.emptying import EmptyCopy

# In `public`, and that ahead of PostgreSQL's own functions: every statement asks this clock.
_CLOCK = """
create table pretended (at timestamptz not null);
grant select on pretended to public;
create function now() returns timestamptz language sql stable as 'select at from public.pretended';
"""
_PATH = "public, pg_catalog"
_TIMED_VIEWS = """
select c.relname as name, pg_get_viewdef(c.oid) as definition from pg_class c
where c.relkind = 'v' and c.relnamespace = 'public'::regnamespace and exists (
    select 1 from pg_rewrite r join pg_depend d on d.objid = r.oid
    where r.ev_class = c.oid and d.refobjid = 'pg_catalog.now()'::regprocedure)
"""
_FUNCTIONS = """
select p.oid::regprocedure::text as name from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.proconfig is not null
"""


@dataclass
class Act:
    """Something that draws ids, and those that it drew."""

    name: str
    drawn: list[UUID] = field(default_factory=list)


class Chance:
    """Stands where the service reaches for randomness."""

    def __init__(self) -> None:
        self._acts: ContextVar[Act] = ContextVar("act")

    @contextmanager
    def during(self, *names: object) -> Iterator[Act]:
        """Everything drawn inside belongs to the act of this name."""
        act = Act(":".join(map(str, names)))
        token = self._acts.set(act)
        try:
            yield act
        finally:
            self._acts.reset(token)

    def token_bytes(self, size: int) -> bytes:
        act = self._acts.get()
        digest = hashlib.sha256(f"{act.name}:{len(act.drawn)}".encode()).digest()[:size]
        act.drawn.append(UUID(bytes=digest[:16], version=4))
        return digest

    def uuid4(self) -> UUID:
        return UUID(bytes=self.token_bytes(16), version=4)


def pretend(monkeypatch: pytest.MonkeyPatch) -> Chance:
    """All ids from an invented chance, and all forms signed at one moment."""
    chance = Chance()
    monkeypatch.setattr(ids, "secrets", chance)
    monkeypatch.setattr("tests.stage.uuid4", chance.uuid4)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: 1_772_000_000)
    return chance


async def build_template(owner_url: str) -> None:
    """Let a migrated database, whose owner's URL this is, go by a clock that can be set."""
    owner = await asyncpg.connect(owner_url)
    views = await owner.fetch(_TIMED_VIEWS)  # written with `now()`, whoever's that will be
    await owner.execute(_CLOCK)
    await owner.execute(f"set search_path = {_PATH}")
    for view in views:
        await owner.execute(f"create or replace view {view['name']} as {view['definition']}")
    for function in await owner.fetch(_FUNCTIONS):
        await owner.execute(f"alter function {function['name']} set search_path = {_PATH}, pg_temp")
    await owner.close()


class ClockedCopy(EmptyCopy):
    """A copy whose every connection asks the pretended clock."""

    async def make(self) -> None:
        await super().make()
        inside = await self._inside()
        await inside.execute(f'alter database "{self.name}" set search_path = {_PATH}')
        await inside.close()

    async def empty(self) -> None:
        """Delete what was written; whoever is connected stays so."""
        inside = await self._inside()
        await emptying._delete(inside)
        await inside.close()

    def url_of(self, role: str) -> str:
        return database.at(self.server, role, self.name)


async def set_clock(owner: asyncpg.Connection[asyncpg.Record], moment: datetime) -> None:
    async with owner.transaction():
        await owner.execute("delete from pretended")
        await owner.execute("insert into pretended values ($1)", moment)
