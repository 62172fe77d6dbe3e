"""Builds one family's case: who is in it, what stands between them, the team and its work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.schema.compiler.building import Builder
from tests.schema.compiler.edges import a_coordinator_in_the_family, at_the_edges
from tests.schema.compiler.families import record
from tests.stage import AFamily, ATeam, Somebody

STATUSES = [
    "PROPOSED", "ACCEPTED", "IN_PROGRESS", "PARTLY_DONE", "DONE", "BLOCKED", "DECLINED",
    "CANCELLED", "TRANSFERRED",
]  # fmt: skip
DELIVERIES = ["QUEUED", "ACCEPTED", "UNCONFIRMED", "BOUNCED", "WITHHELD", "FAILED", "CANCELLED"]
ANSWERS = ["NEEDS_ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]
PLACES = ["PUBLIC_VENUE", "AGENCY_OFFICE", "FAMILY_HOME", "CONFIDENTIAL"]


@dataclass
class Case:
    builder: Builder
    number: int
    family: AFamily
    team: ATeam
    practitioners: list[Somebody]

    @classmethod
    async def of(cls, builder: Builder, number: int) -> None:
        """Two families have a team; of a third only somebody who registered it knows."""
        registrar, lead, *others = builder.chance.sample(builder.practitioners, 4)
        family = await builder.stage.family(
            builder.chance.choice(["Hartwell", "O'Brien", "李"]), registered_by=registrar
        )
        builder.people[f"registrar {number}"] = registrar
        await record(builder, family, registrar)
        if number == 2:
            return
        team = await builder.stage.team(
            *others, lead=lead, family=family, include_family=builder.maybe(0.8)
        )
        case = cls(builder, number, family, team, others)
        await case.people()
        await case.history()
        for _ in range(builder.chance.choice([2, 3, 4])):
            await case.meeting()
        for _ in range(builder.chance.choice([2, 4, 6])):
            await case.action()
        await at_the_edges(builder, team, others, case.former, case.guest)
        if number == 1:
            await a_coordinator_in_the_family(builder, team)

    # -- people

    async def people(self) -> None:
        builder, n = self.builder, self.number
        self.member("lead", self.team.lead)
        self.member("practitioner", self.practitioners[0])
        self.member("parent", self.family.parent)
        self.member("other parent", self.family.other_parent)
        former = await builder.stage.practitioner(f"Fred {n}", agency_id=builder.agencies[1])
        self.former = former
        former_id = await builder.stage.membership(self.team, former)
        self.team.memberships[former.person_id] = former_id
        await builder.change(
            "membership", former_id, left_at=builder.now, left_reason=builder.text()
        )
        self.member("former member", former)
        self.guest = await builder.stage.practitioner(f"Gina {n}", agency_id=builder.agencies[1])
        self.member("guest", self.guest)

    def member(self, what: str, somebody: Somebody) -> None:
        self.builder.people[f"{what} {self.number}"] = somebody

    @property
    def everybody(self) -> list[Somebody]:
        """Whoever has a place in the team now."""
        known = [self.team.lead, *self.practitioners, self.family.parent, self.family.other_parent]
        return [each for each in known if each.person_id in self.team.memberships]

    # -- the team

    async def history(self) -> None:
        builder, stage = self.builder, self.builder.stage
        deputy = self.team.of(self.practitioners[0])
        await stage.insert(
            "lead_tenure",
            team_id=self.team.team_id,
            membership_id=deputy,
            interim=True,
            reason="At first",
            family_preference=builder.text(),
            appointed_by_id=self.team.lead.person_id,
            from_at=builder.now - timedelta(days=30),
            until_at=builder.now - timedelta(days=1),
        )
        for ended_at, latest in ((None, 40), (builder.now, 9)):
            await stage.insert(
                "cover",
                team_id=self.team.team_id,
                membership_id=deputy,
                kind=builder.chance.choice(["DEPUTY", "COVER"]),
                reason=builder.text() or "Leave",
                from_on=builder.day(-9, 3),
                until_on=builder.day(5, latest),
                arranged_by_id=self.team.lead.person_id,
                ended_at=ended_at,
            )

    # -- meetings

    async def meeting(self) -> None:
        builder = self.builder
        meeting_id = await builder.stage.meeting(self.team, **self._when_and_where())
        for somebody in self.everybody:
            if builder.maybe(0.75):
                await self._invite(meeting_id, somebody)
        if builder.maybe():
            await builder.stage.invitation_of_guest(meeting_id, self.guest)

    def _when_and_where(self) -> dict[str, Any]:
        builder = self.builder
        starts_at = builder.moment(-20, 20)
        kind = builder.chance.choice(PLACES)
        run_by = builder.chance.choice([self.team.lead, *builder.practitioners]).person_id
        values: dict[str, Any] = {
            "kind": builder.chance.choice(["TAF", "TAF", "PROFESSIONAL"]),
            "purpose": builder.text(),
            "agenda": builder.text(),
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=1),
            "place": f"A place, {kind}",
            "place_kind": kind,
            "joining_link": builder.chance.choice(["", "https://meet.example/room"]),
            "chair_id": run_by,
        }
        if builder.maybe(0.3):
            values |= {"cancelled_at": builder.now, "cancelled_reason": builder.text()}
        if builder.maybe(0.2):
            values |= {"recorded_at": builder.now}
        return values

    async def _invite(self, meeting_id: UUID, somebody: Somebody) -> None:
        builder = self.builder
        invitation_id = await builder.stage.invitation(
            self.team, meeting_id, somebody, **await self._asked(meeting_id)
        )
        for number in range(builder.chance.choice([0, 1, 1, 2])):
            await self._delivery(invitation_id, somebody, number)

    async def _asked(self, meeting_id: UUID) -> dict[str, Any]:
        builder, chance = self.builder, self.builder.chance
        values: dict[str, Any] = {
            "required": builder.maybe(),
            "invited_by": chance.choice(["EMAIL", "EMAIL", "POST"]),
            "answer": chance.choice(ANSWERS),
            "comment": builder.text(),
            "attendance": chance.choice([None, "ATTENDED", "APOLOGIES"]),
            "attendance_note": builder.text(),
        }
        if builder.maybe(0.25):
            starts_at = await builder.stage.owner.fetchval(
                "select starts_at from meeting where id = $1", meeting_id
            )
            values |= {"part_starts_at": starts_at, "part_joining_link": "https://meet.example/2"}
            values |= {"part_ends_at": starts_at + timedelta(minutes=20)}
        if builder.maybe(0.15):
            values |= {"withdrawn_at": builder.now}
        return values

    async def _delivery(self, invitation_id: UUID, somebody: Somebody, number: int) -> None:
        builder = self.builder
        await builder.stage.insert(
            "outbox_entry",
            kind=builder.chance.choice(["InvitedToMeeting", "MeetingRescheduled"]),
            recipient_id=somebody.person_id,
            subject_id=invitation_id,
            number=number,
            facts={},
            state=builder.chance.choice(DELIVERIES),
            state_at=builder.now,
            queued_at=builder.moment(-3, -1),
            due_at=builder.now,
            give_up_at=builder.moment(3, 9),
            attempts=builder.chance.choice([0, 1, 2]),
        )

    # -- actions

    async def action(self) -> None:
        builder = self.builder
        owner = builder.chance.choice(self.everybody)
        values: dict[str, Any] = {
            "text": builder.text(),
            "due_on": builder.day(-9, 9),
            "status": builder.chance.choice(STATUSES),
            "child_id": self.family.child.family_member_id if builder.maybe() else None,
            "meeting_id": await self._some_meeting() if builder.maybe() else None,
        }
        if builder.maybe(0.3):
            contact = builder.chance.choice(builder.practitioners)
            values |= {"owner_membership_id": None, "owner_agency_id": contact.agency_id}
            values |= {"owner_contact_id": contact.practitioner_id}
        action_id = await builder.stage.action(self.team, owner, **values)
        for _ in range(builder.chance.choice([0, 1, 2])):
            await builder.stage.insert(
                "action_progress",
                action_id=action_id,
                status=builder.chance.choice(STATUSES),
                note=builder.text(),
                reported_by_id=builder.chance.choice(self.everybody).person_id,
                reported_at=builder.moment(-9, -1),
            )

    async def _some_meeting(self) -> UUID:
        found: UUID = await self.builder.stage.owner.fetchval(
            "select id from meeting where team_id = $1 order by starts_at, id limit 1",
            self.team.team_id,
        )
        return found
