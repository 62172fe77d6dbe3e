"""What a situation is: who watches, what is so in both worlds, and what happens then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar

from tests.stage import Somebody, Stage

S = TypeVar("S", bound=Callable[[Any], Awaitable[None]])
Scene: TypeAlias = "type[Situation]"


class Situation(Protocol):
    """One class a file; its steps are played in the order in which they are written.

    `watchers` are the names by which they sign in; somebody who does not always watches too.
    `hides` are types of which something must come to be in secret, or the situation proves
    less than it says.
    """

    watchers: ClassVar[tuple[str, ...]]
    hides: ClassVar[frozenset[str]]

    def __init__(self, stage: Stage) -> None: ...

    async def set(self) -> Mapping[str, Somebody]:
        """Build what is so in both worlds; returns who watches, by name.

        Whoever is not among `watchers` reads their mail and is not signed in.
        """


@dataclass(frozen=True, slots=True)
class Step:
    """One act; `is_secret` when it happens in one world alone, which no watcher may notice."""

    name: str
    is_secret: bool
    act: Callable[[], Awaitable[None]]


def openly(act: S) -> S:
    """A step of both worlds. Everybody watches after it."""
    act.is_secret = False  # type: ignore[attr-defined]
    return act


def secretly(act: S) -> S:
    """A step of one world alone."""
    act.is_secret = True  # type: ignore[attr-defined]
    return act


def steps_of(situation: Situation) -> list[Step]:
    return [
        Step(name.replace("_", " "), act.is_secret, getattr(situation, name))
        for room in reversed(type(situation).__mro__)
        for name, act in vars(room).items()
        if hasattr(act, "is_secret")
    ]
