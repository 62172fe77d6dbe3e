"""The files that the house rules are measured on, and how a breach is written down."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
CODE = ("taf_service", "schema", "notifications")
AREAS = frozenset({
    "access", "consent", "directory", "disputes", "families", "handovers", "meetings",
    "partnership", "plans", "records", "reviews", "sharing", "teams",
})  # fmt: skip
DOMAIN = AREAS | {"core", "visibility"}


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path from the root, with `/`, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path).parts

    def at(self, line: int, words: str) -> str:
        return f"{self.path}:{line}: {words}"


def breaches(rule: Callable[[Source], Iterable[str]], sources: Iterable[Source]) -> list[str]:
    """Every breach of `rule`, so that one run shows them all."""
    return [breach for source in sources for breach in rule(source)]


def code() -> list[Source]:
    """Our three packages, but for the migrations: those are generated, and never edited again."""
    return [source for source in python(*CODE) if source.parts[1] != "migrations"]


def python(*folders: str) -> list[Source]:
    return [source for source in kept_files() if source.parts[0] in folders and _is_python(source)]


def kept_files() -> Iterator[Source]:
    """Every text file that `.gitignore` lets into the repository."""
    ignored = [".git", *_ignored_names()]
    for path in sorted(_files_below(ROOT, ignored)):
        text = _text(path)
        if text is not None:
            yield Source(path.relative_to(ROOT).as_posix(), text)


def _is_python(source: Source) -> bool:
    return source.path.endswith(".py")


def _ignored_names() -> list[str]:
    lines = (ROOT / ".gitignore").read_text().splitlines()
    return [line.strip().strip("/") for line in lines if line.strip() and line[0] != "#"]


def _files_below(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in folder.iterdir():
        if any(fnmatch.fnmatch(path.name, name) for name in ignored):
            continue
        if path.is_dir():
            yield from _files_below(path, ignored)
        else:
            yield path


def _text(path: Path) -> str | None:
    """None for a picture, a font or whatever else is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
