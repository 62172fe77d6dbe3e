from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.server
import json
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from taf_service.access.tokens import (
    LONGEST_TOKEN,
    ConfigurationRefused,
    DemoVerifier,
    Identity,
    InvalidToken,
    JwksVerifier,
    KeysUnavailable,
    verifier_for,
)

NOW = 1_772_442_000
ISSUER = "https://sign-in.example"
AUDIENCE = "taf"
JO = Identity(ISSUER, "jo.lee")

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
OTHER_EC = ECKey.generate_key("P-256", {"kid": "new"})
P384 = ECKey.generate_key("P-384", {"kid": "p384"})
ANYTHING = JWSRegistry(
    algorithms=["RS256", "RS512", "PS256", "ES256", "ES384", "HS256"], strict_check_header=False
)


def key_set(*keys: RSAKey | ECKey | OctKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=isinstance(key, OctKey)) for key in keys]}


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims with changes; None leaves one out."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "jo.lee", "exp": NOW + 300, "iat": NOW}
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(
    key: RSAKey | ECKey | OctKey = RSA, alg: str = "RS256", *, header: Any = None, **changes: Any
) -> str:
    head = {"alg": alg, "kid": key.kid} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims(**changes), key, registry=ANYTHING)


def signed_text(payload: str, header: str = '{"alg":"RS256","kid":"rsa"}') -> str:
    """Rightly signed with the RSA key, whatever the words."""
    signing_input = f"{encoded(header)}.{encoded(payload)}"
    signature = JWSRegistry.algorithms["RS256"].sign(signing_input.encode(), RSA)
    return f"{signing_input}.{encoded(signature)}"


