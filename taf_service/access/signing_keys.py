"""The keys that sign API clients' tokens: a JSON Web Key Set (RFC 7517), read and kept fresh."""

from __future__ import annotations

import asyncio
import json
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any, NoReturn

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

LONGEST_KEY_SET = 1024 * 1024
SECONDS_BETWEEN_READINGS = 60
SECONDS_A_KEY_IS_TRUSTED = 3600
SECONDS_TO_FETCH = 5
ALGORITHM_OF = {"RSA": "RS256", "EC": "ES256"}
_LEAST_MODULUS = 342  # base64url digits of 2048 bits

_log = structlog.get_logger(__name__)


class ConfigurationRefused(Exception):
    """The service must not start like this; the message says what to set."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The public half of one key, and the one algorithm it is believed with."""

    kid: str | None
    algorithm: str
    public: RSAKey | ECKey


class SigningKeys:
    """The usable keys of `jwks`: the set itself, a file, or an https address.

    A file is read at once and an address when first asked. Both are read again when an unknown key
    is asked for, at most once a minute, and hourly, so that a withdrawn key stops counting; if that
    fails, the keys known so far go on counting.

    Raises `ConfigurationRefused`: an address without https, a set or file without a usable key.
    """

    def __init__(self, jwks: Mapping[str, object] | Path | str, now: Callable[[], float]) -> None:
        self._now = now
        self._keys: tuple[SigningKey, ...] = ()
        self._read, is_remote = _source(jwks)
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        if not is_remote:
            self._keys = _keys_at_start(self._read)
            self._read_at = now()

    @property
    def are_known(self) -> bool:
        """False while an address has never answered with a key."""
        return bool(self._keys)

    async def find(self, *, algorithm: str, kid: str | None) -> SigningKey | None:
        """The key of that name; without a name, the only one of that algorithm."""
        if self._is_older_than(SECONDS_A_KEY_IS_TRUSTED):
            await self._read_again()
        found = _fitting(self._keys, algorithm, kid)
        if found is None:
            await self._read_again()
            found = _fitting(self._keys, algorithm, kid)
        return found

    def _is_older_than(self, seconds: int) -> bool:
        """A clock set back counts too, or it would end the reading until it has caught up."""
        return abs(self._now() - self._read_at) >= seconds

    async def _read_again(self) -> None:
        """One reading serves everybody who waits, and goes on when one of them gives up."""
        if self._reading is None and self._is_older_than(SECONDS_BETWEEN_READINGS):
            self._read_at = self._now()
            self._reading = asyncio.create_task(self._replace_keys())
        if self._reading is not None:
            await asyncio.shield(self._reading)

    async def _replace_keys(self) -> None:
        try:
            self._keys = _keys_in(await asyncio.to_thread(self._read))
        except (OSError, HTTPException, ValueError) as failure:
            _log.warning("signing keys could not be read", failure=type(failure).__name__)
        finally:
            self._reading = None


def _source(jwks: Mapping[str, object] | Path | str) -> tuple[Callable[[], bytes], bool]:
    """How to read the key set, and whether that asks another machine."""
    if isinstance(jwks, Path):
        return jwks.read_bytes, False
    if isinstance(jwks, str):
        if not jwks.startswith("https://"):
            raise ConfigurationRefused("TAF_JWKS must be a file or an address with https.")
        return lambda: _fetched(jwks), True
    written = json.dumps(dict(jwks)).encode()
    return lambda: written, False


def _fetched(address: str) -> bytes:
    """What is at `address`. This opener speaks https only and follows no redirection elsewhere."""
    opener = urllib.request.OpenerDirector()
    opener.add_handler(urllib.request.ProxyHandler())
    opener.add_handler(urllib.request.HTTPSHandler(context=ssl.create_default_context()))
    with opener.open(address, timeout=SECONDS_TO_FETCH) as response:
        if response.status != HTTPStatus.OK:
            raise OSError(f"The key set's address answered {response.status}.")
        fetched: bytes = response.read(LONGEST_KEY_SET + 1)
    if len(fetched) > LONGEST_KEY_SET:
        raise ValueError("The key set is too long.")
    return fetched


def _keys_at_start(read: Callable[[], bytes]) -> tuple[SigningKey, ...]:
    try:
        return _keys_in(read())
    except (OSError, ValueError) as failure:
        raise ConfigurationRefused(f"TAF_JWKS cannot be used: {failure}") from failure


def _keys_in(document: bytes) -> tuple[SigningKey, ...]:
    """The usable keys of a set; others are passed over (RFC 7517 5). ValueError when none is."""
    listed = read_strictly(document).get("keys")
    if not isinstance(listed, list):
        raise ValueError("A key set has a list of keys.")  # noqa: TRY004 - content, not a call
    keys = tuple(key for data in listed if (key := _usable(data)) is not None)
    if not keys:
        raise ValueError("The key set has no key for RS256 (2048 bits) or ES256.")
    return keys


def _usable(data: Any) -> SigningKey | None:
    """The public half of a key meant for signatures with our two algorithms."""
    if not isinstance(data, dict) or data.get("use", "sig") != "sig":
        return None
    algorithm = ALGORITHM_OF.get(str(data.get("kty")))
    if algorithm is None or data.get("alg", algorithm) != algorithm:
        return None
    kid = data.get("kid")
    if not isinstance(kid, str | None):
        return None
    with suppress(JoseError, ValueError, KeyError):
        return SigningKey(kid, algorithm, _public(data, algorithm))
    return None


def _public(data: dict[str, Any], algorithm: str) -> RSAKey | ECKey:
    if algorithm == "ES256":
        if data.get("crv") != "P-256":
            raise ValueError("ES256 is P-256 only.")
        return ECKey.import_key({name: data[name] for name in ("kty", "crv", "x", "y")})
    if len(str(data.get("n"))) < _LEAST_MODULUS:
        raise ValueError("The RSA key is too short.")
    return RSAKey.import_key({name: data[name] for name in ("kty", "n", "e")})


def _fitting(keys: tuple[SigningKey, ...], algorithm: str, kid: str | None) -> SigningKey | None:
    fitting = [key for key in keys if key.algorithm == algorithm and kid in {None, key.kid}]
    if kid is None and len(fitting) != 1:
        return None
    return fitting[0] if fitting else None


def read_strictly(document: bytes) -> dict[str, Any]:
    """A JSON object. ValueError: anything else, and names given twice (RFC 8725 2.4)."""
    try:
        read = json.loads(document, cls=StrictDecoder)
    except RecursionError:
        raise ValueError("This is nested too deeply.") from None
    if not isinstance(read, dict):
        raise ValueError("This is not a JSON object.")  # noqa: TRY004 - content, not a call
    return read


class StrictDecoder(json.JSONDecoder):
    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_once_each, parse_constant=_refuse_constant)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("A name is given twice.")
    return named


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON.")
