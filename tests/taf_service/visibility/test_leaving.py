"""Whoever left sees nothing any more, whatever they ran or were asked to: each wall tried alone.

The first wall is the predicate, run as the owner whom row security does not bind. The second is row
security, under a bare `select` by the service's role.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest

from taf_service import visibility
from taf_service.database import Urls
from tests.stage import ATeam, Somebody, Stage

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Sees: TypeAlias = Callable[[Somebody, str], Awaitable[set[UUID]]]


async def _ids(connection: Connection, source: str, person_id: UUID) -> set[UUID]:
    async with connection.transaction():
        await connection.execute("select set_config('taf.actor', $1, true)", str(person_id))
        rows = await connection.fetch(f"select r.id from {source}", person_id)
    return {row["id"] for row in rows}


@pytest.fixture(params=["first wall", "second wall"])
async def sees(
    request: pytest.FixtureRequest, urls: Urls, owner: Connection
) -> AsyncIterator[Sees]:
    """The ids of a table's rows that somebody sees through one wall, the other taken away."""
    service = await asyncpg.connect(urls.service)

    async def through(somebody: Somebody, table: str) -> set[UUID]:
        if request.param == "first wall":
            seen = visibility.predicate(table, row="r", actor="$1::uuid")
            return await _ids(owner, f"{table} r where {seen}", somebody.person_id)
        return await _ids(service, f"{table} r where $1::uuid is not null", somebody.person_id)

    yield through
    await service.close()


async def standings_on(owner: Connection, somebody: Somebody, table: str, row_id: UUID) -> set[str]:
    held = visibility.standings(table, row="r", actor="$1::uuid")
    async with owner.transaction():
        await owner.execute("select set_config('taf.actor', $1, true)", str(somebody.person_id))
        found = await owner.fetchval(
            f"select {held} from {table} r where r.id = $2", somebody.person_id, row_id
        )
    return set(found)


async def leave(stage: Stage, team: ATeam, somebody: Somebody) -> None:
    await stage.owner.execute(
        "update membership set left_at = $2 where id = $1", team.of(somebody), stage.now
    )


async def all_run_by(stage: Stage, team: ATeam, somebody: Somebody) -> dict[UUID, str]:
    """A meeting of each kind for each role, with the role; one of the parents is asked to each."""
    run = {}
    for role in ("CONVENER", "CHAIR", "NOTE_TAKER"):
        for kind in ("TAF", "PROFESSIONAL"):
            values: dict[str, Any] = {"kind": kind, f"{role.lower()}_id": somebody.person_id}
            run[await stage.meeting(team, team.family.parent, **values)] = role
    return run


class TestAMeeting:
    async def test_is_lost_by_whoever_ran_it_and_left(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        run = await all_run_by(stage, team, helen)
        assert await sees(helen, "meeting") == set(run)
        assert len(await sees(helen, "invitation")) == len(run)
        await leave(stage, team, helen)

        for table in ("meeting", "invitation", "delivery", "reply"):
            assert not await sees(helen, table), table
        for meeting_id in run:
            assert not await standings_on(stage.owner, helen, "meeting", meeting_id)

    async def test_is_found_again_by_whoever_returns(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        run = await all_run_by(stage, team, helen)
        await leave(stage, team, helen)
        await stage.membership(team, helen)

        assert await sees(helen, "meeting") == set(run)
        for meeting_id, role in run.items():
            assert role in await standings_on(stage.owner, helen, "meeting", meeting_id)

    async def test_stays_with_whoever_runs_it_and_never_was_in_the_team(
        self, stage: Stage, team: ATeam, sees: Sees
    ) -> None:
        """An early help adviser brings people together (guidance 12)."""
        adviser = await stage.practitioner("Ann Adviser")
        run = await all_run_by(stage, team, adviser)

        assert await sees(adviser, "meeting") == set(run)
        assert len(await sees(adviser, "invitation")) == len(run)
        assert not await sees(adviser, "team")
        for meeting_id, role in run.items():
            assert await standings_on(stage.owner, adviser, "meeting", meeting_id) == {role}

    async def test_is_lost_by_whoever_turns_out_to_belong_to_the_family(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        adviser = await stage.practitioner("Ann Adviser")
        for somebody in (helen, adviser):
            await all_run_by(stage, team, somebody)
            await stage.insert(
                "family_member",
                family_id=team.family.family_id,
                person_id=somebody.person_id,
                role="OTHER",
                joined_at=stage.now,
                version=uuid4(),
            )

            assert not await sees(somebody, "meeting"), somebody.name


class TestAnInvitation:
    @pytest.mark.parametrize("who", ["practitioner", "parent"])
    async def test_ends_with_the_membership_it_was_for(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees, who: str
    ) -> None:
        somebody = helen if who == "practitioner" else team.family.parent
        meeting_id = await stage.meeting(team, somebody)
        assert meeting_id in await sees(somebody, "meeting")
        assert len(await sees(somebody, "invitation")) == 1
        await leave(stage, team, somebody)

        for table in ("meeting", "invitation", "reply"):
            assert not await sees(somebody, table), table
        assert not await standings_on(stage.owner, somebody, "meeting", meeting_id)

    async def test_of_a_guest_needs_no_membership(
        self, stage: Stage, team: ATeam, sees: Sees
    ) -> None:
        guest = await stage.practitioner("Gina Guest")
        meeting_id = await stage.meeting(team)
        invitation_id = await stage.invitation_of_guest(meeting_id, guest)

        assert await sees(guest, "meeting") == {meeting_id}
        assert await sees(guest, "invitation") == {invitation_id}
        assert await standings_on(stage.owner, guest, "meeting", meeting_id) == {"INVITEE"}

    async def test_taken_back_is_lost(self, stage: Stage, team: ATeam, sees: Sees) -> None:
        parent = team.family.parent
        meeting_id = await stage.meeting(team)
        await stage.invitation(team, meeting_id, parent, withdrawn_at=stage.now)

        assert not await sees(parent, "meeting")
        assert not await sees(parent, "invitation")


class TestATeam:
    async def test_is_lost_by_whoever_left_the_family(
        self, stage: Stage, team: ATeam, sees: Sees
    ) -> None:
        parent = team.family.parent
        meeting_id = await stage.meeting(team, parent)
        await stage.action(team, parent)
        tables = ("family", "team", "membership", "lead_tenure", "meeting", "invitation", "action")
        for table in tables:
            assert await sees(parent, table), table
        await stage.owner.execute(
            "update family_member set left_at = $2 where id = $1",
            parent.family_member_id,
            stage.now + timedelta(seconds=1),
        )

        for table in (*tables, "family_member"):
            assert not await sees(parent, table), table
        for table, row_id in (("team", team.team_id), ("meeting", meeting_id)):
            assert not await standings_on(stage.owner, parent, table, row_id)

    async def test_stays_with_the_others_of_the_family(
        self, stage: Stage, team: ATeam, sees: Sees
    ) -> None:
        await stage.owner.execute(
            "update family_member set left_at = $2 where id = $1",
            team.family.parent.family_member_id,
            stage.now,
        )

        assert await sees(team.family.other_parent, "team") == {team.team_id}
