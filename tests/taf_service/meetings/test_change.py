from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import meetings
from taf_service.core.errors import NotFound, NotPermitted, Refusal, Stale
from taf_service.meetings import Answer, Attendance, Invitee, Part, PlaceKind, Venue
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import (
    HALL,
    LINK,
    SLOT,
    by_phone,
    convene,
    events,
    invitation_of,
    link_of,
    meeting_row,
    notices,
    slot,
    told,
)

LATER = slot(19, "14:00", "15:00")


@pytest.fixture
async def meeting_id(stage: Stage, team: ATeam, helen: Somebody, tom: Somebody) -> UUID:
    """Convened by Helen, chaired by Tom; one parent is told by mail, the other by telephone."""
    members = (
        Invitee(team.of(tom)),
        Invitee(team.of(team.family.parent)),
        by_phone(team, team.family.other_parent),
    )
    meeting_id = await convene(helen, team, members=members, roles=meetings.Roles(team.of(tom)))
    await stage.owner.execute("delete from outbox_entry")
    return meeting_id


async def move(stage: Stage, asker: Somebody, meeting_id: UUID, /, **changes: Any) -> None:
    values: dict[str, Any] = {
        "meeting_id": meeting_id,
        "slot": LATER,
        "version": await stage.version_of("meeting", meeting_id),
    }
    await meetings.reschedule_meeting(asker.ask(), **(values | changes))


async def elsewhere(stage: Stage, asker: Somebody, meeting_id: UUID, /, **changes: Any) -> None:
    values: dict[str, Any] = {
        "meeting_id": meeting_id,
        "venue": Venue("Library", PlaceKind.PUBLIC_VENUE),
        "version": await stage.version_of("meeting", meeting_id),
    }
    await meetings.change_place(asker.ask(), **(values | changes))


async def accept(asker: Somebody, invitation_id: UUID, answer: Answer = Answer.ACCEPTED) -> None:
    await meetings.answer_invitation(
        asker.ask(), invitation_id=invitation_id, answer=answer, comment="Late", by_link=False
    )


