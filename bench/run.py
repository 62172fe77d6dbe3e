"""`make bench`: this service beside others, over one database. Writes bench/results.md."""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from bench import growth, servers, world
from bench.answers import same_shape
from bench.asks import Kind, Query, asks, strangers
from bench.loading import LoadFailed, generator, load, warm
from bench.naming import World
from bench.results import HEADS, QUERIES, Results, comparison, markdown
from bench.servers import KINDS, Server

OUTPUT = Path(__file__).with_name("results.md")
WIDTH = 160  # of the tables, where a terminal does not say
COMPARED = 12  # requests of each sort whose answers are compared before anything is loaded


@dataclass(frozen=True, slots=True)
class Mode:
    words: str
    processes: int
    connections: int


ONE = Mode("One server process, 16 connections", 1, 16)
TWO = Mode("Two server processes, 64 connections: both cores saturated", 2, 64)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does."""

    kinds: list[Kind]
    queries: list[Query]
    modes: list[Mode]
    rounds: int
    seconds: float

    def loads(self) -> int:
        return len(self.modes) * self.rounds * len(self.queries) * len(self.kinds)


class Different(Exception):
    """Two servers do not give the same answer, so their speed cannot be compared."""


def main(  # noqa: PLR0913, PLR0917 - a command's options
    families: Annotated[int, typer.Option(help="How many, in twenties.")] = 5_000,
    seconds: Annotated[float, typer.Option(help="How long each load lasts.")] = 8,
    rounds: Annotated[int, typer.Option(help="Loads of each sort.")] = 3,
    only: Annotated[str, typer.Option(help=f"Some of {', '.join(KINDS)}; with commas.")] = "",
    queries: Annotated[str, typer.Option(help=f"Some of {', '.join(QUERIES)}.")] = "",
    modes: Annotated[str, typer.Option(help="1, 2 or 1,2 server processes.")] = "1,2",
    grow: Annotated[bool, typer.Option(help="Other sizes, far pages, more processes.")] = True,  # noqa: FBT002
    quick: Annotated[bool, typer.Option("--quick", help="A small world, once, briefly.")] = False,  # noqa: FBT002
    output: Annotated[Path, typer.Option(help="Where the results are written.")] = OUTPUT,
) -> None:
    """Measure, and write the results."""
    plan = Plan(
        kinds=[kind for kind in KINDS if not only or kind in only.split(",")],
        queries=[query for query in QUERIES if not queries or query in queries.split(",")],
        modes=[mode for mode in (ONE, TWO) if str(mode.processes) in modes.split(",")],
        rounds=1 if quick else rounds,
        seconds=min(seconds, 3) if quick else seconds,
    )
    size = min(families, 500) if quick else families
    try:
        text = asyncio.run(_measure(plan, size, sizes=_sizes(grow=grow, quick=quick)))
    except (Different, servers.NotStarted) as problem:
        typer.echo(str(problem), err=True)
        raise SystemExit(1) from None
    output.write_text(text)
    typer.echo(f"Written to {output}.")


def _sizes(*, grow: bool, quick: bool) -> tuple[int, ...]:
    if not grow:
        return ()
    return (100, 500) if quick else (500, 5_000, 50_000)


async def _measure(plan: Plan, families: int, *, sizes: tuple[int, ...]) -> str:
    the_world = await world.build(families)
    results, console = Results(), Console(width=max(Console().width, WIDTH))
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("", total=plan.loads())
        for mode in plan.modes:
            async with servers.running(plan.kinds, the_world, processes=mode.processes) as running:
                await asyncio.to_thread(compare, running, plan, the_world)
                await _rounds(plan, mode, running, the_world, results, (progress, bar))
            for query in plan.queries:
                progress.console.print(_shown(results, mode, query))
    more = await growth.sections(sizes, plan.seconds, console) if sizes else []
    return markdown(results, _preface(plan, families), more)


async def _rounds(
    plan: Plan,
    mode: Mode,
    running: dict[Kind, Server],
    the_world: World,
    results: Results,
    shown: tuple[Progress, TaskID],
) -> None:
    """Every server in turn, again and again: what disturbs the machine disturbs them all."""
    progress, bar = shown
    for query in plan.queries:
        for server in running.values():
            progress.update(bar, description=f"Warming up {KINDS[server.kind]}")
            await warm(server, query, the_world, connections=mode.connections)
    for nth, query, kind in _turns(plan):
        words = f"{mode.processes} process(es), round {nth + 1}, {query}, {KINDS[kind]}"
        progress.update(bar, description=words)
        try:
            done = await load(
                running[kind],
                query,
                the_world,
                connections=mode.connections,
                seconds=plan.seconds,
            )
        except (LoadFailed, OSError) as failed:
            results.failures.append(f"{words}: {failed}")
            progress.console.print(f"[red]{words}: {failed}")
        else:
            results.add(mode.words, query, kind, done)
        progress.advance(bar)


def _turns(plan: Plan) -> Iterator[tuple[int, Query, Kind]]:
    for nth in range(plan.rounds):
        for query in plan.queries:
            for kind in plan.kinds if nth % 2 == 0 else reversed(plan.kinds):
                yield nth, query, kind


def compare(running: dict[Kind, Server], plan: Plan, the_world: World) -> None:
    """The same questions to all of them. Errors: `Different`."""
    _check_walls(running, the_world)
    reads: list[Query] = [query for query in plan.queries if query != "report"]
    for query in reads:
        asked = {kind: asks(kind, query, the_world) for kind in running}
        for nth in range(COMPARED):
            said = {
                kind: same_shape(kind, servers.send(server, asked[kind][nth]))
                for kind, server in running.items()
            }
            _check_alike(query, said)


def _check_walls(running: dict[Kind, Server], the_world: World) -> None:
    """Nobody reads a family that is not theirs, wherever they ask. Errors: `Different`."""
    for kind, server in running.items():
        said = same_shape(kind, servers.send(server, strangers(kind, the_world)))
        if said != {"family": None}:
            raise Different(f"{KINDS[kind]} shows a family to somebody who is not in its team.")


def _check_alike(query: Query, said: dict[Kind, object]) -> None:
    (first, expected), *others = said.items()
    for kind, answer in others:
        if answer != expected:
            raise Different(f"{query}: {KINDS[kind]} and {KINDS[first]} answer differently.")


def _shown(results: Results, mode: Mode, query: Query) -> Table:
    shown = Table(title=f"{mode.words}: {QUERIES[query]}")
    for head in HEADS:
        shown.add_column(head, justify="left" if head == "server" else "right")
    for row in comparison(results, mode.words, query):
        shown.add_row(*row)
    return shown


def _preface(plan: Plan, families: int) -> list[str]:
    machine = f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}"
    node = subprocess.run([servers.node(), "--version"], capture_output=True, text=True, check=True)
    return [
        f"{families:,} families; {plan.rounds} interleaved rounds of {plan.seconds:g} s, medians;"
        f" {machine}, Node {node.stdout.strip()}, loaded by {generator()} on the same machine.",
        WORDS,
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


WORDS = """\
All servers answer over the same PostgreSQL, behind the same row-level security, for the same
viewers: whoever reads takes on the reading role, bound by `read_as`. Before anything is loaded
their answers are compared, and a stranger is shown nothing by any of them. This service looks the
viewer up for each request, applies its own predicates and limits and writes the access log; the raw
endpoint does the same but for the limits; the others are spared all three. PostGraphile repeats
what `read_as` keeps as settings of its transactions, asked for once a request; Mercurius and
Strawberry bind it in one transaction for each request. PostGraphile looks up what Q2 refers to by
ids in JSON; reading those might fail, so PostgreSQL applies the policies first and scans the whole
table, which grows with the world. Processor time and memory are read from
/proc: `server` is the server's processes, `database` PostgreSQL's. Memory is what is theirs
alone."""


if __name__ == "__main__":
    typer.run(main)
