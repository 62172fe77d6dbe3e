"""Every connection, walked through in short pages both ways, and everything found by a search."""

from __future__ import annotations

from typing import Any

from tests.security.noninterference import reading
from tests.security.noninterference.watching import Watcher

_SIZE = 2


async def every_page(watcher: Watcher) -> None:
    for (type_name, name), document in reading.walks().items():
        owners = watcher.ids_of(type_name) if type_name in reading.identified() else [None]
        for number, owner in enumerate(owners):
            given = {} if owner is None else {"id": owner}
            what = f"{type_name}.{name} of {number}"
            await _walk(watcher, f"{what}, forwards", document, given, ("first", "after", "end"))
            await _walk(watcher, f"{what}, backwards", document, given, ("last", "before", "start"))
    await _search(watcher)
    await _by_typed_roots(watcher)


async def _walk(
    watcher: Watcher, what: str, document: str, given: dict[str, Any], way: tuple[str, str, str]
) -> None:
    size, beyond, end = way
    more = "hasNextPage" if end == "end" else "hasPreviousPage"
    cursor: str | None = None
    while True:
        variables = {**given, size: _SIZE, beyond: cursor}
        page = _page_in(await watcher.ask(what, document, **variables))
        if page is None or not page["pageInfo"][more]:
            return
        cursor = page["pageInfo"][f"{end}Cursor"]


def _page_in(data: dict[str, Any]) -> dict[str, Any] | None:
    if "page" in data:
        return data["page"]  # type: ignore[no-any-return]
    inner = next(iter(data.values()), None)
    return None if inner is None else inner.get("page")


async def _search(watcher: Watcher) -> None:
    """For names that only who knows the secret can know, and by ids that were kept."""
    for name, document in reading.searches().items():
        known = watcher.ids_of("Agency") if name.endswith("Id") else watcher.kept.names
        for number, each in enumerate(known):
            await watcher.ask(f"{name}, {number}", document, known=each)


async def _by_typed_roots(watcher: Watcher) -> None:
    for name, document in reading.typed_roots().items():
        for number, each in enumerate(watcher.ids_of(name[0].upper() + name[1:])):
            await watcher.ask(f"{name} {number}", document, id=each)
