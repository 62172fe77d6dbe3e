"""Finding agencies and practitioners: for people at work, and of nobody's family."""

from __future__ import annotations

from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from schema import ids
from schema.connections import Connection
from schema.directory.types import Agency, Practitioner
from schema.enums import AgencyKind
from schema.roots import by_id, root_page
from schema.scalars import Line
from schema.sources import Filter, Key, Paged
from taf_service import visibility
from taf_service.core.errors import NotFound

_NAME = (Key("{child}.sort_name", "text"), Key("{child}.id", "uuid"))


def _search(table: str) -> Filter:
    return Filter(
        "search",
        Line | None,
        f"{{child}}.id in (select {table}_named({{value}}))",
        "text",
        "The beginnings of words of the name, in any order; neither case nor accents matter.",
    )


def _agency(global_id: str) -> UUID:
    """An id that leads nowhere leaves nobody."""
    try:
        return ids.row_id(global_id, "Agency")
    except NotFound:
        return ids.NOWHERE


PRACTITIONERS = Paged(
    visibility.IN_DIRECTORY,
    _NAME,
    (
        _search("practitioner"),
        Filter(
            "agency_id",
            strawberry.ID | None,
            "{child}.id in (select a.practitioner_id from affiliation a where a.agency_id = {value}"
            " and (a.until_on is null"
            " or a.until_on > (now() at time zone 'Europe/London')::date))",
            "uuid",
            "Only those who work for this agency, or will.",
            _agency,
        ),
    ),
)
AGENCIES = Paged(
    visibility.IN_DIRECTORY,
    _NAME,
    (
        _search("agency"),
        Filter("kind", AgencyKind | None, "{child}.kind = {value}", "text", "Only of this kind."),
        Filter(
            "open",
            bool | None,
            "({child}.closed_at is null) = {value}",
            "boolean",
            "Only those that are open (true), or only those that have closed (false).",
        ),
    ),
)


@strawberry.type
class DirectoryQueries:
    practitioners: StrawberryField = root_page(
        "Practitioners by name, former ones too; for people in the directory.",
        Connection[Practitioner],
        "Practitioner",
        PRACTITIONERS,
    )
    agencies: StrawberryField = root_page(
        "Agencies by name; for people in the directory.", Connection[Agency], "Agency", AGENCIES
    )

    practitioner: StrawberryField = by_id(
        "A practitioner: one of your team, or anybody in the directory.", Practitioner
    )

    agency: StrawberryField = by_id("One entry of those in the directory, open or closed.", Agency)
