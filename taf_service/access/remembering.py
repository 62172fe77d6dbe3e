"""Tokens whose signature was checked a moment ago: checking costs more than answering."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # it builds these
    from taf_service.access.tokens import Identity

SECONDS_REMEMBERED = 60
"""How long a key that was taken back can still be believed."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom a token stands for, and until when (seconds since 1970)."""

    identity: Identity
    expires_at: float


class Checking(Protocol):
    async def verified(self, bearer: str) -> Verified:
        """Raises `InvalidToken`."""


class RememberingVerifier:
    """Remembers digests, never tokens, and only of those that were good."""

    def __init__(
        self,
        checking: Checking,
        now: Callable[[], float],
        *,
        most: int = MOST_REMEMBERED,
    ) -> None:
        self._checking = checking
        self._now = now
        self._most = most
        self._known: dict[bytes, tuple[Identity, float, float]] = {}

    async def identity(self, bearer: str) -> Identity:
        """Whom this token stands for. Raises `InvalidToken`."""
        digest = hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).digest()
        found = self._known.get(digest)
        if found is not None and found[1] <= self._now() < found[2]:
            return found[0]
        verified = await self._checking.verified(bearer)
        self._keep(digest, verified)
        return verified.identity

    def _keep(self, digest: bytes, verified: Verified) -> None:
        """A clock set back ends it too. The one remembered for longest makes room."""
        self._known.pop(digest, None)
        if len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        now = self._now()
        until = min(verified.expires_at, now + SECONDS_REMEMBERED)
        self._known[digest] = (verified.identity, now, until)
