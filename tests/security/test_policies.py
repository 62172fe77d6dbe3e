"""A policy decides alike in Python, where operations ask it, and in SQL, where answers are made."""

from __future__ import annotations

import importlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import asyncpg
import pytest

from taf_service.core.actors import Standing
from taf_service.core.policies import ANYWHERE, Condition, Policy, Unset
from tests.architecture.sources import AREAS

SETS = 150


def policies() -> Iterator[Policy]:
    for area in sorted(AREAS):
        try:
            module = importlib.import_module(f"taf_service.{area}.policies")
        except ModuleNotFoundError:
            continue
        yield from (found for found in vars(module).values() if isinstance(found, Policy))


POLICIES = list(policies())


def test_there_are_policies_to_test() -> None:
    assert len(POLICIES) > 40
    assert len({policy.name for policy in POLICIES}) == len(POLICIES)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
async def test_python_and_sql_answer_alike(
    policy: Policy, owner: asyncpg.Connection[asyncpg.Record]
) -> None:
    chance = random.Random(policy.name)
    columns = [condition.column for condition in policy.conditions]  # type: ignore[attr-defined]
    rows = [
        (
            frozenset(chance.sample(list(Standing), chance.randint(0, 4))),
            {column: value(condition, chance) for column, condition in of(policy)},
        )
        for _ in range(SETS)
    ]
    listed = ", ".join(
        f"({array(held)}, {', '.join(map(literal, row.values())) or 'null'})" for held, row in rows
    )
    names = ", ".join(["held", *(columns or ["nothing"])])
    found = await owner.fetch(
        f"select {policy.sql(standings='r.held', row='r')} as allows"
        f" from (values {listed}) r ({names})"
    )

    expected = [policy.allows(held, SimpleNamespace(**row)) for held, row in rows]
    assert [row["allows"] for row in found] == expected
    assert any(expected), "no set of standings was allowed: the test would prove nothing"
    assert not all(expected)


def of(policy: Policy) -> Iterator[tuple[str, Condition]]:
    for condition in policy.conditions:
        yield condition.column, condition  # type: ignore[attr-defined]


def value(condition: Condition, chance: random.Random) -> object:
    assert isinstance(condition, Unset)
    return chance.choice([None, None, datetime(2026, 3, 2, tzinfo=UTC)])


def array(held: frozenset[Standing]) -> str:
    return "array[{}]::text[]".format(", ".join(f"'{standing}'" for standing in sorted(held)))


def literal(given: object) -> str:
    if given is None:
        return "null::timestamptz"
    return f"'{given.isoformat()}'::timestamptz" if isinstance(given, datetime) else f"'{given}'"


def test_a_policy_about_no_row_has_no_conditions() -> None:
    assert not [
        policy.name for policy in POLICIES if policy.table == ANYWHERE and policy.conditions
    ]
