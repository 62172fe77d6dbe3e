"""Reading families."""

from __future__ import annotations

import strawberry
from strawberry.types.field import StrawberryField

from schema.families.types import Family
from schema.roots import by_id


@strawberry.type
class FamilyQueries:
    family: StrawberryField = by_id(
        "A family you work with, belong to or co-ordinate help for.", Family
    )
