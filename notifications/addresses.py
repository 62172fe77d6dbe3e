"""What may stand on one line of mail, of a calendar file and of an SMTP command.

Everything is refused twice: where it is typed, and again here, where it would do harm. Refusals
never quote what they refuse, because refusals are logged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# C0 but the line feed, DEL, C1 (NEL among them), the Unicode line ends, what turns the direction
# of writing, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff]"
)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1


class Malformed(ValueError):
    """A value that must not reach mail; the words say which one and why, never what it was."""


@dataclass(frozen=True, slots=True, repr=False)
class Mailbox:
    """An address with the name shown beside it."""

    address: str
    name: str

    def __post_init__(self) -> None:
        check_address(self.address, what="A mailbox")
        check_line(self.name, what="The name of a mailbox")


def check_address(address: str, *, what: str) -> None:
    """Refuse all but one plain ASCII address, unquoted and without a name (RFC 5321 4.1.2).

    Refuses with `Malformed`: two addresses, a name, spaces, quotes, brackets, non-ASCII, too long.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise Malformed(f"{what} needs one plain address such as name@council.example.")
    if len(address) > LONGEST_ADDRESS or len(match["local"]) > LONGEST_LOCAL_PART:
        raise Malformed(f"{what} has an address longer than mail allows.")


def check_line(text: str, *, what: str) -> None:
    """Refuse text that is empty or could end its line, hide or reorder what follows.

    Refuses with `Malformed`: nothing to see, controls, line ends, bidi overrides, lone surrogates.
    """
    if not text.strip():
        raise Malformed(f"{what} is empty.")
    check_lines(text.replace("\n", "\0"), what=what)


def check_lines(text: str, *, what: str) -> None:
    """Refuse what `check_line` refuses, but for emptiness and line feeds.

    Refuses with `Malformed`: controls, other line ends, bidi overrides, lone surrogates.
    """
    if _UNSAFE.search(text):
        raise Malformed(f"{what} has a control character.")


def domain_of(address: str) -> str:
    """The domain of a checked address, in lower case."""
    return address.rpartition("@")[2].lower()
