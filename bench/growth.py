"""How this service grows: with the number of families, down a long list, with processes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from statistics import median

from rich.console import Console

from bench import servers, world
from bench.asks import DOCUMENTS, Ask, Query, page
from bench.loading import Load, load
from bench.naming import World, named
from bench.results import QUERIES, Rows, table
from bench.servers import Server, send
from schema.ids import encode

READS: tuple[Query, ...] = ("workspace", "actions")
LONGEST = 4.0  # seconds for each load here
PAGE = 50
PAGES = (1, 10, 100, 1_000)
REPEATS = 15
MOST_PROCESSES = 4
Asking = Callable[[World, str | None], Ask]


async def sections(sizes: tuple[int, ...], seconds: float, console: Console) -> list[str]:
    """Markdown, a section for each question."""
    seconds = min(seconds, LONGEST)
    parts = []
    for heads, words, rows in (
        (SIZES, "Growth with the number of families", await _sizes(sizes, seconds, console)),
        (FAR, "From the first page to the last", await _pages(sizes, console)),
        (MORE, "With more processes", await _processes(sizes, seconds, console)),
    ):
        parts += [f"## {words}", table(heads, rows)]
        console.print(words, *(" ".join(row) for row in rows), sep="\n  ")
    return parts


SIZES = ("families", "query", "p50 ms, 1 connection", "requests/s, 16", "database ms", "server ms")


async def _sizes(sizes: tuple[int, ...], seconds: float, console: Console) -> Rows:
    rows = []
    for families in sizes:
        the_world = await world.build(families)
        console.print(f"{families:,} families")
        async with servers.running(["ours"], the_world, processes=1) as running:
            for query in READS:
                alone, many = [
                    await load(running["ours"], query, the_world, connections=n, seconds=seconds)
                    for n in (1, 16)
                ]
                rows.append(_size_row(families, query, alone, many))
    return rows


def _size_row(families: int, query: Query, alone: Load, many: Load) -> list[str]:
    return [
        f"{families:,}",
        QUERIES[query],
        f"{alone.p50:.2f}",
        f"{many.rate:,.0f}",
        f"{many.database_seconds * 1e3:.2f}",
        f"{many.server_seconds * 1e3:.2f}",
    ]


FAR = ("list", *(f"page {nth:,}, ms" for nth in PAGES))


async def _pages(sizes: tuple[int, ...], console: Console) -> Rows:
    """Pages of one long list, each asked for again and again by the cursor that leads to it."""
    pages = [nth for nth in PAGES if nth <= 10 * min(sizes)]
    the_world = await world.build(min(sizes), busy_actions=max(pages) * PAGE)
    async with servers.running(["ours"], the_world, processes=1) as running:
        rows = []
        for words, ask in (("my actions", _mine), ("a team's actions", _of_team)):
            console.print(f"{max(pages):,} pages of {words}")
            times = await asyncio.to_thread(_walk, running["ours"], the_world, ask, pages)
            rows.append([words, *(f"{each:.2f}" for each in times)])
        return [row + [""] * (len(FAR) - len(row)) for row in rows]


def _mine(the_world: World, after: str | None) -> Ask:
    return page("ours", the_world.busy_viewer, after)


def _of_team(the_world: World, after: str | None) -> Ask:
    viewer = the_world.busy_viewer
    family = encode("Family", named("family", viewer.families[0]))
    document = " ".join((DOCUMENTS / "team-actions.graphql").read_text().split())
    body = {"query": document, "variables": {"id": family, "after": after}}
    return Ask("/graphql", viewer.token, json.dumps(body))


def _walk(server: Server, the_world: World, ask: Asking, pages: list[int]) -> list[float]:
    """Milliseconds of each of `pages`, of which the first is 1."""
    times, after = [], None
    for nth in range(1, max(pages) + 1):
        asked = ask(the_world, after)
        if nth in pages:
            times.append(median(_milliseconds(server, asked) for _ in range(REPEATS)))
        after = _cursor(send(server, asked))
    return times


def _milliseconds(server: Server, asked: Ask) -> float:
    start = time.perf_counter()
    send(server, asked)
    return (time.perf_counter() - start) * 1e3


def _cursor(body: bytes) -> str:
    """Where the next page starts, wherever in the answer that is said."""
    found = json.loads(body)["data"]
    while "pageInfo" not in found:
        (found,) = found.values()
    cursor: str = found["pageInfo"]["endCursor"]
    return cursor


MORE = ("processes", *(f"{QUERIES[query]}, requests/s" for query in READS))


async def _processes(sizes: tuple[int, ...], seconds: float, console: Console) -> Rows:
    the_world = await world.build(sorted(sizes)[len(sizes) // 2])
    rows = []
    for processes in range(1, MOST_PROCESSES + 1):
        console.print(f"{processes} processes")
        async with servers.running(["ours"], the_world, processes=processes) as running:
            loads = [
                await load(running["ours"], query, the_world, connections=64, seconds=seconds)
                for query in READS
            ]
        rows.append([str(processes), *(f"{each.rate:,.0f}" for each in loads)])
    return rows
