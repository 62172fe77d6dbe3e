"""The world of the measurements: sound, and where its viewers say that things are."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from bench import rows
from bench.naming import World, named
from taf_service.database import Urls

FAMILIES = 100
BUSY_ACTIONS = 30


@pytest.fixture
async def built(urls: Urls, owner: asyncpg.Connection[asyncpg.Record]) -> World:
    """Built with every constraint and trigger at work, as the measurements' own worlds are not."""
    async with owner.transaction():
        for _, sql in rows.statements(FAMILIES, BUSY_ACTIONS):
            await owner.execute(sql)
    return World(FAMILIES, "", urls, BUSY_ACTIONS)


class TestTheWorld:
    async def test_keeps_what_its_viewers_promise(
        self, built: World, owner: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        for viewer in built.viewers:
            families = {named("family", number) for number in viewer.families}
            actions = {named("action", number) for number in viewer.action_numbers}

            assert await _families(owner, viewer.person_id) == families
            assert await _actions(owner, viewer.person_id) == actions

    async def test_has_teams_of_four_agencies_and_two_parents(
        self, built: World, owner: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        sizes = await owner.fetch(
            "select distinct count(*) as members, count(distinct agency_id) as agencies,"
            " count(*) filter (where kind = 'FAMILY') as parents from membership group by team_id"
        )

        assert [tuple(row) for row in sizes] == [(6, 4, 2)]

    async def test_has_meetings_held_and_to_come(
        self, built: World, owner: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        counted = await owner.fetch(
            "select distinct count(*) filter (where ends_at < now()) as held,"
            " count(*) filter (where ends_at >= now()) as ahead from meeting group by team_id"
        )

        assert [tuple(row) for row in counted] == [(3, 5)]

    async def test_has_somebody_busy(
        self, built: World, owner: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        owned = await _actions(owner, built.busy_viewer.person_id)

        assert len(owned) == BUSY_ACTIONS + len(built.busy_viewer.action_numbers)


async def _families(owner: asyncpg.Connection[asyncpg.Record], person_id: UUID) -> set[UUID]:
    found = await owner.fetch(
        "select t.family_id from membership m join team t on t.id = m.team_id"
        " where m.person_id = $1",
        person_id,
    )
    return {row["family_id"] for row in found}


async def _actions(owner: asyncpg.Connection[asyncpg.Record], person_id: UUID) -> set[UUID]:
    found = await owner.fetch(
        "select a.id from action a join membership m on m.id = a.owner_membership_id"
        " where m.person_id = $1",
        person_id,
    )
    return {row["id"] for row in found}