def encoded(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Clock:
    time: float = NOW

    def __call__(self) -> float:
        return self.time


def verifier(
    jwks: Mapping[str, object] | Path | str | None = None, clock: Clock | None = None
) -> JwksVerifier:
    return JwksVerifier(
        key_set(RSA, EC) if jwks is None else jwks,
        issuer=ISSUER,
        audience=AUDIENCE,
        now=clock or Clock(),
    )


VERIFIER = verifier()


async def refusal(token: str, by: JwksVerifier = VERIFIER) -> str:
    """Why the token is refused; whatever was raised holds nothing of the token."""
    with pytest.raises(InvalidToken) as caught:
        await by.identity(token)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert caught.value.args == (caught.value.reason,)
    words = [part for part in re.split(r"\W+", token) if len(part) > 12]
    assert not [word for word in words if word in caught.value.reason]
    return caught.value.reason


class TestGoodTokens:
    async def test_rs256_is_who_signed_in(self) -> None:
        assert await VERIFIER.identity(signed()) == JO

    async def test_es256_is_who_signed_in(self) -> None:
        assert await VERIFIER.identity(signed(EC, "ES256")) == JO

    async def test_may_be_meant_for_others_too(self) -> None:
        assert await VERIFIER.identity(signed(aud=["another", AUDIENCE])) == JO

    async def test_need_no_key_name_when_there_is_one_such_key(self) -> None:
        assert await VERIFIER.identity(signed(header={"kid": None})) == JO

    async def test_must_name_the_key_when_there_are_two(self) -> None:
        two = verifier(key_set(RSA, RSAKey.import_key(OTHER_RSA.as_dict(kid="second"))))
        assert "key" in await refusal(signed(header={"kid": None}), two)

    async def test_may_have_headers_we_do_not_know(self) -> None:
        assert await VERIFIER.identity(signed(header={"typ": "at+jwt", "nonce": "1"})) == JO

    async def test_keys_of_one_name_are_told_apart_by_algorithm(self) -> None:
        twins = verifier(key_set(RSA, ECKey.import_key(EC.as_dict(kid="rsa"))))
        assert await twins.identity(signed()) == JO
        assert await twins.identity(signed(EC, "ES256", header={"kid": "rsa"})) == JO


class TestForgery:
    @pytest.mark.parametrize("signature", ["", "AAAA"])
    @pytest.mark.parametrize("alg", ["none", "None", "NONE"])
    async def test_without_algorithm(self, alg: str, signature: str) -> None:
        head = encoded(json.dumps({"alg": alg, "kid": "rsa"}))
        await refusal(f"{head}.{encoded(json.dumps(claims()))}.{signature}")

    @pytest.mark.parametrize("secret", [RSA.as_pem(), RSA.as_der(), RSA.as_pem().strip()])
    async def test_public_key_as_secret(self, secret: bytes) -> None:
        head = encoded(json.dumps({"alg": "HS256", "kid": "rsa"}))
        body = f"{head}.{encoded(json.dumps(claims()))}"
        mac = hmac.new(secret, body.encode(), hashlib.sha256).digest()
        assert "RS256" in await refusal(f"{body}.{encoded(mac)}")

    async def test_secret_key_in_the_set_is_never_used(self) -> None:
        secret = OctKey.generate_key(256, {"kid": "oct"})
        mixed = verifier(key_set(secret, RSA))
        assert "RS256" in await refusal(signed(secret, "HS256"), mixed)
        assert await mixed.identity(signed()) == JO

    @pytest.mark.parametrize(
        ("key", "alg"),
        [(RSA, "RS512"), (RSA, "PS256"), (P384, "ES384")],
        ids=["RS512", "PS256", "ES384"],
    )
    async def test_other_algorithm(self, key: RSAKey | ECKey, alg: str) -> None:
        assert "RS256" in await refusal(signed(key, alg), verifier(key_set(RSA, EC, P384)))

    async def test_another_key_of_the_same_name(self) -> None:
        assert "broken" in await refusal(signed(OTHER_RSA))

    async def test_ec_key_under_an_rsa_header(self) -> None:
        head, body, signature = signed(EC, "ES256").split(".")
        forged = encoded(json.dumps({"alg": "RS256", "kid": "ec"}))
        await refusal(f"{forged}.{body}.{signature}")
        assert head != forged

    async def test_rsa_key_under_an_ec_header(self) -> None:
        _, body, signature = signed().split(".")
        await refusal(f"{encoded(json.dumps({'alg': 'ES256', 'kid': 'rsa'}))}.{body}.{signature}")

    @pytest.mark.parametrize("part", [0, 1, 2])
    async def test_any_changed_part(self, part: int) -> None:
        parts = signed().split(".")
        other = signed(header={"typ": "X"}, sub="somebody.else").split(".")
        assert parts[part] != other[part]
        parts[part] = other[part]
        await refusal(".".join(parts))

    async def test_key_brought_along(self) -> None:
        brought = RSAKey.generate_key(2048, {"kid": "mine"})
        header = {"jwk": brought.as_dict(private=False), "jku": "https://evil.example/keys"}
        token = signed_text(json.dumps(claims()), json.dumps({"alg": "RS256", **header}))
        signing_input, _, _ = token.rpartition(".")
        signature = JWSRegistry.algorithms["RS256"].sign(signing_input.encode(), brought)
        await refusal(f"{signing_input}.{encoded(signature)}")

    @pytest.mark.parametrize(
        "header",
        [
            '{"alg":"none","alg":"RS256","kid":"rsa"}',
            '{"alg":"RS256","alg":"none","kid":"rsa"}',
            '{"alg":"RS256","kid":"rsa","kid":"ec"}',
            '{"alg":"RS256","kid":"rsa","crit":["exp"],"exp":1}',
            '{"alg":"RS256","kid":"rsa","b64":false,"crit":["b64"]}',
            '{"alg":"RS256","kid":"rsa","crit":["kid"]}',
            '{"alg":"RS256","kid":"rsa","b64":true}',
            '{"alg":"RS256","kid":["rsa"]}',
            '{"alg":["RS256"],"kid":"rsa"}',
            '{"alg":"RS256","kid":"rsa","x":NaN}',
            '{"kid":"rsa"}',
            '["RS256"]',
            "[" * 2000,
            "{",
        ],
    )
    async def test_odd_header(self, header: str) -> None:
        await refusal(signed_text(json.dumps(claims()), header))

    async def test_header_that_is_not_utf8(self) -> None:
        await refusal(f"{encoded(bytes([255, 254, 0]))}.e30.AAAA")

    @pytest.mark.parametrize(
        "payload",
        [
            json.dumps(claims())[:-1] + ',"sub":"somebody.else"}',
            json.dumps(claims(exp=None))[:-1] + ',"exp":NaN}',
            json.dumps(claims(exp=None))[:-1] + ',"exp":1e999}',
            json.dumps([claims()]),
            "[" * 5000,
            "",
        ],
    )
    async def test_odd_payload(self, payload: str) -> None:
        await refusal(signed_text(payload))

    async def test_encrypted_token(self) -> None:
        await refusal("e30.e30.e30.e30.e30")

    async def test_too_long_is_refused_unread(self) -> None:
        longest = "a" * LONGEST_TOKEN
        assert "too long" not in await refusal(longest)
        assert "too long" in await refusal(longest + "a")
        assert "too long" in await refusal(signed(padding="x" * LONGEST_TOKEN))

    @given(st.text() | st.lists(st.text("eyJhbGci0_-"), min_size=3, max_size=3).map(".".join))
    async def test_garbage(self, token: str) -> None:
        with pytest.raises(InvalidToken):
            await VERIFIER.identity(token)

    @given(
        st.dictionaries(
            st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "x5c", "enc", "zip"]),
            st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()),
        )
    )
    async def test_any_header_without_the_signature(self, header: dict[str, object]) -> None:
        _, body, signature = signed().split(".")
        with pytest.raises(InvalidToken):
            await VERIFIER.identity(f"{encoded(json.dumps(header))}.{body}.{signature}")


