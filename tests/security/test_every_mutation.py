"""Every mutation there is: what is hidden and what was never there get the same answer."""

from __future__ import annotations

import copy
from typing import Any
from uuid import uuid4

import pytest

from tests.security.inputs import (
    World,
    input_type,
    leaves,
    mutations,
    names_a_secret,
    run,
    sample,
)
from tests.security.world import Situation, situation
from tests.stage import Stage

__all__ = ["situation"]

NAMES = list(mutations())
SECRET = [name for name in NAMES if names_a_secret(input_type(mutations()[name]))]
OPEN = [name for name in NAMES if name not in SECRET]
BAD: list[Any] = [
    "\x00",
    "BEL \x07",
    "\u202eevil",
    "a@b.example\nBcc: c@d.example",
    "two@a.example, two@b.example",
    "c@d> RCPT TO:<e",
    "",
    "   ",
    "x" * 100_000,
    "9999-12-31",
    "9999-12-31T23:59",
    "2026-02-30",
    "2026-03-29T01:30",
    "not an id",
    "AAAA",
    2**63,
    -(2**63),
    -1,
    0,
    1.5,
    True,
    None,
    [],
    {},
    ["a", "b"],
    {"a": {"b": {}}},
]


def test_nothing_is_left_out() -> None:
    assert len(SECRET) > 30
    assert len(OPEN) > 5


@pytest.mark.parametrize("name", SECRET)
async def test_a_hidden_case_answers_as_an_invented_one(
    name: str, stage: Stage, situation: Situation
) -> None:
    of = input_type(mutations()[name])
    before = await stage.state()

    outsider = situation.outsider.person_id
    hidden = await run(name, sample(of, situation.world), outsider)
    invented = await run(name, sample(of, situation.world.invented()), outsider)

    assert hidden == invented
    assert hidden["data"]["done"]["__typename"] == "NotFound", hidden
    assert await stage.state() == before


@pytest.mark.parametrize("name", OPEN)
async def test_a_parent_changes_nothing_outside_their_own_case(
    name: str, stage: Stage, situation: Situation
) -> None:
    before = await stage.state()

    refused = await run(
        name, sample(input_type(mutations()[name]), situation.world), situation.parent.person_id
    )

    assert refused["data"]["done"]["__typename"] in ("NotPermitted", "NotFound"), refused
    assert await stage.state() == before


@pytest.mark.parametrize("name", NAMES)
async def test_bad_input_is_explained(name: str, stage: Stage, situation: Situation) -> None:
    """A problem or a readable validation error; never a fault of ours, never half a change."""
    of = input_type(mutations()[name])
    good = sample(of, situation.world)
    asker = situation.asker_of(name).person_id
    state = await stage.state()
    for path, _kind in leaves(of, good):
        for bad in BAD:
            body = await run(name, with_value(good, path, bad), asker)

            errors = body.get("errors", [])
            assert all(error["message"] for error in errors), (path, bad)
            codes = [error.get("extensions", {}).get("code") for error in errors]
            assert "INTERNAL" not in codes, (path, bad)
            if "data" in body:  # it got past the edge
                refused = "code" in body["data"]["done"]
                now = await stage.state()
                assert not refused or now == state, (path, bad)
                state = now


def with_value(given: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(given)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def test_inputs_are_made_with_what_is_required() -> None:
    world = World({"Team": uuid4(), "Membership": uuid4()})

    made = sample(input_type(mutations()["raiseAction"]), world)

    assert set(made) == {"teamId", "text", "dueOn", "owner"}
    assert set(made["owner"]) == {"membershipId"}
