from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from taf_service.access.remembering import SECONDS_REMEMBERED, RememberingVerifier, Verified
from taf_service.access.tokens import Identity, InvalidToken

HELEN = Identity("https://sign-in.example", "helen")
START = 1_000_000.0


@dataclass
class Issuer:
    """Checks tokens that are named after the second they expire at, and counts."""

    checks: list[str] = field(default_factory=list)

    async def verified(self, bearer: str) -> Verified:
        self.checks.append(bearer)
        if not bearer.isdigit():
            raise InvalidToken("No.")
        return Verified(HELEN, float(bearer))


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def clock() -> Clock:
    return Clock()


LONG, BRIEF = f"{START + 3600:.0f}", f"{START + 20:.0f}"


class TestAGoodToken:
    async def test_is_checked_once_a_minute(self, issuer: Issuer, clock: Clock) -> None:
        verifier = RememberingVerifier(issuer, clock)
        for seconds in (0, 1, SECONDS_REMEMBERED - 1):
            clock.now = START + seconds
            assert await verifier.identity(LONG) == HELEN
        assert issuer.checks == [LONG]

        clock.now = START + SECONDS_REMEMBERED
        assert await verifier.identity(LONG) == HELEN
        assert issuer.checks == [LONG, LONG]

    async def test_is_checked_again_when_its_time_is_over(
        self, issuer: Issuer, clock: Clock
    ) -> None:
        verifier = RememberingVerifier(issuer, clock)
        for seconds in (0, 19, 20):
            clock.now = START + seconds
            await verifier.identity(BRIEF)

        assert issuer.checks == [BRIEF, BRIEF]

    async def test_is_checked_again_when_the_clock_is_set_back(
        self, issuer: Issuer, clock: Clock
    ) -> None:
        verifier = RememberingVerifier(issuer, clock)
        await verifier.identity(LONG)
        clock.now = START - 1

        await verifier.identity(LONG)

        assert len(issuer.checks) == 2

    async def test_makes_room_for_others(self, issuer: Issuer, clock: Clock) -> None:
        verifier = RememberingVerifier(issuer, clock, most=2)
        tokens = [f"{START + 100 + number:.0f}" for number in range(3)]
        for token in (*tokens, tokens[2], tokens[1], tokens[0]):
            await verifier.identity(token)

        assert issuer.checks == [*tokens, tokens[0]]
        assert len(verifier._known) == 2

    async def test_is_not_kept_itself(self, issuer: Issuer, clock: Clock) -> None:
        verifier = RememberingVerifier(issuer, clock)
        await verifier.identity(LONG)

        assert LONG not in repr(verifier._known)


class TestABadToken:
    async def test_is_refused_each_time(self, issuer: Issuer, clock: Clock) -> None:
        verifier = RememberingVerifier(issuer, clock)
        for token in ("bad", "bad", "\udc80"):
            with pytest.raises(InvalidToken):
                await verifier.identity(token)

        assert issuer.checks == ["bad", "bad", "\udc80"]
