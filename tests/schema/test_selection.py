"""A statement reads what graphql-core will look for: the same fields, once each, in one order."""

from __future__ import annotations

from random import Random
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLObjectType,
    build_schema,
    execute_sync,
    parse,
)
from graphql.execution.values import get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from schema.compiler.document import document_of
from schema.compiler.selection import Selection, object_type_of

SCHEMA = build_schema(
    "interface Node { id: ID! } type Thing implements Node { id: ID! name(of: Int = 1): String"
    " same: Thing! } type Other implements Node { id: ID! } type Query { thing: Thing! }"
)
FRAGMENTS = 4
CONDITIONS = ["@skip(if: true)", "@skip(if: $yes)", "@include(if: $no)", "@include(if: false)"]
PASSING = ["", "@skip(if: false)", "@include(if: $yes)", "@skip(if: $no) @include(if: true)"]


class Scribe:
    """Writes documents that are valid, but for fields that say twice what is left out."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)

    def document(self) -> str:
        """Fragments spread only later ones: circles are refused before execution."""
        parts = [f"query ($yes: Boolean!, $no: Boolean!) {{ thing {self._set(3, 0)} }}"]
        for number in range(FRAGMENTS):
            on = self._chance.choice(["Thing", "Node", "Other"])
            parts.append(f"fragment F{number} on {on} {self._set(2, number + 1)}")
        return " ".join(parts)

    def _set(self, levels: int, spreadable: int) -> str:
        fields = [self._field(levels, spreadable) for _ in range(self._chance.randint(1, 4))]
        return "{ " + " ".join(fields) + " }"

    def _field(self, levels: int, spreadable: int) -> str:
        kinds = ["leaf", *(["nested", "inline"] if levels else [])]
        kinds += ["spread"] if spreadable < FRAGMENTS else []
        directive = self._chance.choice([*PASSING, *CONDITIONS])
        match self._chance.choice(kinds):
            case "leaf":
                name = self._chance.choice(["id", "name", "__typename"])
                return f"{self._alias(name)}{name} {directive}"
            case "nested":
                inner = self._set(levels - 1, spreadable)
                return f"{self._alias('same')}same {directive} {inner}"
            case "inline":
                on = self._chance.choice(["", "on Thing", "on Node", "on Other"])
                return f"... {on} {directive} {self._set(levels - 1, spreadable)}"
        return f"...F{self._chance.randrange(spreadable, FRAGMENTS)} {directive}"

    def _alias(self, name: str) -> str:
        return self._chance.choice(["", f"a_{name}: ", f"b_{name}: "])


def run(document: str) -> tuple[dict[str, Any], ExecutionResult]:
    """What a statement would return, and what graphql-core made of it."""
    query, of = SCHEMA.query_type, SCHEMA.type_map["Thing"]
    assert query is not None
    assert isinstance(of, GraphQLObjectType)
    values = {"yes": True, "no": False}
    opened = document_of(SCHEMA, parse(document))
    given = get_variable_values(SCHEMA, opened.operation.variable_definitions or (), values)
    assert not isinstance(given, list)
    built = shape(Selection(opened, given), query, [opened.operation.selection_set])["thing"]
    query.fields["thing"].resolve = lambda *_: built
    for field in of.fields.values():
        field.resolve = lambda source, info, **_: source[info.path.key]
    known = values if opened.operation.variable_definitions else {}
    return built, execute_sync(SCHEMA, opened.ast, variable_values=known)


def shape(selection: Selection, of: Any, under: Any) -> dict[str, Any]:
    assert isinstance(of, GraphQLObjectType)
    return {
        item.key: shape(selection, object_type_of(of.fields[item.name]), item.sets)
        if item.sets
        else item.name
        for item in selection.of(of, under)
    }


def keys(value: Any) -> Any:
    """The names in an answer, in their order."""
    return [(k, keys(v)) for k, v in value.items()] if isinstance(value, dict) else None


class TestSelected:
    @given(st.integers(0, 2**32))
    def test_is_what_graphql_core_completes(self, seed: int) -> None:
        built, result = run(Scribe(seed).document())

        assert result.errors is None
        assert result.data is not None
        assert keys(built) == keys(result.data["thing"])
