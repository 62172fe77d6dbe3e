"""A process of its own that carries out one operation a line, so that two can race."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from uuid import UUID

from tortoise import connections

from taf_service import database, handovers, teams
from taf_service.core.actors import Actor, Request
from taf_service.core.errors import Refusal

OPERATIONS: dict[str, Any] = {
    operation.name: operation
    for operation in (
        handovers.appoint_lead,
        handovers.remove_from_team,
        teams.add_practitioner,
        teams.ask_for_existing_lead,
        teams.open_team,
    )
}


async def carry_out_lines(url: str) -> None:
    async with database.orm(url, pool=1):
        await connections.get("default").execute_query("select 1")
        _say("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            _say(await _carry_out(json.loads(line)))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _carry_out(asked: dict[str, Any]) -> str:
    values = {
        name: UUID(value) if name.endswith(("_id", "version")) else value
        for name, value in asked["values"].items()
    }
    try:
        await OPERATIONS[asked["operation"]](Request(Actor(UUID(asked["asker"]))), **values)
    except Refusal as refusal:
        return refusal.code
    return "done"


if __name__ == "__main__":
    asyncio.run(carry_out_lines(sys.argv[1]))
