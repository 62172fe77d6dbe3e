"""Authorities, what they have set, and who holds an office there."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from schema.enums import Office
from schema.node import Node
from schema.scalars import Version
from schema.sources import (
    allowed,
    column,
    many,
    node_id,
    one,
    part,
    readable,
    same_row,
    version,
)
from taf_service import access, partnership


@readable("locality")
class Locality(Node):
    """A part of an authority's area."""

    id: strawberry.ID = node_id()
    name: str = column("What it is called.")


@readable("settings_version")
class Settings:
    """An authority's settings in force; every duration, threshold, stage and closed set."""

    number: int = column("Which version of the settings this is, from 1.")
    values: JSON = column("The whole of the settings.", "{row}.settings")
    reason: str = column("Why they were set like this.")
    changed_at: datetime = column("Since when they are in force.")
    version: Version = version()


@readable("office_holder")
class OfficeHolder(Node):
    """Somebody who does something for an authority, apart from any team."""

    id: strawberry.ID = node_id()
    office: Office = column("What they do.")
    name: str | None = column(
        "Who they are.", "select p.name from person p where p.id = {row}.person_id"
    )
    locality: Locality | None = one(
        "The locality they do it for; null means the whole authority.",
        "{child}.id = {row}.locality_id",
    )
    from_at: datetime = column("Since when.")
    ended_at: datetime | None = column("Until when, once it has ended.")


@part
class AuthorityCan:
    """What you may do with this authority: answered by the policies that will decide."""

    change_settings: bool = allowed(partnership.policies.change_settings)
    add_locality: bool = allowed(partnership.policies.add_locality)
    appoint_to_office: bool = allowed(access.policies.appoint_to_office)
    end_office: bool = allowed(access.policies.end_office)


@readable("authority")
class Authority(Node):
    """A local authority with settings of its own."""

    id: strawberry.ID = node_id()
    code: str = column("Short and stable.")
    name: str = column("What it is called.")
    localities: list[Locality] = many(
        "Its localities, by name.", "{child}.authority_id = {row}.id", "{child}.name, {child}.id"
    )
    settings: Settings | None = one(
        "The settings in force; null for those who are not in the directory.",
        "{child}.authority_id = {row}.id",
        "{child}.number desc",
    )
    office_holders: list[OfficeHolder] = many(
        "Who holds an office there now, by office and by how long.",
        "{child}.authority_id = {row}.id and {child}.ended_at is null",
        "{child}.office, {child}.from_at, {child}.id",
    )
    can: AuthorityCan = same_row("What you may do.")
