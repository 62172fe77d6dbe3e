"""Documents that are named and not sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from schema import documents
from taf_service import access
from taf_service.database import Urls
from taf_service.web.graphql.media import JSON, RESPONSE_JSON
from tests.stage import Somebody, Stage
from tests.taf_service.web.client import ME, SIGNED_IN, application, code_of, post

UNKNOWN = documents.PREFIX + "0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "registered"


@pytest.fixture
def me(tmp_path: Path, folder: Path) -> str:
    path = tmp_path / "me.graphql"
    path.write_text("query Me($with: Boolean!) { me { name @include(if: $with) } }")
    (document_id,) = documents.register(folder, [path])
    return document_id


@pytest.fixture
async def strict(
    db: Urls, helen: Somebody, verifier: access.Verifier, me: str, folder: Path
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a service that answers nothing but registered documents."""
    async with application(db, verifier, documents=folder, only_trusted=True) as client:
        client.headers |= SIGNED_IN
        yield client


async def named(
    client: httpx2.AsyncClient, document_id: str, **variables: object
) -> httpx2.Response:
    body = json.dumps({"documentId": document_id, "variables": variables})
    return await client.post("/graphql", content=body)


class TestARegisteredDocument:
    async def test_is_answered_by_its_name(self, strict: httpx2.AsyncClient, me: str) -> None:
        response = await named(strict, me, **{"with": True})

        assert response.json() == {"data": {"me": {"name": "Helen Health"}}}

    async def test_is_answered_by_get(self, strict: httpx2.AsyncClient, me: str) -> None:
        response = await strict.get(
            "/graphql",
            params={"documentId": me, "variables": '{"with": true}'},
            headers={"sec-fetch-site": "same-origin"},
        )

        assert response.json() == {"data": {"me": {"name": "Helen Health"}}}

    async def test_has_its_variables_checked_like_any_other(
        self, strict: httpx2.AsyncClient, me: str
    ) -> None:
        strict.headers["accept"] = RESPONSE_JSON

        response = await named(strict, me, **{"with": "yes"})

        assert response.status_code == 400
        assert "$with" in response.json()["errors"][0]["message"]

    async def test_may_be_named_where_others_may_be_sent(
        self, db: Urls, helen: Somebody, verifier: access.Verifier, folder: Path, me: str
    ) -> None:
        async with application(db, verifier, documents=folder) as client:
            client.headers |= SIGNED_IN
            assert (await named(client, me, **{"with": False})).json() == {"data": {"me": {}}}
            assert "data" in (await post(client, ME)).json()
            assert code_of(await named(client, UNKNOWN)) == "DOCUMENT_NOT_REGISTERED"


class TestAnyOtherDocument:
    @pytest.mark.parametrize(
        "body",
        [
            {"query": ME},
            {"query": "query Me($with: Boolean!) { me { name @include(if: $with) } }"},
            {"query": "mutation { __typename }"},
            {"query": "{"},
            {"documentId": UNKNOWN},
            {"documentId": ""},
            {"documentId": "../../settings"},
            {"documentId": UNKNOWN.upper()},
            {"query": None, "documentId": "sha256:"},
        ],
    )
    async def test_is_refused(
        self, strict: httpx2.AsyncClient, stage: Stage, body: dict[str, object]
    ) -> None:
        before = await stage.state()
        for media_type, status in ((JSON, 200), (RESPONSE_JSON, 400)):
            strict.headers["accept"] = media_type
            response = await strict.post("/graphql", content=json.dumps(body))
            assert (response.status_code, code_of(response)) == (status, "DOCUMENT_NOT_REGISTERED")
            assert "data" not in response.json()
        assert await stage.state() == before

    async def test_is_refused_beside_a_good_name(self, strict: httpx2.AsyncClient, me: str) -> None:
        body = json.dumps({"documentId": me, "query": ME})

        assert (await strict.post("/graphql", content=body)).status_code == 400
