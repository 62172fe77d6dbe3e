"""Actions: who owes what by when."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from schema.directory.types import Agency, Practitioner
from schema.enums import ActionStatus
from schema.families.types import FamilyMember
from schema.meetings.types import Meeting
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
from schema.teams.types import UNFINISHED, Membership, Team
from taf_service import plans


@readable("action_progress")
class ActionProgress(Node):
    """One report about an action."""

    id: strawberry.ID = node_id()
    status: ActionStatus = column("How it stood then.")
    note: str = column("What was reported.")
    reported_by: str | None = column(
        "Who reported.", "select p.name from person p where p.id = {row}.reported_by_id"
    )
    reported_at: datetime = column("When.")


@part
class ActionCan:
    """What you may do with this action: answered by the policies that will decide."""

    report_progress: bool = allowed(plans.policies.report_progress)


@readable("action")
class Action(Node):
    """What somebody owes the family, and by when (guidance 19)."""

    id: strawberry.ID = node_id()
    team: Team | None = one("Of which team.", "{child}.id = {row}.team_id")
    text: str = column("What is to be done.")
    owner: Membership | None = one(
        "The member who owns it; null when an agency does.",
        "{child}.id = {row}.owner_membership_id",
    )
    owner_agency: Agency | None = one(
        "The agency that owns it, if one does.", "{child}.id = {row}.owner_agency_id"
    )
    owner_contact: Practitioner | None = one(
        "The named contact at that agency.", "{child}.id = {row}.owner_contact_id"
    )
    child: FamilyMember | None = one("For which child.", "{child}.id = {row}.child_id")
    meeting: Meeting | None = one(
        "The meeting it came from, if you may see it.", "{child}.id = {row}.meeting_id"
    )
    due_on: date = column("By when.")
    original_due_on: date = column("By when it was first agreed.")
    overdue: bool = column(
        "Whether the day has passed and it is still open.",
        "{row}.due_on < (now() at time zone 'Europe/London')::date"
        f" and {{row}}.status in {UNFINISHED}",
    )
    status: ActionStatus = column("How it stands.")
    raised_at: datetime = column("When it was raised.")
    progress: list[ActionProgress] = many(
        "What was reported, latest first.",
        "{child}.action_id = {row}.id",
        "{child}.reported_at desc, {child}.id",
    )
    can: ActionCan = same_row("What you may do.")
    version: Version = version()
