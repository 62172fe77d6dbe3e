"""Handing finished messages to a mail server, and saying honestly what became of each.

One message, one recipient, one transaction. Nothing here is logged: addresses and content are
private, and what a server replied goes back to the caller with the outcome.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from aiosmtplib.protocol import SMTPProtocol

from notifications.addresses import Malformed, check_address
from notifications.relay import Accepted as Accepted
from notifications.relay import Deferred as Deferred
from notifications.relay import Held as Held
from notifications.relay import Outcome as Outcome
from notifications.relay import Refused as Refused
from notifications.relay import Relay as Relay
from notifications.relay import TlsPolicy as TlsPolicy
from notifications.relay import Unconfirmed as Unconfirmed

# RFC 5321 4.2.1: a client acts on the first digit.
_DONE, _FOR_NOW, _FOR_GOOD = 2, 4, 5
_NOT_TAKEN = frozenset({_FOR_NOW, _FOR_GOOD})
_GO_AHEAD = 354
_CLOSING = 421
# 530, 534, 535 and 538 (RFC 4954) are about our account with the relay: no fault of this message.
_ABOUT_US = frozenset({530, 534, 535, 538})
_QUIT_TIMEOUT = 5.0
_LONGEST_REPLY = 500
_FLUSH_INTERVAL = 0.01
_LONGEST_LINE = 998
_UNSAFE = re.compile(rb"\r(?!\n)|(?<!\r)\n|[^\x01-\x7f]")


class Sender:
    """Open connections to a relay, at most `relay.connections` for each policy.

    `async with Sender(relay) as sender`: at the end, the kept ones say goodbye to the server.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._tls = _trusting(relay)
        self._places = {policy: asyncio.Semaphore(relay.connections) for policy in TlsPolicy}
        self._kept: dict[TlsPolicy, list[tuple[float, SMTP]]] = {p: [] for p in TlsPolicy}
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_open = False
        kept = [client for line in self._kept.values() for _, client in line]
        self._kept = {policy: [] for policy in TlsPolicy}
        await asyncio.gather(*(_leave(client) for client in kept))

    async def send(self, message: bytes, *, envelope_from: str, to: str) -> Outcome:
        """Send the bytes of `mail.build` as they are.

        Refuses with `Malformed`, before it calls anybody, what SMTP cannot carry.
        """
        letter = _letter(message, envelope_from=envelope_from, to=to)
        policy = self._relay.policy_for(to)
        async with self._places[policy]:
            kept = self._take(policy)
            if kept is not None:
                # Servers close idle connections at will; nothing of this message has gone yet.
                with suppress(_NotBegun):
                    return await self._over(kept, policy, letter)
            fresh = await _connected(self._relay, policy, self._tls)
            if not isinstance(fresh, SMTP):
                return fresh
            try:
                return await self._over(fresh, policy, letter)
            except _NotBegun as broken:
                return broken.outcome

    async def _over(self, client: SMTP, policy: TlsPolicy, letter: _Letter) -> Outcome:
        try:
            outcome = await _transact(client, letter, self._relay)
        except asyncio.CancelledError:
            client.close()  # in the middle of a transaction: of no use to the next message
            raise
        if client.is_connected:
            self._keep(client, policy)
        return outcome

    def _take(self, policy: TlsPolicy) -> SMTP | None:
        """The connection used last, unless it has been idle for longer than servers like."""
        oldest = asyncio.get_running_loop().time() - self._relay.idle_seconds
        while self._kept[policy]:
            kept_at, client = self._kept[policy].pop()
            if client.is_connected and kept_at >= oldest:
                return client
            client.close()
        return None

    def _keep(self, client: SMTP, policy: TlsPolicy) -> None:
        if self._is_open:
            self._kept[policy].append((asyncio.get_running_loop().time(), client))
        else:
            client.close()


@dataclass(frozen=True, slots=True, repr=False)
class _Letter:
    """`lines` are as they go over the wire, all but the final dot."""

    lines: bytes
    envelope_from: str
    to: str


class _NotBegun(Exception):
    """The connection ended before the server agreed to begin with this message."""

    def __init__(self, outcome: Deferred | Refused) -> None:
        super().__init__()
        self.outcome = outcome


def _letter(message: bytes, *, envelope_from: str, to: str) -> _Letter:
    check_address(envelope_from, what="The envelope")
    check_address(to, what="The recipient")
    # A lone CR or LF lets a message smuggle in a second one, past servers that disagree about it.
    if not message.endswith(b"\r\n") or _UNSAFE.search(message):
        raise Malformed("A message is ASCII, in lines that end with CRLF.")
    if max(map(len, message.split(b"\r\n"))) > _LONGEST_LINE:
        raise Malformed("A message has a line longer than mail allows.")
    stuffed = re.sub(rb"(?m)^\.", b"..", message)  # RFC 5321 4.5.2
    return _Letter(lines=stuffed, envelope_from=envelope_from, to=to)


def _trusting(relay: Relay) -> ssl.SSLContext | None:
    """Whom we trust; None for a relay that is only ever spoken to in clear."""
    if {relay.tls, *relay.tls_exceptions.values()} == {TlsPolicy.LOOPBACK_PLAIN}:
        return None
    return ssl.create_default_context(cafile=relay.ca_file)


