"""Policies: who may do what. Declared once, decided in Python and in SQL, printed in the SDL."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from taf_service.core.actors import Standing


class Condition(Protocol):
    """Something that must hold of the row itself."""

    def holds(self, row: object) -> bool: ...
    def sql(self, row: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Unset:
    """The column is still empty: not closed, not cancelled, not left."""

    column: str

    def holds(self, row: object) -> bool:
        return getattr(row, self.column) is None

    def sql(self, row: str) -> str:
        return f"{row}.{self.column} is null"


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether somebody with certain standings may act on a row of `table`.

    `allows` and `sql` answer the same question; a property test holds them equal.
    """

    name: str
    words: str
    table: str
    standings: frozenset[Standing]
    conditions: tuple[Condition, ...] = ()

    def allows(self, standings: AbstractSet[Standing], row: object) -> bool:
        return not self.standings.isdisjoint(standings) and all(
            condition.holds(row) for condition in self.conditions
        )

    def sql(self, *, standings: str, row: str) -> str:
        """`standings`: an SQL expression of type text[]; `row`: the alias of the row's table."""
        wanted = ", ".join(f"'{standing}'" for standing in sorted(self.standings))
        parts = [f"{standings} && array[{wanted}]::text[]"]
        parts += [condition.sql(row) for condition in self.conditions]
        return "(" + " and ".join(parts) + ")"


ANYWHERE = "service"
"""The `table` of a policy about no row at all: who may register a family, say."""


def policy(
    name: str, words: str, *, on: str, to: AbstractSet[Standing], when: tuple[Condition, ...] = ()
) -> Policy:
    """Declare a policy; `words` say who passes, fit for the SDL."""
    return Policy(name, words, on, frozenset(to), when)
