from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from notifications import claims
from notifications.claims import Connection, Entry, Frozen, Pool
from notifications.outbox import DeliveryState
from tests.notifications.post import Post
from tests.stage import Somebody

LEASE = timedelta(minutes=1)


async def claim(
    connection: Connection,
    limit: int = 10,
    *,
    per_domain: int = 4,
    busy: Mapping[str, int] | None = None,
) -> list[Entry]:
    return await claims.claim(
        connection, lease=LEASE, limit=limit, per_domain=per_domain, busy=busy or {}
    )


def frozen(now: datetime, address: str = "p@work.example") -> Frozen:
    return Frozen(address, f"<{uuid4().hex}@reply.taf.example>", now, "b-1@taf.example", b"x\r\n")


@pytest.fixture
async def one(post: Post) -> UUID:
    return await post.notice(post.practitioner)


class TestClaim:
    async def test_takes_what_is_due(self, post: Post, one: UUID, pool: Pool) -> None:
        later = await post.notice(post.parent, due_at=post.stage.now + timedelta(hours=1))

        (entry,) = await claim_in(pool)

        assert (entry.id, entry.number, entry.attempts, entry.fence) == (one, 0, 1, 1)
        assert entry.frozen is None
        row = await post.entry(one)
        now = await post.stage.owner.fetchval("select now()")
        assert row["state"] == "SENDING"
        assert timedelta(seconds=50) < row["claimed_until"] - now < LEASE
        assert (await post.entry(later))["state"] == "QUEUED"

    async def test_takes_one_message_of_an_invitation_at_a_time_in_order(
        self, post: Post, one: UUID, pool: Pool
    ) -> None:
        second = await post.notice(post.practitioner, "MeetingChanged", number=1)
        # Waiting longer does not let a later message overtake.
        await post.change("outbox_entry", second, due_at=post.stage.now - timedelta(days=1))
        third = await post.notice(post.practitioner, "MeetingCancelled", number=2)
        async with pool.acquire() as connection:
            for expected in (one, second, third):
                (entry,) = await claim(connection)
                assert entry.id == expected
                assert await claim(connection) == []
                await claims.settle(connection, entry, DeliveryState.ACCEPTED, "250 OK")

    async def test_waits_for_a_message_that_is_to_be_tried_again(
        self, post: Post, one: UUID, pool: Pool
    ) -> None:
        await post.notice(post.practitioner, "MeetingChanged", number=1)
        async with pool.acquire() as connection:
            (entry,) = await claim(connection)
            await claims.put_back(connection, entry, after=timedelta(minutes=5), reply="421")

            assert await claim(connection) == []

    async def test_takes_over_when_a_lease_ran_out(self, post: Post, one: UUID, pool: Pool) -> None:
        (first,) = await claim_in(pool)
        assert await claim_in(pool) == []
        await post.change("outbox_entry", one, claimed_until=post.stage.now)

        (second,) = await claim_in(pool)

        assert (second.id, second.fence, second.attempts) == (first.id, 2, 2)

    async def test_gives_each_message_to_one_worker(self, post: Post, pool: Pool) -> None:
        for number in range(20):
            await post.notice(await member(post, number))

        async def take() -> list[UUID]:
            return [entry.id for entry in await claim_in(pool, 3)]

        taken = [
            entry for part in await asyncio.gather(*(take() for _ in range(8))) for entry in part
        ]

        assert len(taken) == len(set(taken)) == 20

    async def test_leaves_alone_what_goes_to_a_busy_domain(self, post: Post, pool: Pool) -> None:
        for number, domain in enumerate(["slow.example"] * 3 + ["good.example"] * 3):
            await post.notice(
                await member(post, number), address=f"{number}@{domain}", message=b"x"
            )
        unknown = await post.notice(post.practitioner)

        entries = await claim_in(pool, per_domain=2, busy={"slow.example": 2, "good.example": 1})

        domains = [entry.frozen.address[2:] for entry in entries if entry.frozen]
        assert domains == ["good.example"]
        assert unknown in {entry.id for entry in entries}
        assert len(await claim_in(pool, per_domain=2)) == 4

    async def test_takes_no_more_than_asked(self, post: Post, pool: Pool) -> None:
        for number in range(5):
            await post.notice(await member(post, number))

        assert len(await claim_in(pool, 2)) == 2
        assert await post.states() == {"SENDING": 2, "QUEUED": 3}


