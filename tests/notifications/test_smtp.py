"""What became of one message, told by servers well and badly behaved."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest
from aiosmtpd.smtp import SMTP

from notifications.addresses import Malformed
from notifications.smtp import (
    Accepted,
    Deferred,
    Refused,
    Relay,
    Sender,
    TlsPolicy,
    Unconfirmed,
)
from tests.notifications.mail_server import (
    FROM,
    LARGE,
    MESSAGE,
    TO,
    Server,
    hang_up,
    scripted,
    send,
    serving,
    until_data,
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
            assert await send(relay) == Refused(550, "No such person", at_recipient=True)
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
            await until_data(reader, writer)
            await reader.readline()
            writer.transport.abort()

        async with scripted(script) as relay:
            outcome = await send(relay, LARGE)
        assert isinstance(outcome, Deferred)
        assert outcome.code is None

    async def test_a_stall_in_the_middle_of_the_message_means_deferred(self) -> None:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await until_data(reader, writer)

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
            await until_data(reader, writer)
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(reply)

        async with scripted(script) as relay:
            assert isinstance(await send(relay), Unconfirmed)

    def test_the_wait_is_ten_minutes_unless_set(self) -> None:
        assert Relay(host="smtp.example", port=587).data_timeout == 600


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
