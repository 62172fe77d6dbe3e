from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from taf_service import access, partnership
from taf_service.core.errors import NotFound, NotPermitted, Refusal
from taf_service.database import Urls
from taf_service.partnership import Office
from tests.stage import ISSUER, Somebody, Stage


async def appoint(
    stage: Stage, asker: Somebody, somebody: Somebody, **given: Any
) -> access.AppointedToOffice:
    values = {
        "authority_id": stage.authority_id,
        "practitioner_id": somebody.practitioner_id,
        "office": Office.COORDINATOR,
    }
    return await access.appoint_to_office(asker.ask(), **(values | given))


async def end(asker: Somebody, office_holder_id: UUID) -> access.OfficeEnded:
    return await access.end_office(asker.ask(), office_holder_id=office_holder_id)


async def office_of(stage: Stage, somebody: Somebody) -> UUID:
    found: UUID = await stage.owner.fetchval(
        "select id from office_holder where person_id = $1", somebody.person_id
    )
    return found


async def at_once(db: Urls, stage: Stage, *acts: Coroutine[Any, Any, Any]) -> list[Any]:
    """The outcomes of acts that all come as far as the authority's row before any may have it."""
    watching = await asyncpg.connect(db.owner)
    async with stage.owner.transaction():
        await stage.owner.execute("select 1 from authority for update")
        running = asyncio.gather(*acts, return_exceptions=True)
        while await watching.fetchval(WAITING) < len(acts):
            pass
    await watching.close()
    return await running


WAITING = """
    select count(distinct l.pid) from pg_locks l join pg_stat_activity a using (pid)
    where not l.granted and a.datname = current_database()"""


class TestAppointToOffice:
    async def test_makes_a_coordinator_for_one_locality(
        self, stage: Stage, helen: Somebody
    ) -> None:
        done = await appoint(stage, stage.administrator, helen, locality_id=stage.locality_id)

        assert done.authority_id == stage.authority_id
        row = await stage.owner.fetchrow(
            "select * from office_holder where id = $1", done.office_holder_id
        )
        assert row is not None
        assert (row["person_id"], row["office"]) == (helen.person_id, "COORDINATOR")
        assert (row["locality_id"], row["ended_at"]) == (stage.locality_id, None)
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("office.appointed", done.office_holder_id)
        assert "COORDINATOR" in entry["facts"]

    async def test_gives_what_the_office_gives_at_once(self, stage: Stage, helen: Somebody) -> None:
        await appoint(stage, stage.administrator, helen, office=Office.ADMINISTRATOR)

        await partnership.add_locality(helen.ask(), authority_id=stage.authority_id, name="South")

    async def test_may_be_to_any_office(self, stage: Stage, helen: Somebody) -> None:
        for office in Office:
            await appoint(stage, stage.administrator, helen, office=office)

        rows = await stage.owner.fetch(
            "select office from office_holder where person_id = $1", helen.person_id
        )
        assert {row["office"] for row in rows} == set(Office)

    async def test_may_be_again_after_the_office_ended(self, stage: Stage, helen: Somebody) -> None:
        first = await appoint(stage, stage.administrator, helen)
        await end(stage.administrator, first.office_holder_id)

        again = await appoint(stage, stage.administrator, helen)

        assert again.office_holder_id != first.office_holder_id

    async def test_of_two_at_once_makes_one(self, stage: Stage, helen: Somebody) -> None:
        done = await asyncio.gather(
            *(appoint(stage, stage.administrator, helen) for _ in range(3)), return_exceptions=True
        )

        codes = [each.code for each in done if isinstance(each, Refusal)]
        assert codes == ["OFFICE_HELD_ALREADY"] * 2

    async def test_refusals_leave_nothing_behind(self, stage: Stage, helen: Somebody) -> None:
        other = await stage.authority("derbyshire", "Derbyshire")
        held = await stage.practitioner("Holly Held")
        await stage.office(held, "COORDINATOR")
        cases: list[tuple[Somebody, Somebody, dict[str, Any], str]] = [
            (helen, helen, {"office": Office.ADMINISTRATOR}, NotPermitted.code),
            (stage.coordinator, helen, {}, NotPermitted.code),
            (other.administrator, helen, {}, NotPermitted.code),
            (stage.administrator, helen, {"authority_id": uuid4()}, NotFound.code),
            (stage.administrator, helen, {"authority_id": other.authority_id}, NotPermitted.code),
            (stage.administrator, helen, {"practitioner_id": uuid4()}, NotFound.code),
            (stage.administrator, helen, {"locality_id": uuid4()}, NotFound.code),
            (
                stage.administrator,
                helen,
                {"locality_id": other.locality_id},
                "OFFICE_WITHOUT_LOCALITY",
            ),
            (
                stage.administrator,
                helen,
                {"locality_id": stage.locality_id, "office": Office.AUDITOR},
                "OFFICE_WITHOUT_LOCALITY",
            ),
            (stage.administrator, held, {}, "OFFICE_HELD_ALREADY"),
        ]
        before = await stage.state()
        for asker, somebody, given, code in cases:
            with pytest.raises(Refusal) as refusal:
                await appoint(stage, asker, somebody, **given)
            assert refusal.value.code == code, given
            assert await stage.state() == before


