"""`kill -9` of the worker loses no message and confuses no calendar (R1, R2)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from aiosmtpd.smtp import SMTP, Envelope

from taf_service.database import Urls
from tests.notifications.mail_server import Server, serving
from tests.notifications.post import Post
from tests.notifications.working import event, read, until
from tests.reliability.workers import Workers, command, workers

INVITED = 200
KILLS = 20
ROUNDS = 25 if os.environ.get("TAF_SOAK") else 1
Copies = dict[str, list[Envelope]]


@dataclass
class Leisurely(Server):
    """Takes its time over each step, so that workers die at every one of them."""

    chance: random.Random = field(default_factory=lambda: random.Random(20261124))
    steps: int = 0

    async def handle_MAIL(self, line: SMTP, *told: Any) -> str:  # noqa: N802
        await self._dawdle()
        return await super().handle_MAIL(line, *told)

    async def handle_RCPT(self, *told: Any) -> str:  # noqa: N802
        await self._dawdle()
        return await super().handle_RCPT(*told)

    async def handle_DATA(self, line: SMTP, *told: Any) -> str:  # noqa: N802
        await self._dawdle()
        reply = await super().handle_DATA(line, *told)
        await self._dawdle()  # taken, and nobody has been told so
        return reply

    async def _dawdle(self) -> None:
        self.steps += 1
        await asyncio.sleep(self.chance.uniform(0, 0.03))

    async def hear(self, steps: int) -> None:
        """Return after so many more steps, or when there is nothing to be heard."""
        goal = self.steps + steps
        for _ in range(400):
            if self.steps >= goal:
                return
            await asyncio.sleep(0.005)


class TestTwentyKills:
    async def test_lose_nothing_and_repeat_only_what_was_in_hand(
        self, post: Post, urls: Urls
    ) -> None:
        people = await _invite(post)
        server = Leisurely()
        async with serving(server) as relay, workers(urls, relay, post.stage.owner) as those:
            for number in range(ROUNDS):
                lost: set[tuple[UUID, int]] = set()
                entries = await _tell(post, people, number)
                for _ in range(KILLS):
                    await _kill_at_random(those, server)
                    lost |= await _in_hand(post)
                async with command(urls, relay):
                    await until(_all_settled(post), seconds=60)

                rows = {each: await post.entry(each) for each in entries}
                copies = _copies(server)
                assert {row["state"] for row in rows.values()} == {"ACCEPTED"}
                assert set(copies) == {row["message_id"] for row in rows.values()}
                deaths = Counter(entry_id for entry_id, _ in lost)
                assert sum(deaths.values()) >= KILLS
                for entry_id, row in rows.items():
                    assert row["attempts"] == 1 + deaths[entry_id]
                    _check(copies[row["message_id"]], row, number)
                server.received.clear()


def _check(copies: list[Envelope], row: asyncpg.Record, number: int) -> None:
    """However many copies, they are one message: a calendar cannot tell them apart."""
    assert 1 <= len(copies) <= row["attempts"]
    assert {copy.original_content for copy in copies} == {row["message"]}
    assert {tuple(copy.rcpt_tos) for copy in copies} == {(row["address"],)}
    assert {copy.mail_from for copy in copies} == {row["envelope_from"]}
    assert event(read(copies[0]))["SEQUENCE"] == number


async def _invite(post: Post) -> list[Any]:
    people = []
    for number in range(INVITED):
        somebody = await post.stage.practitioner(f"Member {number}")
        post.team.memberships[somebody.person_id] = await post.stage.membership(post.team, somebody)
        await post.stage.owner.execute(
            "update email_address set address = $2 where address = $1",
            somebody.address,
            f"m{number}@good{number % 25}.example",
        )
        await post.invite(somebody)
        people.append(somebody)
    return people


async def _tell(post: Post, people: list[Any], number: int) -> list[UUID]:
    kind = "MeetingChanged" if number else "InvitedToMeeting"
    return [await post.notice(each, kind, number=number) for each in people]


async def _kill_at_random(those: Workers, server: Leisurely) -> None:
    process = await those.start()
    await server.hear(server.chance.randint(0, 60))
    await asyncio.sleep(server.chance.uniform(0, 0.03))
    await those.kill(process)


async def _in_hand(post: Post) -> set[tuple[UUID, int]]:
    """What died with its worker: the message, and which of its claims that was."""
    rows = await post.stage.owner.fetch(
        "select id, fence from outbox_entry where state = 'SENDING'"
    )
    return {(row["id"], row["fence"]) for row in rows}


def _all_settled(post: Post) -> Any:
    async def ask() -> bool:
        return not {"QUEUED", "SENDING"} & set(await post.states())

    return ask


def _copies(server: Server) -> Copies:
    found: Copies = defaultdict(list)
    for envelope in server.received:
        found[read(envelope)["Message-ID"]].append(envelope)
    return found


class TestAKill:
    async def test_between_their_yes_and_our_note_of_it_sends_the_same_bytes_once_more(
        self, post: Post, urls: Urls
    ) -> None:
        """R2: the server took it, and nobody was left to write that down."""
        entry_id = await post.notice(post.practitioner)
        server = Server()
        taken = asyncio.Event()

        async def take(line: SMTP) -> str:
            if not server.received:
                os.kill(process, signal.SIGSTOP)  # so that it never reads the answer
                taken.set()
            return "250 OK"

        server.data = take
        async with serving(server) as relay, workers(urls, relay, post.stage.owner) as those:
            process = await those.start()
            await asyncio.wait_for(taken.wait(), 10)
            await those.kill(process)
            assert (await post.entry(entry_id))["state"] == "SENDING"
            await those.start()
            await until(_all_settled(post), seconds=20)

        row = await post.entry(entry_id)
        first, second = server.received
        assert first.original_content == second.original_content == row["message"]
        assert (row["state"], row["attempts"], row["fence"]) == ("ACCEPTED", 2, 2)

    async def test_before_anything_was_built_is_as_if_nothing_had_happened(
        self, post: Post, urls: Urls
    ) -> None:
        entry_id = await post.notice(post.practitioner)
        await post.change(
            "outbox_entry",
            entry_id,
            state="SENDING",
            claimed_until=post.stage.now,
            fence=1,
            attempts=1,
        )
        server = Server()
        async with serving(server) as relay, workers(urls, relay, post.stage.owner) as those:
            await those.start()
            await until(_all_settled(post), seconds=20)

        row = await post.entry(entry_id)
        assert (row["state"], row["attempts"], len(server.received)) == ("ACCEPTED", 2, 1)
