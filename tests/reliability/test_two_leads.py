"""Two people decide the same thing at once, each from a process of their own: exactly one wins."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from taf_service.database import Urls
from tests.reliability import rival
from tests.stage import ATeam, Somebody, Stage

ROUNDS = 20


class Rival:
    """Another process of the service, which carries out one request a line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, url: str) -> Rival:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            rival.__name__,
            url,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        started = cls(process)
        assert await started._heard() == "ready"
        return started

    async def do(self, operation: str, asker: Somebody, **values: Any) -> str:
        """`done`, or the code of the refusal."""
        assert self._process.stdin is not None
        request = {"operation": operation, "asker": asker.person_id, "values": values}
        self._process.stdin.write(json.dumps(request, default=str).encode() + b"\n")
        await self._process.stdin.drain()
        return await self._heard()

    async def _heard(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()

    async def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


@pytest.fixture
async def rivals(urls: Urls) -> AsyncIterator[tuple[Rival, Rival]]:
    one, other = await Rival.start(urls.service), await Rival.start(urls.service)
    yield one, other
    await one.stop()
    await other.stop()


async def at_once(
    stage: Stage, rivals: tuple[Rival, Rival], locked: str, row_id: UUID, *requests: dict[str, Any]
) -> list[str]:
    """Both requests reach the row while somebody holds it, and race when it is let go."""
    async with stage.owner.transaction():
        await stage.owner.execute(f"select 1 from {locked} where id = $1 for update", row_id)
        racing = [
            asyncio.create_task(one.do(**request))
            for one, request in zip(rivals, requests, strict=True)
        ]
        await _until_both_wait(stage.owner, racing)
    return await asyncio.gather(*racing)


async def _until_both_wait(
    owner: asyncpg.Connection[asyncpg.Record], racing: list[asyncio.Task[str]]
) -> None:
    waiting = 0
    while waiting < len(racing):
        assert not any(task.done() for task in racing), "a rival was refused before the race"
        waiting = await owner.fetchval(
            "select count(distinct l.pid) from pg_locks l join pg_stat_activity a on a.pid = l.pid"
            " where not l.granted and a.datname = current_database()"
        )
        await asyncio.sleep(0.005)


async def open_leads(stage: Stage, team: ATeam) -> list[UUID]:
    rows = await stage.owner.fetch(
        "select membership_id from lead_tenure where team_id = $1 and until_at is null",
        team.team_id,
    )
    return [row["membership_id"] for row in rows]


async def test_two_leads_appointed_at_once(stage: Stage, rivals: tuple[Rival, Rival]) -> None:
    helen, tom = await stage.practitioner("Helen Health"), await stage.practitioner("Tom Teacher")
    team = await stage.team(helen, tom)
    candidates = [helen, tom]
    for number in range(ROUNDS):
        version = await stage.owner.fetchval("select version from team where id = $1", team.team_id)
        # Neither leads at the start of a round, or they could not both be appointed.
        before = await open_leads(stage, team)
        first, second = [one for one in (team.lead, *candidates) if team.of(one) not in before][:2]
        requests = [
            {
                "operation": "appoint_lead",
                "asker": asker,
                "team_id": team.team_id,
                "membership_id": team.of(chosen),
                "reason": f"Round {number}",
                "version": version,
            }
            for asker, chosen in ((first, second), (second, first))
        ]

        answers = await at_once(stage, rivals, "team", team.team_id, *requests)

        assert sorted(answers) == ["STALE", "done"]
        winner = requests[answers.index("done")]
        assert await open_leads(stage, team) == [winner["membership_id"]]
    counts = await stage.counts()
    assert counts["lead_tenure"] == ROUNDS + 1
    assert counts["audit_entry"] == ROUNDS


async def test_a_lead_appointed_while_they_are_taken_out(
    stage: Stage, rivals: tuple[Rival, Rival]
) -> None:
    """Whichever comes first: an open team is never left to somebody who is gone."""
    for number in range(ROUNDS // 4):
        helen = await stage.practitioner(f"Helen {number}")
        team = await stage.team(helen)
        versions = await stage.owner.fetchrow(
            "select t.version as team, m.version as membership from team t join membership m"
            " on m.team_id = t.id where m.id = $1",
            team.of(helen),
        )
        assert versions is not None
        appointing = {
            "operation": "appoint_lead",
            "asker": team.lead,
            "team_id": team.team_id,
            "membership_id": team.of(helen),
            "reason": "Knows them best",
            "version": versions["team"],
        }
        removing = {
            "operation": "remove_from_team",
            "asker": team.lead,
            "membership_id": team.of(helen),
            "reason": "Moves away",
            "version": versions["membership"],
        }

        answers = await at_once(stage, rivals, "team", team.team_id, appointing, removing)

        assert answers in (
            ["done", "NOT_PERMITTED"],
            ["done", "LEAD_MUST_BE_REPLACED"],
            ["PRACTITIONER_ELSEWHERE", "done"],
        )
        leads = await open_leads(stage, team)
        assert leads == [team.of(helen if answers[0] == "done" else team.lead)]


async def test_two_teams_opened_at_once(stage: Stage, rivals: tuple[Rival, Rival]) -> None:
    helen = await stage.practitioner("Helen Health")
    for number in range(ROUNDS):
        family = await stage.family(f"Family {number}", registered_by=helen)
        enquiries = [await stage.enquiry(family, helen) for _ in rivals]
        requests = [
            {
                "operation": "open_team",
                "asker": helen,
                "family_id": family.family_id,
                "enquiry_id": enquiry_id,
                "agency_id": helen.agency_id,
                "reason": "Knows the family",
            }
            for enquiry_id in enquiries
        ]

        answers = await at_once(stage, rivals, "family", family.family_id, *requests)

        assert sorted(answers) == ["TEAM_ALREADY_OPEN", "done"]
        opened = await stage.owner.fetch(
            "select enquiry_id from team where family_id = $1", family.family_id
        )
        assert [row["enquiry_id"] for row in opened] == [enquiries[answers.index("done")]]
    counts = await stage.counts()
    assert counts["team"] == counts["membership"] == counts["lead_tenure"] == ROUNDS


async def test_one_practitioner_added_twice_at_once(
    stage: Stage, rivals: tuple[Rival, Rival]
) -> None:
    team = await stage.team()
    for number in range(ROUNDS // 4):
        nurse = await stage.practitioner(f"Nurse {number}")
        request = {
            "operation": "add_practitioner",
            "asker": team.lead,
            "team_id": team.team_id,
            "practitioner_id": nurse.practitioner_id,
            "agency_id": nurse.agency_id,
        }

        answers = await at_once(stage, rivals, "team", team.team_id, request, request)

        assert sorted(answers) == ["ALREADY_IN_TEAM", "done"]


async def test_one_question_asked_twice_at_once(stage: Stage, rivals: tuple[Rival, Rival]) -> None:
    helen = await stage.practitioner("Helen Health")
    for number in range(ROUNDS // 4):
        family = await stage.family(f"Family {number}", registered_by=helen)
        request = {
            "operation": "ask_for_existing_lead",
            "asker": helen,
            "family_id": family.family_id,
        }

        answers = await at_once(stage, rivals, "family", family.family_id, request, request)

        assert sorted(answers) == ["LEAD_ENQUIRY_OPEN", "done"]
