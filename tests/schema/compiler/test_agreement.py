"""Random documents in random worlds: the answer, and what a slow reference makes of the same.

An ordinary run asks 500 documents, `TAF_SOAK=1` 20,000.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest
from graphql.execution.values import VariableValues, get_variable_values

from schema.context import Context
from schema.execute import Answer, answer, check, complete
from taf_service.core.actors import Actor
from taf_service.database import SERVER_SETTINGS, Urls
from tests import stage
from tests.schema.compiler.arguments import Values
from tests.schema.compiler.comparing import difference, is_over_a_limit
from tests.schema.compiler.declarations import with_ids
from tests.schema.compiler.documents import Asked, document
from tests.schema.compiler.naming import Names
from tests.schema.compiler.reference import Expected, expected
from tests.schema.compiler.rows import Rows, Unread
from tests.schema.compiler.shrinking import shrink
from tests.schema.compiler.worlds import World, build

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

WORLDS = 400 if os.environ.get("TAF_SOAK") else 10
DOCUMENTS = 50  # in each world
ACTORS = 4  # who ask in each world
REACHED = 150  # fields, of some 310, asked of a row that is there, in each world at least


@pytest.mark.parametrize("seed", range(WORLDS))
async def test_every_answer_is_the_expected_one(
    seed: int, db: Urls, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(stage, "uuid4", lambda: UUID(int=chance.getrandbits(128), version=4))
    world = await build(owner, seed)
    service = await asyncpg.connect(db.service, server_settings=SERVER_SETTINGS)
    actors = [await Asker.of(service, world, name) for name in chosen(world, chance)]

    for number in range(DOCUMENTS):
        asked = document(seed * DOCUMENTS + number)
        await actors[number % ACTORS].ask(asked)

    await service.close()
    assert sum(asker.refused for asker in actors) <= DOCUMENTS / 20
    reached = set[tuple[str, str]]().union(*(asker.reached for asker in actors))
    assert len(reached) > REACHED


def chosen(world: World, chance: random.Random) -> list[str]:
    """Somebody who leads, somebody of a family, and others."""
    names = sorted(world.people)
    first = [f"lead {chance.choice([0, 1])}", f"{chance.choice(['parent', 'other parent'])} 0"]
    rest = [name for name in names if name not in first]
    return [*first, *chance.sample(rest, ACTORS - len(first))]


@dataclass
class Asker:
    """One person of a world, and everything they learn from its answers."""

    name: str
    rows: Rows
    names: Names
    refused: int = 0
    """How many of their questions were over a limit."""
    reached: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    async def of(cls, service: Connection, world: World, name: str) -> Asker:
        rows = Rows(service, world.people[name].person_id)
        seen = {type_name: await _seen(rows, type_name, world) for type_name in with_ids()}
        return cls(name, rows, Names(seen, world.there, world.cursors))

    async def ask(self, asked: Asked) -> None:
        text = self.names.fill(asked.text)
        await self._ask(text, self.names.fill(asked.variables), asked)
        if asked.others != asked.variables:  # a plan that is kept must fit other values too
            await self._ask(text, self.names.fill(asked.others), asked)

    async def _ask(self, text: str, variables: Values, asked: Asked) -> None:
        if await self._differs(text, variables, asked.operation_name):
            raise AssertionError(await self._words(text, variables, asked))

    async def _differs(self, text: str, variables: Values, name: str | None) -> str | None:
        wanted = await expected(self.rows, text, variables, name)
        context = Context(Actor(self.rows.actor_id))
        done = await answer(text, variables, name, context=context, introspection=False)
        differs = self._compared(done, wanted)
        if differs or wanted.refused:
            return differs
        self._learn(wanted)
        slow = self._compared(await completed(text, variables, context), wanted)
        return slow and f"completed by graphql-core: {slow}"

    def _compared(self, done: Answer, wanted: Expected) -> str | None:
        try:
            body = done.read()
        except JSONDecodeError:
            return f"no JSON: {done.body!r}"
        if is_over_a_limit(body):
            self.refused += 1
            return None
        return difference(body, wanted)

    async def _words(self, text: str, variables: Values, asked: Asked) -> str:
        """What differs, in the smallest document that shows it."""

        async def fails(candidate: str) -> bool:
            return bool(await self._differs(candidate, variables, asked.operation_name))

        small = await shrink(text, fails)
        differs = await self._differs(small, variables, asked.operation_name)
        return f"{differs}\n{self.name} asked {asked.seed}:\n{small}\nwith {variables!r}"

    def _learn(self, wanted: Expected) -> None:
        for connection, cursor in wanted.cursors:
            self.names.keep(connection, cursor)
        self.reached |= wanted.reached


async def completed(text: str, variables: Values, context: Context) -> Answer:
    """What graphql-core makes of it, where the compiled text would have been whole too."""
    document, errors = check(text, introspection=False)
    assert document is not None, errors
    definitions = document.operation.variable_definitions or ()
    values = get_variable_values(document.schema, definitions, variables)
    assert isinstance(values, VariableValues), values
    return await complete(document, values, variables, context=context)


async def _seen(rows: Rows, type_name: str, world: World) -> list[UUID]:
    while True:
        try:
            found = rows.seen(type_name)
        except Unread:
            await rows.read_wanted()
        else:
            return [row_id for row_id in world.there[type_name] if row_id in found]
