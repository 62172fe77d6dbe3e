"""The world's ids and who is where, worked out alike by PostgreSQL and by any process.

Ids are the md5 of a kind and a number. Every practitioner is in twenty teams, one place in each.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from taf_service.database import Urls

TEAMS_EACH = 20
PLACES = 4  # practitioners in a team, of an agency each
PEOPLE = 5  # in a family: three children, then two parents, who are in the team too
MEETINGS, PAST = 8, 3
ACTIONS, OWNED_BY_PRACTITIONERS = 15, 12
AGENCIES_EACH = 8  # for each place
MOST_VIEWERS = 48
ISSUER = "demo"


def named(kind: str, number: int) -> UUID:
    """The id of the so-manieth row of a kind, counted from 0."""
    return UUID(bytes=hashlib.md5(f"{kind}:{number}".encode()).digest())  # noqa: S324 - a name


@dataclass(frozen=True, slots=True)
class Viewer:
    """A practitioner who signs in with `token`, and the numbers of their families."""

    number: int
    place: int
    families: tuple[int, ...]

    @property
    def token(self) -> str:
        return f"bench-{self.number}"

    @property
    def subject(self) -> str:
        return f"practitioner-{self.number}"

    @property
    def person_id(self) -> UUID:
        return named("practitioner-person", self.number)

    @property
    def action_numbers(self) -> tuple[int, ...]:
        """Of the actions that they own."""
        own = range(self.place, OWNED_BY_PRACTITIONERS, PLACES)
        return tuple(family * ACTIONS + n for family in self.families for n in own)


@dataclass(frozen=True, slots=True)
class World:
    """A database full of invented families."""

    families: int
    superuser: str
    urls: Urls
    busy_actions: int = 0
    """How many the busy practitioner owns, in the one team they are in (see `busy_viewer`)."""

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """Practitioners of every place, spread over the world."""
        width = self.families // TEAMS_EACH
        count = min(MOST_VIEWERS, PLACES * width)
        apart = max(1, PLACES * width // count)
        return tuple(viewer(nth * apart, self.families) for nth in range(count))

    @property
    def everybody(self) -> tuple[Viewer, ...]:
        """Who can sign in with a token."""
        return (*self.viewers, self.busy_viewer) if self.busy_actions else self.viewers

    @property
    def busy_viewer(self) -> Viewer:
        """Somebody with `busy_actions` in the last family, for pages far down a list."""
        return Viewer(PLACES * (self.families // TEAMS_EACH), 0, (self.families,))


def viewer(practitioner: int, families: int) -> Viewer:
    width = families // TEAMS_EACH
    place, nth = divmod(practitioner, width)
    return Viewer(practitioner, place, tuple(_families_of(place, nth, width)))


def _families_of(place: int, nth: int, width: int) -> list[int]:
    """The other way round of `place_sql`."""
    if place == PLACES - 1:
        return list(range(nth * TEAMS_EACH, (nth + 1) * TEAMS_EACH))
    shift = (0, 1, 3)[place]
    return [r * width + (nth - shift * r) % width for r in range(TEAMS_EACH)]


def place_sql(families: int) -> str:
    """A query of `f, place, p`: which practitioner has which place in which family's team."""
    width = families // TEAMS_EACH
    return f"""select f, place, place * {width} + case place
            when 0 then f % {width}
            when 1 then (f % {width} + f / {width}) % {width}
            when 2 then (f % {width} + 3 * (f / {width})) % {width}
            else f / {TEAMS_EACH} end as p
        from generate_series(0, {families} - 1) f
        cross join generate_series(0, {PLACES} - 1) place"""
