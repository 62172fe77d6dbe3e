"""Real servers on loopback, well and badly behaved."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from notifications.addresses import Malformed
from notifications.smtp import (
    Accepted,
    Deferred,
    Held,
    Outcome,
    Refused,
    Relay,
    Sender,
    TlsPolicy,
    Unconfirmed,
)

HOST = "127.0.0.1"
FROM = "b-4kq2@reply.taf.example"
TO = "jane.smith@school.example"
MESSAGE = b"Subject: Meeting\r\n\r\n.hidden dot\r\nFrom here\r\n..\r\n.\r\nEnd\r\n"
LARGE = b"Subject: Meeting\r\n\r\n" + (b"x" * 998 + b"\r\n") * 8_000


@dataclass
class Server:
    """A mail server that says what it is told to say, and remembers what it heard."""

    rcpt: str = "250 OK"
    mail: str = "250 OK"
    mail_on_first: str | None = None
    data: str | Callable[[SMTP], Awaitable[str]] = "250 Taken as 4711"
    received: list[Envelope] = field(default_factory=list)
    connections: list[SMTP] = field(default_factory=list)

    async def handle_MAIL(self, line: SMTP, *told: Any) -> str:  # noqa: N802
        _, envelope, address, _ = told
        envelope.mail_from = address
        is_first = line is self.connections[0]
        return (self.mail_on_first if is_first else None) or self.mail

    async def handle_RCPT(self, *told: Any) -> str:  # noqa: N802
        _, _, envelope, address, _ = told
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, line: SMTP, *told: Any) -> str:  # noqa: N802
        reply = self.data if isinstance(self.data, str) else await self.data(line)
        if reply.startswith("250"):
            self.received.append(told[1])
        return reply

    @property
    def open_connections(self) -> list[SMTP]:
        return [line for line in self.connections if line.transport is not None]


def hang_up(line: SMTP) -> None:
    """Cut the connection without a word."""
    assert isinstance(line.transport, asyncio.WriteTransport)
    line.transport.abort()


@asynccontextmanager
async def serving(
    server: Server, *, implicit_tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[Relay]:
    """A relay in clear to `server`, on a free port of this machine."""

    def answer() -> SMTP:
        line = SMTP(server, hostname="mail.example", **options)
        server.connections.append(line)
        return line

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(answer, HOST, 0, ssl=implicit_tls)
    try:
        yield _relay(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()
        for line in server.open_connections:
            hang_up(line)
        await asyncio.sleep(0.01)


@asynccontextmanager
async def scripted(
    script: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[Relay]:
    """A relay that answers byte for byte what the script says."""
    ended = asyncio.Event()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
            await ended.wait()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    listener = await asyncio.start_server(play, HOST, 0)
    try:
        yield _relay(listener.sockets[0].getsockname()[1])
    finally:
        ended.set()
        listener.close()
        await asyncio.sleep(0.01)


def _relay(port: int) -> Relay:
    return Relay(host=HOST, port=port, tls=TlsPolicy.LOOPBACK_PLAIN, timeout=2.0, data_timeout=2.0)


async def _until_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Agree to everything, up to and including the DATA command."""
    writer.write(b"220 mail.example\r\n")
    while not (await reader.readline()).startswith(b"DATA"):
        writer.write(b"250 OK\r\n")
    writer.write(b"354 Go ahead\r\n")
    await writer.drain()


async def send(relay: Relay, message: bytes = MESSAGE, *, to: str = TO) -> Outcome:
    async with Sender(relay) as sender:
        return await sender.send(message, envelope_from=FROM, to=to)


