"""What a document is to come to, and by which way."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache

from graphql import GraphQLObjectType, get_named_type

from tests.schema.compiler.declarations import (
    asked_of,
    named,
    object_names,
    object_type,
    roots,
    with_ids,
)


@cache
def goals() -> tuple[tuple[str, str], ...]:
    """Every field that can be asked, in a fixed order that mixes the types."""
    found = [(name, field) for name in reachable() for field in asked_of(name)]
    found = [goal for goal in found if goal[0] != "Query" or goal[1] in roots()]
    random.Random(0).shuffle(found)
    return tuple(found)


def goal(seed: int) -> tuple[str, str]:
    """The field that a document of this seed asks, whatever else it asks."""
    return goals()[seed % len(goals())]


@cache
def reachable() -> tuple[str, ...]:
    """The object types that a query which reads can come to."""
    return ("Query", *(name for name in object_names() if name != "Query" and way_to(name)))


@cache
def way_to(type_name: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Some ways from `Query` to a type, the shortest first."""
    ways: list[tuple[tuple[str, str], ...]] = []
    edge: list[tuple[str, tuple[tuple[str, str], ...]]] = [("Query", ())]
    longest = 7
    while edge and len(ways) < 6:
        at, way = edge.pop(0)
        if at == type_name and way:
            ways.append(way)
            continue
        if len(way) < longest and at not in {step[0] for step in way}:
            edge += [(to, (*way, (at, name))) for name, to in _steps(at)]
    return tuple(ways)


def _steps(type_name: str) -> list[tuple[str, str]]:
    fields = roots() if type_name == "Query" else object_type(type_name).fields
    steps = []
    for name, of in fields.items():
        if isinstance(get_named_type(of.type), GraphQLObjectType):
            steps.append((name, named(of)))
    return steps


@cache
def usual_kinds() -> dict[str, str]:
    """For each name of a field, the type that most types with an id give it."""
    kinds: dict[str, Counter[str]] = {}
    for type_name in with_ids():
        for name, of in object_type(type_name).fields.items():
            kinds.setdefault(name, Counter())[str(of.type)] += 1
    return {name: kind.most_common(1)[0][0] for name, kind in kinds.items()}
