"""The interface of everything that has an id."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="Anything with an id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, stable and global.")