@dataclass(frozen=True)
class Authority:
    """An authority only these tests trust, and servers' contexts signed by it."""

    ca: trustme.CA
    file: Path

    def context(self, *names: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca, file = trustme.CA(), tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return Authority(ca, file)


def verified(relay: Relay, authority: Authority | None = None, **changes: Any) -> Relay:
    return replace(
        relay,
        tls=TlsPolicy.REQUIRED_VERIFIED,
        ca_file=authority.file if authority else None,
        **changes,
    )


class TestAMessageThatIsTaken:
    async def test_arrives_byte_for_byte_for_one_recipient(self) -> None:
        server = Server()
        async with serving(server) as relay:
            assert await send(relay) == Accepted("Taken as 4711")
        [envelope] = server.received
        assert (envelope.mail_from, envelope.rcpt_tos) == (FROM, [TO])
        assert envelope.original_content == MESSAGE

    async def test_may_be_large(self) -> None:
        server = Server()
        async with serving(server, data_size_limit=None) as relay:
            assert isinstance(await send(relay, LARGE), Accepted)
        assert server.received[0].original_content == LARGE

    async def test_tells_the_log_nothing(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        caplog.set_level(logging.CRITICAL, "mail.log")  # the test's own server
        server = Server(rcpt=f"550 {TO} is unknown here")
        async with serving(server) as relay:
            await send(relay)
        assert "school" not in caplog.text
        assert "reply.taf" not in caplog.text


class TestAMessageThatIsNotTaken:
    @pytest.mark.parametrize("reply", ["451 Later", "421 Closing"])
    async def test_for_now_is_deferred_at_the_recipient(self, reply: str) -> None:
        server = Server(rcpt=reply)
        async with serving(server) as relay:
            assert await send(relay) == Deferred(int(reply[:3]), reply[4:])
        assert server.received == []

    async def test_for_now_is_deferred_after_the_final_dot(self) -> None:
        async with serving(Server(data="452 Disk full")) as relay:
            assert await send(relay) == Deferred(452, "Disk full")

    async def test_for_good_is_refused_at_the_sender(self) -> None:
        async with serving(Server(mail="553 Not from you")) as relay:
            assert await send(relay) == Refused(553, "Not from you")

    async def test_for_good_is_refused_at_the_recipient(self) -> None:
        server = Server(rcpt="550 No such person")
        async with serving(server) as relay:
            assert await send(relay) == Refused(550, "No such person")
        assert server.received == []

    async def test_for_good_is_refused_at_the_data_command(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            while not (await reader.readline()).startswith(b"DATA"):
                writer.write(b"250 OK\r\n")
            writer.write(b"554 No valid recipients\r\n")

        async with scripted(script) as relay:
            impatient = replace(relay, timeout=0.2)
            assert await send(impatient) == Refused(554, "No valid recipients")

    async def test_for_good_is_refused_after_the_final_dot(self) -> None:
        async with serving(Server(data="554 Spam")) as relay:
            assert await send(relay) == Refused(554, "Spam")

    @pytest.mark.parametrize("code", [530, 534, 535, 538])
    async def test_because_of_our_account_is_deferred_not_refused(self, code: int) -> None:
        async with serving(Server(mail=f"{code} Sign in first")) as relay:
            assert await send(relay) == Deferred(code, "Sign in first")

    async def test_reports_a_reply_without_anything_that_hurts_a_table_or_a_page(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            while not (await reader.readline()).startswith(b"RCPT"):
                writer.write(b"250 OK\r\n")
            writer.write(b"550-No\x00\xff\r\n550 \xe2\x80\xae" + b"x" * 2000 + b"\r\n")

        async with scripted(script) as relay:
            outcome = await send(replace(relay, timeout=0.2))
        assert isinstance(outcome, Refused)
        assert outcome.reply.startswith("No\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} ")
        assert outcome.reply.isprintable()
        assert len(outcome.reply) == 500


class TestBeforeTheFinalDot:
    async def test_no_server_at_all_means_deferred(self) -> None:
        async with serving(Server()) as relay:
            pass
        outcome = await send(relay)
        assert isinstance(outcome, Deferred)
        assert outcome.code is None

    async def test_a_server_that_never_greets_means_deferred(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()

        async with scripted(script) as relay:
            outcome = await send(replace(relay, timeout=0.1))
        assert isinstance(outcome, Deferred)

    async def test_a_server_that_greets_with_a_refusal_means_deferred(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"554 No service here\r\n")

        async with scripted(script) as relay:
            assert await send(relay) == Deferred(554, "No service here")

    async def test_a_reply_that_is_no_reply_means_deferred(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            while not (await reader.readline()).startswith(b"RCPT"):
                writer.write(b"250 OK\r\n")
            writer.write(b"what?\r\n")

        async with scripted(script) as relay:
            outcome = await send(relay)
        assert isinstance(outcome, Deferred)
        assert outcome.code is None

    async def test_a_drop_in_the_middle_of_the_message_means_deferred(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _until_data(reader, writer)
            await reader.readline()
            writer.transport.abort()

        async with scripted(script) as relay:
            outcome = await send(relay, LARGE)
        assert isinstance(outcome, Deferred)
        assert outcome.code is None

    async def test_a_stall_in_the_middle_of_the_message_means_deferred(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _until_data(reader, writer)

        async with scripted(script) as relay, Sender(replace(relay, timeout=0.2)) as sender:
            outcome = await sender.send(LARGE, envelope_from=FROM, to=TO)
            assert sender._kept[TlsPolicy.LOOPBACK_PLAIN] == []
        assert isinstance(outcome, Deferred)


class TestAfterTheFinalDot:
    async def test_a_drop_is_unconfirmed(self) -> None:
        async def drop(line: SMTP) -> str:
            hang_up(line)
            return "250 OK"

        async with serving(Server(data=drop)) as relay:
            assert isinstance(await send(relay), Unconfirmed)

    async def test_a_stall_is_unconfirmed_after_the_longer_wait(self) -> None:
        async def stall(line: SMTP) -> str:
            await asyncio.sleep(60)
            return "250 OK"

        async with serving(Server(data=stall)) as relay:
            patient = replace(relay, timeout=0.1, data_timeout=0.4)
            began = asyncio.get_running_loop().time()
            assert isinstance(await send(patient), Unconfirmed)
            assert asyncio.get_running_loop().time() - began >= 0.4

    async def test_a_slow_yes_within_the_longer_wait_is_accepted(self) -> None:
        async def think(line: SMTP) -> str:
            await asyncio.sleep(0.3)
            return "250 OK"

        async with serving(Server(data=think)) as relay:
            assert await send(replace(relay, timeout=0.1)) == Accepted("OK")

    @pytest.mark.parametrize("reply", [b"what?\r\n", b"354 Go on\r\n"])
    async def test_an_answer_that_is_none_is_unconfirmed(self, reply: bytes) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _until_data(reader, writer)
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(reply)

        async with scripted(script) as relay:
            assert isinstance(await send(relay), Unconfirmed)

    def test_the_wait_is_ten_minutes_unless_set(self) -> None:
        assert Relay(host="smtp.example", port=587).data_timeout == 600


class TestTls:
    async def test_sends_over_starttls_to_a_server_whose_certificate_names_it(
        self, authority: Authority
    ) -> None:
        server = Server()
        options: dict[str, Any] = {"tls_context": authority.context(HOST), "require_starttls": True}
        async with serving(server, **options) as relay:
            assert isinstance(await send(verified(relay, authority)), Accepted)
        assert server.received[0].original_content == MESSAGE

    async def test_sends_over_implicit_tls(self, authority: Authority) -> None:
        server = Server()
        async with serving(server, implicit_tls=authority.context(HOST)) as relay:
            outcome = await send(verified(relay, authority, implicit_tls=True))
        assert isinstance(outcome, Accepted)

    async def test_holds_when_encryption_is_not_offered(self) -> None:
        server = Server()
        async with serving(server) as relay:
            assert isinstance(await send(verified(relay)), Held)
        assert server.received == []

    async def test_holds_for_an_authority_nobody_knows(self, authority: Authority) -> None:
        server = Server()
        async with serving(server, tls_context=authority.context(HOST)) as relay:
            outcome = await send(verified(relay))
        assert isinstance(outcome, Held)
        assert "certificate" in outcome.reason
        assert server.received == []

    async def test_holds_for_a_certificate_of_another_name(self, authority: Authority) -> None:
        server = Server()
        async with serving(server, tls_context=authority.context("mail.example")) as relay:
            outcome = await send(verified(relay, authority))
        assert isinstance(outcome, Held)
        assert server.received == []

    async def test_holds_for_a_bad_certificate_on_an_implicit_port(
        self, authority: Authority
    ) -> None:
        server = Server()
        async with serving(server, implicit_tls=authority.context(HOST)) as relay:
            assert isinstance(await send(verified(relay, implicit_tls=True)), Held)
        assert server.received == []

    async def test_holds_when_a_server_that_offered_it_cannot_do_it(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            await reader.readline()
            writer.write(b"250-mail.example\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"220 Go ahead\r\n")
            await reader.read(1)
            writer.write(b"250 this is no handshake\r\n")

        async with scripted(script) as relay:
            assert isinstance(await send(verified(relay)), Held)

    async def test_defers_when_encryption_is_unavailable_for_now(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            await reader.readline()
            writer.write(b"250-mail.example\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"454 Not now\r\n")

        async with scripted(script) as relay:
            assert await send(verified(relay)) == Deferred(454, "Not now")

    async def test_excepts_the_domains_it_is_told_to(self) -> None:
        server = Server()
        async with serving(server) as relay:
            mixed = verified(relay, tls_exceptions={"caught.example": TlsPolicy.LOOPBACK_PLAIN})
            assert isinstance(await send(mixed, to="a@Caught.Example"), Accepted)
            assert isinstance(await send(mixed, to="a@sub.caught.example"), Held)
        assert [envelope.rcpt_tos for envelope in server.received] == [["a@Caught.Example"]]

    def test_is_required_and_checked_unless_said_otherwise(self) -> None:
        relay = Relay(host="smtp.example", port=587)
        assert relay.policy_for(TO) is TlsPolicy.REQUIRED_VERIFIED

    @pytest.mark.parametrize("host", ["smtp.example", "10.0.0.1", "localhost.example"])
    def test_cannot_be_switched_off_beyond_this_machine(self, host: str) -> None:
        with pytest.raises(ValueError, match="this machine"):
            Relay(host=host, port=25, tls=TlsPolicy.LOOPBACK_PLAIN)
        with pytest.raises(ValueError, match="this machine"):
            Relay(host=host, port=25, tls_exceptions={"a.example": TlsPolicy.LOOPBACK_PLAIN})

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
    def test_may_be_left_out_on_this_machine(self, host: str) -> None:
        assert Relay(host=host, port=25, tls=TlsPolicy.LOOPBACK_PLAIN).host == host


class TestSignIn:
    @pytest.mark.parametrize(
        ("success", "expected"),
        [(True, Accepted), (False, Deferred)],
    )
    async def test_to_the_relay_decides_nothing_about_the_message(
        self, authority: Authority, *, success: bool, expected: type[Outcome]
    ) -> None:
        def check(*_: object) -> AuthResult:
            return AuthResult(success=success, handled=False)

        server = Server()
        options: dict[str, Any] = {"tls_context": authority.context(HOST), "authenticator": check}
        async with serving(server, **options) as relay:
            account = {"username": "taf", "password": "correct horse"}
            outcome = await send(verified(relay, authority, **account))
        assert isinstance(outcome, expected)
        assert len(server.received) == success

    def test_keeps_the_password_out_of_sight(self) -> None:
        relay = Relay(host="smtp.example", port=587, username="taf", password="correct horse")
        assert "horse" not in repr(relay)


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


class TestAMalformedMessage:
    @pytest.mark.parametrize(
        "message",
        [
            b"",
            b"Subject: no line end",
            b"Subject: a\n\nbare line feeds\n",
            b"Subject: a\r\n\r\nsmuggled\n.\r\nMAIL FROM:<x@y.example>\r\n",
            b"Subject: a\r\n\r\nbare\rreturn\r\n",
            b"Subject: a\r\n\r\neight bits \xc3\xa9\r\n",
            b"Subject: a\r\n\r\nnothing \x00\r\n",
            b"Subject: a\r\n\r\n" + b"x" * 999 + b"\r\n",
        ],
    )
    async def test_is_refused_before_anybody_is_called(self, message: bytes) -> None:
        server = Server()
        async with serving(server) as relay:
            with pytest.raises(Malformed):
                await send(relay, message)
        assert server.connections == []

    @pytest.mark.parametrize(
        "address",
        [
            "c@d.example> RCPT TO:<e@f.example",
            "a@b.example\r\nRCPT TO:<e@f.example>",
            "a@b.example, c@d.example",
            "Jane <a@b.example>",
            "a@b.example NOTIFY=SUCCESS",
            "jané@school.example",
            "a" * 65 + "@school.example",
            "nobody",
            "",
        ],
    )
    async def test_is_refused_for_an_address_that_is_not_one(self, address: str) -> None:
        server = Server()
        async with serving(server) as relay, Sender(relay) as sender:
            with pytest.raises(Malformed) as refusal:
                await sender.send(MESSAGE, envelope_from=FROM, to=address)
            with pytest.raises(Malformed):
                await sender.send(MESSAGE, envelope_from=address, to=TO)
        assert not address or address not in str(refusal.value)
        assert server.connections == []
