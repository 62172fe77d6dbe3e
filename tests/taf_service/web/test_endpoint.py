"""`POST /graphql` as a client meets it."""

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

from schema import ids
from taf_service import access
from taf_service.database import Urls
from taf_service.web.graphql.asked import BODY
from taf_service.web.graphql.media import JSON, RESPONSE_JSON
from tests.stage import ISSUER, Somebody, Stage
from tests.taf_service.web.client import (
    ME,
    SIGNED_IN,
    application,
    code_of,
    endpoint,
    post,
    raw,
)


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

    async def test_may_quote_what_looks_like_keys(self, client: httpx2.AsyncClient) -> None:
        quoted = '": a": "a": \\": '

        response = await post(
            client, "query ($id: ID!) { node(id: $id) { id } }", variables={"id": quoted}
        )

        assert response.json() == {"data": {"node": None}}

    async def test_may_repeat_headers_that_are_lists(self, helen: Somebody) -> None:
        body = json.dumps({"query": ME}).encode()
        accepts = [(b"accept", b"text/html"), (b"accept", RESPONSE_JSON.encode())]
        headers = [(name.encode(), value.encode()) for name, value in SIGNED_IN.items()]

        answered = await raw(endpoint(), body, headers=headers + accepts)
        twice_signed = await raw(endpoint(), body, headers=headers + headers)

        assert answered.headers[b"content-type"].startswith(RESPONSE_JSON.encode())
        assert twice_signed.status == 401


class TestTheAnswersMediaType:
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
    b'{"query": "{ me { name } }", "extensions": []}',
    b'{"query": "{ me { name } }", "extensions": "{}"}',
    b'{"query": "{ me { name } }", "documentId": "sha256:0"}',
    b'{"documentId": 1}',
    b'{"query": "{ me { name } }", "query": "{ __typename }"}',
    b'{"query": "{ me { name } }", "variables": {"a": 1, "a" : 1}}',
    b'{"query": "{ me { name } }", "variables": {"a": [{"b": "\\":", "\\u0061": 1, "a": 2}]}}',
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
        for method in ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            response = await client.request(method, "/graphql", params={"query": ME})
            assert response.status_code == 405, method
            assert response.headers["allow"] == "GET, POST"

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
            response = await client.post("/graphql", content=body)
            assert response.status_code == 400, body[:80]
            assert code_of(response) == "BAD_REQUEST"

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

    async def test_that_breaks_off_changes_nothing(self, helen: Somebody) -> None:
        answered = await raw(endpoint(), b'{"query":', breaks_off=True)

        assert (answered.status, answered.code) == (400, "BAD_REQUEST")

    async def test_of_the_greatest_length_is_read(self, client: httpx2.AsyncClient) -> None:
        body = json.dumps({"query": ME}).encode()

        response = await client.post("/graphql", content=body + b" " * (BODY - len(body)))
        over = await client.post("/graphql", content=body + b" " * (BODY - len(body) + 1))

        assert (response.status_code, over.status_code) == (200, 413)


class TestIntrospection:
    async def test_is_for_demo_mode(
        self, db: Urls, helen: Somebody, verifier: access.Verifier
    ) -> None:
        async with application(db, verifier, demo=True) as client:
            client.headers |= SIGNED_IN
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

    async def test_is_asked_for_again_when_the_account_is_somebody_elses(
        self, signed: httpx2.AsyncClient, stage: Stage, helen: Somebody
    ) -> None:
        bearer = f"Bearer {token('helen')}"
        assert (await self.bearing(signed, bearer)).status_code == 200

        await stage.owner.execute(
            "update account set person_id = $1", stage.administrator.person_id
        )
        answers = [await self.bearing(signed, bearer) for _ in range(2)]

        assert answers[0].status_code == 401
        assert answers[1].json() == {"data": {"me": {"name": "Ada Administrator"}}}

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