class TestClaims:
    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "https://evil.example"},
            {"iss": ISSUER + "/"},
            {"iss": [ISSUER]},
            {"iss": None},
            {"aud": "another"},
            {"aud": ["another"]},
            {"aud": []},
            {"aud": [AUDIENCE, 1]},
            {"aud": {AUDIENCE: 1}},
            {"aud": "tafs"},
            {"aud": None},
            {"exp": None},
            {"exp": "1999999999"},
            {"exp": True},
            {"exp": NOW - 60},
            {"nbf": NOW + 60},
            {"nbf": "soon"},
            {"iat": NOW + 60},
            {"sub": None},
            {"sub": ""},
            {"sub": 7},
            {"sub": "x" * 201},
            {"sub": "jo\x00lee"},
            {"sub": "jo\nlee"},
            {"sub": "jo\u202elee"},
            {"sub": "jo\ud800lee"},
        ],
        ids=str,
    )
    async def test_wrong_ones_are_refused(self, changes: dict[str, object]) -> None:
        payload = json.dumps(claims(**changes))
        await refusal(signed_text(payload))

    async def test_far_future_is_only_a_number(self) -> None:
        assert await VERIFIER.identity(signed(exp=10**40)) == JO

    @pytest.mark.parametrize(
        ("name", "last_good", "first_bad"),
        [
            ("exp", NOW - 29, NOW - 30),
            ("nbf", NOW + 30, NOW + 31),
            ("iat", NOW + 30, NOW + 31),
        ],
    )
    async def test_leeway_is_thirty_seconds(
        self, name: str, last_good: int, first_bad: int
    ) -> None:
        assert await VERIFIER.identity(signed_text(json.dumps(claims(**{name: last_good})))) == JO
        await refusal(signed_text(json.dumps(claims(**{name: first_bad}))))

    async def test_time_runs_on(self) -> None:
        clock = Clock()
        running, token = verifier(clock=clock), signed()
        assert await running.identity(token) == JO
        clock.time = NOW + 330
        assert await refusal(token, running) == "The token has expired."


class TestKeys:
    async def test_unknown_one_is_refused(self) -> None:
        assert "key" in await refusal(signed(OTHER_EC, "ES256"))

    async def test_new_one_is_found_in_the_file_after_a_minute(self, tmp_path: Path) -> None:
        clock, path = Clock(), tmp_path / "keys.json"
        path.write_text(json.dumps(key_set(RSA)))
        reader = verifier(path, clock)
        token = signed(OTHER_EC, "ES256")
        await refusal(token, reader)
        path.write_text(json.dumps(key_set(RSA, OTHER_EC)))
        clock.time += 59
        await refusal(token, reader)
        clock.time += 1
        assert await reader.identity(token) == JO

    async def test_withdrawn_one_stops_counting_within_the_hour(self, tmp_path: Path) -> None:
        clock, path = Clock(), tmp_path / "keys.json"
        path.write_text(json.dumps(key_set(RSA, EC)))
        reader = verifier(path, clock)
        path.write_text(json.dumps(key_set(EC)))
        clock.time += 3599
        assert await reader.identity(signed(exp=NOW + 9999)) == JO
        clock.time += 1
        await refusal(signed(exp=NOW + 9999), reader)

    @pytest.mark.parametrize("broken", ["", "{}", '{"keys":[]}', "[" * 9999])
    async def test_known_ones_survive_a_broken_file(self, tmp_path: Path, broken: str) -> None:
        clock, path = Clock(), tmp_path / "keys.json"
        path.write_text(json.dumps(key_set(RSA)))
        reader = verifier(path, clock)
        path.write_text(broken)
        clock.time += 60
        await refusal(signed(OTHER_EC, "ES256"), reader)
        assert await reader.identity(signed(exp=NOW + 300)) == JO

    async def test_unusable_ones_are_passed_over(self) -> None:
        listed: list[object] = [
            RSA.as_dict(private=False, use="enc", kid="for encryption"),
            RSA.as_dict(private=False, alg="PS256", kid="for PSS"),
            RSA.as_dict(private=False, kid=5),
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "short"},
            {"kty": "RSA", "kid": "empty"},
            {"kty": "EC", "crv": "P-256", "kid": "empty"},
            {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "no point"},
            P384.as_dict(private=False),
            {"kty": "AKP", "kid": "later"},
            "words",
        ]
        with pytest.raises(ConfigurationRefused):
            verifier({"keys": listed})
        mixed = verifier({"keys": [*listed, EC.as_dict(private=False)]})
        assert await mixed.identity(signed(EC, "ES256")) == JO
        for kid in ("for encryption", "for PSS", "short", "empty", "p384"):
            await refusal(signed(header={"kid": kid}), mixed)

    async def test_private_ones_are_read_as_public(self) -> None:
        private = verifier({"keys": [RSA.as_dict(private=True)]})
        assert await private.identity(signed()) == JO
        assert not private._keys._keys[0].public.is_private


