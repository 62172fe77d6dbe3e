"""Two walls, each tried alone: the predicates without row-level security, and the other way round.

As the owner, row security does not apply: what is left out then, the predicate left out. As the
service's role with a bare `select`, there is no predicate: what is left out then, row security did.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest

from taf_service import visibility
from taf_service.database import READER, Urls
from tests.security.world import Situation, situation
from tests.stage import Somebody, Stage

__all__ = ["situation"]

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Of the directory: no case content, and row security lets everybody who is signed in have it.
DIRECTORY = {
    "affiliation",
    "agency",
    "authority",
    "locality",
    "mailbox",
    "office_holder",
    "person",
    "practitioner",
    "settings_version",
}
CASE = sorted(set(visibility.PREDICATES) - DIRECTORY)


@dataclass(frozen=True)
class Walls:
    """`first`: what the predicate alone lets somebody see; `second`: row security alone.

    `reading`: row security of the role that reads, whose policies are others.
    """

    owner: Connection
    service: Connection
    reader: Connection

    async def first(self, table: str, person_id: UUID) -> set[UUID]:
        seen = visibility.predicate(table, row="r", actor="$1::uuid")
        return await self._ids(self.owner, f"{table} r where {seen}", person_id)

    async def second(self, table: str, person_id: UUID) -> set[UUID]:
        return await self._ids(self.service, f"{table} r where $1::uuid is not null", person_id)

    async def reading(self, table: str, person_id: UUID) -> set[UUID]:
        async with self.reader.transaction():
            await self.reader.execute("select read_as($1)", person_id)
            return {row["id"] for row in await self.reader.fetch(f"select id from {table}")}

    async def _ids(self, connection: Connection, source: str, person_id: UUID) -> set[UUID]:
        async with connection.transaction():
            await connection.execute("select set_config('taf.actor', $1, true)", str(person_id))
            rows = await connection.fetch(f"select r.id from {source}", person_id)
        return {row["id"] for row in rows}


@pytest.fixture
async def walls(urls: Urls, owner: Connection) -> AsyncIterator[Walls]:
    service = await asyncpg.connect(urls.service)
    reader = await asyncpg.connect(urls.service, server_settings={"role": READER})
    yield Walls(owner, service, reader)
    await service.close()
    await reader.close()


@pytest.fixture
async def people(stage: Stage, situation: Situation) -> dict[str, Somebody]:
    """Everybody who can be something to the case, with the rows that make them so."""
    team, meeting_id = situation.team, situation.world.rows["Meeting"]
    former = await stage.practitioner("Fred Former")
    former_id = await stage.membership(team, former)
    await stage.owner.execute(
        "update membership set left_at = $2 where id = $1", former_id, stage.now + timedelta(1)
    )
    guest = await stage.practitioner("Gina Guest")
    await stage.invitation_of_guest(meeting_id, guest)
    auditor = await stage.person("Audrey Auditor")
    await stage.insert(
        "office_holder",
        authority_id=stage.authority_id,
        person_id=auditor.person_id,
        office="AUDITOR",
        from_at=stage.now,
    )
    await stage.invitation(team, meeting_id, team.family.parent)
    return {
        "lead": team.lead,
        "parent": team.family.parent,
        "other parent": team.family.other_parent,
        "former member": former,
        "guest": guest,
        "coordinator": situation.coordinator,
        "administrator": situation.administrator,
        "auditor": auditor,
        "outsider": situation.outsider,
        "nobody": Somebody(uuid4(), "Nobody"),
    }


async def test_each_wall_alone_shows_the_same_rows_of_a_case(
    walls: Walls, people: dict[str, Somebody]
) -> None:
    differ = [
        (table, name)
        for table in CASE
        for name, somebody in people.items()
        if await walls.first(table, somebody.person_id)
        != await walls.second(table, somebody.person_id)
    ]

    assert not differ


async def test_the_second_wall_is_the_same_for_whoever_reads(
    walls: Walls, people: dict[str, Somebody]
) -> None:
    differ = [
        (table, name)
        for table in sorted(visibility.PREDICATES)
        for name, somebody in people.items()
        if await walls.second(table, somebody.person_id)
        != await walls.reading(table, somebody.person_id)
    ]

    assert not differ


async def test_row_security_never_hides_what_the_first_wall_shows(
    walls: Walls, people: dict[str, Somebody]
) -> None:
    lost = [
        (table, name)
        for table in sorted(DIRECTORY)
        for name, somebody in people.items()
        if await walls.first(table, somebody.person_id)
        - await walls.second(table, somebody.person_id)
    ]

    assert not lost


@pytest.mark.parametrize(
    "name", ["outsider", "former member", "administrator", "auditor", "nobody"]
)
async def test_nothing_of_a_case_is_seen_from_outside(
    name: str, walls: Walls, people: dict[str, Somebody], situation: Situation
) -> None:
    case = set(situation.world.rows.values())
    somebody = people[name].person_id

    for table in CASE:
        assert not case & await walls.first(table, somebody), table
        assert not case & await walls.second(table, somebody), table
        assert not case & await walls.reading(table, somebody), table


async def test_the_kept_apart_do_not_see_one_another(
    walls: Walls, people: dict[str, Somebody]
) -> None:
    parent, other = people["parent"], people["other parent"]

    for wall in (walls.first, walls.second, walls.reading):
        assert parent.family_member_id in await wall("family_member", parent.person_id)
        assert other.family_member_id not in await wall("family_member", parent.person_id)
        assert not await wall("contact_channel", parent.person_id)
        assert not await wall("no_contact", parent.person_id)
        assert other.person_id not in await wall("person", parent.person_id)


async def test_a_guest_sees_their_invitation_and_no_case(
    walls: Walls, people: dict[str, Somebody], situation: Situation
) -> None:
    guest = people["guest"].person_id
    case = set(situation.world.rows.values())

    for wall in (walls.first, walls.second, walls.reading):
        seen = {table: case & await wall(table, guest) for table in CASE}
        assert {table for table, rows in seen.items() if rows} == {"meeting"}
        assert len(await wall("invitation", guest)) == 1


async def test_a_coordinator_knows_who_leads_and_no_more(
    walls: Walls, people: dict[str, Somebody], situation: Situation
) -> None:
    coordinator = people["coordinator"].person_id
    team = situation.team

    for wall in (walls.first, walls.second, walls.reading):
        members = await wall("membership", coordinator)
        assert team.of(team.lead) in members
        assert situation.world.rows["Membership"] not in members
        for table in ("meeting", "invitation", "action", "contact_channel", "safe_contact"):
            assert not await wall(table, coordinator), table


async def test_without_an_actor_there_is_nothing(urls: Urls, situation: Situation) -> None:
    for role in ({}, {"role": READER}):
        nobody = await asyncpg.connect(urls.service, server_settings=role)
        for table in visibility.PREDICATES:
            assert await nobody.fetchval(f"select count(*) from {table}") == 0, table
        await nobody.close()
