"""Declaring root fields: what is read at the top of a query, and by which arguments."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from schema.node import Node
from schema.sources import (
    SOURCE,
    AnyNode,
    AnyNodes,
    Paged,
    RootObject,
    RootPage,
    Source,
    Viewer,
    paging_arguments,
)


def by_id(description: str, object_type: Any) -> Any:
    """The object with this id, or null: hidden and missing alike."""
    source, arguments = (
        RootObject(object_type.__name__),
        [_argument("id", strawberry.ID, "Its id.")],
    )
    return _root(source, description, object_type | None, arguments)


def root_page(description: str, connection: Any, type_name: str, source: Paged) -> Any:
    """A connection at the root; its arguments come from `source`."""
    arguments = paging_arguments(source.filters)
    return _root(RootPage(type_name, source), description, connection, arguments)


def viewer(description: str, object_type: Any) -> Any:
    """The viewer's own row."""
    return _root(Viewer(object_type.__name__), description, object_type, [])


def any_node(description: str) -> Any:
    arguments = [_argument("id", strawberry.ID, "Its id.")]
    return _root(AnyNode(), description, Node | None, arguments)


def any_nodes(description: str) -> Any:
    arguments = [_argument("ids", list[strawberry.ID], "Their ids.")]
    return _root(AnyNodes(), description, list[Node | None], arguments)


def _root(
    source: Source, description: str, graphql_type: Any, arguments: list[StrawberryArgument]
) -> Any:
    made: Any = strawberry.field(
        description=description, graphql_type=graphql_type, metadata={SOURCE: source}
    )
    made.arguments = arguments
    return made


def _argument(name: str, annotation: Any, description: str) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
    )