@dataclass
class Issuer:
    """What a real https server on loopback answers, and how often it was asked."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    was_asked: threading.Event = field(default_factory=threading.Event)
    hold: threading.Event | None = None
    url: str = ""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def issuer(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Issuer]:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(authority) as issuer:
        issuer.body = json.dumps(key_set(RSA)).encode()
        yield issuer


@contextmanager
def serving(authority: trustme.CA) -> Iterator[Issuer]:
    issuer = Issuer()

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked += 1
            issuer.was_asked.set()
            if issuer.hold:
                issuer.hold.wait(5)
            self.send_response(issuer.status)
            for name, value in issuer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(issuer.body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    issuer.url = f"https://127.0.0.1:{server.server_port}/keys"
    yield issuer
    server.shutdown()
    thread.join()
    server.server_close()


class TestKeysAtAnAddress:
    async def test_are_fetched_once(self, issuer: Issuer) -> None:
        fetching = verifier(issuer.url)
        assert issuer.asked == 0
        tokens = [fetching.identity(signed()) for _ in range(5)]
        assert await asyncio.gather(*tokens) == [JO] * 5
        assert issuer.asked == 1

    async def test_are_fetched_once_a_minute_for_unknown_names(self, issuer: Issuer) -> None:
        clock = Clock()
        fetching = verifier(issuer.url, clock)
        for seconds in range(0, 121, 20):
            clock.time = NOW + seconds
            await refusal(signed(OTHER_EC, "ES256", header={"kid": f"guess {seconds}"}), fetching)
        assert issuer.asked == 3

    async def test_rotate(self, issuer: Issuer) -> None:
        clock = Clock()
        fetching = verifier(issuer.url, clock)
        assert await fetching.identity(signed()) == JO
        issuer.body = json.dumps(key_set(OTHER_EC)).encode()
        clock.time += 60
        assert await fetching.identity(signed(OTHER_EC, "ES256")) == JO
        await refusal(signed(), fetching)

    async def test_outlive_the_request_that_asked_first(self, issuer: Issuer) -> None:
        issuer.hold = threading.Event()
        fetching = verifier(issuer.url)
        first = asyncio.create_task(fetching.identity(signed()))
        await asyncio.to_thread(issuer.was_asked.wait, 5)
        first.cancel()
        second = asyncio.create_task(fetching.identity(signed()))
        await asyncio.sleep(0)
        issuer.hold.set()
        assert await second == JO
        with pytest.raises(asyncio.CancelledError):
            await first
        assert issuer.asked == 1

    @pytest.mark.parametrize(
        ("status", "headers", "body"),
        [
            (500, {}, None),
            (302, {"Location": "/elsewhere"}, None),
            (200, {}, b"not JSON"),
            (200, {}, json.dumps(key_set(RSA)).encode() + b" " * 1024 * 1024),
            (200, {"Content-Length": "99999"}, b"{"),
        ],
    )
    async def test_bad_answer_means_unavailable(
        self, issuer: Issuer, status: int, headers: dict[str, str], body: bytes | None
    ) -> None:
        issuer.status, issuer.headers = status, headers
        issuer.body = issuer.body if body is None else body
        with pytest.raises(KeysUnavailable):
            await verifier(issuer.url).identity(signed())
        assert issuer.asked == 1

    async def test_nobody_there_means_unavailable(self) -> None:
        with pytest.raises(KeysUnavailable):
            await verifier("https://127.0.0.1:1/keys").identity(signed())

    async def test_stranger_with_another_certificate_is_not_believed(self, issuer: Issuer) -> None:
        with serving(trustme.CA()) as stranger:
            stranger.body = issuer.body
            with pytest.raises(KeysUnavailable):
                await verifier(stranger.url).identity(signed())
            assert stranger.asked == 0

    @pytest.mark.parametrize("address", ["http://127.0.0.1/keys", "file:///etc/keys", "ftp://x/k"])
    async def test_need_https(self, address: str) -> None:
        with pytest.raises(ConfigurationRefused, match="https"):
            verifier(address)


class TestDemoVerifier:
    async def test_knows_its_invented_tokens_only(self) -> None:
        demo = DemoVerifier({"demo-jo": JO})
        assert await demo.identity("demo-jo") == JO
        for token in ("", "demo-j", "demo-jo ", signed()):
            with pytest.raises(InvalidToken, match="No such demo token"):
                await demo.identity(token)


class TestStartUp:
    @pytest.mark.parametrize("missing", ["jwks", "issuer", "audience"])
    @pytest.mark.parametrize("nothing", [None, ""])
    def test_refuses_without_keys_issuer_and_audience(
        self, missing: str, nothing: str | None
    ) -> None:
        given: dict[str, Any] = {"jwks": "https://sign-in.example/keys", "issuer": ISSUER}
        given |= {"audience": AUDIENCE, missing: nothing}
        with pytest.raises(ConfigurationRefused, match="TAF_JWKS, TAF_JWT_ISSUER"):
            verifier_for(demo=False, demo_tokens={}, **given)

    def test_refuses_invented_tokens_outside_demo_mode(self) -> None:
        with pytest.raises(ConfigurationRefused, match="demo mode only"):
            verifier_for(
                demo=False,
                jwks="https://sign-in.example/keys",
                issuer=ISSUER,
                audience=AUDIENCE,
                demo_tokens={"demo-jo": JO},
            )

    def test_refuses_real_keys_in_demo_mode(self) -> None:
        with pytest.raises(ConfigurationRefused, match="TAF_DEMO"):
            verifier_for(
                demo=True, jwks="keys.json", issuer=None, audience=None, demo_tokens={"demo-jo": JO}
            )

    @pytest.mark.parametrize("content", [None, "", "{}", '{"keys":[]}', "[]", "[" * 9999])
    def test_refuses_a_file_without_keys(self, tmp_path: Path, content: str | None) -> None:
        path = tmp_path / "keys.json"
        if content is not None:
            path.write_text(content)
        with pytest.raises(ConfigurationRefused, match="TAF_JWKS cannot be used"):
            verifier_for(
                demo=False, jwks=str(path), issuer=ISSUER, audience=AUDIENCE, demo_tokens={}
            )

    async def test_gives_the_verifier_the_settings_allow(self, tmp_path: Path) -> None:
        demo = verifier_for(
            demo=True, jwks=None, issuer=None, audience=None, demo_tokens={"demo-jo": JO}
        )
        assert await demo.identity("demo-jo") == JO
        path = tmp_path / "keys.json"
        path.write_text(json.dumps(key_set(RSA)))
        real = verifier_for(
            demo=False, jwks=str(path), issuer=ISSUER, audience=AUDIENCE, demo_tokens={}
        )
        with pytest.raises(InvalidToken):
            await real.identity("demo-jo")
        with pytest.raises(InvalidToken, match="expired"):
            await real.identity(signed(exp=1))


class TestIdentity:
    @pytest.mark.parametrize("name", ["", "x" * 201, "a\x00", "a\n", "\u202ea"])
    def test_refuses_names_no_account_has(self, name: str) -> None:
        with pytest.raises(ValueError, match="200 printable"):
            Identity(ISSUER, name)
        with pytest.raises(ValueError, match="200 printable"):
            Identity(name, "jo.lee")


def test_the_tests_sign_as_a_client_would() -> None:
    assert jws.extract_compact(signed().encode()).headers()["kid"] == "rsa"
