"""`POST /graphql` as a client meets it, and as somebody who means harm does."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from starlette.requests import Request

from schema import execute, ids, limits
from schema.context import Letterhead
from taf_service import access
from taf_service.app import create_app
from taf_service.database import Urls
from taf_service.settings import Settings
from taf_service.web.endpoint import BODY, JSON, RESPONSE_JSON, GraphQLEndpoint, negotiate
from tests.stage import ISSUER, Somebody, Stage

ADDRESS = "http://taf.example"
TOKEN = "demo-helen"
ME = "{ me { name } }"
SECONDS = 1.0
"""Of the processor, for the dearest document that is refused: the machine may be busy."""


def application(urls: Urls, verifier: access.Verifier, *, demo: bool = False) -> httpx2.AsyncClient:
    app = create_app(Settings(demo=demo, link_key=SecretStr("k" * 32)), urls.service, verifier)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ADDRESS)


def invented(demo_tokens: dict[str, access.Identity]) -> access.Verifier:
    return access.verifier_for(
        demo=True, jwks=None, issuer=None, audience=None, demo_tokens=demo_tokens
    )


@pytest.fixture
async def helen(stage: Stage) -> Somebody:
    helen = await stage.practitioner("Helen Health")
    await stage.account(helen, "helen")
    return helen


@pytest.fixture
async def client(db: Urls, helen: Somebody) -> AsyncIterator[httpx2.AsyncClient]:
    verifier = invented({TOKEN: access.Identity(ISSUER, "helen")})
    async with application(db, verifier) as client:
        client.headers |= {"authorization": f"Bearer {TOKEN}", "content-type": JSON}
        yield client


async def post(client: httpx2.AsyncClient, document: str, **body: Any) -> httpx2.Response:
    return await client.post("/graphql", content=json.dumps({"query": document, **body}))


def code_of(response: httpx2.Response) -> str:
    (error,) = response.json()["errors"]
    assert error["message"].endswith(".")
    found: str = error["extensions"]["code"]
    return found


class TestAGoodRequest:
    async def test_is_answered_in_json(self, client: httpx2.AsyncClient) -> None:
        response = await post(client, ME)

        assert response.status_code == 200
        assert response.headers["content-type"] == f"{JSON}; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.json() == {"data": {"me": {"name": "Helen Health"}}}

    async def test_may_name_its_operation_and_bring_variables(
        self, client: httpx2.AsyncClient, stage: Stage
    ) -> None:
        response = await post(
            client,
            "query One($id: ID!) { authority(id: $id) { code } }",
            operationName="One",
            variables={"id": ids.encode("Authority", stage.authority_id)},
        )

        assert response.json() == {"data": {"authority": {"code": "derby"}}}

    async def test_may_say_utf_8(self, client: httpx2.AsyncClient) -> None:
        for charset in ("utf-8", "UTF-8", '"utf-8"'):
            client.headers["content-type"] = f"application/json; charset={charset}"
            assert (await post(client, ME)).status_code == 200, charset

    async def test_may_add_what_we_do_not_know(self, client: httpx2.AsyncClient) -> None:
        response = await post(client, ME, extensions={"a": 1}, operationName=None, variables=None)

        assert response.json()["data"] == {"me": {"name": "Helen Health"}}


class TestTheAnswersMediaType:
    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            (None, JSON),
            ("", JSON),
            ("*/*", JSON),
            ("application/*", JSON),
            (JSON, JSON),
            (RESPONSE_JSON, RESPONSE_JSON),
            (RESPONSE_JSON.upper(), RESPONSE_JSON),
            (f"{JSON};q=0.5, {RESPONSE_JSON}", RESPONSE_JSON),
            (f"{RESPONSE_JSON};q=0.5, {JSON};q=0.9", JSON),
            (f"text/html, {RESPONSE_JSON}; charset=utf-8", RESPONSE_JSON),
            ("text/html, */*;q=0.1", JSON),
            ("text/html", None),
            (f"{JSON};q=0", None),
            (f"{JSON};q=often", None),
        ],
    )
    def test_is_the_best_that_the_client_takes(
        self, accept: str | None, media_type: str | None
    ) -> None:
        assert negotiate(accept) == media_type

    async def test_none_of_which_we_have_is_406(self, client: httpx2.AsyncClient) -> None:
        client.headers["accept"] = "text/html"

        response = await post(client, ME)

        assert response.status_code == 406
        assert code_of(response) == "NOT_ACCEPTABLE"

    async def test_decides_the_status_of_a_document_that_cannot_run(
        self, client: httpx2.AsyncClient
    ) -> None:
        for media_type, status in ((JSON, 200), (RESPONSE_JSON, 400)):
            client.headers["accept"] = media_type
            for document in ("{", "{ nothing }", "{ me { name(x: 1) } }"):
                response = await post(client, document)
                assert response.status_code == status
                assert response.headers["content-type"].startswith(media_type)
                assert "data" not in response.json()


MALFORMED = [
    b"",
    b"{",
    b"null",
    b"3",
    b'"{ me { name } }"',
    b"[]",
    b'[{"query": "{ me { name } }"}, {"query": "{ me { name } }"}]',
    b"{}",
    b'{"query": null}',
    b'{"query": 3}',
    b'{"query": ["{ me { name } }"]}',
    b'{"query": "{ me { name } }", "variables": []}',
    b'{"query": "{ me { name } }", "variables": "{}"}',
    b'{"query": "{ me { name } }", "operationName": 1}',
    b'{"query": "{ me { name } }", "variables": {"a": NaN}}',
    b'{"query": "{ me { name } }", "variables": {"a": Infinity}}',
    b'{"query": "{ me { name } }", "variables": {"a": "\xff"}}',
    b'{"query": "\xed\xa0\x80"}',
    b'{"query": "\\ud800"}',
    b'\xef\xbb\xbf{"query": "{ me { name } }"}',
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"query": "{ me { name } }", "variables": {"a":' + b'{"a":' * 30_000,
]


class TestARequestOfTheWrongKind:
    async def test_is_405(self, client: httpx2.AsyncClient) -> None:
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
            response = await client.request(method, "/graphql", params={"query": ME})
            assert response.status_code == 405, method
            assert response.headers["allow"] == "POST"

    async def test_is_415_so_that_no_form_can_send_it(self, client: httpx2.AsyncClient) -> None:
        for content_type in (
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/graphql",
            "application/json; charset=utf-16",
        ):
            client.headers["content-type"] = content_type
            response = await post(client, ME)
            assert response.status_code == 415, content_type
            assert code_of(response) == "UNSUPPORTED_MEDIA_TYPE"

    async def test_is_400_when_it_is_not_one_request(self, client: httpx2.AsyncClient) -> None:
        for body in MALFORMED:
            begun = time.process_time()
            response = await client.post("/graphql", content=body)
            assert response.status_code == 400, body[:80]
            assert code_of(response) == "BAD_REQUEST"
            assert time.process_time() - begun < SECONDS, body[:80]

    async def test_is_413_when_it_is_too_long(self, client: httpx2.AsyncClient) -> None:
        read = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal read
            while read < 20 * 1024 * 1024:
                read += 1024
                yield b" " * 1024

        response = await client.post("/graphql", content=endless())

        assert response.status_code == 413
        assert code_of(response) == "BODY_TOO_LARGE"
        assert read <= 2 * BODY

    async def test_that_breaks_off_changes_nothing(self, db: Urls, helen: Somebody) -> None:
        endpoint = GraphQLEndpoint(
            invented({TOKEN: access.Identity(ISSUER, "helen")}),
            introspection=False,
            letterhead=Letterhead("reply.taf.example", ADDRESS),
        )
        headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", JSON.encode())]
        parts = iter(
            (
                {"type": "http.request", "body": b'{"query":', "more_body": True},
                {"type": "http.disconnect"},
            )
        )

        async def receive() -> dict[str, Any]:
            return next(parts)

        response = await endpoint(Request({"type": "http", "headers": headers}, receive))

        assert response.status_code == 400

    async def test_of_the_greatest_length_is_read(self, client: httpx2.AsyncClient) -> None:
        body = json.dumps({"query": ME}).encode()

        response = await client.post("/graphql", content=body + b" " * (BODY - len(body)))
        over = await client.post("/graphql", content=body + b" " * (BODY - len(body) + 1))

        assert (response.status_code, over.status_code) == (200, 413)


def deep(levels: int) -> str:
    return "{ me " + "{ practitioner " * (levels - 2) + "{ id }" + " }" * (levels - 1)


# Each is short enough to be read, so that the limit named is what refuses it.
HOSTILE = {
    "tokens": "{ me { " + "name " * limits.TOKENS + "} }",
    "depth": deep(30),
    "depth behind fragments": "{ ...a0 } "
    + " ".join(
        f"fragment a{n} on Query {{ me {{ practitioner {{ id }} }} ...a{n + 1} }}"
        for n in range(40)
    )
    + " fragment a40 on Query { ...b } fragment b on Query " + deep(20),
    "aliases": "{ " + " ".join(f"a{n}: me {{ name }}" for n in range(18)) + " me { "
    + " ".join(f"b{n}: name" for n in range(100)) + " } }",
    "aliases behind fragments": "{ me { ...a ...b } } fragment a on Me { "
    + " ".join(f"a{n}: name" for n in range(50)) + " } fragment b on Me { "
    + " ".join(f"b{n}: name" for n in range(50)) + " }",
    "root fields": "{ " + " ".join(f"a{n}: me {{ name }}" for n in range(21)) + " }",
    "fields": "{ me { " + "".join(f"f{n} " for n in range(700)) + "} }",
    "directives": "{ me { name " + "@include(if: true) " * 100 + "} }",
    "duplicate fields": "{ me { " + "name " * 500 + "} }",
    "exponential fragments": "{ me { ...a0 } } "
    + " ".join(
        f"fragment a{n} on Me {{ ...a{n + 1} ...a{n + 1} ...a{n + 1} }}" for n in range(25)
    )
    + " fragment a25 on Me { name }",
    "operations": "query A { me { name } } query B { me { name } }",
    "no operation": "fragment a on Me { name }",
    "introspection": "{ __schema { types { name } } }",
    "introspection behind a fragment": "{ ...a } fragment a on Query { __schema { __typename } }",
}  # fmt: skip


class TestAHostileDocument:
    async def test_is_refused_cheaply_by_a_limit(self, client: httpx2.AsyncClient) -> None:
        client.headers["accept"] = RESPONSE_JSON

        for name, document in HOSTILE.items():
            begun = time.process_time()
            response = await post(client, document)
            assert time.process_time() - begun < SECONDS, name
            assert response.status_code == 400, (name, response.text)
            (error,) = response.json()["errors"]
            if name != "tokens":  # the parser's own words
                assert error["extensions"]["code"] == "LIMIT_EXCEEDED", name
            assert len(response.content) < 1_000

    async def test_cannot_nest_a_value(self, client: httpx2.AsyncClient) -> None:
        client.headers["accept"] = RESPONSE_JSON

        for levels in (100, 150, 180, 190, 200, 900):
            for opening, closing in (("[", "]"), ("{a: ", "}")):
                value = opening * levels + "1" + closing * levels
                response = await post(client, f"{{ node(id: {value}) {{ id }} }}")
                assert response.status_code == 400, levels

    async def test_cannot_fan_out_over_lists(self, client: httpx2.AsyncClient) -> None:
        response = await post(
            client,
            "{ myFamilies(first: 100) { nodes { team { actions(first: 100) { nodes {"
            " team { actions(first: 100) { nodes { id } } } } } } } } }",
        )

        (error,) = response.json()["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"

    async def test_is_refused_when_its_fragments_go_round(self, client: httpx2.AsyncClient) -> None:
        response = await post(
            client,
            "{ me { ...a } } fragment a on Me { ...b } fragment b on Me { ...a }",
        )

        assert "Cannot spread fragment" in response.json()["errors"][0]["message"]

    async def test_gets_few_errors_back(self, client: httpx2.AsyncClient) -> None:
        response = await post(
            client, "{ me { " + " ".join(f"wrong{n}" for n in range(300)) + " } }"
        )

        assert 1 <= len(response.json()["errors"]) <= 6

    async def test_learns_no_names_by_guessing(self, client: httpx2.AsyncClient) -> None:
        response = await post(client, "{ me { nam } myFamilie { nodes { id } } }")

        assert "Cannot query field" in response.text
        assert "Did you mean" not in response.text

    async def test_learns_no_values_by_guessing(self, client: httpx2.AsyncClient) -> None:
        for given in ('{ node(ix: "x") { id } }', "query ($a: Famil) { me { name } }"):
            assert "Did you mean" not in (await post(client, given)).text
        document = "mutation ($input: AppointToOfficeInput!) { appointToOffice(input: $input)"
        response = await post(
            client,
            document + " { __typename } }",
            variables={"input": {"authorityId": "x", "practitionerId": "x", "office": "AUDITO"}},
        )
        assert "AUDITO" in response.text
        assert "AUDITOR" not in response.text

    async def test_costs_nothing_by_its_comments(self, client: httpx2.AsyncClient) -> None:
        kept = execute._checked.cache_info().currsize
        begun = time.process_time()

        response = await post(client, "#" * (BODY - 1_000) + "\n" + ME)

        assert response.json()["data"] == {"me": {"name": "Helen Health"}}
        assert time.process_time() - begun < SECONDS
        assert execute._checked.cache_info().currsize == kept

    async def test_cannot_bring_values_that_no_column_holds(
        self, client: httpx2.AsyncClient
    ) -> None:
        for given in ("x" * 100_000, "\0", "🜨", "' or true --", "../../etc/passwd", ""):
            response = await post(
                client, "query ($id: ID!) { node(id: $id) { id } }", variables={"id": given}
            )
            assert response.json() == {"data": {"node": None}}, given

    async def test_cannot_nest_its_variables(
        self, client: httpx2.AsyncClient, stage: Stage
    ) -> None:
        depth = 1_000  # as deep as JSON is read at all
        body = (
            '{"query": "mutation ($input: ChangeSettingsInput!) { changeSettings(input: $input)'
            ' { __typename } }", "variables": {"input": {"authorityId": "'
            + ids.encode("Authority", stage.authority_id)
            + '", "reason": "x", "version": "' + "0" * 32
            + '", "idempotencyKey": "nested-1", "changes": '
            + '{"a": ' * depth + "1" + "}" * depth + "}}}"
        )  # fmt: skip

        response = await client.post("/graphql", content=body)

        assert response.json()["data"]["changeSettings"] == {"__typename": "InvalidInput"}


class TestIntrospection:
    async def test_is_for_demo_mode(self, db: Urls, helen: Somebody) -> None:
        verifier = invented({TOKEN: access.Identity(ISSUER, "helen")})
        async with application(db, verifier, demo=True) as client:
            client.headers |= {"authorization": f"Bearer {TOKEN}", "content-type": JSON}
            response = await post(client, "{ __schema { queryType { name } } }")

        assert response.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}

    async def test_leaves_type_names_to_everybody(self, client: httpx2.AsyncClient) -> None:
        response = await post(client, "{ __typename me { __typename } }")

        assert response.json()["data"] == {"__typename": "Query", "me": {"__typename": "Me"}}


AUDIENCE = "taf"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"})


def token(subject: str, key: RSAKey = KEY, **changes: Any) -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": int(time.time()) + 300}
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims | changes, key)


@pytest.fixture
async def signed(db: Urls, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a service that knows an issuer's keys from a file, as outside demo mode."""
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    verifier = access.verifier_for(
        demo=False, jwks=str(jwks), issuer=ISSUER, audience=AUDIENCE, demo_tokens={}
    )
    async with application(db, verifier) as client:
        client.headers |= {"content-type": JSON}
        yield client


