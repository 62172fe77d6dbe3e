"""Nothing here yet."""

from __future__ import annotations

import strawberry


@strawberry.type
class DirectoryQueries:
    pass
