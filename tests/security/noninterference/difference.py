"""How two worlds differ for whoever watches them, in words that lead to the cause."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence

from tests.security.noninterference.watching import Note

MOST = 8
_LINES = 24


def differences(without: Sequence[Note], within: Sequence[Note]) -> list[str]:
    """What was said `without` the secret and `within` it, where that is not the same, byte by byte.

    The order counts too: what was learnt in one world alone stands where it was learnt.
    """
    one, other = ({_key(note): note.said for note in notes} for notes in (without, within))
    found = [
        f"{_words(key)}\n{_compared(one.get(key), other.get(key))}"
        for key in dict.fromkeys((*one, *other))
        if one.get(key) != other.get(key)
    ]
    if not found and list(one) != list(other):
        found = ["The same was said, but in another order."]
    return found


def report(found: Sequence[str]) -> str:
    rest = f"\n\n... and {len(found) - MOST} more" if len(found) > MOST else ""
    return f"{len(found)} differences:\n\n" + "\n\n".join(found[:MOST]) + rest


def _key(note: Note) -> tuple[str, str, str, str]:
    return (note.step, note.watcher, note.channel, note.what)


def _words(key: tuple[str, str, str, str]) -> str:
    step, watcher, channel, what = key
    return f"After {step!r}, {watcher} by way of {channel!r}: {what}"


def _compared(one: bytes | None, other: bytes | None) -> str:
    if one is None or other is None:
        which, said = ("within", other) if one is None else ("without", one)
        lines = _lines(said or b"")[:_LINES]
        return f"said only {which} the secret:\n" + "\n".join(lines)
    compared = difflib.unified_diff(
        _lines(one), _lines(other), "without the secret", "with it", n=2, lineterm=""
    )
    lines = list(compared)
    return "\n".join(lines[:_LINES]) if lines else f"{one!r}\n{other!r}"


def _lines(said: bytes) -> list[str]:
    head, _, body = said.partition(b"\n\n")
    try:
        pretty = json.dumps(json.loads(body), indent=1)
    except ValueError:
        return said.decode(errors="backslashreplace").splitlines()
    return [*head.decode(errors="backslashreplace").splitlines(), *pretty.splitlines()]