class TestEndOffice:
    async def test_takes_away_what_the_office_gave_at_once(self, stage: Stage) -> None:
        await stage.account(stage.administrator, "ada")
        other = await stage.practitioner("Oda Other")
        office_holder_id = await stage.office(other, "ADMINISTRATOR")

        done = await end(stage.administrator, office_holder_id)

        assert done == access.OfficeEnded(stage.authority_id, office_holder_id)
        with pytest.raises(NotPermitted):
            await partnership.add_locality(
                other.ask(), authority_id=stage.authority_id, name="South"
            )
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("office.ended", office_holder_id)

    async def test_reaches_an_auditor_whom_few_know_of(self, stage: Stage, helen: Somebody) -> None:
        office_holder_id = await stage.office(helen, "AUDITOR")

        with pytest.raises(NotFound):
            await end(stage.coordinator, office_holder_id)
        await end(stage.administrator, office_holder_id)

    async def test_may_be_ones_own_when_somebody_else_can_sign_in(self, stage: Stage) -> None:
        other = await stage.practitioner("Oda Other")
        await stage.office(other, "ADMINISTRATOR")
        await stage.account(other, "oda")

        await end(stage.administrator, await office_of(stage, stage.administrator))

    async def test_never_ends_the_last_two_administrators_at_once(
        self, db: Urls, stage: Stage
    ) -> None:
        other = await stage.practitioner("Oda Other")
        offices = [
            await office_of(stage, stage.administrator),
            await stage.office(other, "ADMINISTRATOR"),
        ]
        await stage.account(stage.administrator, "ada")
        await stage.account(other, "oda")

        done = await at_once(
            db, stage, end(stage.administrator, offices[1]), end(other, offices[0])
        )

        assert [each.code for each in done if isinstance(each, Refusal)] == ["LAST_ADMINISTRATOR"]

    async def test_and_a_disabled_account_at_once_leave_one_administrator(
        self, db: Urls, stage: Stage
    ) -> None:
        other = await stage.practitioner("Oda Other")
        mine = await office_of(stage, stage.administrator)
        await stage.office(other, "ADMINISTRATOR")
        await stage.account(stage.administrator, "ada")
        await stage.account(other, "oda")

        done = await at_once(
            db,
            stage,
            end(other, mine),
            access.disable_account(stage.administrator.ask(), issuer=ISSUER, subject="oda"),
        )

        assert [each.code for each in done if isinstance(each, Refusal)] == ["LAST_ADMINISTRATOR"]

    async def test_refusals_leave_nothing_behind(self, stage: Stage, helen: Somebody) -> None:
        await stage.account(stage.administrator, "ada")
        other = await stage.authority("derbyshire", "Derbyshire")
        mine = await office_of(stage, stage.administrator)
        coordinator = await office_of(stage, stage.coordinator)
        ended = await stage.office(helen, "COORDINATOR", ended_at=stage.now)
        # somebody who cannot sign in does not count as an administrator who is left
        await stage.office(helen, "ADMINISTRATOR")
        await stage.account(helen, "helen", disabled_at=stage.now)
        cases = [
            (stage.coordinator, coordinator, NotPermitted.code),
            (other.administrator, coordinator, NotPermitted.code),
            (stage.administrator, uuid4(), NotFound.code),
            (
                stage.administrator,
                await office_of(stage, other.administrator),
                NotPermitted.code,
            ),
            (stage.administrator, ended, "OFFICE_ENDED_ALREADY"),
            (stage.administrator, mine, "LAST_ADMINISTRATOR"),
        ]
        before = await stage.state()
        for asker, office_holder_id, code in cases:
            with pytest.raises(Refusal) as refusal:
                await end(asker, office_holder_id)
            assert refusal.value.code == code
            assert await stage.state() == before
