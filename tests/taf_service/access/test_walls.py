"""Accounts, offices and authorities behind each wall alone: nobody opens what they do not keep."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest

from taf_service import visibility
from taf_service.database import Urls
from tests.stage import AnAuthority, Connection, Somebody, Stage

ADD_LOCALITY = "insert into locality (id, authority_id, name) values ($1, $2, 'South')"
SET = (
    "insert into settings_version (id, authority_id, number, version, settings, reason,"
    " changed_by_id, changed_at) values ($1, $2, 2, $1, '{}', 'x', $3, now())"
)
NOBODY = Somebody(uuid4(), "Nobody")


@dataclass(frozen=True)
class Situation:
    derbyshire: AnAuthority
    helen: Somebody
    auditor: Somebody
    accounts: dict[UUID, str]
    """Accounts by id, to the subject that signs in with each."""


@pytest.fixture
async def situation(stage: Stage) -> Situation:
    derbyshire = await stage.authority("derbyshire", "Derbyshire")
    helen = await stage.practitioner("Helen Health")
    team = await stage.team(lead=helen)
    auditor = await stage.practitioner("Audrey Auditor")
    await stage.office(auditor, "AUDITOR")
    for somebody, subject in (
        (helen, "helen"),
        (stage.administrator, "ada"),
        (stage.coordinator, "cora"),
        (team.family.parent, "parent"),
    ):
        await stage.account(somebody, subject)
    rows = await stage.owner.fetch("select id, subject from account")
    return Situation(derbyshire, helen, auditor, {row["id"]: row["subject"] for row in rows})


@pytest.fixture
async def service(urls: Urls) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(urls.service)
    yield connection
    await connection.close()


async def bind(connection: Connection, somebody: Somebody) -> None:
    await connection.execute("select set_config('taf.actor', $1, false)", str(somebody.person_id))


class TestAccounts:
    async def seen(
        self, connection: Connection, situation: Situation, somebody: Somebody, where: str
    ) -> set[str]:
        await bind(connection, somebody)
        rows = await connection.fetch(
            f"select r.id from account r where $1::uuid is not null and {where}",
            somebody.person_id,
        )
        return {situation.accounts[row["id"]] for row in rows}

    @pytest.mark.parametrize("wall", ["first", "second"])
    async def test_are_known_to_whoever_keeps_them(
        self, wall: str, stage: Stage, situation: Situation, service: Connection
    ) -> None:
        predicate = visibility.predicate("account", row="r", actor="$1::uuid")
        connection, where = (stage.owner, predicate) if wall == "first" else (service, "true")

        for somebody, expected in (
            (NOBODY, set()),
            (situation.helen, {"helen"}),
            (stage.coordinator, {"cora"}),
            (stage.administrator, {"helen", "ada", "cora"}),
            (situation.derbyshire.administrator, {"administrator-derbyshire"}),
        ):
            seen = await self.seen(connection, situation, somebody, where)
            assert seen == expected, somebody.name

    async def test_are_not_added_changed_or_removed_from_outside(
        self, stage: Stage, situation: Situation, service: Connection
    ) -> None:
        added = "insert into account (id, issuer, subject, person_id) values ($1, 'i', 's', $2)"
        before = await stage.state()

        for somebody in (
            NOBODY,
            situation.helen,
            stage.coordinator,
            situation.derbyshire.administrator,
        ):
            await bind(service, somebody)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(added, uuid4(), situation.helen.person_id)
            await service.execute(
                "update account set disabled_at = now() where person_id = $1",
                stage.administrator.person_id,
            )
        assert await stage.state() == before

    async def test_never_change_hands_even_by_an_administrator(
        self, stage: Stage, situation: Situation, service: Connection
    ) -> None:
        await bind(service, stage.administrator)

        for statement in (
            "update account set person_id = $1",
            "update account set subject = $1::uuid::text",
            "delete from account where person_id <> $1",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(statement, stage.administrator.person_id)


class TestOffices:
    async def test_of_auditors_are_known_to_them_and_to_administrators(
        self, stage: Stage, situation: Situation, service: Connection
    ) -> None:
        predicate = visibility.predicate("office_holder", row="r", actor="$1::uuid")

        for somebody, knows in (
            (situation.helen, False),
            (stage.coordinator, False),
            (situation.derbyshire.administrator, False),
            (situation.auditor, True),
            (stage.administrator, True),
        ):
            for connection, where in ((stage.owner, predicate), (service, "true")):
                await bind(connection, somebody)
                found = await connection.fetchval(
                    "select count(*) from office_holder r"
                    f" where $1::uuid is not null and office = 'AUDITOR' and {where}",
                    somebody.person_id,
                )
                assert bool(found) is knows, (somebody.name, where)

    async def test_names_of_those_who_hold_them_are_known_at_work(
        self, stage: Stage, situation: Situation, service: Connection
    ) -> None:
        name = "select name from person where id = $1"

        await bind(service, situation.helen)
        assert await service.fetchval(name, stage.administrator.person_id)
        await bind(service, NOBODY)
        assert not await service.fetchval(name, stage.administrator.person_id)

    async def test_are_given_and_ended_by_administrators_there_alone(
        self, stage: Stage, situation: Situation, service: Connection
    ) -> None:
        appointed = (
            "insert into office_holder (id, authority_id, person_id, office, from_at)"
            " values ($1, $2, $3, 'ADMINISTRATOR', now())"
        )
        before = await stage.state()

        for somebody in (
            NOBODY,
            situation.helen,
            stage.coordinator,
            situation.auditor,
            situation.derbyshire.administrator,
        ):
            await bind(service, somebody)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(appointed, uuid4(), stage.authority_id, somebody.person_id)
            await service.execute(
                "update office_holder set ended_at = now() where authority_id = $1",
                stage.authority_id,
            )
        assert await stage.state() == before

    async def test_stay_what_they_were_given_as(
        self, stage: Stage, situation: Situation, service: Connection
    ) -> None:
        await bind(service, stage.administrator)

        for column in ("person_id", "authority_id", "locality_id"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(f"update office_holder set {column} = $1", uuid4())


class TestAuthorities:
    async def test_are_changed_by_their_own_administrators_alone(
        self, stage: Stage, situation: Situation, service: Connection
    ) -> None:
        attempts = (
            ADD_LOCALITY,
            SET.replace("$3", "nullif(current_setting('taf.actor'), '')::uuid"),
            "insert into authority (id, code, name) values ($1, $2::uuid::text, 'x')",
        )
        before = await stage.state()

        for somebody in (NOBODY, situation.helen, situation.derbyshire.administrator):
            await bind(service, somebody)
            for statement in attempts:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await service.execute(statement, uuid4(), stage.authority_id)
            assert not await service.fetch(
                "select id from authority where id = $1 for update", stage.authority_id
            )
        assert await stage.state() == before

    async def test_settings_are_signed_by_whoever_changed_them(
        self, stage: Stage, service: Connection
    ) -> None:
        await bind(service, stage.administrator)

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(SET, uuid4(), stage.authority_id, stage.coordinator.person_id)
