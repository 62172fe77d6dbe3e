"""What one FROM clause holds."""

from __future__ import annotations

from collections.abc import Callable

from taf_service import visibility

ACTOR = "$1::uuid"


class Frame:
    """A row being read, and what is joined to it."""

    def __init__(self) -> None:
        self.joins: list[str] = []
        self._held: dict[tuple[str, str], str] = {}

    @property
    def joined(self) -> str:
        return " ".join(self.joins)

    def standings(self, table: str, row: str, alias: Callable[[], str]) -> str:
        """What the actor is to `row`: worked out once, however many policies ask."""
        known = self._held.get((table, row))
        if known is None:
            held = alias()
            standings = visibility.standings(table, row=row, actor=ACTOR)
            self.joins.append(f"cross join lateral (select {standings} as held offset 0) {held}")
            known = self._held[table, row] = f"{held}.held"
        return known