async def _connected(
    relay: Relay, policy: TlsPolicy, tls: ssl.SSLContext | None
) -> SMTP | Deferred | Held:
    client = SMTP(
        hostname=relay.host,
        port=relay.port,
        local_hostname=relay.client_name,
        timeout=relay.timeout,
        use_tls=relay.implicit_tls,
        start_tls=False,  # `_secure` does it and can tell "not offered" from "failed"
        tls_context=tls,
    )
    with ExitStack() as unless_ready:
        unless_ready.callback(client.close)
        try:
            await client.connect()
            await client.ehlo()
            if policy is TlsPolicy.REQUIRED_VERIFIED and not await _secure(client):
                return Held("The mail server does not offer an encrypted connection.")
            if relay.username is not None:
                await client.login(relay.username, relay.password or "")
        except SMTPResponseException as refusal:
            # Whatever its code, it is about us or the server: the message may yet be taken.
            return Deferred(_code(refusal.code), _plain(refusal.message))
        except (SMTPException, OSError) as failure:
            return _unreachable(failure)
        unless_ready.pop_all()
        return client


async def _secure(client: SMTP) -> bool:
    """Encrypt the connection; False when the server does not offer it."""
    if client.get_transport_info("sslcontext") is not None:
        return True
    if not client.supports_extension("starttls"):
        return False
    await client.starttls()
    await client.ehlo()
    return client.get_transport_info("sslcontext") is not None


def _unreachable(failure: SMTPException | OSError) -> Deferred | Held:
    """Tell a connection that must not be trusted from one that could not be made."""
    for error in (failure, failure.__cause__):
        if isinstance(error, ssl.SSLCertVerificationError):
            return Held(f"The mail server's certificate is not valid: {error.verify_message}")
        if isinstance(error, ssl.SSLError):
            return Held("The mail server could not make an encrypted connection.")
    return Deferred(None, _plain(str(failure)))


async def _transact(client: SMTP, letter: _Letter, relay: Relay) -> Outcome:
    """Everything up to the final dot may be tried again; what follows it may be unknown."""
    try:
        await _begin(client, letter.envelope_from)
        await client.rcpt(letter.to)
        protocol = await _write_data(client, letter.lines, within=relay.timeout)
    except SMTPResponseException as refusal:
        await _reset(client, refusal.code)
        at_recipient = isinstance(refusal, SMTPRecipientRefused)
        return _refusal(refusal.code, refusal.message, at_recipient=at_recipient)
    except (SMTPException, OSError) as failure:
        _abort(client)
        return Deferred(None, _plain(str(failure)))
    return await _final_reply(client, protocol, within=relay.data_timeout)


async def _begin(client: SMTP, envelope_from: str) -> None:
    try:
        await client.mail(envelope_from)
    except SMTPResponseException as refusal:
        if client.is_connected:
            raise
        raise _NotBegun(_refusal(refusal.code, refusal.message)) from None
    except (SMTPException, OSError) as failure:
        client.close()
        raise _NotBegun(Deferred(None, _plain(str(failure)))) from None


async def _write_data(client: SMTP, lines: bytes, *, within: float) -> SMTPProtocol:
    """Return once the final dot is on its way; whatever is raised, it is not.

    Step by step, because `SMTP.data` raises the same errors before and after the final dot.
    """
    reply = await client.execute_command(b"DATA")
    if reply.code != _GO_AHEAD:
        raise SMTPDataError(reply.code, reply.message)
    protocol = client.protocol
    if protocol is None:
        raise SMTPServerDisconnected("The connection was lost before the message was sent.")
    protocol.write(lines)
    async with asyncio.timeout(within):
        await asyncio.sleep(0)  # a connection that is lost by now shows
        while _unwritten(protocol.transport):  # noqa: ASYNC110 - nothing announces an empty buffer
            await asyncio.sleep(_FLUSH_INTERVAL)
    protocol.write(b".\r\n")
    return protocol


def _unwritten(transport: asyncio.BaseTransport | None) -> int:
    """How many bytes have not left us; none when the connection is lost."""
    return cast("asyncio.WriteTransport", transport).get_write_buffer_size() if transport else 0


async def _final_reply(client: SMTP, protocol: SMTPProtocol, *, within: float) -> Outcome:
    """What the server says about the whole message; anything but a clear answer is unknown."""
    try:
        reply = await protocol.read_response(timeout=within)
    except (SMTPException, OSError) as failure:
        client.close()
        return Unconfirmed(_plain(str(failure)))
    if reply.code // 100 == _DONE:
        return Accepted(_plain(reply.message))
    if reply.code == _CLOSING or reply.code // 100 not in _NOT_TAKEN:
        client.close()
    if reply.code // 100 in _NOT_TAKEN:
        return _refusal(reply.code, reply.message)
    return Unconfirmed(_plain(reply.message))


async def _reset(client: SMTP, code: int) -> None:
    """Leave the transaction, so that the connection can carry the next message."""
    if code // 100 not in _NOT_TAKEN or not client.is_connected:
        client.close()  # out of step, or closed by the server already
        return
    try:
        await client.rset()
    except (SMTPException, OSError):
        client.close()


def _abort(client: SMTP) -> None:
    """Hang up at once; `close` would wait for a stalled server to read the rest."""
    if client.transport is not None:
        cast("asyncio.WriteTransport", client.transport).abort()
    client.close()


async def _leave(client: SMTP) -> None:
    with suppress(SMTPException, OSError):
        await client.quit(timeout=_QUIT_TIMEOUT)
    client.close()
    await asyncio.sleep(0)


def _refusal(code: int, reply: str, *, at_recipient: bool = False) -> Deferred | Refused:
    if code // 100 == _FOR_GOOD and code not in _ABOUT_US:
        return Refused(code, _plain(reply), at_recipient)
    return Deferred(_code(code), _plain(reply))


def _code(code: int) -> int | None:
    """None for what was no reply code at all."""
    return code if code > 0 else None


def _plain(reply: str) -> str:
    """A server's words on one line, fit for a table and a page whatever they were."""
    line = " ".join(reply.split())[:_LONGEST_REPLY]
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line)
