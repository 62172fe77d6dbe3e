"""What is hidden and what never was take the same time to be refused."""

from __future__ import annotations

import math
from statistics import median
from uuid import UUID

import pytest

from schema import ids
from tests.security.noninterference.play import Played, Theatre
from tests.security.noninterference.situations.hidden_family import HiddenFamily
from tests.security.noninterference.timing import (
    ACT,
    CRITICAL,
    FALSE_ALARM,
    PAIRS,
    READ,
    Meter,
    Question,
    differs,
    ratios,
)
from tests.security.noninterference.watching import Watcher

ASKED_FOR = ("Action", "Family", "FamilyMember", "Invitation", "Meeting", "Team")
# The less is asked of it, the more would show of what it takes to find out whether it is there.
NODE = "query ($id: ID!) { node(id: $id) { id } }"
CANCEL = """mutation ($id: ID!, $version: Version!) {
  cancelMeeting(input: {meetingId: $id, reason: "None", version: $version}) { __typename }
}"""


@pytest.mark.asyncio(loop_scope="module")
class TestHiddenAndInvented:
    async def test_take_the_same_time(self, theatre: Theatre) -> None:
        found: dict[str, list[float]] = {}

        async def measure(watcher: Watcher) -> None:
            if watcher.name == "otto":
                found.update(await _measured(watcher))

        theatre.always, theatre.at_last = (), (measure,)
        await theatre.play(HiddenFamily, Played(), with_secret=True)

        assert set(found) == {*ASKED_FOR, "cancelMeeting"}
        dear = {
            name: round(median(each), 2)
            for name, each in found.items()
            if differs(each, READ if name in ASKED_FOR else ACT)
        }
        assert not dear, f"times as dear as what never was: {dear}"


async def _measured(watcher: Watcher) -> dict[str, list[float]]:
    meter = await Meter.of(watcher.world.owner)
    asked = {name: (name, NODE) for name in ASKED_FOR} | {"cancelMeeting": ("Meeting", CANCEL)}
    return {
        what: await ratios(
            meter,
            _asking(watcher, document, ids.encode(name, watcher.kept.rows[name][0])),
            _asking(watcher, document, ids.encode(name, UUID(int=1))),
        )
        for what, (name, document) in asked.items()
    }


def _asking(watcher: Watcher, document: str, given: str) -> Question:
    more = {"version": "0" * 32} if document is CANCEL else {}

    async def ask() -> None:
        await watcher.ask("timed", document, id=given, **more)

    return ask


def work(units: int) -> Question:
    """Something for the processor to do."""

    async def do() -> None:
        sum(n * n for n in range(units * 400))

    return do


class TestTheBound:
    def test_raises_a_false_alarm_as_seldom_as_it_says(self) -> None:
        rarer = sum(math.comb(PAIRS, heads) for heads in range(CRITICAL, PAIRS + 1)) / 2**PAIRS
        likelier = rarer + math.comb(PAIRS, CRITICAL - 1) / 2**PAIRS

        assert rarer < FALSE_ALARM / 2 <= likelier

    @pytest.mark.parametrize(("one", "other"), [(15, 10), (10, 15)])
    async def test_finds_what_costs_more_or_less(self, one: int, other: int) -> None:
        assert differs(await ratios(Meter([]), work(one), work(other)), ACT)

    async def test_lets_pass_what_costs_the_same(self) -> None:
        assert not differs(await ratios(Meter([]), work(10), work(10)), READ)
