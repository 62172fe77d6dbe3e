"""Every mutation and every preview, tried with what is theirs, with what is hidden, and with both.

An act that succeeds changes the world, in both worlds alike: so this comes last, and what takes
away most comes last in it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

from graphql import GraphQLField, GraphQLInputObjectType, get_named_type

from schema import ids
from tests.security.inputs import World, id_type, input_type, leaves, mutations, sample
from tests.security.noninterference import reading
from tests.security.noninterference.keepsakes import Keepsakes
from tests.security.noninterference.watching import Watcher

Path: TypeAlias = tuple[Any, ...]
Given: TypeAlias = dict[str, Any]

_TAKES_AWAY = ("cancel", "close", "disable", "end", "recordNoContact", "remove", "stop", "withdraw")
_UNKNOWN = "0" * 32
_VERSION_OF = re.compile(r"The version of the ([a-z ]+) that you read\.")


async def every_act(watcher: Watcher) -> None:
    for kind, acts in (("query", previews()), ("mutation", mutations())):
        for name in sorted(acts, key=lambda name: (name.startswith(_TAKES_AWAY), name)):
            of = input_type(acts[name])
            tried: list[Given] = []
            for what, given in _tries(watcher, of):
                if given not in tried:
                    await _try(watcher, f"{name} {what}", _document(kind, name), of, given)
                    tried.append(given)


@cache
def previews() -> dict[str, GraphQLField]:
    """Roots that take an input as a mutation does."""
    return {name: f for name, f in reading.query_fields().items() if list(f.args) == ["input"]}


@cache
def _document(kind: str, name: str) -> str:
    field = {**previews(), **mutations()}[name]
    of, result = input_type(field).name, get_named_type(field.type).name
    return f"{kind} ($input: {of}!) {{ done: {name}(input: $input) {reading.whole(result)} }}"


async def _try(
    watcher: Watcher, what: str, document: str, of: GraphQLInputObjectType, given: Given
) -> None:
    """As it is; and once more, with every warning acknowledged that it met."""
    given = await _up_to_date(watcher, of, given)
    done = (await watcher.ask(what, document, input=given)).get("done") or {}
    if done.get("__typename") == "ConfirmationNeeded" and "acknowledge" in of.fields:
        codes = [warning["code"] for warning in done["warnings"]]
        acknowledging = {**given, "acknowledge": codes}
        await watcher.ask(f"{what}, acknowledged", document, input=acknowledging)


async def _up_to_date(watcher: Watcher, of: GraphQLInputObjectType, given: Given) -> Given:
    """With the version that they would read now, where they can read one."""
    if "version" not in given:
        return given
    words = _VERSION_OF.fullmatch(of.fields["version"].description or "")
    assert words is not None, of.name
    type_name = "".join(word.capitalize() for word in words[1].split())
    mine = [value for name, value in given.items() if id_type(name) == type_name]
    if type_name in reading.by_id() and mine and mine[0] in watcher.versions:
        await watcher.ask(f"version for {of.name}", reading.by_id()[type_name], ids=mine)
    return {**given, "version": watcher.versions.get(mine[0] if mine else "", _UNKNOWN)}


def _tries(watcher: Watcher, of: GraphQLInputObjectType) -> Iterator[tuple[str, Given]]:
    """What is theirs, each time with one thing more that is hidden; and nothing but that."""
    hidden = {name: ids.encode(name, rows[0]) for name, rows in watcher.kept.rows.items()}
    world = World(_own_rows(watcher))
    own = sample(of, world)
    if "noteTakerMembershipId" in of.fields:
        own["noteTakerMembershipId"] = world.id_of("Membership")
    yield "of theirs", own
    base = everywhere = _tempted(watcher.kept, of, own)
    yield "with hidden words", base
    for path in [path for path, kind in leaves(of, base) if kind == "ID"]:
        if one := hidden.get(id_type(str(path[-1]))):
            yield f"with a hidden {path[-1]}", _with(base, path, one)
            everywhere = _with(everywhere, path, one) if _is_in(base, path) else everywhere
    yield "with nothing but what is hidden", everywhere


def _own_rows(watcher: Watcher) -> dict[str, UUID]:
    """One row of each type: the first that they saw, or none that exists."""
    seen = {name: ids.decode(next(iter(found)))[1] for name, found in watcher.seen.items()}
    return {**dict.fromkeys(ids.NUMBERS, UUID(int=1)), **seen}


def _tempted(kept: Keepsakes, of: GraphQLInputObjectType, given: Given) -> Given:
    """The same, with the names, addresses and times of what is hidden, where they fit."""
    name, born_on = next(iter(kept.children), (None, None))
    starts, ends = next(iter(kept.times), (None, None))
    address = next(iter(kept.addresses), None)
    words = {
        ("name", "Line"): name,
        ("bornOn", "Date"): born_on,
        ("role", "FamilyRole"): None if name is None else "CHILD",
        ("startsAt", "LocalDateTime"): starts,
        ("endsAt", "LocalDateTime"): ends,
        ("emailAddress", "EmailAddress"): address,
        ("value", "Line"): address,
    }
    for path, kind in list(leaves(of, given)):
        word = words.get((str(path[-1]), kind))
        if word is not None and _is_in(given, path):
            given = _with(given, path, word)
    return given


def _is_in(given: Given, path: Path) -> bool:
    place = _place(given, path)
    return not isinstance(place, dict) or path[-1] in place


def _with(given: Given, path: Path, value: Any) -> Given:
    """The same with this value there."""
    changed = copy.deepcopy(given)
    _place(changed, path)[path[-1]] = value
    return changed


def _place(given: Given, path: Path) -> Any:
    place: Any = given
    for step in path[:-1]:
        place = place[step]
    return place
