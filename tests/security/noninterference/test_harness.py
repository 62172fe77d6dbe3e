"""The harness finds what it is there to find, and says where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest

from schema import ids
from tests.security.noninterference import deeds
from tests.security.noninterference.channels import acts
from tests.security.noninterference.channels.mail import mailbox
from tests.security.noninterference.channels.objects import every_object
from tests.security.noninterference.difference import report
from tests.security.noninterference.play import Theatre
from tests.security.noninterference.situation import openly, secretly
from tests.security.noninterference.situations.hidden_family import HiddenFamily
from tests.security.noninterference.watching import Watcher
from tests.stage import Somebody, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


class LenaWatches(HiddenFamily):
    """Who sees it all: not one thing of the secret is hidden from her."""

    watchers: ClassVar[tuple[str, ...]] = ("lena",)

    async def set(self) -> Mapping[str, Somebody]:
        await super().set()
        return {"lena": self.lena}


class GinaIsInvited:
    """One secret step, of which the watcher is told by mail."""

    watchers: ClassVar[tuple[str, ...]] = ("helen",)
    hides: ClassVar[frozenset[str]] = frozenset({"Meeting"})

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def set(self) -> Mapping[str, Somebody]:
        self.helen = await self.stage.practitioner("Helen Health")
        self.team = await self.stage.team(self.helen)
        return {"helen": self.helen}

    @secretly
    async def lena_convenes(self) -> None:
        await deeds.convene(self.team, 18, self.helen)

    @openly
    async def lena_raises_an_action(self) -> None:
        await deeds.raise_action(self.team, self.helen)


class TestAWatcherWhoMaySee:
    async def test_finds_everything_that_is_hidden_from_others(self, theatre: Theatre) -> None:
        theatre.always, theatre.at_last = (every_object,), ()

        found, within = await theatre.compare(LenaWatches)

        words = report(found)
        assert "After 'petra answers', lena by way of 'every object': query myFamilies 1" in words
        assert "+   " in words
        assert "Hartwell" in "".join(found)
        (last,) = list(within.kept.values())[-1:]
        said = b"".join(note.said for note in within.notes)
        met = {
            name
            for name, rows in last.rows.items()
            if any(ids.encode(name, row).encode() in said for row in rows)
        }
        assert met >= HiddenFamily.hides


class TestAMessage:
    async def test_is_found_with_the_page_it_leads_to(self, theatre: Theatre) -> None:
        theatre.always, theatre.at_last = (mailbox,), ()

        found, _ = await theatre.compare(GinaIsInvited)

        first, second = found[:2]
        assert first.startswith("After 'lena raises an action', helen by way of 'mailbox'")
        assert "said only within the secret" in first
        assert "Subject: " in first
        assert "reply page 0" in second


class TestAnAct:
    async def test_is_found_to_meet_what_is_hidden(self, theatre: Theatre) -> None:
        """By a clash of times and nothing else: nobody looked at the meetings."""
        theatre.always, theatre.at_last = (), (acts.every_act,)

        found, _ = await theatre.compare(GinaIsInvited)

        assert any("with a hidden" in words for words in found)
        assert any("recordTold" in words and "NOT_FOUND" in words for words in found)


class TestAChannel:
    async def test_is_found_to_leak_a_count(self, theatre: Theatre) -> None:
        async def counting(watcher: Watcher) -> None:
            count = await watcher.world.owner.fetchval("select count(*) from meeting")
            watcher.note("how many", b'200\n\n{"count": %d}' % count)

        theatre.always, theatre.at_last = (counting,), ()

        found, _ = await theatre.compare(GinaIsInvited)

        steps = ["lena raises an action", "everything was tried"]
        assert len(found) == len(steps) * 2  # somebody who is not signed in sees it too
        assert found[0].startswith("After 'lena raises an action', helen by way of 'counting'")
        assert '- "count": 0' in found[0]
        assert '+ "count": 1' in found[0]
