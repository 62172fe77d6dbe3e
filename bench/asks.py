"""The requests that servers are loaded with: many viewers, many families, many actions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from bench.naming import Viewer, World, named
from schema.ids import encode

Kind = Literal["ours", "postgraphile", "mercurius", "usual", "raw"]
Query = Literal["workspace", "actions", "report"]
DOCUMENTS = Path(__file__).parent / "documents"
VERSION = "@VERSION@"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. A change also has the id and the version of what it changes, as answered."""

    path: str
    token: str
    body: str
    id: str = ""
    version: str = ""

    @property
    def whole(self) -> str:
        return self.body.replace(VERSION, self.version)

    @property
    def line(self) -> str:
        return f"{self.path}\t{self.token}\t{self.body}\t{self.id}\t{self.version}"


def asks(
    kind: Kind, query: Query, world: World, versions: Mapping[int, UUID] | None = None
) -> list[Ask]:
    """What is asked of a server, in an order that is mixed and the same for all of them.

    A change needs present versions.
    """
    if query == "workspace":
        return [_workspace(kind, viewer, n) for viewer, n in _mixed(world, "families")]
    if query == "actions":
        return [page(kind, viewer, None) for viewer in world.viewers]
    known = versions or {}
    return [_report(kind, viewer, n, known[n]) for viewer, n in _mixed(world, "action_numbers")]


def _mixed(world: World, numbers: str) -> list[tuple[Viewer, int]]:
    found = [(viewer, n) for viewer in world.viewers for n in getattr(viewer, numbers)]
    return sorted(found, key=lambda pair: named(pair[0].token, pair[1]))


def strangers(kind: Kind, world: World) -> Ask:
    """A family's workspace, asked for by somebody who has nothing to do with it."""
    viewer = world.viewers[0]
    return _workspace(kind, viewer, min(set(range(world.families)) - set(viewer.families)))


def page(kind: Kind, viewer: Viewer, after: str | None) -> Ask:
    return _ask(kind, "actions", viewer, {"after": after} if after else {})


def numbers_of_changed(world: World) -> list[int]:
    return [number for viewer in world.viewers for number in viewer.action_numbers]


def write(found: Iterable[Ask], path: Path) -> Path:
    path.write_text("".join(f"{ask.line}\n" for ask in found))
    return path


def _workspace(kind: Kind, viewer: Viewer, family: int) -> Ask:
    return _ask(kind, "workspace", viewer, {"id": _id(kind, "Family", named("family", family))})


def _report(kind: Kind, viewer: Viewer, number: int, version: UUID) -> Ask:
    row_id = _id(kind, "Action", named("action", number))
    given = {
        "actionId": row_id,
        "version": VERSION,
        "status": "IN_PROGRESS",
        "note": "Rang twice; they will ring back on Thursday.",
    }
    asked = _ask(kind, "report", viewer, {"input": given})
    shown = str(version) if kind == "postgraphile" else version.hex
    return Ask(asked.path, asked.token, asked.body, row_id, shown)


def _ask(kind: Kind, query: Query, viewer: Viewer, variables: dict[str, Any]) -> Ask:
    if kind == "raw":
        return Ask(f"/{query}", viewer.token, _json(variables))
    name = f"postgraphile-{query}" if kind == "postgraphile" else query
    document = " ".join((DOCUMENTS / f"{name}.graphql").read_text().split())
    body = _json({"query": document, "variables": variables})
    return Ask("/graphql", viewer.token, body)


def _id(kind: Kind, type_name: str, row_id: UUID) -> str:
    return str(row_id) if kind == "postgraphile" else encode(type_name, row_id)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
