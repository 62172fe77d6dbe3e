"""JSON text as PostgreSQL writes it: literal pieces and SQL expressions, one concatenation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

MOST_ARGUMENTS = 90  # PostgreSQL passes at most 100 to a function

BROKEN = "E'\\x01'"
"""Stands where a value may not be null and is: in no JSON does this character occur unescaped."""

BROKEN_SIGN = "\x01"
TOO_LONG_SIGN = "\x02"
LONGEST = 8 * 1024 * 1024
"""Octets of an answer; what would be longer does not leave PostgreSQL."""


class Member(Protocol):
    """Something that is answered under a key."""

    @property
    def key(self) -> str: ...


M = TypeVar("M", bound=Member)


@dataclass(slots=True)
class Text:
    """Pieces that follow one another; an SQL piece that is null counts as empty."""

    _pieces: list[str] = field(default_factory=list)
    _said: str = ""

    def say(self, words: str) -> Text:
        """Words of JSON, as they stand."""
        self._said += words
        return self

    def sql(self, expression: str) -> Text:
        """Whatever this SQL expression gives."""
        self._quote()
        self._pieces.append(expression)
        return self

    def members(self, items: Iterable[M], *, also: str = "") -> Iterator[M]:
        """A JSON object: whoever takes an item writes its value; braces and keys stand already.

        `also`: a member of our own.
        """
        separator = "{"
        if also:
            self.say(separator + also)
            separator = ","
        for item in items:
            self.say(f'{separator}"{item.key}":')
            separator = ","
            yield item
        self.say("{}" if separator == "{" else "}")

    def expression(self) -> str:
        """The whole as one SQL expression of type text."""
        self._quote()
        return _concatenated(self._pieces)

    def _quote(self) -> None:
        if self._said:
            self._pieces.append(quoted(self._said))
            self._said = ""


def quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _concatenated(pieces: list[str]) -> str:
    while len(pieces) > MOST_ARGUMENTS:
        pieces = [
            f"concat({', '.join(pieces[start : start + MOST_ARGUMENTS])})"
            for start in range(0, len(pieces), MOST_ARGUMENTS)
        ]
    return f"concat({', '.join(pieces)})" if pieces else "''"
