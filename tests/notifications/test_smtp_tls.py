"""Which connections are safe enough, and signing in to the relay."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult

from notifications.smtp import (
    Accepted,
    Deferred,
    Held,
    Outcome,
    Relay,
    TlsPolicy,
)
from tests.notifications.mail_server import (
    HOST,
    MESSAGE,
    TO,
    Server,
    scripted,
    send,
    serving,
)


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

    async def test_believes_nothing_that_was_said_before_the_handshake(
        self, authority: Authority
    ) -> None:
        """Somebody on the line adds answers behind the one in clear (as in CVE-2011-0411)."""
        context = authority.context(HOST)
        heard: list[bytes] = []

        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            await reader.readline()
            writer.write(b"250-mail.example\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"220 Go\r\n250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 Taken\r\n")
            await writer.drain()
            await writer.start_tls(context)
            heard.append(await reader.readline())
            writer.write(b"250 mail.example\r\n")
            heard.append(await reader.readline())
            writer.write(b"451 Later\r\n")
            heard.append(await reader.readline())
            writer.write(b"250 OK\r\n")

        async with scripted(script) as relay:
            assert await send(verified(relay, authority)) == Deferred(451, "Later")
        assert [line[:4] for line in heard] == [b"EHLO", b"MAIL", b"RSET"]

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
