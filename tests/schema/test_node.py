from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLObjectType

from schema import ids
from schema.build import schema
from schema.compiler.declared import table_of
from taf_service import visibility
from tests.schema.asking import ask, body_of
from tests.stage import ATeam, Stage


@pytest.fixture
async def team(stage: Stage) -> ATeam:
    return await stage.team()


class TestNode:
    DOCUMENT = "query ($id: ID!) { node(id: $id) { __typename id } }"

    async def test_opens_whatever_you_may_see(self, stage: Stage, team: ATeam) -> None:
        for type_name, row_id in {
            "Team": team.team_id,
            "Family": team.family.family_id,
            "Membership": team.of(team.lead),
            "Meeting": await stage.meeting(team),
            "Authority": stage.authority_id,
        }.items():
            global_id = ids.encode(type_name, row_id)

            found = await ask(team.lead, self.DOCUMENT, id=global_id)

            assert found["node"] == {"__typename": type_name, "id": global_id}

    async def test_opens_nothing_else(self, stage: Stage, team: ATeam) -> None:
        outsider = await stage.practitioner("Otto Outside")
        hidden = ids.encode("Team", team.team_id)
        mistaken = ids.encode("Family", team.team_id)

        for strange in (hidden, mistaken, ids.encode("Team", uuid4()), "", "AAAA", "\0", "é"):
            assert await body_of(outsider, self.DOCUMENT, id=strange) == {"data": {"node": None}}

    async def test_opens_no_more_than_one_request_may_cost(self, team: ATeam) -> None:
        """Many roots, each of many objects, each with a long list: no root is dear by itself."""
        read = "nodes(ids: $ids) { ... on Team { meetings(first: 100) { nodes { id } } } }"
        roots = " ".join(f"a{number}: {read}" for number in range(20))
        given = [ids.encode("Team", team.team_id)] * 100

        body = await body_of(team.lead, f"query ($ids: [ID!]!) {{ {roots} }}", ids=given)

        assert {e["extensions"]["code"] for e in body["errors"]} == {"LIMIT_EXCEEDED"}

    async def test_never_opens_a_type_that_the_schema_does_not_have(self, team: ATeam) -> None:
        unpublished = set(ids.NUMBERS) - set(schema()._schema.type_map)

        for type_name in unpublished:
            found = await ask(team.lead, self.DOCUMENT, id=ids.encode(type_name, uuid4()))
            assert found == {"node": None}

    def test_can_open_every_type_that_is_one(self) -> None:
        """Each has a number for its ids, a table, and somebody who decided who sees it."""
        nodes = [each for each in types() if "Node" in {i.name for i in each.interfaces}]

        assert {each.name for each in nodes} <= set(ids.NUMBERS)
        assert {table_of(each) for each in nodes} <= set(visibility.PREDICATES)


class TestNodes:
    DOCUMENT = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    async def test_come_in_the_order_asked_for_with_gaps(self, stage: Stage, team: ATeam) -> None:
        one, two = ids.encode("Team", team.team_id), ids.encode("Family", team.family.family_id)

        found: dict[str, Any] = await ask(
            team.lead, self.DOCUMENT, ids=[two, "nothing", one, two, ids.encode("Team", uuid4())]
        )

        assert found["nodes"] == [{"id": two}, None, {"id": one}, {"id": two}, None]

    async def test_are_at_most_100(self, team: ATeam) -> None:
        one = ids.encode("Team", team.team_id)

        assert len((await ask(team.lead, self.DOCUMENT, ids=[one] * 100))["nodes"]) == 100
        body = await body_of(team.lead, self.DOCUMENT, ids=[one] * 101)
        assert body["errors"][0]["message"] == "Ask for at most 100 at a time."
        assert body["errors"][0]["extensions"] == {"code": "INVALID_INPUT", "field": "ids"}


def types() -> list[GraphQLObjectType]:
    found = schema()._schema.type_map.values()
    return [each for each in found if isinstance(each, GraphQLObjectType)]
