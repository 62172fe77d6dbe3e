"""Root fields that are one visible object or one page of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLResolveInfo

from schema import fetch, ids
from schema.context import Info
from schema.sources import Paged, paging_arguments
from taf_service.core.errors import NotFound

ROOT = "root"


async def by_id(info: Info, type_name: str, global_id: str) -> Any:
    """The object with this id, or None: hidden and missing alike."""
    try:
        row_id = ids.row_id(global_id, type_name)
    except NotFound:
        return None
    return await fetch.one(
        info._raw_info,  # noqa: SLF001
        type_name,
        "{row}.id = $2",
        row_id,
        actor=info.context.actor,
    )


def root_page(description: str, connection: Any, type_name: str, source: Paged) -> Any:
    """A connection at the root; its arguments come from `source`."""
    made: Any = strawberry.field(
        description=description,
        graphql_type=connection,
        metadata={ROOT: _paging(type_name, source)},
    )
    made.arguments = paging_arguments(source.filters)
    return made


def _paging(type_name: str, source: Paged) -> Callable[..., Any]:
    async def resolve(_root: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        return await fetch.page(info, type_name, source, arguments, actor=info.context.actor)

    return resolve
