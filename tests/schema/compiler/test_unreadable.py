"""A type over a table that nobody declared visible cannot be read, from wherever it is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema, parse
from graphql.execution.values import VariableValues, get_variable_values

from schema import ids
from schema.compiler.document import document_of
from schema.compiler.statement import plan_query
from schema.connections import Connection
from schema.roots import by_id, root_page
from schema.sources import Key, Paged, column, many, node_id, one, paged, readable
from schema.wiring import wire
from taf_service import visibility
from tests.schema.compiler.declarations import readable_types, table_of

TABLE = "idempotency_key"
ID = "AAwAAAAAAAAAAAAAAAAAAAAB"
BY_ID = (Key("{child}.id", "uuid"),)


@readable(TABLE)
class Unseen:
    """Over a table without a predicate."""

    id: strawberry.ID = node_id()
    key: str = column("What stands in it.")


@readable("locality")
class Above:
    """Over a table that everybody may see, with every sort of way to what nobody may."""

    name: str = column("What it is called.")
    one: Unseen | None = one("One of them.", "{child}.id = {row}.id")
    many: list[Unseen] = many("Some of them.", "true", "{child}.id")
    paged: Connection[Unseen] = paged("All of them.", "true", *BY_ID)


def asking(field: Any, document: str) -> Callable[[], Any]:
    """Compiles a document over a query with this field alone."""

    def compiled() -> Any:
        query = strawberry.type(type("Query", (), {"__annotations__": {}, "asked": field}))
        built = strawberry.Schema(query=query, types=[Unseen, Above])._schema
        wire(built)
        return planned(built, document)

    return compiled


def planned(built: GraphQLSchema, text: str) -> Any:
    document = document_of(built, parse(text))
    values = get_variable_values(built, (), {})
    assert isinstance(values, VariableValues)
    return plan_query(document, values)


ABOVE = root_page("Some.", Connection[Above], "Above", Paged("true", BY_ID))
UNSEEN = root_page("Some.", Connection[Unseen], "Unseen", Paged("true", BY_ID))
WAYS = {
    "a root page": (UNSEEN, "{ asked { nodes { key } } }"),
    "the edges of a page": (UNSEEN, "{ asked { edges { cursor } } }"),
    "the size of a page": (UNSEEN, "{ asked { pageInfo { hasNextPage } } }"),
    "an id": (by_id("One.", Unseen), f'{{ asked(id: "{ID}") {{ key }} }}'),
    "a relation to one": (ABOVE, "{ asked { nodes { one { key } } } }"),
    "a list": (ABOVE, "{ asked { nodes { many { key } } } }"),
    "a page of another type": (ABOVE, "{ asked { nodes { paged { pageInfo { endCursor } } } } }"),
}


class TestATypeWithoutAPredicate:
    @pytest.mark.parametrize("way", WAYS)
    def test_cannot_be_compiled(self, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(ids.NUMBERS, "Unseen", ids.NUMBERS["Team"])
        assert TABLE not in visibility.PREDICATES

        with pytest.raises(KeyError, match=TABLE):
            asking(*WAYS[way])()

    @pytest.mark.parametrize("way", WAYS)
    def test_could_be_with_one(self, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """So it was the missing predicate, and nothing else, that stood in the way."""
        monkeypatch.setitem(ids.NUMBERS, "Unseen", ids.NUMBERS["Team"])
        monkeypatch.setitem(visibility.PREDICATES, TABLE, "false")

        assert TABLE in asking(*WAYS[way])().sql


class TestEveryReadableType:
    def test_has_a_predicate(self) -> None:
        assert {table_of(name) for name in readable_types()} <= set(visibility.PREDICATES)
