"""The part of the SDL that is measured, resolved field by field."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from bench.usual.loading import Info
from schema.ids import encode
from taf_service import families, meetings, plans, teams


@strawberry.type
class Named:
    """An agency or a practitioner, by name."""

    name: str | None


@strawberry.type
class Membership:
    row: strawberry.Private[teams.Membership]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode("Membership", self.row.id))

    @strawberry.field
    def kind(self) -> str:
        return self.row.kind.value

    @strawberry.field
    async def name(self, info: Info) -> str | None:
        return await info.context.name(self.row.person_id)

    @strawberry.field
    async def agency(self, info: Info) -> Named | None:
        if self.row.agency_id is None:
            return None
        found = await info.context.agencies.load(self.row.agency_id)
        return Named(name=found.name) if found else None

    @strawberry.field
    async def practitioner(self, info: Info) -> Named | None:
        if self.row.practitioner_id is None:
            return None
        found = await info.context.practitioners.load(self.row.practitioner_id)
        return Named(name=await info.context.name(found.person_id)) if found else None


@strawberry.type
class Lead:
    row: strawberry.Private[teams.LeadTenure]

    @strawberry.field
    async def membership(self, info: Info) -> Membership | None:
        found = await info.context.memberships.load(self.row.membership_id)
        return Membership(row=found) if found else None


@strawberry.type
class Invitation:
    row: strawberry.Private[meetings.Invitation]

    @strawberry.field
    def answer(self) -> str:
        return self.row.answer.value

    @strawberry.field
    async def name(self, info: Info) -> str | None:
        return await info.context.name(self.row.person_id)


@strawberry.type
class Meeting:
    row: strawberry.Private[meetings.Meeting]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode("Meeting", self.row.id))

    @strawberry.field
    def starts_at(self) -> datetime:
        return self.row.starts_at

    @strawberry.field
    def place(self) -> str:
        return self.row.place

    @strawberry.field
    async def invitations(self, info: Info) -> list[Invitation]:
        return [Invitation(row=row) for row in await info.context.invitations.load(self.row.id)]


@strawberry.type
class Action:
    row: strawberry.Private[plans.Action]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode("Action", self.row.id))

    @strawberry.field
    def text(self) -> str:
        return self.row.text

    @strawberry.field
    def due_on(self) -> date:
        return self.row.due_on

    @strawberry.field
    def status(self) -> str:
        return self.row.status.value

    @strawberry.field
    def version(self) -> str:
        return self.row.version.hex

    @strawberry.field
    async def team(self, info: Info) -> Team | None:
        found = await info.context.teams.load(self.row.team_id)
        return Team(row=found) if found else None

    @strawberry.field
    async def owner(self, info: Info) -> Membership | None:
        if self.row.owner_membership_id is None:
            return None
        found = await info.context.memberships.load(self.row.owner_membership_id)
        return Membership(row=found) if found else None


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Actions:
    nodes: list[Action]
    page_info: PageInfo | None = None


@strawberry.type
class Meetings:
    nodes: list[Meeting]


@strawberry.type
class Team:
    row: strawberry.Private[teams.Team]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode("Team", self.row.id))

    @strawberry.field
    async def family(self, info: Info) -> Family | None:
        found = await info.context.families.load(self.row.family_id)
        return Family(row=found) if found else None

    @strawberry.field
    async def lead(self, info: Info) -> Lead:
        return Lead(row=await info.context.leads.load(self.row.id))

    @strawberry.field
    async def members(self, info: Info) -> list[Membership]:
        return [Membership(row=row) for row in await info.context.members.load(self.row.id)]

    @strawberry.field
    async def meetings(self, info: Info, first: int, upcoming: bool) -> Meetings:  # noqa: ARG002, FBT001
        rows = await info.context.upcoming.load(self.row.id)
        return Meetings(nodes=[Meeting(row=row) for row in rows[:first]])

    @strawberry.field
    async def actions(self, info: Info, first: int) -> Actions:
        rows = await info.context.actions.load(self.row.id)
        return Actions(nodes=[Action(row=row) for row in rows[:first]])


@strawberry.type
class FamilyMember:
    row: strawberry.Private[families.FamilyMember]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode("FamilyMember", self.row.id))

    @strawberry.field
    def role(self) -> str:
        return self.row.role.value

    @strawberry.field
    async def name(self, info: Info) -> str | None:
        return await info.context.name(self.row.person_id)


@strawberry.type
class Family:
    row: strawberry.Private[families.Family]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode("Family", self.row.id))

    @strawberry.field
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    def reference(self) -> str:
        return self.row.reference

    @strawberry.field
    async def members(self, info: Info) -> list[FamilyMember]:
        rows = await info.context.family_members.load(self.row.id)
        return [FamilyMember(row=row) for row in rows]

    @strawberry.field
    async def team(self, info: Info) -> Team | None:
        found = await info.context.team_of_family.load(self.row.id)
        return Team(row=found) if found else None