class TestRescheduleMeeting:
    async def test_asks_everybody_again(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        parent, other = team.family.parent, team.family.other_parent
        await accept(parent, (await invitation_of(stage, meeting_id, parent))["id"])
        phoned = await invitation_of(stage, meeting_id, other)
        await meetings.record_told(
            helen.ask(), invitation_id=phoned["id"], version=phoned["version"]
        )

        await move(stage, helen, meeting_id)

        meeting = await meeting_row(stage, meeting_id)
        assert (meeting["starts_at"], meeting["ends_at"]) == (LATER.starts_at, LATER.ends_at)
        assert await told(stage, "MeetingChanged") == {tom.person_id, parent.person_id}
        for notice in await notices(stage):
            assert (notice.number, notice.facts) == (1, {"changed": ["TIME"]})
        mailed = await invitation_of(stage, meeting_id, parent)
        assert (mailed["sequence"], mailed["reschedule_sequence"]) == (1, 1)
        assert (mailed["answer"], mailed["answered_at"], mailed["comment"]) == (
            "NEEDS_ACTION", None, "",
        )  # fmt: skip
        phoned = await invitation_of(stage, meeting_id, other)
        assert (phoned["sequence"], phoned["reschedule_sequence"]) == (0, 0)
        assert (phoned["told_at"], phoned["told_by_id"]) == (None, None)

    async def test_counts_each_message_once_for_each_person(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        await elsewhere(stage, helen, meeting_id)
        await move(stage, helen, meeting_id)
        await elsewhere(stage, helen, meeting_id, venue=HALL)

        row = await invitation_of(stage, meeting_id, team.family.parent)
        assert (row["sequence"], row["reschedule_sequence"]) == (3, 2)
        mine = [n for n in await notices(stage) if n.recipient_id == row["person_id"]]
        assert [(n.number, n.facts["changed"]) for n in mine] == [
            (1, ["PLACE"]), (2, ["TIME"]), (3, ["PLACE"]),
        ]  # fmt: skip

    async def test_moves_links_and_parts_along(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        part = Part(slot(18, "10:15", "10:45"), LINK)
        member = Invitee(team.of(team.lead), part=part)
        invited = await meetings.invite_to_meeting(
            helen.ask(), meeting_id=meeting_id, member=member
        )

        await move(stage, helen, meeting_id)

        row = await invitation_of(stage, meeting_id, team.lead)
        assert (row["part_starts_at"], row["part_ends_at"]) == (
            LATER.starts_at + timedelta(minutes=15),
            LATER.starts_at + timedelta(minutes=45),
        )
        assert row["part_joining_link"] == LINK
        link = await link_of(stage, invited.invitation_id)
        assert link is not None
        assert link["expires_at"] == LATER.ends_at + timedelta(days=1)
        assert link["revoked_at"] is None

    async def test_keeps_a_revoked_link_revoked(
        self, stage: Stage, helen: Somebody, meeting_id: UUID
    ) -> None:
        await stage.owner.execute("update reply_link set revoked_at = $1", stage.now)

        await move(stage, helen, meeting_id)

        ends = await stage.owner.fetch("select distinct expires_at from reply_link")
        assert [row["expires_at"] for row in ends] == [SLOT.ends_at + timedelta(days=1)]

    async def test_leaves_alone_who_is_no_longer_invited(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        await stage.owner.execute(
            "update invitation set withdrawn_at = $1 where person_id = $2",
            stage.now,
            team.family.parent.person_id,
        )

        await move(stage, helen, meeting_id)

        assert team.family.parent.person_id not in await told(stage, "MeetingChanged")

    async def test_is_open_to_convener_chair_lead_and_nobody_else(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        for day, asker in enumerate((helen, tom, team.lead), start=18):
            await move(stage, asker, meeting_id, slot=slot(day, "12:00", "13:00"))

        bystander = await stage.practitioner("Bea")
        await stage.membership(team, bystander)
        before = await stage.state()
        for asker in (bystander, team.family.parent):
            with pytest.raises(NotPermitted):
                await move(stage, asker, meeting_id)
        assert await stage.state() == before

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto")
        part = Part(slot(18, "10:30", "11:00"))
        await meetings.invite_to_meeting(
            helen.ask(), meeting_id=meeting_id, member=Invitee(team.of(team.lead), part=part)
        )
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, {}, NotFound.code),
            (helen, {"meeting_id": uuid4()}, NotFound.code),
            (helen, {"version": uuid4()}, Stale.code),
            (helen, {"slot": SLOT}, "NOTHING_CHANGED"),
            (helen, {"slot": slot(2, "08:00", "08:30")}, "PAST_TIME"),
            (helen, {"slot": slot(19, "10:00", "16:00")}, "MEETING_TOO_LONG"),
            (helen, {"slot": slot(19, "14:00", "14:45")}, "PART_OUTSIDE_MEETING"),
        ]
        before = await stage.state()
        for asker, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await move(stage, asker, meeting_id, **changes)
            assert refusal.value.code == code, changes
            assert await stage.state() == before

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ("cancelled_at = now()", "MEETING_CANCELLED"),
            ("starts_at = '2026-03-01T10:00Z', ends_at = '2026-03-01T11:00Z'", "MEETING_OVER"),
        ],
    )
    async def test_is_too_late_once_it_is_over_or_cancelled(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID, change: str, code: str
    ) -> None:
        await stage.owner.execute(f"update meeting set {change}")
        before = await stage.state()

        for doing in (move, elsewhere):
            with pytest.raises(Refusal) as refusal:
                await doing(stage, helen, meeting_id)
            assert refusal.value.code == code
        assert await stage.state() == before

    async def test_by_two_at_once_happens_once(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        read: dict[str, Any] = {
            "meeting_id": meeting_id,
            "version": await stage.version_of("meeting", meeting_id),
        }
        done = await asyncio.gather(
            meetings.reschedule_meeting(helen.ask(), slot=LATER, **read),
            meetings.reschedule_meeting(tom.ask(), slot=slot(20), **read),
            return_exceptions=True,
        )

        assert [type(fact) for fact in done if isinstance(fact, Refusal)] == [Stale]
        row = await invitation_of(stage, meeting_id, team.family.parent)
        assert row["sequence"] == 1

    async def test_is_too_late_once_somebody_came(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        await stage.owner.execute(
            "update meeting set starts_at = $1, ends_at = $2",
            stage.now - timedelta(minutes=10),
            stage.now + timedelta(minutes=50),
        )
        await stage.owner.execute("update invitation set attendance = $1", Attendance.ATTENDED)

        with pytest.raises(Refusal) as refusal:
            await move(stage, helen, meeting_id)

        assert refusal.value.code == "MEETING_BEGAN"


class TestChangePlace:
    async def test_tells_those_who_are_told_by_mail_and_keeps_answers(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        parent, other = team.family.parent, team.family.other_parent
        await accept(parent, (await invitation_of(stage, meeting_id, parent))["id"])
        phoned = await invitation_of(stage, meeting_id, other)
        await meetings.record_told(
            helen.ask(), invitation_id=phoned["id"], version=phoned["version"]
        )

        await elsewhere(stage, helen, meeting_id)

        assert (await meeting_row(stage, meeting_id))["place"] == "Library"
        assert await told(stage, "MeetingChanged") == {tom.person_id, parent.person_id}
        mailed = await invitation_of(stage, meeting_id, parent)
        assert (mailed["sequence"], mailed["reschedule_sequence"]) == (1, 0)
        assert (mailed["answer"], mailed["comment"]) == ("ACCEPTED", "Late")
        phoned = await invitation_of(stage, meeting_id, other)
        assert (phoned["sequence"], phoned["told_at"]) == (0, None)
        assert "meeting.place_changed" in await events(stage)

    async def test_says_what_changed(self, stage: Stage, helen: Somebody, meeting_id: UUID) -> None:
        venues = [
            (Venue("Library", PlaceKind.PUBLIC_VENUE), ["PLACE"]),
            (Venue("Library", PlaceKind.AGENCY_OFFICE), ["PLACE"]),
            (Venue("Library", PlaceKind.AGENCY_OFFICE, LINK), ["LINK"]),
            (Venue("Town Hall", PlaceKind.AGENCY_OFFICE), ["PLACE", "LINK"]),
            (Venue(joining_link=LINK), ["PLACE", "LINK"]),
        ]
        for number, (venue, changed) in enumerate(venues, start=1):
            await elsewhere(stage, helen, meeting_id, venue=venue)

            newest = [n.facts["changed"] for n in await notices(stage) if n.number == number]
            assert newest == [changed, changed]

    async def test_leaves_alone_who_joins_by_a_link_of_their_own(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        part = Part(SLOT, "https://meet.example/own")
        await meetings.invite_to_meeting(
            helen.ask(), meeting_id=meeting_id, member=Invitee(team.of(team.lead), part=part)
        )

        await elsewhere(
            stage, helen, meeting_id, venue=Venue("Town Hall", PlaceKind.PUBLIC_VENUE, LINK)
        )
        assert team.lead.person_id not in await told(stage, "MeetingChanged")
        await elsewhere(stage, helen, meeting_id, venue=Venue("Library", PlaceKind.PUBLIC_VENUE))

        mine = [n for n in await notices(stage) if n.recipient_id == team.lead.person_id]
        assert [n.facts for n in mine] == [{}, {"changed": ["PLACE"]}]

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto")
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, {}, NotFound.code),
            (helen, {"meeting_id": uuid4()}, NotFound.code),
            (team.family.parent, {}, NotPermitted.code),
            (helen, {"version": uuid4()}, Stale.code),
            (helen, {"venue": HALL}, "NOTHING_CHANGED"),
        ]
        before = await stage.state()
        for asker, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await elsewhere(stage, asker, meeting_id, **changes)
            assert refusal.value.code == code, changes
            assert await stage.state() == before


class TestSetAgenda:
    async def test_sends_nothing(
        self, stage: Stage, helen: Somebody, team: ATeam, meeting_id: UUID
    ) -> None:
        await meetings.set_agenda(
            helen.ask(),
            meeting_id=meeting_id,
            agenda=" 1. Mornings ",
            version=await stage.version_of("meeting", meeting_id),
        )

        assert (await meeting_row(stage, meeting_id))["agenda"] == "1. Mornings"
        assert await notices(stage) == []
        row = await invitation_of(stage, meeting_id, team.family.parent)
        assert row["sequence"] == 0
        facts = await stage.owner.fetchval(
            "select facts from audit_entry where event = 'meeting.agenda_set'"
        )
        assert "Mornings" not in facts

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto")
        version = await stage.version_of("meeting", meeting_id)
        over = await stage.meeting(team, helen, starts_in=timedelta(days=-7))
        right: dict[str, Any] = {
            "meeting_id": meeting_id,
            "agenda": "1. Mornings",
            "version": version,
        }
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, {}, NotFound.code),
            (team.family.parent, {}, NotPermitted.code),
            (helen, {"version": uuid4()}, Stale.code),
            (helen, {"agenda": "x" * 4_001}, "INVALID_INPUT"),
            (
                team.lead,
                {"meeting_id": over, "version": await stage.version_of("meeting", over)},
                "MEETING_OVER",
            ),
        ]
        before = await stage.state()
        for asker, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await meetings.set_agenda(asker.ask(), **(right | changes))
            assert refusal.value.code == code, changes
            assert await stage.state() == before
