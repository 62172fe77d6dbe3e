"""`GET /graphql`: to ask, never to change, and from no other site's page (security 3)."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from schema import ids
from taf_service.web.graphql.media import JSON, RESPONSE_JSON
from tests.stage import Stage
from tests.taf_service.web.client import ME, code_of, post

PREFLIGHT = {"graphql-require-preflight": "1"}


async def get(
    client: httpx2.AsyncClient, headers: dict[str, str] = PREFLIGHT, **parameters: Any
) -> httpx2.Response:
    return await client.get("/graphql", params=parameters, headers=headers)


class TestAGet:
    async def test_is_answered_like_a_post(self, client: httpx2.AsyncClient, stage: Stage) -> None:
        response = await get(
            client,
            query="query One($id: ID!) { authority(id: $id) { code } }",
            operationName="One",
            variables=json.dumps({"id": ids.encode("Authority", stage.authority_id)}),
            extensions="{}",
        )

        assert response.json() == {"data": {"authority": {"code": "derby"}}}
        assert response.headers["cache-control"] == "no-store"

    async def test_may_leave_its_operation_without_a_name(self, client: httpx2.AsyncClient) -> None:
        assert (await get(client, query=ME, operationName="")).json()["data"] is not None

    @pytest.mark.parametrize(
        "document", ["mutation { __typename }", "mutation M { a: __typename }"]
    )
    async def test_changes_nothing(
        self, client: httpx2.AsyncClient, stage: Stage, document: str
    ) -> None:
        before = await stage.state()
        for media_type in (JSON, RESPONSE_JSON):
            response = await get(client, PREFLIGHT | {"accept": media_type}, query=document)
            assert response.status_code == 405
            assert response.headers["allow"] == "POST"
            assert code_of(response) == "METHOD_NOT_ALLOWED"
        assert await stage.state() == before

    async def test_of_what_cannot_run_is_told_what_is_wrong(
        self, client: httpx2.AsyncClient
    ) -> None:
        for document in ("{", "{ nothing }"):
            response = await get(client, PREFLIGHT | {"accept": RESPONSE_JSON}, query=document)
            assert response.status_code == 400
            assert response.json()["errors"][0]["message"]

    @pytest.mark.parametrize(
        "query_string",
        [
            "",
            "query=",
            "variables={}",
            "query={__typename}&query={__typename}",
            "query={__typename}&variables=[]",
            "query={__typename}&variables={",
            'query={__typename}&variables={"a":1,"a":2}',
            "query={__typename}&variables=NaN",
            "query={__typename}&extensions=1",
            "query=%FF",
            "&".join(f"a{n}=1" for n in range(20)),
        ],
    )
    async def test_is_400_when_it_is_not_one_request(
        self, client: httpx2.AsyncClient, query_string: str
    ) -> None:
        headers = PREFLIGHT | {"accept": RESPONSE_JSON}

        response = await client.get(f"/graphql?{query_string}", headers=headers)

        assert response.status_code == 400, response.text

    async def test_is_414_when_it_is_too_long(self, client: httpx2.AsyncClient) -> None:
        response = await get(client, query=f"#{'x' * 20_000}")

        assert (response.status_code, code_of(response)) == (414, "URL_TOO_LONG")


class TestAPageOfAnotherSite:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"sec-fetch-site": "cross-site"} | PREFLIGHT,
            {"origin": "https://other.example"} | PREFLIGHT,
            {"origin": "null"} | PREFLIGHT,
        ],
    )
    async def test_cannot_ask_by_a_link(
        self, client: httpx2.AsyncClient, headers: dict[str, str]
    ) -> None:
        response = await get(client, headers, query=ME)

        assert (response.status_code, code_of(response)) == (403, "PREFLIGHT_REQUIRED")

    @pytest.mark.parametrize(
        "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://other.example"}]
    )
    async def test_cannot_post(
        self, client: httpx2.AsyncClient, stage: Stage, headers: dict[str, str]
    ) -> None:
        before = await stage.state()
        client.headers |= headers

        response = await post(client, "mutation { __typename }")

        assert response.status_code == 403
        assert await stage.state() == before


class TestAPageOfOurs:
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "same-origin"},
            {"sec-fetch-site": "none"},
            {"origin": "http://taf.example"} | PREFLIGHT,
        ],
    )
    async def test_may_ask(self, client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
        assert (await get(client, headers, query=ME)).status_code == 200
        client.headers |= headers
        assert (await post(client, ME)).status_code == 200
