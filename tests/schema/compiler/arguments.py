"""What fields and directives are asked with: literals, variables, nulls, and what is wrong."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    get_named_type,
    is_non_null_type,
)

from tests.schema.compiler.declarations import named, object_names, with_ids

Values: TypeAlias = dict[str, Any]

MOST_DIRECTIVES = 14
WORDS = ["a", "he", "len", "Zoë", "o'b", "", "  ", "%", "agency 1", "\\", '"', "park sch", "✓"]
MALFORMED = ["", "!", "AAAA", "ABCDEFGHIJKLMNOPQRSTUVWX", "é", "AAE=", "-1", "x" * 60]
BROKEN_CURSORS = [
    "",
    "!",
    "W10=",  # []
    "e30=",  # {}
    "WyJhIiwgImIiXQ==",  # ["a", "b"]
    "W251bGwsIG51bGxd",  # [null, null]
    "WzEsIDJd",  # [1, 2]
    "WyIyMDI2LTAzLTAyIl0=",  # ["2026-03-02"]
]
# How often an argument that may be left out is not.
CHANCES = {"first": 0.45, "after": 0.25, "last": 0.15, "before": 0.12}
NARROWED = 0.35


MARK = re.compile(r"§(\w+) (\w+) (\d+)§")


def mark(kind: str, of: str, number: int) -> str:
    """Where `naming` puts the id of a row, or a cursor, of a world."""
    return f"§{kind} {of} {number}§"


@dataclass
class Arguments:
    """Writes arguments, and keeps the variables that they need."""

    chance: random.Random
    features: Counter[str]
    values: Values = field(default_factory=dict)
    others: Values = field(default_factory=dict)
    """Values to ask the same document with a second time."""
    expected: tuple[str, ...] = ()
    """The types that the ids in the last `node` or `nodes` are of."""
    _declared: dict[str, tuple[str, str]] = field(default_factory=dict)
    _directives: int = 0

    def declared(self) -> str:
        """The operation's variables with their types and defaults."""
        if not self._declared:
            return ""
        listed = [f"${name}: {kind}{default}" for name, (kind, default) in self._declared.items()]
        return f"({', '.join(listed)})"

    def of(self, name: str, of: GraphQLField, wanted: str | None) -> str:
        """The arguments of a field that leads to `wanted`."""
        type_name = named(of)
        if type_name == "Node":
            types = self.chance.sample(with_ids(), self.chance.choice([1, 1, 2]))
            self.expected = tuple(dict.fromkeys([wanted or types[0], *types]))
        else:
            self.expected = (type_name,)
        given = [
            f"{key}: {self._argument(type_name, key, argument)}"
            for key, argument in of.args.items()
            if self._is_given(key, argument)
        ]
        self.chance.shuffle(given)
        return f"({', '.join(given)})" if given else ""

    def _is_given(self, key: str, argument: GraphQLArgument) -> bool:
        return is_non_null_type(argument.type) or self.chance.random() < CHANCES.get(key, NARROWED)

    def _argument(self, type_name: str, key: str, argument: GraphQLArgument) -> str:
        kind = str(argument.type)
        value = self._value(type_name, key, argument)
        return self._written(kind, value, enum=_is_enum(argument))

    # -- values

    def _value(self, type_name: str, key: str, argument: GraphQLArgument) -> Any:
        if key == "ids":
            many = self.chance.choice([0, 1, 2, 3, 3, 4])
            return [self._id(self.chance.choice(self.expected)) for _ in range(many)]
        of = get_named_type(argument.type)
        if isinstance(of, GraphQLEnumType):
            return self.chance.choice(list(of.values))
        by_key: dict[str, Callable[[], Any]] = {
            "id": lambda: self._id(self.expected[0]),
            "agencyId": lambda: self._id("Agency"),
            "after": lambda: self._cursor(type_name),
            "before": lambda: self._cursor(type_name),
            "first": self._size,
            "last": self._size,
        }
        by_kind: dict[str, Callable[[], Any]] = {
            "Boolean": lambda: self.chance.random() < 0.5,
            "Line": lambda: self.chance.choice(WORDS),
        }
        return (by_key.get(key) or by_kind[of.name])()

    def _id(self, type_name: str) -> str:
        throw, number = self.chance.random(), self.chance.randrange(40)
        if throw < 0.70:
            return mark("seen", type_name, number)
        if throw < 0.82:
            return mark("any", type_name, number)
        if throw < 0.88:
            return mark("seen", self.chance.choice(with_ids()), number)
        if throw < 0.94:
            return mark("invented", type_name, number)
        return self.chance.choice(MALFORMED)

    def _cursor(self, connection: str) -> str:
        throw, number = self.chance.random(), self.chance.randrange(60)
        if throw < 0.80:
            return mark("cursor", connection, number)
        if throw < 0.93:
            connections = [name for name in object_names() if name.endswith("Connection")]
            return mark("cursor", self.chance.choice(connections), number)
        self.features["broken cursor"] += 1
        return self.chance.choice(BROKEN_CURSORS)

    def _size(self) -> int:
        if self.chance.random() < 0.05:
            self.features["size out of range"] += 1
            return self.chance.choice([0, -1, 101, 2_147_483_647])
        return self.chance.choice([1, 1, 2, 2, 3, 4, 5, 7, 20])

    # -- how a value is written

    def _written(self, kind: str, value: Any, *, enum: bool) -> str:
        if self.chance.random() < 0.55:
            return self._literal(kind, value, enum=enum)
        self.features["variable"] += 1
        return f"${self._variable(kind, value, enum=enum)}"

    def _literal(self, kind: str, value: Any, *, enum: bool) -> str:
        if isinstance(value, list):
            return self._list(value)
        if not kind.endswith("!") and self.chance.random() < 0.06:
            self.features["null literal"] += 1
            return "null"
        return literal(value, enum=enum)

    def _list(self, value: list[str]) -> str:
        if len(value) == 1 and self.chance.random() < 0.4:
            self.features["one for a list"] += 1
            return literal(value[0])
        listed = [
            f"${self._variable('ID!', each)}" if self.chance.random() < 0.2 else literal(each)
            for each in value
        ]
        return f"[{', '.join(listed)}]"

    def _variable(self, kind: str, value: Any, *, enum: bool = False) -> str:
        """A variable of this type that comes to this value, or to none where none may be."""
        known = [name for name, (of, _) in self._declared.items() if of == kind]
        if known and kind in ("Int", "Boolean", "Boolean!") and self.chance.random() < 0.4:
            self.features["variable used again"] += 1
            return self.chance.choice(known)
        name = f"v{len(self._declared)}"
        throw = self.chance.random()
        if throw < 0.45:
            self._declared[name] = (kind, "")
            self.values[name] = self._sent(kind, value)
        elif throw < 0.75:
            self._with_default(name, kind, value, enum=enum)
        else:
            self._without_value(name, kind, value, enum=enum)
        if self._may_be_left_out(name) and self.chance.random() < 0.3:
            return name
        self.others[name] = self._other(self._declared[name][0], value)
        return name

    def _may_be_left_out(self, name: str) -> bool:
        kind, default = self._declared[name]
        return bool(default) or not kind.endswith("!")

    def _other(self, kind: str, value: Any) -> Any:
        if not kind.endswith(("!", "ID", "Boolean")) and self.chance.random() < 0.25:
            return None
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return self._size()
        if isinstance(value, list):
            return [self._other("ID!", each) for each in reversed(value)]
        return MARK.sub(lambda found: mark(found[1], found[2], int(found[3]) + 1), value)

    def _sent(self, kind: str, value: Any) -> Any:
        if self.chance.random() < 0.004:
            self.features["wrong variable"] += 1
            return {"no": "such value"}
        if isinstance(value, list) and len(value) == 1 and self.chance.random() < 0.4:
            self.features["one for a list"] += 1
            return value[0]
        return value

    def _with_default(self, name: str, kind: str, value: Any, *, enum: bool) -> None:
        """A default that is used, or that a value stands in for."""
        self.features["default"] += 1
        nullable = kind.removesuffix("!") if self.chance.random() < 0.5 else kind
        self._declared[name] = (nullable, f" = {literal(value, enum=enum)}")
        if self.chance.random() < 0.4:
            self.values[name] = value

    def _without_value(self, name: str, kind: str, value: Any, *, enum: bool) -> None:
        """Null, or nothing at all; where neither may be, seldom null all the same."""
        self._declared[name] = (kind, "")
        if not kind.endswith("!"):
            self.features["null or nothing"] += 1
            if self.chance.random() < 0.5:
                self.values[name] = None
        elif self.chance.random() < 0.03:
            self.features["null where none may be"] += 1
            self._declared[name] = (kind.removesuffix("!"), f" = {literal(value, enum=enum)}")
            self.values[name] = None
        else:
            self.values[name] = value

    # -- directives

    def directives(self, *, mostly: bool = False) -> str:
        """None most times; with `mostly`, such that what they stand at is there most times."""
        if self._directives >= MOST_DIRECTIVES or self.chance.random() > 0.09:
            return ""
        names = self.chance.choice([["skip"], ["include"], ["include"], ["skip", "include"]])
        self._directives += len(names)
        self.features["directive"] += len(names)
        return "".join(f" @{name}(if: {self._condition(name, mostly)})" for name in names)

    def _condition(self, name: str, mostly: bool) -> str:
        likely = 0.95 if mostly else 0.6
        value = (self.chance.random() < likely) == (name == "include")
        if self.chance.random() < 0.4:
            return literal(value)
        self.features["directive by variable"] += 1
        return f"${self._variable('Boolean!', value)}"


def literal(value: Any, *, enum: bool = False) -> str:
    if isinstance(value, list):
        return f"[{', '.join(literal(each) for each in value)}]"
    return str(value) if enum else json.dumps(value, ensure_ascii=False)


def _is_enum(argument: GraphQLArgument) -> bool:
    return isinstance(get_named_type(argument.type), GraphQLEnumType)
