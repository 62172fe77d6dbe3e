"""Keyset connections (GraphQL Cursor Connections Specification)."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

T = TypeVar("T")


@strawberry.type(description="Where a page lies.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="There is more behind it.")
    has_previous_page: bool = strawberry.field(description="There is more ahead of it.")
    start_cursor: str | None = strawberry.field(description="The first edge's.")
    end_cursor: str | None = strawberry.field(description="The last edge's.")


@strawberry.type(description="One item and where it lies.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Its place in the order.")
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="A page of a longer list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T] = strawberry.field(description="The items alone.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")
