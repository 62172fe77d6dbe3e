"""Processor time and memory of processes, from /proc (Linux)."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """`seconds` of processor time so far; `children_seconds` of children that have ended."""

    pid: int
    parent: int
    seconds: float
    children_seconds: float


def processes() -> dict[int, Process]:
    found = (_read(path) for path in PROC.iterdir() if path.name.isdigit())
    return {each.pid: each for each in found if each is not None}


def family_of(root: int, known: dict[int, Process]) -> set[int]:
    """A process with everything it started, near and far."""
    children = defaultdict(list)
    for each in known.values():
        children[each.parent].append(each.pid)
    found, waiting = set[int](), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children[pid]
    return found & known.keys()


def seconds_below(root: int, known: dict[int, Process]) -> float:
    return sum(known[pid].seconds + known[pid].children_seconds for pid in family_of(root, known))


def private_megabytes(pids: Iterable[int]) -> float:
    """What is theirs alone: shared buffers and program text are not counted."""
    return sum(_private_kilobytes(pid) for pid in pids) / 1024


def _read(path: Path) -> Process | None:
    """None for one that ended meanwhile."""
    try:
        # the name in brackets may hold anything; fields count from the last bracket
        fields = (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    user, system, children_user, children_system = (int(each) for each in fields[11:15])
    return Process(
        int(path.name),
        int(fields[1]),
        (user + system) / TICKS,
        (children_user + children_system) / TICKS,
    )


def _private_kilobytes(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
