"""Rows fetched on the actor's behalf: visible, with what the actor is to each, or not at all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol, TypeVar
from uuid import UUID

from tortoise import connections
from tortoise.models import Model

from taf_service.core.actors import Standing
from taf_service.core.errors import NotFound, Stale
from taf_service.core.policies import Policy
from taf_service.core.work import Work
from taf_service.visibility.predicates import predicate
from taf_service.visibility.standings import STANDINGS, standings

M = TypeVar("M", bound=Model)
M_co = TypeVar("M_co", bound=Model, covariant=True)


class Finder(Protocol[M_co]):
    """A query for one row, such as `family_for`."""

    async def __call__(self, work: Work, row_id: UUID, /, *, lock: bool = False) -> M_co: ...


async def one(work: Work, model: type[M], row_id: UUID, *, lock: bool = False) -> M:
    """The row with this id, if the actor may see it; `lock` keeps it until the commit.

    Errors: `NotFound`, the same whether it is hidden or was never there.
    """
    found = await rows(work, model, "r.id = $2", row_id, lock=lock)
    if not found:
        raise NotFound("There is nothing here under that id.")
    return found[0]


async def to_change(
    work: Work, policy: Policy, find: Finder[M], row_id: UUID, *, version: UUID | None = None
) -> M:
    """The row, kept until the commit, for somebody whom `policy` allows to act on it.

    The policy is asked before the lock too: row-level security hides a row from whoever would lock
    what they may see but not change, and they are to read why they may not.

    Errors: `NotFound`, `NotPermitted`, and `Stale` when `version` is not the row's any more.
    """
    work.require(policy, await find(work, row_id))
    row = await find(work, row_id, lock=True)
    if version is not None and getattr(row, "version", None) != version:
        raise Stale(row._meta.db_table, row_id)
    work.require(policy, row)
    return row


async def each(
    work: Work, model: type[M], row_ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, M]:
    """All the rows with these ids. Locks are taken in id order, so that no two requests cross.

    Errors: `NotFound` when even one is missing or hidden.
    """
    found = await rows(work, model, "r.id = any($2::uuid[])", list(row_ids), lock=lock)
    if len(found) != len(set(row_ids)):
        raise NotFound("There is nothing here under one of those ids.")
    return {row.pk: row for row in found}


async def rows(
    work: Work, model: type[M], where: str, *values: object, lock: bool = False
) -> list[M]:
    """Visible rows `r` for which `where` holds, by id; its parameters count from $2."""
    table = model._meta.db_table
    actor = "$1::uuid"
    standing = standings(table, row="r", actor=actor) if table in STANDINGS else "'{}'::text[]"
    found = await connections.get("default").execute_query_dict(
        f"select r.*, {standing} as standings from {table} r"
        f" where {predicate(table, row='r', actor=actor)} and ({where}) order by r.id"
        + (" for update of r" if lock else ""),
        [work.actor.person_id, *values],
    )
    return [_row(work, model, values) for values in found]


async def stand(work: Work) -> frozenset[Standing]:
    """Look up what the actor is apart from any row, for policies that are about none."""
    found = await connections.get("default").execute_query_dict(
        f"select {standings('service', row='', actor='$1::uuid')} as standings",
        [work.actor.person_id],
    )
    held = frozenset(Standing(name) for name in found[0]["standings"])
    work.stands(None, held)
    return held


def _row(work: Work, model: type[M], values: dict[str, Any]) -> M:
    held = frozenset(Standing(name) for name in values.pop("standings"))
    row: M = model._init_from_db(**values)
    work.stands(row.pk, held)
    return row
