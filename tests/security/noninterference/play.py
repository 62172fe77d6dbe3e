"""Playing a situation twice, once with what is secret in it, while everybody watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tests.security.noninterference.channels import ALWAYS, AT_LAST, Channel
from tests.security.noninterference.difference import differences
from tests.security.noninterference.keepsakes import Keepsakes, keepsakes_of
from tests.security.noninterference.pretended import Chance
from tests.security.noninterference.situation import Scene, Situation, Step, steps_of
from tests.security.noninterference.watching import Note, Watcher
from tests.security.noninterference.world import House, World, token_of

AT_FIRST, AFTERWARDS = "the beginning", "everything was tried"


@dataclass
class Played:
    """What was noted; `kept` is what could have been known of the secret after each step."""

    notes: list[Note] = field(default_factory=list)
    kept: dict[str, Keepsakes] = field(default_factory=dict)


@dataclass
class Theatre:
    """Where situations are played, one world after the other."""

    house: House
    chance: Chance
    always: Sequence[Channel] = ALWAYS
    at_last: Sequence[Channel] = AT_LAST

    async def compare(self, scene: Scene) -> tuple[list[str], Played]:
        """How the two worlds differ, and the play with the secret in it.

        That one comes first: what could be known of the secret is tried out in both.
        """
        within = await self.play(scene, Played(), with_secret=True)
        without = await self.play(scene, Played(kept=within.kept), with_secret=False)
        return differences(without.notes, within.notes), within

    async def play(self, scene: Scene, played: Played, *, with_secret: bool) -> Played:
        async with self.house.world(self.chance, scene.watchers) as world:
            await _Play(self, world, played, scene(world.stage), with_secret).through()
        return played


@dataclass
class _Play:
    theatre: Theatre
    world: World
    played: Played
    situation: Situation
    with_secret: bool
    watchers: list[Watcher] = field(default_factory=list)
    drawn: list[UUID] = field(default_factory=list)

    async def through(self) -> None:
        await self._set()
        await self._watch(AT_FIRST, self.theatre.always)
        for number, step in enumerate(steps_of(self.situation), start=1):
            await self.world.turn_to(number)
            await self._take(step)
            await self.world.deliver()
            if not step.is_secret:
                await self._watch(step.name, self.theatre.always)
        await self._watch("everything", self.theatre.at_last)
        await self.world.deliver()
        await self._watch(AFTERWARDS, self.theatre.always)

    async def _set(self) -> None:
        with self.world.chance.during("set"):
            await self.world.stage.set()
            people = await self.situation.set()
            for name in self.situation.watchers:
                await self.world.stage.account(people[name], name)
        self.watchers = [
            Watcher(name, who.address, self._token(name), self.world, self.played.notes)
            for name, who in people.items()
        ]
        self.watchers.append(Watcher("nobody", None, None, self.world, self.played.notes))

    def _token(self, name: str) -> str | None:
        return token_of(name) if name in self.situation.watchers else None

    async def _take(self, step: Step) -> None:
        """A secret step happens in one world alone; its moment passes in both."""
        if step.is_secret and not self.with_secret:
            return
        with self.world.chance.during("step", step.name) as act:
            await step.act()
        if step.is_secret:
            self.drawn += act.drawn

    async def _watch(self, step: str, channels: Sequence[Channel]) -> None:
        kept = await self._kept(step)
        for watcher in self.watchers:
            for channel in channels:
                watcher.begin(step, channel.__name__.replace("_", " "), kept)
                await channel(watcher)

    async def _kept(self, step: str) -> Keepsakes:
        if self.with_secret:
            self.played.kept[step] = await keepsakes_of(self.world.owner, self.drawn)
        return self.played.kept[step]
