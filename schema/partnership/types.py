"""Authorities and what they have set."""

from __future__ import annotations

import strawberry
from strawberry.scalars import JSON

from schema.node import Node
from schema.sources import column, many, node_id, readable


@readable("locality")
class Locality(Node):
    """A part of an authority's area."""

    id: strawberry.ID = node_id()
    name: str = column("What it is called.")


@readable("settings_version")
class Settings:
    """An authority's settings in force; every duration, threshold, stage and closed set."""

    number: int = column("Which version of the settings this is.")
    values: JSON = column("The whole of the settings.", "{row}.settings")
    changed_at: str = column("When they were changed.")


@readable("authority")
class Authority(Node):
    """A local authority with settings of its own."""

    id: strawberry.ID = node_id()
    code: str = column("Short and stable.")
    name: str = column("What it is called.")
    localities: list[Locality] = many(
        "Its localities, by name.", "{child}.authority_id = {row}.id", "{child}.name, {child}.id"
    )