class TestSigningIn:
    async def bearing(self, client: httpx2.AsyncClient, credentials: str) -> httpx2.Response:
        client.headers["authorization"] = credentials
        return await post(client, ME)

    async def test_is_by_a_signed_token(self, signed: httpx2.AsyncClient, helen: Somebody) -> None:
        response = await self.bearing(signed, f"Bearer {token('helen')}")

        assert response.json() == {"data": {"me": {"name": "Helen Health"}}}

    async def test_ends_with_the_next_request_when_the_account_is_disabled(
        self, signed: httpx2.AsyncClient, stage: Stage, helen: Somebody
    ) -> None:
        bearer = f"Bearer {token('helen')}"
        assert (await self.bearing(signed, bearer)).status_code == 200

        await access.disable_account(stage.administrator.ask(), issuer=ISSUER, subject="helen")

        assert (await self.bearing(signed, bearer)).status_code == 401

    async def test_is_refused_alike_whatever_is_wrong(
        self, signed: httpx2.AsyncClient, helen: Somebody
    ) -> None:
        good = token("helen")
        bad = [
            token("nobody"),
            token("helen", OTHER_KEY),
            token("helen", exp=int(time.time()) - 3600),
            token("helen", iss="https://other.example"),
            token("helen", aud="other"),
            good[:-4],
            good.rpartition(".")[0] + ".",
            "demo-helen",
            "x" * 20_000,
            "\x7f",
        ]
        answers = [await self.bearing(signed, f"Bearer {each}") for each in bad]

        assert {response.status_code for response in answers} == {401}
        assert len({response.content for response in answers}) == 1
        assert {response.headers["www-authenticate"] for response in answers} == {"Bearer"}
        assert code_of(answers[0]) == "UNAUTHENTICATED"

    async def test_needs_a_bearer_token(self, signed: httpx2.AsyncClient, helen: Somebody) -> None:
        for credentials in ("", "Bearer", "Bearer ", "Basic aGVsZW46eA=="):
            response = await self.bearing(signed, credentials)
            assert response.status_code == 401, credentials
            assert code_of(response) == "UNAUTHENTICATED"

    async def test_comes_before_anything_is_read(self, signed: httpx2.AsyncClient) -> None:
        response = await signed.post("/graphql", content=b"[" * 1_000_000)

        assert response.status_code == 401
