from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from taf_service.core import sealing
from taf_service.database import Urls
from tests.stage import Stage


async def record(stage: Stage, family_id: UUID | None, times: int = 1) -> list[UUID]:
    return [
        await stage.insert(
            "audit_entry",
            family_id=family_id,
            at=stage.now,
            actor_id=uuid4(),
            event="noted",
            subject_id=uuid4(),
            facts={"n": number},
        )
        for number in range(times)
    ]


@pytest.fixture
async def worker(db: Urls) -> asyncpg.Connection[asyncpg.Record]:
    return await asyncpg.connect(db.worker)


class TestSealing:
    async def test_chains_each_family_by_itself(
        self, stage: Stage, worker: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        one, other = uuid4(), uuid4()
        await record(stage, one, 3)
        await record(stage, other, 2)
        await record(stage, None)

        assert await sealing.seal(worker) == 6
        await record(stage, one)
        assert await sealing.seal(worker) == 1
        assert await sealing.seal(worker) == 0

        heads = await sealing.heads(worker)
        assert {chain: head.number for chain, head in heads.items()} == {
            one: 2,
            other: 1,
            sealing.NO_FAMILY: 1,
        }
        assert await sealing.verify(worker, heads) == ()
        await worker.close()

    async def test_two_at_once_seal_each_entry_once(self, stage: Stage, db: Urls) -> None:
        await record(stage, uuid4(), 20)
        workers = [await asyncpg.connect(db.worker) for _ in range(3)]

        sealed = await asyncio.gather(*(sealing.seal(worker) for worker in workers))

        assert sum(sealed) == 20
        assert await sealing.verify(workers[0]) == ()
        for worker in workers:
            await worker.close()

    @pytest.mark.parametrize(
        ("tampering", "why"),
        [
            ("update audit_entry set event = 'edited' where id = $1", "an entry was changed"),
            ("update audit_entry set actor_id = null where id = $1", "an entry was changed"),
            ("delete from sealed_entry where entry_id = $1", "entries are missing"),
        ],
    )
    async def test_notices_tampering(
        self,
        stage: Stage,
        server: str,
        worker: asyncpg.Connection[asyncpg.Record],
        tampering: str,
        why: str,
    ) -> None:
        family = uuid4()
        entries = await record(stage, family, 3)
        await sealing.seal(worker)

        for table in ("audit_entry", "sealed_entry"):
            await stage.owner.execute(f"alter table {table} disable trigger append_only")
        await stage.owner.execute(tampering, entries[1])

        broken = await sealing.verify(worker)
        assert [(b.chain_id, b.number, b.why) for b in broken] == [(family, 1, why)]
        await worker.close()

    async def test_a_truncated_tail_is_noticed_by_a_head_kept_elsewhere(
        self, stage: Stage, worker: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        family = uuid4()
        await record(stage, family)
        await sealing.seal(worker)
        await record(stage, family)
        await sealing.seal(worker)
        kept = await sealing.heads(worker)

        for table in ("audit_seal", "sealed_entry"):
            await stage.owner.execute(f"alter table {table} disable trigger append_only")
        await stage.owner.execute(
            "delete from sealed_entry where seal_id in (select id from audit_seal where number = 2)"
        )
        await stage.owner.execute("delete from audit_seal where number = 2")

        assert await sealing.verify(worker) == ()
        assert [b.number for b in await sealing.verify(worker, kept)] == [2]
        await worker.close()

    @pytest.mark.parametrize("role", ["owner", "service", "worker"])
    async def test_no_role_can_edit_an_entry(self, stage: Stage, db: Urls, role: str) -> None:
        (entry,) = await record(stage, None)
        connection = await asyncpg.connect(getattr(db, role))

        for statement in (
            "update audit_entry set event = 'x' where id = $1",
            "delete from audit_entry where id = $1",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement, entry)
        await connection.close()
