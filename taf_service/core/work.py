"""A piece of work: who asked, when, and everything that must commit together."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import orjson
import structlog
from tortoise import connections
from tortoise.models import Model
from tortoise.transactions import in_transaction

from notifications import outbox
from taf_service.core import audit, clock, ids
from taf_service.core.actors import Actor, Request, Standing
from taf_service.core.errors import (
    Attempt,
    Busy,
    ConfirmationNeeded,
    KeyReused,
    NotPermitted,
    Refusal,
    Warned,
)
from taf_service.core.idempotency import IdempotencyKey
from taf_service.core.policies import ANYWHERE, Policy

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Queued:
    """A message an operation queued, or would queue in a preview."""

    notice: outbox.Notice
    entry_id: UUID


class Work:
    """Carries the actor and the clock, so that operations never reach for either."""

    def __init__(self, request: Request, now: datetime) -> None:
        self.request = request
        self.actor: Actor = request.actor
        self.now = now
        self.queued: list[Queued] = []
        self.fact: Any = None
        """What the operation returned, for whoever reads in its world before a preview ends."""
        self._warned: dict[str, Warned] = {}
        self._asked: set[Policy] = set()
        self._standings: dict[UUID | None, frozenset[Standing]] = {}

    def new_id(self) -> UUID:
        """The only source of ids and tokens."""
        return ids.new_id()

    def today(self, zone: ZoneInfo = clock.LONDON) -> date:
        return clock.day_in(zone, self.now)

    def stands(self, row_id: UUID | None, standings: frozenset[Standing]) -> None:
        """Remember what the actor is to a row; `visibility` calls this with each row it fetches."""
        self._standings[row_id] = standings

    def standings_on(self, row: Model | None) -> frozenset[Standing]:
        """What the actor is to `row`, which must have been fetched through `visibility`."""
        return self._standings[None if row is None else row.pk]

    def require(self, policy: Policy, row: Model | None = None) -> None:
        """Refuse unless `policy` allows the actor to act on `row`.

        Errors: `NotPermitted`, with the policy's own words.
        """
        self._asked.add(policy)
        if policy.table != (ANYWHERE if row is None else row._meta.db_table):  # noqa: SLF001
            raise AssertionError(f"{policy.name} is not about {row!r}")
        if not policy.allows(self.standings_on(row), row):
            raise NotPermitted(f"Not permitted. {policy.words}")

    def asked(self, policy: Policy) -> bool:
        return policy in self._asked

    def warn(self, code: StrEnum, message: str) -> None:
        """Ask for confirmation; the operation is rolled back unless `code` was acknowledged."""
        self._warned[code.value] = Warned(code.value, message)

    @property
    def warnings(self) -> tuple[Warned, ...]:
        return tuple(self._warned.values())

    def confirm(self) -> None:
        """Errors: `ConfirmationNeeded` when a warning was not acknowledged."""
        unread = [w for w in self.warnings if w.code not in self.request.acknowledged]
        if unread:
            raise ConfirmationNeeded(*unread)

    async def record(
        self, event: str, *, subject_id: UUID, family_id: UUID | None, **facts: object
    ) -> None:
        """Write the audit entry. `facts` are ids, codes and dates: never what somebody wrote."""
        await audit.append(
            event,
            entry_id=self.new_id(),
            family_id=family_id,
            actor_id=self.actor.person_id,
            subject_id=subject_id,
            facts={name: _plain(value) for name, value in facts.items()},
            at=self.now,
        )

    async def notify(self, notice: outbox.Notice) -> None:
        """Queue a message in this transaction; it leaves only if everything commits."""
        entry_id = self.new_id()
        await outbox.enqueue(notice, entry_id=entry_id, at=self.now)
        self.queued.append(Queued(notice, entry_id))


def _plain(value: object) -> object:
    return orjson.loads(orjson.dumps(value, default=str))


@dataclass(frozen=True, slots=True)
class Preview(Generic[R]):
    """What an operation would have done; nothing of it remains."""

    fact: R
    queued: tuple[Queued, ...]
    warnings: tuple[Warned, ...]
    details: Any


class _RolledBack(Exception):
    pass


class Operation(Generic[P, R]):
    """A write in one transaction that cannot forget its policy.

    It returns a fact: a frozen dataclass of references, which is what an idempotency key keeps too.
    """

    def __init__(
        self, policy: Policy, run: Callable[Concatenate[Work, P], Awaitable[R]], fact: type[R]
    ) -> None:
        self.policy = policy
        self.name = run.__name__
        self.summary = (run.__doc__ or "").partition("\n")[0]
        self._run = run
        self._fact = fact

    async def __call__(self, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run shielded: a caller who hangs up neither loses a connection nor half a change.

        Errors: any `Refusal`; then nothing was written and nothing queued.
        """
        done: R = await _shielded(self._commit(request, *args, **kwargs))
        return done

    async def preview(
        self,
        request: Request,
        reading: Callable[[Work], Awaitable[Any]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Preview[R]:
        """The same operation, rolled back. `reading` looks at its world before that."""
        seen: Preview[R] = await _shielded(self._roll_back(request, reading, args, kwargs))
        return seen

    async def _commit(self, request: Request, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            async with in_transaction():
                work = Work(request, await clock.begin(request.actor.person_id))
                if request.idempotency_key is None:
                    return await self._perform(work, args, kwargs)
                return await self._once(work, request.idempotency_key, args, kwargs)
        except Refusal as refusal:
            if refusal.attempt is not None:
                await _keep_attempt(request, refusal.attempt)
            raise
        except _TRANSIENT as problem:
            raise Busy("The service is busy. Nothing was changed; try again.") from problem

    async def _perform(self, work: Work, args: Any, kwargs: Any) -> R:
        result = await self._run_asked(work, args, kwargs)
        work.confirm()
        return result

    async def _run_asked(self, work: Work, args: Any, kwargs: Any) -> R:
        result = await self._run(work, *args, **kwargs)
        if not work.asked(self.policy):
            raise AssertionError(f"{self.name} never asked its policy")
        return result

    async def _once(self, work: Work, key: str, args: Any, kwargs: Any) -> R:
        """Repeat nothing: the same key and arguments answer with the same references (R7)."""
        actor_id = work.actor.person_id
        await connections.get("default").execute_query(
            "select pg_advisory_xact_lock(hashtextextended($1, 0))", [f"{actor_id}:{key}"]
        )
        digest = _digest(self.name, args, kwargs)
        used = await IdempotencyKey.get_or_none(actor_id=actor_id, key=key)
        if used is None:
            result = await self._perform(work, args, kwargs)
            await IdempotencyKey.create(
                id=work.new_id(),
                actor_id=actor_id,
                key=key,
                operation=self.name,
                arguments_hash=digest,
                result=_plain(asdict(cast("Any", result))),
                used_at=work.now,
            )
            return result
        if (used.operation, used.arguments_hash) != (self.name, digest):
            raise KeyReused("This idempotency key was used for another request.")
        return self._fact(**{name: _id(value) for name, value in used.result.items()})

    async def _roll_back(self, request: Request, reading: Any, args: Any, kwargs: Any) -> Any:
        kept: Any = None
        try:
            async with in_transaction():
                work = Work(request, await clock.begin(request.actor.person_id))
                work.fact = await self._run_asked(work, args, kwargs)
                kept = Preview(work.fact, tuple(work.queued), work.warnings, await reading(work))
                raise _RolledBack
        except _RolledBack:
            return kept
        except Refusal as refusal:
            if refusal.attempt is not None:  # nobody finds out unseen who must not meet
                await _keep_attempt(request, refusal.attempt)
            raise
        except _TRANSIENT as problem:
            raise Busy("The service is busy; try again.") from problem


async def _keep_attempt(request: Request, attempt: Attempt) -> None:
    """In a transaction of its own: the refused one is gone with everything in it."""
    async with in_transaction():
        work = Work(request, await clock.begin(request.actor.person_id))
        await work.record(attempt.event, subject_id=attempt.subject_id, family_id=attempt.family_id)


_TRANSIENT = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.TooManyConnectionsError,
)


def operation(
    policy: Policy,
) -> Callable[[Callable[Concatenate[Work, P], Awaitable[R]]], Operation[P, R]]:
    """Make a coroutine of a `Work` an operation that asks `policy` and returns a fact."""

    def declare(run: Callable[Concatenate[Work, P], Awaitable[R]]) -> Operation[P, R]:
        return Operation(policy, run, _fact_of(run))

    return declare


def _fact_of(run: Callable[..., Any]) -> Any:
    fact = get_type_hints(run, vars(sys.modules[run.__module__]))["return"]
    if not (isinstance(fact, type) and is_dataclass(fact)):
        raise AssertionError(f"{run.__name__} must return a fact: a dataclass of references")
    return fact


def _digest(name: str, args: Any, kwargs: Any) -> str:
    canonical = orjson.dumps([name, args, kwargs], default=_hashable, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()


def _hashable(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    return str(value)


def _id(value: object) -> object:
    if isinstance(value, list):
        return tuple(_id(item) for item in value)
    return UUID(value) if isinstance(value, str) else value


_running: set[asyncio.Task[Any]] = set()


async def _shielded(run: Any) -> Any:
    """Finish what was begun even when the caller goes away (stack, "never an asyncio deadline")."""
    task = asyncio.create_task(run)
    _running.add(task)
    task.add_done_callback(_finished)
    return await asyncio.shield(task)


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # retrieved here too: the caller may have gone
