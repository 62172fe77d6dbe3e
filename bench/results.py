"""What was measured, put together and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.asks import Kind, Query
from bench.loading import Load
from bench.servers import KINDS

QUERIES: dict[Query, str] = {
    "workspace": "Q1, a family's workspace",
    "actions": "Q2, a page of 50 actions",
    "report": "Q3, an audited change of an action",
}
Rows = Sequence[Sequence[str]]


@dataclass
class Results:
    """Every load of every round, by mode, query and server."""

    loads: dict[tuple[str, Query, Kind], list[Load]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def add(self, mode: str, query: Query, kind: Kind, load: Load) -> None:
        self.loads.setdefault((mode, query, kind), []).append(load)

    def middle(self, mode: str, query: Query, kind: Kind, of: Callable[[Load], float]) -> float:
        """The median over the rounds; 0 where nothing was measured."""
        return median([of(each) for each in self.loads.get((mode, query, kind), [])] or [0.0])

    def modes(self) -> list[str]:
        return list(dict.fromkeys(mode for mode, _, _ in self.loads))

    def kinds(self, mode: str, query: Query) -> list[Kind]:
        return [kind for kind in KINDS if (mode, query, kind) in self.loads]


HEADS = (
    "server", "requests/s", "x PostGraphile", "x raw", "p50 ms", "p99 ms", "p99/p50",
    "server ms", "database ms", "server x PostGraphile", "both x PostGraphile",
    "server MB", "database MB",
)  # fmt: skip


def markdown(results: Results, preface: Iterable[str], more: Iterable[str]) -> str:
    parts = ["# Results of `make bench`", *preface]
    for mode in results.modes():
        parts.append(f"## {mode}")
        for query, words in QUERIES.items():
            rows = comparison(results, mode, query)
            if rows:
                parts += [f"### {words}", table(HEADS, rows)]
    parts += more
    if results.failures:
        parts += ["## What failed", "\n".join(f"- {each}" for each in results.failures)]
    return "\n\n".join(parts) + "\n"


def comparison(results: Results, mode: str, query: Query) -> Rows:
    return [_row(results, mode, query, kind) for kind in results.kinds(mode, query)]


def table(heads: Sequence[str], rows: Rows) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _row(results: Results, mode: str, query: Query, kind: Kind) -> list[str]:
    def mine(of: Callable[[Load], float]) -> float:
        return results.middle(mode, query, kind, of)

    def beside(other: Kind, of: Callable[[Load], float]) -> str:
        theirs = results.middle(mode, query, other, of)
        return f"{mine(of) / theirs:.2f}" if theirs else ""

    p50, p99 = mine(lambda load: load.p50), mine(lambda load: load.p99)
    return [
        KINDS[kind],
        f"{mine(_rate):,.0f}",
        beside("postgraphile", _rate),
        beside("raw", _rate),
        f"{p50:.2f}",
        f"{p99:.2f}",
        f"{p99 / p50:.1f}",
        f"{mine(_server) * 1e3:.3f}",
        f"{mine(_database) * 1e3:.3f}",
        beside("postgraphile", _server),
        beside("postgraphile", lambda load: load.server_seconds + load.database_seconds),
        f"{mine(lambda load: load.server_memory):.0f}",
        f"{mine(lambda load: load.database_memory):.0f}",
    ]


def _rate(load: Load) -> float:
    return load.rate


def _server(load: Load) -> float:
    return load.server_seconds


def _database(load: Load) -> float:
    return load.database_seconds
