"""What becomes of a message when the other side, or our own database, fails us (R2 to R4, R6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP
from structlog.testing import capture_logs

from notifications.claims import Pool
from notifications.outcomes import FIRST_DELAY, LONGEST_DELAY
from notifications.worker import config_of, relay_of
from taf_service.settings import Settings
from tests.notifications.mail_server import Server, hang_up, serving
from tests.notifications.post import KEY, Post
from tests.notifications.working import SETTLED, until, working


def is_settled(post: Post, *entry_ids: UUID) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return all([(await post.entry(each))["state"] in SETTLED for each in entry_ids])

    return ask


class TestAfterTheFinalDot:
    @pytest.mark.parametrize("ending", ["drop", "stall"])
    async def test_silence_is_unconfirmed_and_holds_nobody_up(
        self, post: Post, pool: Pool, ending: str
    ) -> None:
        """R3: it is shown as what it is, is never called accepted, and is not sent again."""
        strange = await post.notice(post.practitioner)
        heard: list[SMTP] = []

        async def end(line: SMTP) -> str:
            heard.append(line)
            if len(heard) > 1:
                return "250 OK"
            if ending == "drop":
                hang_up(line)
            await asyncio.sleep(60)
            return "250 OK"

        async with (
            serving(Server(data=end)) as relay,
            working(pool, replace(relay, data_timeout=0.5)),
        ):
            await until(is_settled(post, strange))
            good = await post.notice(post.parent)
            await until(is_settled(post, good))

        row = await post.entry(strange)
        assert (row["state"], row["attempts"], len(heard)) == ("UNCONFIRMED", 1, 2)
        assert (await post.entry(good))["state"] == "ACCEPTED"

    def test_ten_minutes_are_allowed_for_an_answer(self) -> None:
        """RFC 5321 4.5.3.2.6; the settings leave it alone."""
        settings = Settings(link_key=KEY)  # type: ignore[arg-type]

        assert relay_of(settings, config_of(settings)).data_timeout == 600

    def test_the_lease_is_as_set(self) -> None:
        settings = Settings(link_key=KEY, lease_seconds=7)  # type: ignore[arg-type]

        assert config_of(settings).lease == timedelta(seconds=7)


class TestNotNow:
    @pytest.mark.parametrize("reply", ["421 4.3.2 Closing", "450 4.2.1 Later", "452 4.3.1 Full"])
    async def test_is_tried_again_ever_later_until_it_helps_nobody(
        self, post: Post, pool: Pool, reply: str
    ) -> None:
        """R4: growing, jittered delays; the same bytes; and an end."""
        entry_id = await post.notice(post.practitioner)
        delays, messages = [], set()

        def was_tried(times: int) -> Callable[[], Awaitable[bool]]:
            async def ask() -> bool:
                row = await post.entry(entry_id)
                return bool(row["attempts"] == times and row["state"] != "SENDING")

            return ask

        async with serving(Server(data=reply)) as relay, working(pool, relay):
            for number in range(1, 9):
                await until(was_tried(number))
                row = await post.entry(entry_id)
                assert (row["state"], row["last_reply"]) == ("QUEUED", reply)
                delays.append(row["due_at"] - row["state_at"])
                messages.add(row["message"])
                last = number == 8
                ends = {"give_up_at": post.stage.now + timedelta(seconds=20)} if last else {}
                await post.change("outbox_entry", entry_id, due_at=post.stage.now, **ends)
            await until(is_settled(post, entry_id))

        row = await post.entry(entry_id)
        assert (row["state"], row["attempts"], row["last_reply"]) == ("FAILED", 9, reply)
        assert len(messages) == 1
        grown = [min(FIRST_DELAY * 2**number, LONGEST_DELAY) for number in range(8)]
        jitter = [delay / expected for delay, expected in zip(delays, grown, strict=True)]
        assert min(jitter) >= 0.5
        assert max(jitter) <= 1.5
        assert len(set(jitter)) > 1


class TestOurDatabase:
    async def test_may_be_away_when_they_take_a_message(self, post: Post, pool: Pool) -> None:
        """R2: their answer is kept until it can be written down, however long; one copy leaves."""
        entry_id = await post.notice(post.practitioner)
        server = Server()

        async def take(_line: SMTP) -> str:
            await post.stage.owner.execute("alter table outbox_entry rename to elsewhere")
            return "250 OK"

        server.data = take
        lease = timedelta(seconds=0.3)
        with capture_logs() as logs:
            async with serving(server) as relay, working(pool, relay, lease=lease):
                await until(lambda: _heard(logs, "outcome_waits", 2))
                await post.stage.owner.execute("alter table elsewhere rename to outbox_entry")
                await until(is_settled(post, entry_id))

        row = await post.entry(entry_id)
        assert (row["state"], row["attempts"], len(server.received)) == ("ACCEPTED", 1, 1)

    async def test_may_lose_every_connection(self, post: Post, pool: Pool, server: str) -> None:
        """As when it is restarted in the middle of a send."""
        first = await post.notice(post.practitioner)
        name = await post.stage.owner.fetchval("select current_database()")
        mail = Server()

        async def take(_line: SMTP) -> str:
            if not mail.received:
                await _cut(server, name)
            return "250 OK"

        mail.data = take
        async with serving(mail) as relay, working(pool, relay):
            await until(is_settled(post, first))
            second = await post.notice(post.parent)
            await until(is_settled(post, second))

        assert await post.states() == {"ACCEPTED": 2}
        assert [(await post.entry(each))["attempts"] for each in (first, second)] == [1, 1]
        assert len(mail.received) == 2


class TestACrash:
    @pytest.mark.parametrize(("is_built", "state"), [(True, "UNCONFIRMED"), (False, "WITHHELD")])
    async def test_before_danger_was_known_is_not_called_withheld(
        self, post: Post, pool: Pool, is_built: bool, state: str
    ) -> None:
        """R6: what somebody sent before they vanished may have arrived."""
        entry_id = await post.notice(post.parent)
        built = {
            "address": post.parent.address,
            "message": b"x",
            "message_id": "<1@reply.taf.example>",
            "stamped_at": post.stage.now,
            "envelope_from": "b-1@reply.taf.example",
        }
        await post.change(
            "outbox_entry",
            entry_id,
            state="SENDING",
            claimed_until=post.stage.now,
            **(built if is_built else {}),
        )
        await post.stage.owner.execute("update email_address set suppressed_at = now()")
        server = Server()
        async with serving(server) as relay, working(pool, relay):
            await until(is_settled(post, entry_id))

        row = await post.entry(entry_id)
        assert (row["state"], row["last_reply"], server.received) == (state, "SUPPRESSED", [])


async def _heard(logs: list[Any], event: str, times: int) -> bool:
    return [entry["event"] for entry in logs].count(event) >= times


async def _cut(server: str, name: str) -> None:
    """Close the workers' connections from the server's side."""
    superuser = await asyncpg.connect(server)
    await superuser.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        f" where usename = 'taf_worker' and datname = '{name}'"
    )
    await superuser.close()
