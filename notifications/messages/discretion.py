"""What people typed may name somebody, or pose as something it is not: then it stays out of mail.

Nothing is lost by caution: what is left out is read after signing in, or asked of the lead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import unquote

from notifications.addresses import check_line
from notifications.recipients import Invited

_LEAD = "The lead practitioner"
_ADDRESS_LIKE = re.compile(r"[@<>/\\:]|\bwww\.", re.IGNORECASE)
# No name and password before the host, which would pose as another; nothing that ends a line.
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][!-~]*)?")

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = "['\u2019`]"
# What a careless writer leaves out of a word: nothing, the one, the other, or both.
_WITHIN_WORDS = ("(?!)", _APOSTROPHE, "-", f"{_APOSTROPHE}|-")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b")
_HOUSE_NUMBER = re.compile(r"(^|[,\n])\s*(\d+[a-z]?)\s*,")
_NUMBER_IN_STREET = re.compile(r"\d+[a-z]? [a-z]+")
_SHORTEST = 2  # an initial stands in every other word
_SHORTEST_WITHIN = 4  # in a link, where words run together and random signs may spell a short name
_PHONE = 9  # digits of a telephone number without its prefix, however it is written
_SAYS_NOTHING = frozenset({"the", "and", "family", "of", "st"})
# Letters that no decomposition turns into those of the English alphabet; the last has no dot.
_PLAINER = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


def fit_lead(invited: Invited) -> str:
    """The lead's name, unless it reads like an address: many programs show the name alone."""
    check_line(invited.lead, what="The lead's name")
    return _LEAD if _ADDRESS_LIKE.search(invited.lead) else invited.lead


def fit_label(label: str, private: Iterable[str]) -> str:
    """The random words of a case, unless chance made one of them a name in it."""
    return "" if _gives_away(_Reading(label), private) else label


def fit_place(invited: Invited) -> str | None:
    """The place, when it is a public venue whose name gives nobody away (security 9)."""
    place = invited.meeting.public_place
    return place if place and not _gives_away(_Reading(place), invited.private_words) else None


def fit_link(invited: Invited) -> str | None:
    """The link to join from afar, when it is safe to follow and names nobody."""
    link = invited.meeting.joining_link
    if _LINK.fullmatch(link) is None:
        return None
    reading = _Reading(unquote(unquote(link)), runs_together=True)
    return None if _gives_away(reading, invited.private_words) else link


class _Reading:
    """A text as people read it: whatever the case, the accents, the signs between and within."""

    def __init__(self, text: str, *, runs_together: bool = False) -> None:
        self.plain = _plain(text)
        self.runs_together = runs_together

    @property
    def is_strange(self) -> bool:
        """Whether it holds signs that may look like others: a Cyrillic A, an invisible letter."""
        return any(
            not sign.isascii() and unicodedata.category(sign)[0] not in "PZ" for sign in self.plain
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """Each word as it stands, joined to its neighbour, and without the s of a plural."""
        readings = [re.sub(within, "", self.plain) for within in _WITHIN_WORDS]
        words = {word for reading in readings for word in _WORD.findall(reading)}
        return frozenset(words | {word[:-1] for word in words if word.endswith("s")})

    @cached_property
    def spaced(self) -> str:
        return f" {' '.join(_WORD.findall(self.plain))} "

    @cached_property
    def packed(self) -> str:
        return "".join(_WORD.findall(self.plain))

    @cached_property
    def digits(self) -> str:
        return re.sub(r"\D", "", self.plain)

    def holds(self, phrase: str) -> bool:
        """These words in this order; where words run together, between any others."""
        packed = phrase.replace(" ", "")
        if self.runs_together and len(packed) >= _SHORTEST_WITHIN and packed in self.packed:
            return True
        return f" {phrase} " in self.spaced


def _plain(text: str) -> str:
    """Lower case, without accents and invisible signs."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    kept = (sign for sign in apart if unicodedata.category(sign) not in {"Mn", "Me", "Cf"})
    return "".join(kept).translate(_PLAINER)


def _gives_away(reading: _Reading, private: Iterable[str]) -> bool:
    """Whether a word of these names stands there, or a number, first line or postcode of theirs."""
    return reading.is_strange or any(_appears(_Reading(value), reading) for value in private)


def _appears(private: _Reading, reading: _Reading) -> bool:
    postcodes = (code.replace(" ", "") for code in _POSTCODE.findall(private.plain))
    if any(code in reading.packed for code in postcodes):
        return True
    if len(private.digits) >= _PHONE and private.digits[-_PHONE:] in reading.digits:
        return True
    if _is_address(private):
        return any(map(reading.holds, _lines_of(private)))
    names = [word for word in private.words - _SAYS_NOTHING if len(word) >= _SHORTEST]
    return any(word in reading.words or reading.holds(word) for word in names)


def _is_address(private: _Reading) -> bool:
    return bool(re.search(r"[,\n\d]", private.plain))


def _lines_of(address: _Reading) -> list[str]:
    """What tells a home from its neighbours: its name, or its number with the street's first word.

    So that neither "Rd" for "Road" nor a comma in another place makes it another.
    """
    lines = re.split(r"[,\n]", _HOUSE_NUMBER.sub(r"\1\2 ", address.plain))
    spaced = [" ".join(_WORD.findall(line)) for line in lines]
    numbered = [found[0] for line in spaced if (found := _NUMBER_IN_STREET.search(line))]
    first = [] if any(map(str.isdigit, spaced[0])) and numbered else spaced[:1]
    return [line for line in (*first, *numbered) if len(line) >= _SHORTEST + 1]
