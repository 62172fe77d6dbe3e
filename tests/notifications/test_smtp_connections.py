"""Connections are kept, used again and let go."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiosmtpd.smtp import SMTP

from notifications.smtp import (
    Accepted,
    Deferred,
    Refused,
    Sender,
    TlsPolicy,
)
from tests.notifications.mail_server import (
    FROM,
    MESSAGE,
    TO,
    Server,
    hang_up,
    send,
    serving,
)


class TestConnections:
    async def test_are_used_again(self) -> None:
        server = Server()
        async with serving(server) as relay, Sender(relay) as sender:
            for _ in range(5):
                await sender.send(MESSAGE, envelope_from=FROM, to=TO)
        assert (len(server.received), len(server.connections)) == (5, 1)

    @pytest.mark.parametrize("at", ["mail", "rcpt", "data"])
    async def test_are_used_again_after_a_refusal(self, at: str) -> None:
        server = Server()
        async with serving(server) as relay, Sender(relay) as sender:
            setattr(server, at, "550 No")
            assert isinstance(await sender.send(MESSAGE, envelope_from=FROM, to=TO), Refused)
            setattr(server, at, "250 OK")
            assert isinstance(await sender.send(MESSAGE, envelope_from=FROM, to=TO), Accepted)
        assert len(server.connections) == 1
        assert server.received[0].rcpt_tos == [TO]

    async def test_are_replaced_when_the_server_has_closed_them(self) -> None:
        server = Server()
        async with serving(server) as relay, Sender(relay) as sender:
            await sender.send(MESSAGE, envelope_from=FROM, to=TO)
            hang_up(server.connections[0])
            assert isinstance(await sender.send(MESSAGE, envelope_from=FROM, to=TO), Accepted)
        assert (len(server.received), len(server.connections)) == (2, 2)

    async def test_are_replaced_when_the_server_closes_them_at_the_next_message(self) -> None:
        server = Server()
        async with serving(server) as relay, Sender(relay) as sender:
            await sender.send(MESSAGE, envelope_from=FROM, to=TO)
            server.mail_on_first = "421 Idle for too long"
            assert isinstance(await sender.send(MESSAGE, envelope_from=FROM, to=TO), Accepted)
        assert len(server.connections) == 2

    async def test_are_tried_anew_only_once(self) -> None:
        server = Server()
        async with serving(server) as relay, Sender(relay) as sender:
            await sender.send(MESSAGE, envelope_from=FROM, to=TO)
            server.mail = "421 Closing"
            outcome = await sender.send(MESSAGE, envelope_from=FROM, to=TO)
            assert outcome == Deferred(421, "Closing")
        assert (len(server.received), len(server.connections)) == (1, 2)

    async def test_are_not_retried_once_the_message_has_begun(self) -> None:
        server = Server()
        async with serving(server) as relay, Sender(relay) as sender:
            await sender.send(MESSAGE, envelope_from=FROM, to=TO)
            server.rcpt = "421 Closing"
            outcome = await sender.send(MESSAGE, envelope_from=FROM, to=TO)
            assert outcome == Deferred(421, "Closing")
        assert len(server.connections) == 1

    async def test_end_as_deferred_when_the_server_has_gone(self) -> None:
        async with serving(Server()) as relay, Sender(relay) as sender:
            await sender.send(MESSAGE, envelope_from=FROM, to=TO)
            sender._relay = replace(relay, port=1)
            for _, client in sender._kept[TlsPolicy.LOOPBACK_PLAIN]:
                client.close()
            outcome = await sender.send(MESSAGE, envelope_from=FROM, to=TO)
        assert isinstance(outcome, Deferred)
        assert outcome.code is None

    async def test_are_not_used_after_lying_idle_for_too_long(self) -> None:
        server = Server()
        async with serving(server) as relay:
            hasty = replace(relay, idle_seconds=0.0)
            async with Sender(hasty) as sender:
                for _ in range(2):
                    await sender.send(MESSAGE, envelope_from=FROM, to=TO)
                    await asyncio.sleep(0.01)
        assert len(server.connections) == 2

    async def test_are_as_few_as_the_relay_allows(self) -> None:
        async def think(line: SMTP) -> str:
            await asyncio.sleep(0.02)
            return "250 OK"

        server = Server(data=think)
        async with serving(server) as relay, Sender(replace(relay, connections=2)) as sender:
            letters = (sender.send(MESSAGE, envelope_from=FROM, to=TO) for _ in range(6))
            outcomes = await asyncio.gather(*letters)
        assert all(isinstance(outcome, Accepted) for outcome in outcomes)
        assert len(server.connections) == 2

    async def test_let_nobody_wait_for_one_slow_server(self) -> None:
        """R5: the slow one holds its own place and no other."""
        waiting = asyncio.Event()

        async def tarpit(line: SMTP) -> str:
            if line.envelope is not None and "slow" in str(line.envelope.rcpt_tos):
                await waiting.wait()
            return "250 OK"

        server = Server(data=tarpit)
        async with serving(server) as relay, Sender(replace(relay, connections=2)) as sender:
            slow = asyncio.create_task(
                sender.send(MESSAGE, envelope_from=FROM, to="slow@school.example")
            )
            for _ in range(20):
                outcome = await sender.send(MESSAGE, envelope_from=FROM, to=TO)
                assert isinstance(outcome, Accepted)
            assert not slow.done()
            waiting.set()
            assert isinstance(await slow, Accepted)

    async def test_are_dropped_when_a_message_is_cancelled_half_way(self) -> None:
        reached = asyncio.Event()

        async def stall(line: SMTP) -> str:
            reached.set()
            await asyncio.sleep(60)
            return "250 Late"

        server = Server(data=stall)
        async with serving(server) as relay, Sender(relay) as sender:
            cut_off = asyncio.create_task(sender.send(MESSAGE, envelope_from=FROM, to=TO))
            await reached.wait()
            cut_off.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cut_off
            await asyncio.sleep(0.01)
            assert server.open_connections == []
            server.data = "250 Mine"
            assert await sender.send(MESSAGE, envelope_from=FROM, to=TO) == Accepted("Mine")
        assert len(server.connections) == 2

    async def test_are_taken_leave_of_at_the_end(self) -> None:
        left: list[str] = []

        class Polite(Server):
            async def handle_QUIT(self, *_: object) -> str:  # noqa: N802
                left.append("QUIT")
                return "221 Bye"

        async with serving(Polite()) as relay:
            await send(relay)
        assert left == ["QUIT"]
