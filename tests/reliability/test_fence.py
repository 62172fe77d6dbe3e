"""A worker that stalled past its lease finds its messages taken over, and says nothing (R10)."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from taf_service.database import Urls
from tests.notifications.mail_server import Server, serving
from tests.notifications.post import Post
from tests.notifications.working import SETTLED, until
from tests.reliability.workers import workers


@dataclass
class Stopping(Server):
    """Stops `process` when it first comes to `step`; each taker has an answer of its own."""

    step: str = "DATA"
    process: int = 0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_MAIL(self, line: SMTP, *told: Any) -> str:  # noqa: N802
        self._stop("MAIL")
        return await super().handle_MAIL(line, *told)

    async def handle_DATA(self, line: SMTP, *told: Any) -> str:  # noqa: N802
        self._stop("DATA")
        self.data = f"250 copy {len(self.received) + 1}"
        return await super().handle_DATA(line, *told)

    def _stop(self, step: str) -> None:
        if step == self.step and not self.stopped.is_set():
            os.kill(self.process, signal.SIGSTOP)
            self.stopped.set()


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        # Stopped when its message was taken: the second copy is the one that counts.
        ("DATA", "copy 2"),
        # Stopped before it sent: what it sends when it wakes, if anything, is the second.
        ("MAIL", "copy 1"),
    ],
)
async def test_a_stopped_worker_changes_nothing_when_it_wakes(
    post: Post, urls: Urls, step: str, answer: str
) -> None:
    def is_settled(entry_id: Any) -> Any:
        async def ask() -> bool:
            return (await post.entry(entry_id))["state"] in SETTLED

        return ask

    entry_id = await post.notice(post.practitioner)
    server = Stopping(step=step)
    async with serving(server) as relay, workers(urls, relay, post.stage.owner) as those:
        server.process = await those.start()
        await asyncio.wait_for(server.stopped.wait(), 20)
        other = await those.start()
        await until(is_settled(entry_id), seconds=20)
        settled = await post.entry(entry_id)
        os.kill(other, signal.SIGKILL)

        os.kill(server.process, signal.SIGCONT)
        next_id = await post.notice(post.parent)
        await until(is_settled(next_id), seconds=20)

    assert (settled["state"], settled["last_reply"]) == ("ACCEPTED", answer)
    assert (settled["fence"], settled["attempts"]) == (2, 2)
    assert await post.entry(entry_id) == settled
    copies = [each for each in server.received if each.rcpt_tos == [settled["address"]]]
    assert 1 <= len(copies) <= 2
    assert {copy.original_content for copy in copies} == {settled["message"]}
