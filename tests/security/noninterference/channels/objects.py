"""Every object that can be reached, and every one whose id was kept or guessed."""

from __future__ import annotations

from tests.security.noninterference import reading
from tests.security.noninterference.watching import Watcher

_AT_ONCE = 100


async def every_object(watcher: Watcher) -> None:
    """From the roots, along every relation, until nothing new is found."""
    for name, document in reading.roots().items():
        await watcher.ask(f"query {name}", document)
    asked: set[str] = set()
    while await _ask_further(watcher, asked):
        pass


async def _ask_further(watcher: Watcher, asked: set[str]) -> bool:
    """Whether there was anything that had not been asked yet."""
    goes_on = False
    for name, document in reading.by_id().items():
        new = [each for each in watcher.ids_of(name) if each not in asked]
        for start in range(0, len(new), _AT_ONCE):
            goes_on = True
            await watcher.ask(f"nodes of {name}", document, ids=new[start : start + _AT_ONCE])
        asked.update(new)
    return goes_on
