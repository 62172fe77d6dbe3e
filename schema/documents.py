"""Trusted documents: registered from git, checked at start, named in requests by their hash.

An id is `sha256:` and the hash of the document's bytes (GraphQL over HTTP, appendix A); the file
bears the hash, so an edited one no longer fits its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphql import OperationType

from schema.execute import check

OWN = Path(__file__).parent / "registered"
"""The documents that this repository vouches for."""
PREFIX = "sha256:"


class DocumentsRefused(Exception):
    """Its words name each file, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What may be asked by name."""

    by_id: Mapping[str, str] = field(default_factory=dict)

    def text(self, document_id: str) -> str | None:
        return self.by_id.get(document_id)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self.by_id.values())


def registered(*folders: Path) -> Documents:
    """Everything in `folders`. Errors: `DocumentsRefused` when one is not what its name says."""
    found = {path: _bytes(path) for folder in folders for path in _files(folder)}
    _refuse({path: _changed(path, content) or _faults(content) for path, content in found.items()})
    return Documents({PREFIX + path.stem: content.decode() for path, content in found.items()})


def register(folder: Path, paths: Sequence[Path]) -> list[str]:
    """Keep a copy of each document in `folder` and return their ids: all of them, or none.

    Errors: `DocumentsRefused`.
    """
    given = {path: _bytes(path) for path in paths}
    _refuse({path: _faults(content) for path, content in given.items()})
    folder.mkdir(parents=True, exist_ok=True)
    for content in given.values():
        (folder / f"{_hash(content)}.graphql").write_bytes(content)
    return [PREFIX + _hash(content) for content in given.values()]


def kind_of(text: str) -> OperationType | None:
    """Whether a document asks or changes; None where nothing of it can run."""
    document, _ = check(text, introspection=True)
    return document.operation.operation if document else None


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".graphql")
    except OSError:
        raise DocumentsRefused(f"{folder} is no folder with documents that can be read.") from None


def _refuse(faults: Mapping[Path, Sequence[str]]) -> None:
    words = [f"{path}: {fault}" for path, found in faults.items() for fault in found]
    if words:
        raise DocumentsRefused("\n".join(words))


def _changed(path: Path, content: bytes) -> list[str]:
    unlike = path.stem != _hash(content)
    return ["It was changed after it was registered: register it again."] * unlike


def _faults(content: bytes) -> list[str]:
    """What keeps a document from being answered, as its author will read it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return ["It is not UTF-8."]
    return [error.message for error in check(text, introspection=False)[1]]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise DocumentsRefused(f"{path} cannot be read.") from None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
