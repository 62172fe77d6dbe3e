"""Who signed this bearer token: a JWT (RFC 7519) against the issuer's published keys.

What a token says is never quoted: not in a reason, not in an exception's context, not in a log.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from taf_service.access.remembering import RememberingVerifier, Verified
from taf_service.access.signing_keys import (
    ALGORITHM_OF,
    SigningKey,
    SigningKeys,
    StrictDecoder,
    read_strictly,
)
from taf_service.access.signing_keys import ConfigurationRefused as ConfigurationRefused

LONGEST_TOKEN = 8 * 1024
LONGEST_NAME = 200  # the account's columns
_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_UNUSUAL = frozenset({"crit", "b64"})  # RFC 7515 4.1.11, RFC 7797: nobody who signs in needs them


class InvalidToken(Exception):
    """The token proves nothing. `reason` may be shown and logged: nothing in it is the token's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeysUnavailable(InvalidToken):
    """The issuer's keys could not be read yet, so no token can be believed; worth trying later."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in: unique as a pair (OpenID Connect Core 2).

    Refuses with ValueError: a name that is empty, longer than an account's, or not printable.
    """

    issuer: str
    subject: str

    def __post_init__(self) -> None:
        for name in (self.issuer, self.subject):
            if not (name.isprintable() and 0 < len(name) <= LONGEST_NAME):
                raise ValueError("An issuer or subject is 1 to 200 printable characters.")


class Verifier(Protocol):
    async def identity(self, bearer: str) -> Identity:
        """Who this token stands for. Raises `InvalidToken`."""


def verifier_for(
    *,
    demo: bool,
    jwks: str | None,
    issuer: str | None,
    audience: str | None,
    demo_tokens: Mapping[str, Identity],
) -> Verifier:
    """The one way in that these settings allow: invented tokens or signed ones, never both.

    Raises `ConfigurationRefused`.
    """
    if demo:
        if jwks:
            raise ConfigurationRefused(
                "Demo mode knows invented tokens only: unset TAF_JWKS, or unset TAF_DEMO."
            )
        return DemoVerifier(demo_tokens)
    if demo_tokens:
        raise ConfigurationRefused("Invented sign-in tokens are for demo mode only.")
    if not (jwks and issuer and audience):
        raise ConfigurationRefused(
            "Set TAF_JWKS, TAF_JWT_ISSUER and TAF_JWT_AUDIENCE: "
            "outside demo mode nobody can sign in without them."
        )
    source = jwks if "://" in jwks else Path(jwks)
    return RememberingVerifier(JwksVerifier(source, issuer=issuer, audience=audience), time.time)


class DemoVerifier:
    """Invented tokens of invented people."""

    def __init__(self, tokens: Mapping[str, Identity]) -> None:
        self._tokens = dict(tokens)

    async def identity(self, bearer: str) -> Identity:
        found = self._tokens.get(bearer)
        if found is None:
            raise InvalidToken("No such demo token.")
        return found


class JwksVerifier:
    """Tokens signed RS256 or ES256 by one of the `SigningKeys` of `jwks`.

    Raises `ConfigurationRefused`: an address without https, a set or file without a usable key.
    """

    def __init__(
        self,
        jwks: Mapping[str, object] | Path | str,
        *,
        issuer: str,
        audience: str,
        leeway_seconds: int = 30,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway_seconds
        self._now = now
        self._keys = SigningKeys(jwks, now)

    async def identity(self, bearer: str) -> Identity:
        """`issuer` and `subject` of a token meant for us and valid now. Raises `InvalidToken`."""
        return (await self.verified(bearer)).identity

    async def verified(self, bearer: str) -> Verified:
        """The same, with the end of its time. Raises `InvalidToken`."""
        key = await self._key(_header(bearer))
        claims = _signed_claims(bearer, key)
        fault = self._fault(claims)
        if fault is not None:
            raise InvalidToken(fault)
        with suppress(ValueError):
            identity = Identity(self._issuer, claims["sub"])
            return Verified(identity, claims["exp"] + self._leeway)
        raise InvalidToken("The token's subject cannot be an account's.")

    async def _key(self, header: _Header) -> SigningKey:
        found = await self._keys.find(algorithm=header.algorithm, kid=header.kid)
        if found is None and not self._keys.are_known:
            raise KeysUnavailable("The issuer's keys cannot be read at the moment.")
        if found is None:
            raise InvalidToken("The token is not signed with a key of the issuer's.")
        return found

    def _fault(self, claims: dict[str, Any]) -> str | None:
        """What is wrong with the claims of a token that is rightly signed (RFC 7519 4.1)."""
        registry = jwt.JWTClaimsRegistry(
            now=int(self._now()),
            leeway=self._leeway,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            registry.validate(claims)
        except ExpiredTokenError:
            return "The token has expired."
        except ClaimError as wrong:
            return f"The token's claims are missing or wrong: {wrong.claim}."
        return None


@dataclass(frozen=True, slots=True)
class _Header:
    algorithm: str
    kid: str | None


def _header(bearer: str) -> _Header:
    """What the token says of its signature, before anything of it is believed."""
    if len(bearer) > LONGEST_TOKEN:
        raise InvalidToken("The token is too long.")
    written = _written_header(bearer)
    algorithm, kid = written.get("alg"), written.get("kid")
    if algorithm not in ALGORITHM_OF.values():
        raise InvalidToken("The token is not signed with RS256 or ES256.")
    if _UNUSUAL & written.keys() or not isinstance(kid, str | None):
        raise InvalidToken("The token's header asks for something we do not do.")
    return _Header(str(algorithm), kid)


def _written_header(bearer: str) -> dict[str, Any]:
    parts = _SHAPE.fullmatch(bearer)
    if parts is not None:
        with suppress(ValueError):
            return read_strictly(urlsafe_b64decode(parts[1].encode()))
    # Raised out here, where the error that quotes the token is no longer its context.
    raise InvalidToken("This is not a signed token.")


def _signed_claims(bearer: str, key: SigningKey) -> dict[str, Any]:
    registry = JWSRegistry(algorithms=[key.algorithm], strict_check_header=False)
    with suppress(JoseError, ValueError, RecursionError):
        return jwt.decode(bearer, key.public, registry=registry, decoder_cls=StrictDecoder).claims
    raise InvalidToken("The token's signature or content is broken.")
