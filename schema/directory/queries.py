"""Finding agencies and practitioners: for people at work, and of nobody's family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import strawberry
from graphql import GraphQLResolveInfo
from strawberry.types.field import StrawberryField

from schema import fetch, ids, roots
from schema.connections import Connection
from schema.context import Info
from schema.directory.types import Agency, Practitioner
from schema.enums import AgencyKind
from schema.scalars import Line
from schema.sources import Filter, Key, Paged, paging_arguments
from taf_service import visibility
from taf_service.core.errors import NotFound

_NAME = (Key("{child}.sort_name", "text"), Key("{child}.id", "uuid"))
_NOWHERE: Final = UUID(int=0)


def _search(table: str) -> Filter:
    return Filter(
        "search",
        Line | None,
        f"{{child}}.id in (select {table}_named({{value}}))",
        "text",
        "The beginnings of words of the name, in any order; neither case nor accents matter.",
    )


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


def _found(description: str, connection: Any, type_name: str, source: Paged) -> Any:
    made: Any = strawberry.field(
        description=description,
        graphql_type=connection,
        metadata={roots.ROOT: _page(type_name, source)},
    )
    made.arguments = paging_arguments(source.filters)
    return made


def _page(type_name: str, source: Paged) -> Callable[..., Any]:
    async def resolve(_root: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        return await fetch.page(info, type_name, source, _read(arguments), actor=info.context.actor)

    return resolve


def _read(arguments: dict[str, Any]) -> dict[str, Any]:
    """An empty search box narrows nothing; an id that leads nowhere leaves nobody."""
    read = {**arguments, "search": arguments.get("search") or None}
    if read.get("agencyId") is not None:
        try:
            read["agencyId"] = ids.row_id(read["agencyId"], "Agency")
        except NotFound:
            read["agencyId"] = _NOWHERE
    return read


@strawberry.type
class DirectoryQueries:
    practitioners: StrawberryField = _found(
        "Practitioners by name, former ones too; for people in the directory.",
        Connection[Practitioner],
        "Practitioner",
        PRACTITIONERS,
    )
    agencies: StrawberryField = _found(
        "Agencies by name; for people in the directory.", Connection[Agency], "Agency", AGENCIES
    )

    @strawberry.field(description="A practitioner: one of your team, or anybody in the directory.")
    async def practitioner(self, info: Info, id: strawberry.ID) -> Practitioner | None:
        return await roots.by_id(info, "Practitioner", id)  # type: ignore[no-any-return]

    @strawberry.field(description="An agency.")
    async def agency(self, info: Info, id: strawberry.ID) -> Agency | None:
        return await roots.by_id(info, "Agency", id)  # type: ignore[no-any-return]
