"""A hidden row is absent from every list, edge, node, page and error, whatever the way to it.

The ways are those that the types declare: a new one is followed here too, and a way on which
nothing hidden ever lies has to be named below with the reason.
"""

from __future__ import annotations

import random
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest

from schema import ids
from schema.context import Context
from schema.execute import answer
from schema.sources import AnyNodes
from taf_service.core.actors import Actor
from taf_service.database import Urls
from tests import stage
from tests.schema.compiler.declarations import (
    leading,
    readable_types,
    source_of,
    table_of,
    with_ids,
)
from tests.schema.compiler.hiding import Hidden, Way, below, is_page
from tests.schema.compiler.worlds import build

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SEED = 3
FOR_EVERYBODY = {"Agency", "Authority", "Locality"}
NEVER_HIDDEN = {
    ("Account", "practitioner"): "whoever may see an account is in the directory, or is its owner",
    ("Action", "owner"): "who may not know of the owner may not know of the action",
    ("Action", "team"): "an action is seen through its team",
    ("Delivery", "invitation"): "a message is seen through the meeting, with its invitations",
    ("Family", "team"): "a family and its team are seen by the same people",
    ("Invitation", "meeting"): "an invitation shows the meeting",
    ("LeadEnquiry", "family"): "an enquiry is seen through its family",
    ("Me", "practitioner"): "one's own entry",
    ("Me", "undelivered"): "only of meetings that are seen whole",
    ("Meeting", "myInvitation"): "one's own",
    ("Membership", "practitioner"): "who is in a team knows the practitioners who are or were",
    ("ParentalResponsibility", "child"): "for practitioners, who see the whole family",
    ("ParentalResponsibility", "holder"): "for practitioners, who see the whole family",
    ("Query", "practitioners"): "open to the directory, which sees all of them",
    ("Relationship", "first"): "for practitioners, who see the whole family",
    ("Relationship", "second"): "for practitioners, who see the whole family",
    ("Team", "covers"): "seen by those who see the team",
    ("Team", "family"): "a family and its team are seen by the same people",
    ("Team", "lead"): "seen by those who see the team",
    ("Team", "leadHistory"): "seen by those who see the team",
}


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(0)
    monkeypatch.setattr(stage, "uuid4", lambda: UUID(int=chance.getrandbits(128), version=4))


class TestAHiddenRow:
    @pytest.mark.parametrize("walls", ["both walls", "the first wall alone"])
    async def test_is_on_no_way_that_is_declared(
        self, walls: str, db: Urls, owner: Connection, seeded: None
    ) -> None:
        if walls != "both walls":
            await take_down_row_security(owner)
        world = await build(owner, SEED)
        led: set[Way] = set()
        for somebody in world.people.values():
            hidden = await Hidden.of(owner, world, somebody.person_id)
            for way in leading():
                if await hidden.is_led_to(owner, way):
                    led.add(way)
                    leaks = hidden.leaks(await followed(hidden, way))
                    assert not leaks, (way, somebody.name, leaks)

        untried = {way[:2] for way in set(leading()) - led if way[2] not in FOR_EVERYBODY}
        assert untried == set(NEVER_HIDDEN)


async def take_down_row_security(owner: Connection) -> None:
    for table in {table_of(name) for name in readable_types()} | {"outbox_entry"}:
        if table != "delivery":  # a view, of the outbox
            await owner.execute(f"alter table {table} disable row level security")


async def followed(hidden: Hidden, way: Way) -> list[Any]:
    """What a person is told who goes this way from everything that they see."""
    parent, field, child = way
    if parent == "Query":
        return await at_the_top(hidden, field, child)
    if parent == "Me":
        return [await told(hidden, f"{{ me {{ {below(way)} }} }}")]
    ids_of_parents = [ids.encode(parent, row_id) for row_id in hidden.seen.get(parent, ())]
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {parent} {{ {below(way)} }} }} }}"
    return [
        await told(hidden, query, ids=ids_of_parents[start : start + 20])
        for start in range(0, len(ids_of_parents), 20)
    ]


async def at_the_top(hidden: Hidden, field: str, child: str) -> list[Any]:
    way = ("Query", field, child)
    if is_page(way) or field == "me":
        return [await told(hidden, f"{{ {below(way)} }}")]
    types = [child] if child in hidden.hidden else with_ids()
    return [await by_its_id(hidden, field, name) for name in types]


async def by_its_id(hidden: Hidden, field: str, type_name: str) -> Any:
    """Every hidden row asked for by its id: answered like one that was never there."""
    given = [ids.encode(type_name, row_id) for row_id in hidden.hidden[type_name]]
    invented = [ids.encode(type_name, uuid4()) for _ in given]
    answers = [await asked_by_id(hidden, field, each) for each in (given, invented)]
    assert answers[0] == answers[1], (field, type_name)
    return answers[0]


async def asked_by_id(hidden: Hidden, field: str, given: list[str]) -> list[Any]:
    if isinstance(source_of("Query", field), AnyNodes):
        query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
        return [await told(hidden, query, ids=given[n : n + 50]) for n in range(0, len(given), 50)]
    query = f"query ($id: ID!) {{ {field}(id: $id) {{ __typename id }} }}"
    return [await told(hidden, query, id=each) for each in given]


async def told(hidden: Hidden, query: str, **variables: Any) -> Any:
    context = Context(Actor(hidden.person_id))
    done = await answer(query, variables, None, context=context, introspection=False)
    body = done.read()
    assert "errors" not in body, (query, body["errors"])
    return body


class TestAPage:
    async def test_says_nothing_of_hidden_rows_beyond_it(
        self, db: Urls, owner: Connection, seeded: None
    ) -> None:
        """Asked for exactly as many as are visible, no page has another before or behind it."""
        world = await build(owner, SEED)
        full = 0
        for somebody in world.people.values():
            hidden = await Hidden.of(owner, world, somebody.person_id)
            for way in filter(is_page, leading()):
                for start in starts(hidden, way):
                    full += await shows_all(hidden, way, start)

        assert full > 50


def starts(hidden: Hidden, way: Way) -> list[str]:
    """Documents with a gap, one for each row that the page may be asked of."""
    parent = way[0]
    if parent == "Query":
        return ["{ %s }"]
    if parent == "Me":
        return ["{ me { %s } }"]
    return [
        f'{{ node(id: "{ids.encode(parent, row_id)}") {{ ... on {parent} {{ %s }} }} }}'
        for row_id in hidden.seen[parent]
    ]


async def shows_all(hidden: Hidden, way: Way, start: str) -> bool:
    """Whether the page was full; none that holds everything visible says there is more."""
    shown = page_in(await told(hidden, start % below(way)))
    size = max(len(shown["nodes"]), 1)
    for page in (below(way, size), below(way, size).replace("first:", "last:")):
        full = page_in(await told(hidden, start % page))
        assert full["nodes"] == shown["nodes"]
        info = full["pageInfo"]
        assert not info["hasNextPage"], (way, start)
        assert not info["hasPreviousPage"], (way, start)
    return bool(shown["nodes"])


def page_in(body: Any) -> Any:
    found = body["data"]
    while "pageInfo" not in found:
        (found,) = found.values()
    return found
