"""The mail server that takes our mail, and what may become of a message handed to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from notifications.addresses import domain_of


class TlsPolicy(StrEnum):
    """How the connection that carries mail for a domain must be protected (security 8)."""

    REQUIRED_VERIFIED = "verified"
    """Encrypted, with a trusted certificate that names the host; else the message is held."""
    LOOPBACK_PLAIN = "loopback-plain"
    """In clear, to a relay or mail catcher on this machine only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The server that takes our mail. Times are seconds, each for one step of the conversation.

    `tls_exceptions` names recipient domains, in lower case, with a policy of their own. `ca_file`
    replaces the machine's trusted authorities. `data_timeout` is the wait for the reply to a whole
    message: RFC 5321 4.5.3.2.6 asks for 600. `client_name` is how we introduce ourselves: the mail
    domain, never the machine's own name.

    Raises `ValueError` for mail in clear to anywhere but this machine.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    implicit_tls: bool = False
    tls: TlsPolicy = TlsPolicy.REQUIRED_VERIFIED
    tls_exceptions: Mapping[str, TlsPolicy] = field(default_factory=dict)
    ca_file: Path | None = None
    timeout: float = 60.0
    data_timeout: float = 600.0
    client_name: str = "localhost"
    connections: int = 8
    idle_seconds: float = 30.0

    def __post_init__(self) -> None:
        if TlsPolicy.LOOPBACK_PLAIN not in {self.tls, *self.tls_exceptions.values()}:
            return
        if self.implicit_tls or not _is_loopback(self.host):
            raise ValueError("Mail goes in clear only to a plain relay on this machine.")

    def policy_for(self, address: str) -> TlsPolicy:
        return self.tls_exceptions.get(domain_of(address), self.tls)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Their mail server has taken it. Whether anybody receives it is another matter (R6)."""

    reply: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not taken, and worth another attempt; `code` is None when no server said so."""

    code: int | None
    reply: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken, and another attempt would be refused as well.

    `at_recipient`: when the recipient was named, so it is probably about them.
    """

    code: int
    reply: str
    at_recipient: bool = False


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Wholly sent, then no answer: unknown, neither sent nor failed (R3)."""

    reply: str


@dataclass(frozen=True, slots=True)
class Held:
    """Not sent, because the connection was not as safe as the recipient's domain requires."""

    reason: str


Outcome = Accepted | Deferred | Refused | Unconfirmed | Held


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
