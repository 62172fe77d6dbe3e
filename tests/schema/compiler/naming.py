"""Puts the ids and cursors of one world into a document that leaves room for them."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schema import ids
from tests.schema.compiler.arguments import MARK
from tests.schema.compiler.declarations import kinds_of

SOMEWHERE = {
    "timestamptz": "2026-11-02 09:00:00+00",
    "date": "2026-11-02",
    "text": "m",
    "uuid": "80000000-0000-4000-8000-000000000000",
}


@dataclass
class Names:
    """What one person may name: rows that they see, all there are, and cursors from answers."""

    seen: Mapping[str, Sequence[UUID]]
    there: Mapping[str, Sequence[UUID]]
    cursors: defaultdict[str, list[str]]

    def fill(self, value: Any) -> Any:
        """The same value with a name for each mark."""
        if isinstance(value, str):
            return MARK.sub(lambda found: self._named(*found.groups()), value)
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        if isinstance(value, dict):
            return {name: self.fill(each) for name, each in value.items()}
        return value

    def _named(self, kind: str, of: str, number: str) -> str:
        if kind == "cursor":
            return _pick(self.cursors[of], int(number)) or plausible(of)
        listed = {"seen": self.seen, "any": self.there}.get(kind, {}).get(of, ())
        return ids.encode(of, _pick(listed, int(number)) or UUID(int=int(number)))

    def keep(self, connection: str, cursor: str) -> None:
        """Later documents may continue from here."""
        if cursor not in self.cursors[connection]:
            self.cursors[connection].append(cursor)


def plausible(connection: str) -> str:
    """A cursor such as one of this connection's might be."""
    texts = json.dumps([SOMEWHERE[kind] for kind in kinds_of(connection)])
    return base64.urlsafe_b64encode(texts.encode()).decode()


def _pick(listed: Sequence[Any], number: int) -> Any:
    return listed[number % len(listed)] if listed else None
