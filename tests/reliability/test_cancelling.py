"""Requests cancelled at random moments lose no connection and leave no half-written state."""

from __future__ import annotations

import asyncio
import os
import random

import asyncpg

from schema import ids
from schema.context import Context
from schema.execute import answer
from taf_service.database import Urls
from tests.stage import Stage

TIMES = 2_000 if os.environ.get("TAF_SOAK") else 500
RAISE = """
mutation ($input: RaiseActionInput!) {
  raiseAction(input: $input) { __typename ... on Problem { code message } }
}
"""


async def test_500_cancelled_requests(stage: Stage, server: str, urls: Urls) -> None:
    helen = await stage.practitioner("Helen Health")
    team = await stage.team(helen)
    context = Context(helen.actor)
    chance = random.Random(20260302)

    async def ask(number: int) -> None:
        given = {
            "teamId": ids.encode("Team", team.team_id),
            "text": f"Action {number}",
            "dueOn": "2026-03-20",
            "owner": {"membershipId": ids.encode("Membership", team.of(helen))},
            "idempotencyKey": f"cancelled-{number:05d}",
        }
        await answer(RAISE, {"input": given}, None, context=context, introspection=False)

    for number in range(TIMES):
        task = asyncio.create_task(ask(number))
        await asyncio.sleep(chance.uniform(0, 0.012))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    # Whatever was under way finishes by itself; then every connection is back.
    for number in range(8):
        await ask(TIMES + number)

    # Only a superuser is told what another role's connection is doing.
    watcher = await asyncpg.connect(server)
    states = await watcher.fetch(
        "select state from pg_stat_activity where datname = $1 and usename = 'taf_service'",
        urls.service.partition("?")[0].rpartition("/")[2],
    )
    await watcher.close()
    assert states
    assert {row["state"] for row in states} == {"idle"}
    counts = await stage.counts()
    # An action, its audit entry and its key commit together or not at all.
    assert counts["action"] == counts["audit_entry"] == counts["idempotency_key"]
    assert 8 <= counts["action"] <= TIMES + 8
