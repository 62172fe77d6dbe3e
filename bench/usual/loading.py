"""The usual data loaders: for each relation, one query for all the parents of a level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader
from tortoise.models import Model

from taf_service import directory, families, meetings, plans, teams

M = TypeVar("M", bound=Model)


def rows_by(model: type[M], column: str, *order: str, **where: Any) -> Callable[..., Any]:
    """A loader of the lists of rows that bear each id in `column`."""

    async def load(ids: list[UUID]) -> list[list[M]]:
        found = await model.filter(**{f"{column}__in": ids}, **where).order_by(*order)
        lists = defaultdict(list)
        for row in found:
            lists[getattr(row, column)].append(row)
        return [lists[each] for each in ids]

    return load


def row_of(model: type[M], column: str = "id", **where: Any) -> Callable[..., Any]:
    """A loader of the row that bears each id in `column`, or None."""

    async def load(ids: list[UUID]) -> list[M | None]:
        found = await model.filter(**{f"{column}__in": ids}, **where)
        rows = {getattr(row, column): row for row in found}
        return [rows.get(each) for each in ids]

    return load


async def upcoming(team_ids: list[UUID]) -> list[list[meetings.Meeting]]:
    load = rows_by(
        meetings.Meeting,
        "team_id",
        "starts_at",
        "id",
        ends_at__gte=datetime.now(UTC),
        cancelled_at=None,
    )
    lists: list[list[meetings.Meeting]] = await load(team_ids)
    return lists


class Asking:
    """One request: who asks, and its loaders."""

    def __init__(self, person_id: UUID) -> None:
        self.person_id = person_id
        self.people = DataLoader(row_of(directory.Person))
        self.families = DataLoader(row_of(families.Family))
        self.family_members = DataLoader(
            rows_by(families.FamilyMember, "family_id", "role", "joined_at", "id", left_at=None)
        )
        self.team_of_family = DataLoader(row_of(teams.Team, "family_id", closed_at=None))
        self.teams = DataLoader(row_of(teams.Team))
        self.leads = DataLoader(row_of(teams.LeadTenure, "team_id", until_at=None))
        self.memberships = DataLoader(row_of(teams.Membership))
        self.members = DataLoader(
            rows_by(teams.Membership, "team_id", "-kind", "joined_at", "id", left_at=None)
        )
        self.agencies = DataLoader(row_of(directory.Agency))
        self.practitioners = DataLoader(row_of(directory.Practitioner))
        self.upcoming = DataLoader(upcoming)
        self.actions = DataLoader(rows_by(plans.Action, "team_id", "due_on", "id"))
        self.invitations = DataLoader(
            rows_by(
                meetings.Invitation,
                "meeting_id",
                "-required",
                "invited_at",
                "id",
                withdrawn_at=None,
            )
        )

    async def name(self, person_id: UUID) -> str | None:
        person = await self.people.load(person_id)
        return person.name if person else None


Info = strawberry.Info[Asking, None]
