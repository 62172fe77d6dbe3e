"""What people typed into a place or a link may still name somebody: then it stays out of mail."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from notifications.recipients import Invited

_WORD = re.compile(r"[^\W_]+")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b")
_SHORTEST = 3  # initials and particles stand in every other word
_SHORTEST_NUMBER = 9  # a telephone number, however it is spaced
_SAYS_NOTHING = frozenset({"the", "and", "family"})


def fit_place(invited: Invited) -> str | None:
    """The place, when it is a public venue whose name gives nobody away (security 9)."""
    place = invited.meeting.public_place
    return place if place and not _gives_away(place, invited.private_words) else None


def fit_link(invited: Invited) -> str | None:
    """The link to join from afar, when it is safe to follow and names nobody."""
    link = invited.meeting.joining_link
    if urlsplit(link).scheme not in {"https", "http"}:
        return None
    return None if _gives_away(unquote(link), invited.private_words) else link


def _gives_away(text: str, private: tuple[str, ...]) -> bool:
    """Whether `text` holds a word of these names, or a number, first line or postcode of theirs."""
    plain = text.casefold()
    words = set(_WORD.findall(plain))
    return any(_appears(value.casefold(), plain, words) for value in private)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _appears(private: str, plain: str, words: set[str]) -> bool:
    postcodes = {code.replace(" ", "") for code in _POSTCODE.findall(private)}
    if any(code in plain.replace(" ", "") for code in postcodes):
        return True
    number = _digits(private)
    if len(number) >= _SHORTEST_NUMBER and number in _digits(plain):
        return True
    names = set(_WORD.findall(private)) - _SAYS_NOTHING
    first = re.split(r"[,\n]", private)[0].strip()
    if first != private.strip() or any(sign.isdigit() for sign in first):
        return len(first) >= _SHORTEST and first in plain
    return any(len(word) >= _SHORTEST for word in words & names)
