"""Random valid documents over everything that can be read, and what they are asked with.

Made without a database: where an id or a cursor belongs there is a mark, which `naming` replaces by
one of a world. So the same seed gives the same documents whatever the world holds.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from graphql import GraphQLError, GraphQLField, get_named_type, parse, validate

from schema import limits
from tests.schema.compiler.arguments import Arguments, Values
from tests.schema.compiler.declarations import (
    asked_of,
    named,
    object_type,
    published,
    roots,
    with_ids,
)
from tests.schema.compiler.goals import goal, usual_kinds, way_to

NODE = "Node"


@dataclass(frozen=True)
class Asked:
    """A document, its variables, and which fields of which types it names."""

    seed: int
    text: str
    variables: Values
    others: Values
    """What the same document is asked with a second time."""
    operation_name: str | None
    named: frozenset[tuple[str, str]]
    features: Counter[str]


def document(seed: int) -> Asked:
    """The document of this seed: valid, and within the limits of any one document."""
    for attempt in range(100):
        written = Writing(random.Random(f"{seed}.{attempt}"), goal(seed)).write(seed)
        if _is_within_limits(written.text):
            return written
    raise AssertionError(f"no document of seed {seed} is within the limits")


def _is_within_limits(text: str) -> bool:
    parsed = parse(text)
    faults = validate(published(), parsed)
    assert not faults, (faults, text)
    try:
        limits.check(parse(text, max_lexical_tokens=limits.TOKENS), introspection=False)
    except GraphQLError:
        return False
    return True


@dataclass
class Writing:
    """One document in the making; `goal` is the field that it must come to."""

    chance: random.Random
    goal: tuple[str, str]
    arguments: Arguments = field(init=False)
    named: set[tuple[str, str]] = field(default_factory=set)
    features: Counter[str] = field(default_factory=Counter)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    room: int = 60

    def __post_init__(self) -> None:
        self.arguments = Arguments(self.chance, self.features)

    def write(self, seed: int) -> Asked:
        body = self._selection("Query", self._way(), 1, frozenset())
        head, name = self._head()
        fragments = "".join(f"\n{text}" for _, text in self.fragments.values())
        return Asked(
            seed,
            f"{head}{body}{fragments}",
            self.arguments.values,
            self.arguments.others,
            name,
            frozenset(self.named),
            self.features,
        )

    def _head(self) -> tuple[str, str | None]:
        declared = self.arguments.declared()
        if not declared and self.chance.random() < 0.3:
            return "", None
        if self.chance.random() < 0.5:
            return f"query {declared}", None
        return f"query Asked{declared} ", self.chance.choice(["Asked", None])

    def _way(self) -> tuple[tuple[str, str], ...]:
        type_name, name = self.goal
        if type_name == "Query":
            return (self.goal,)
        return (*self.chance.choice(way_to(type_name)[:3]), (type_name, name))

    # -- selections

    def _selection(
        self,
        type_name: str,
        way: tuple[tuple[str, str], ...],
        depth: int,
        opened: frozenset[str],
        *,
        among_types: bool = False,
    ) -> str:
        """What is asked of one type. `among_types`: others are asked under the same key."""
        parts = [
            self._field(type_name, name, way, depth, opened, among_types=among_types)
            for name in self._chosen(type_name, way, depth)
        ]
        parts = [self._wrapped(type_name, part, depth, opened) for part in parts]
        self.chance.shuffle(parts)
        separator = self.chance.choice([" ", "\n", ", "])
        return "{ " + separator.join(parts) + " }"

    def _chosen(self, type_name: str, way: tuple[tuple[str, str], ...], depth: int) -> list[str]:
        wanted = [way[0][1]] if way and way[0][0] == type_name else []
        known = list(roots()) if type_name == "Query" else list(asked_of(type_name))
        self.room -= 1
        if self.room < 0 or depth > 11:
            return wanted or self._leaves(type_name, 1)
        count = self.chance.choice([0, 0, 1, 1] if depth == 1 else [1, 2, 2, 3, 4])
        if depth > 4:
            wanted += self._leaves(type_name, count)
        else:
            wanted += self.chance.sample(known, min(count, len(known)))
        if type_name == "Query" and depth == 1 and self.chance.random() < 0.2:
            wanted.append(self.chance.choice(["node", "nodes", "nodes"]))
        if self.chance.random() < 0.25:
            wanted.append("__typename")
        if wanted and self.chance.random() < 0.12:
            self.features["repeated field"] += 1
            wanted.append(self.chance.choice(wanted))
        return wanted or self._leaves(type_name, 1)

    def _leaves(self, type_name: str, count: int) -> list[str]:
        if type_name == "Query":
            return ["__typename"]
        fields = object_type(type_name).fields.items()
        leaves = [name for name, of in fields if not _is_composite(of)]
        return self.chance.sample(leaves, min(count, len(leaves))) or ["__typename"]

    def _field(
        self,
        type_name: str,
        name: str,
        way: tuple[tuple[str, str], ...],
        depth: int,
        opened: frozenset[str],
        *,
        among_types: bool,
    ) -> str:
        self.named.add((type_name, name))
        if name == "__typename":
            return self._aliased(name, name, "") + self.arguments.directives()
        of = object_type(type_name).fields[name]
        ahead = way[1:] if way and way[0] == (type_name, name) else ()
        asked = self.arguments.of(name, of, ahead[0][0] if ahead else None)
        called = self._aliased(name, self._key(type_name, name, of, among_types=among_types), asked)
        must = way and way[0] == (type_name, name)
        directives = self.arguments.directives(mostly=bool(must))
        return f"{called}{asked}{directives}{self._below(of, ahead, depth, opened)}"

    def _below(
        self,
        of: GraphQLField,
        way: tuple[tuple[str, str], ...],
        depth: int,
        opened: frozenset[str],
    ) -> str:
        if not _is_composite(of):
            return ""
        if named(of) == NODE:
            return " " + self._of_any_type(way, depth + 1, opened)
        return " " + self._selection(named(of), way, depth + 1, opened)

    def _of_any_type(
        self, way: tuple[tuple[str, str], ...], depth: int, opened: frozenset[str]
    ) -> str:
        """What is asked of `Node`: its own fields, and those of whichever type it is."""
        self.features["on an interface"] += 1
        types = self.chance.sample(with_ids(), self.chance.choice([1, 2, 3]))
        types = list(dict.fromkeys([*self.arguments.expected, *types]))
        parts = [
            f"... on {name}{self.arguments.directives()}"
            f" {self._selection(name, way, depth, opened, among_types=True)}"
            for name in types
        ]
        parts += self.chance.sample(["id", "__typename", "... on Node { id }"], 2)
        self.chance.shuffle(parts)
        body = "{ " + " ".join(parts) + " }"
        if self.chance.random() < 0.7:
            return body
        self.features["named fragment on an interface"] += 1
        name = self._next_fragment()
        self.fragments[name] = (NODE, f"fragment {name} on {NODE} {body}")
        return f"{{ __typename ...{name} }}"

    # -- fragments

    def _wrapped(self, type_name: str, part: str, depth: int, opened: frozenset[str]) -> str:
        """A field as it stands, or within a fragment, named or not."""
        throw = self.chance.random()
        if throw < 0.80:
            return part
        if throw < 0.86:
            self.features["fragment without a type"] += 1
            return f"...{self.arguments.directives()} {{ {part} }}"
        if throw < 0.92:
            self.features["fragment on a type"] += 1
            return f"... on {type_name}{self.arguments.directives()} {{ {part} }}"
        if throw < 0.94 and type_name in with_ids():
            self.features["fragment on an interface"] += 1
            return f"{part} ... on Node {{ id }}"
        return f"{part} ...{self._fragment(type_name, depth, opened)}{self.arguments.directives()}"

    def _fragment(self, type_name: str, depth: int, opened: frozenset[str]) -> str:
        """A fragment that fits here: one there already, or one more, never one that is open."""
        fitting = [
            name
            for name, (on, _) in self.fragments.items()
            if on == type_name and name not in opened and name < _least(opened)
        ]
        if fitting and self.chance.random() < 0.6:
            self.features["fragment spread again"] += 1
            return self.chance.choice(fitting)
        self.features["named fragment"] += 1
        name = self._next_fragment()
        self.fragments[name] = (type_name, "")
        body = self._selection(
            type_name, (), max(depth, 3), opened | {name}, among_types=type_name in with_ids()
        )
        self.fragments[name] = (type_name, f"fragment {name} on {type_name} {body}")
        return name

    def _next_fragment(self) -> str:
        return f"F{9_999 - len(self.fragments)}"

    # -- response keys

    def _key(self, type_name: str, name: str, of: GraphQLField, *, among_types: bool) -> str:
        """Where several types are asked under one key, each kind of value has a key of its own."""
        if among_types and str(of.type) != usual_kinds().get(name):
            return f"{name}Of{type_name}"
        return name

    def _aliased(self, name: str, key: str, asked: str) -> str:
        """The same arguments always under the same key, so that whatever meets can be merged."""
        different = self.keys.setdefault(name, [])
        if asked not in different:
            different.append(asked)
        if place := different.index(asked):
            key = f"{key}_{place}"
        elif self.chance.random() < 0.08:
            key = f"again_{key}"
        if key == name:
            return key
        self.features["alias"] += 1
        return f"{key}: {name}"


def _least(opened: frozenset[str]) -> str:
    """A fragment opens only those written after it, so that none ever opens itself."""
    return min(opened, default="G")


def _is_composite(of: GraphQLField) -> bool:
    return hasattr(get_named_type(of.type), "fields")
