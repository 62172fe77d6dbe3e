"""Somebody who watches a world, and the notes they take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from schema import ids
from tests.security.noninterference.keepsakes import Keepsakes
from tests.security.noninterference.world import World


@dataclass(frozen=True, slots=True)
class Note:
    """What was `said` to a watcher: `what` they asked, through which channel, after which step."""

    step: str
    watcher: str
    channel: str
    what: str
    said: bytes


@dataclass
class Watcher:
    """`address` is where they get mail, `token` what they sign in with, if they do.

    `seen` are the ids that they met, by type; `versions` are the newest that they read, by id.
    """

    name: str
    address: str | None
    token: str | None
    world: World
    notes: list[Note] = field(default_factory=list)
    kept: Keepsakes = field(default_factory=Keepsakes)
    seen: dict[str, dict[str, None]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    place: tuple[str, str] = ("", "")
    _times: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def begin(self, step: str, channel: str, kept: Keepsakes) -> None:
        """What is noted from now on was learnt there; `kept` is what they could know by then."""
        self.place, self.kept = (step, channel), kept

    def note(self, what: str, said: bytes) -> None:
        self._times[*self.place, what] += 1
        again = self._times[*self.place, what]
        what = what if again == 1 else f"{what} ({again})"
        self.notes.append(Note(self.place[0], self.name, self.place[1], what, said))

    async def ask(self, what: str, document: str, **variables: Any) -> dict[str, Any]:
        """One GraphQL request, noted byte by byte; returns the data of the answer."""
        body = orjson.dumps({"query": document, "variables": variables})
        response = await self.fetch(what, "POST", "/graphql", body)
        answer: dict[str, Any] = orjson.loads(response.content)
        self._meet(answer)
        return answer.get("data") or {}

    async def fetch(
        self, what: str, method: str, path: str, body: bytes = b"", **headers: str
    ) -> httpx2.Response:
        """One request over HTTP, noted: status, headers and body."""
        sent = {"content-type": "application/json", **headers}
        if self.token is not None:
            sent["authorization"] = f"Bearer {self.token}"
        with self.world.chance.during("watch", self.name, *self.place, what, len(self.notes)):
            response = await self.world.client.request(method, path, content=body, headers=sent)
        lines = [f"{name}: {value}" for name, value in response.headers.multi_items()]
        head = "\n".join([str(response.status_code), *lines])
        self.note(what, f"{head}\n\n".encode() + response.content)
        return response

    def ids_of(self, type_name: str) -> list[str]:
        """Those that they saw, then those that they kept or guessed."""
        kept = (ids.encode(type_name, row) for row in self.kept.rows.get(type_name, ()))
        return list(dict.fromkeys((*self.seen.get(type_name, ()), *kept)))

    def _meet(self, answer: Any) -> None:
        if isinstance(answer, dict):
            found, type_name = answer.get("id"), answer.get("__typename")
            if found is not None and type_name in ids.NUMBERS:
                self.seen.setdefault(type_name, {})[found] = None
                if "version" in answer:
                    self.versions[found] = answer["version"]
        if isinstance(answer, dict | list):
            for inner in answer.values() if isinstance(answer, dict) else answer:
                self._meet(inner)