class TestAClaimedEntry:
    async def test_keeps_what_was_built(self, post: Post, one: UUID, pool: Pool) -> None:
        built = frozen(post.stage.now)
        async with pool.acquire() as connection:
            (entry,) = await claim(connection)
            assert await claims.freeze(connection, entry, built, lease=LEASE)
            await post.change("outbox_entry", one, claimed_until=post.stage.now)

            (again,) = await claim(connection)

        assert again.frozen == built

    async def test_is_released_as_if_nothing_had_been_tried(
        self, post: Post, one: UUID, pool: Pool
    ) -> None:
        async with pool.acquire() as connection:
            (entry,) = await claim(connection)
            assert await claims.release(connection, entry)

        row = await post.entry(one)
        assert (row["state"], row["attempts"], row["due_at"]) == ("QUEUED", 0, post.stage.now)

    async def test_is_put_back_until_it_would_be_too_late(
        self, post: Post, one: UUID, pool: Pool
    ) -> None:
        async with pool.acquire() as connection:
            (entry,) = await claim(connection)
            assert await claims.put_back(connection, entry, after=timedelta(0), reply="421 Busy")
            row = await post.entry(one)
            assert (row["state"], row["last_reply"]) == ("QUEUED", "421 Busy")

            (entry,) = await claim(connection)
            late = timedelta(days=6)
            assert await claims.put_back(connection, entry, after=late, reply="421 Busy")
            assert (await post.entry(one))["state"] == "FAILED"

    async def test_is_renewed_while_it_is_held(self, post: Post, one: UUID, pool: Pool) -> None:
        async with pool.acquire() as connection:
            (entry,) = await claim(connection)
            before = (await post.entry(one))["claimed_until"]

            assert await claims.renew(connection, [entry], lease=2 * LEASE) == {one}

            assert (await post.entry(one))["claimed_until"] > before + LEASE / 2
            await claims.settle(connection, entry, DeliveryState.ACCEPTED, "250 OK")
            assert await claims.renew(connection, [entry], lease=LEASE) == frozenset()

    @pytest.mark.parametrize("taken_by", ["another worker", "stop contact"])
    async def test_is_out_of_reach_once_it_was_taken_away(
        self, post: Post, one: UUID, pool: Pool, taken_by: str
    ) -> None:
        (entry,) = await claim_in(pool)
        if taken_by == "another worker":
            await post.change("outbox_entry", one, claimed_until=post.stage.now)
            await claim_in(pool)
        else:
            await post.stage.owner.execute(
                "select stop_messages($1, null, now())", post.practitioner.person_id
            )
        before = await post.entry(one)

        async with pool.acquire() as connection:
            assert not await claims.freeze(connection, entry, frozen(post.stage.now), lease=LEASE)
            assert not await claims.settle(connection, entry, DeliveryState.ACCEPTED, "250 OK")
            assert not await claims.put_back(connection, entry, after=LEASE, reply="421 Busy")
            assert not await claims.release(connection, entry)
            assert not await claims.renew(connection, [entry], lease=LEASE)

        assert await post.entry(one) == before


async def claim_in(
    pool: Pool, limit: int = 10, *, per_domain: int = 4, busy: Mapping[str, int] | None = None
) -> list[Entry]:
    async with pool.acquire() as connection:
        return await claim(connection, limit, per_domain=per_domain, busy=busy)


async def member(post: Post, number: int) -> Somebody:
    """One more practitioner in the team."""
    somebody = await post.stage.practitioner(f"Member {number}")
    membership_id = await post.stage.membership(post.team, somebody)
    post.team.memberships[somebody.person_id] = membership_id
    return somebody
