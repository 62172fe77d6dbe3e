from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import meetings
from taf_service.core.errors import NotFound, NotPermitted, Refusal, Stale
from taf_service.meetings import Attendance, Attendee, InvitedBy, Invitee
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import (
    HALL,
    by_phone,
    convene,
    events,
    invitation_of,
    invitations,
    meeting_row,
    notices,
    slot,
)

HELD = slot(24, "16:00", "16:30", month=2)


async def record_held(asker: Somebody, team: ATeam, **changes: Any) -> UUID:
    values: dict[str, Any] = {
        "team_id": team.team_id,
        "purpose": "Agreed over the telephone",
        "slot": HELD,
        "venue": None,
        "members": (
            Attendee(team.of(team.family.parent), Attendance.ATTENDED),
            Attendee(team.of(team.lead), Attendance.APOLOGIES),
        ),
    }
    fact = await meetings.record_past_meeting(asker.ask(), **(values | changes))
    return fact.meeting_id


class TestRecordPastMeeting:
    async def test_sends_nothing_and_says_who_came(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await record_held(helen, team)

        meeting = await meeting_row(stage, meeting_id)
        assert (meeting["starts_at"], meeting["recorded_at"]) == (HELD.starts_at, stage.now)
        assert (meeting["place"], meeting["joining_link"]) == ("", "")
        assert meeting["convener_id"] == helen.person_id
        came = {r["person_id"]: r["attendance"] for r in await invitations(stage, meeting_id)}
        assert came == {
            team.family.parent.person_id: "ATTENDED", team.lead.person_id: "APOLOGIES",
        }  # fmt: skip
        assert await notices(stage) == []
        assert (await stage.counts())["reply_link"] == 0
        assert await events(stage) == ["meeting.past_recorded"]

    async def test_may_have_been_somewhere(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await record_held(helen, team, venue=HALL)

        assert (await meeting_row(stage, meeting_id))["place"] == "Town Hall"
        ways = {row["invited_by"] for row in await invitations(stage, meeting_id)}
        assert ways == {InvitedBy.IN_PERSON}

    async def test_may_name_who_has_left_since(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        await stage.owner.execute(
            "update membership set left_at = $1 where id = $2", stage.now, team.of(tom)
        )

        meeting_id = await record_held(
            helen, team, members=(Attendee(team.of(tom), Attendance.ATTENDED),)
        )

        assert len(await invitations(stage, meeting_id)) == 1

    async def test_never_generates_mail_afterwards(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        meeting_id = await record_held(helen, team)
        version = await stage.version_of("meeting", meeting_id)
        named: dict[str, Any] = {"meeting_id": meeting_id, "version": version}
        before = await stage.state()

        doings: list[Callable[[], Awaitable[Any]]] = [
            lambda: meetings.reschedule_meeting(helen.ask(), slot=slot(18), **named),
            lambda: meetings.change_place(helen.ask(), venue=HALL, **named),
            lambda: meetings.cancel_meeting(helen.ask(), reason="-", **named),
            lambda: meetings.invite_to_meeting(
                helen.ask(), meeting_id=meeting_id, member=Invitee(team.of(tom))
            ),
        ]
        for doing in doings:
            with pytest.raises(Refusal) as refusal:
                await doing()
            assert refusal.value.code in {"MEETING_OVER", "MEETING_BEGAN"}
        assert await stage.state() == before

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider, other = await stage.practitioner("Otto"), await stage.team()
        twice = (Attendee(team.of(helen), Attendance.ATTENDED),) * 2
        elsewhere = (Attendee(other.of(other.lead), Attendance.ATTENDED),)
        shared = await stage.team(helen)
        here_and_there = (Attendee(shared.of(helen), Attendance.ATTENDED),)
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, {}, NotFound.code),
            (helen, {"team_id": uuid4()}, NotFound.code),
            (team.family.parent, {}, NotPermitted.code),
            (helen, {"purpose": " "}, "INVALID_INPUT"),
            (helen, {"slot": slot(2, "08:30", "09:01")}, "NOT_HELD_YET"),
            (helen, {"slot": slot(18)}, "NOT_HELD_YET"),
            (helen, {"slot": slot(24, "10:00", "15:00", month=2)}, "MEETING_TOO_LONG"),
            (helen, {"members": ()}, "NOBODY_INVITED"),
            (helen, {"members": twice}, "INVITED_TWICE"),
            (helen, {"members": elsewhere}, NotFound.code),
            (helen, {"members": here_and_there}, "NOT_IN_TEAM"),
        ]
        before = await stage.state()
        for asker, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await record_held(asker, team, **changes)
            assert refusal.value.code == code, changes
            assert await stage.state() == before


class TestRecordAttendance:
    @pytest.fixture
    async def running(self, stage: Stage, team: ATeam, helen: Somebody) -> UUID:
        """Began when it is now; Helen takes the notes."""
        return await stage.meeting(
            team,
            team.family.parent,
            starts_in=timedelta(0),
            note_taker_id=helen.person_id,
        )

    async def record(self, stage: Stage, asker: Somebody, invited: UUID, **changes: Any) -> None:
        values: dict[str, Any] = {
            "invitation_id": invited,
            "attendance": Attendance.ATTENDED,
            "note": " By telephone ",
            "version": await stage.version_of("invitation", invited),
        }
        await meetings.record_attendance(asker.ask(), **(values | changes))

    async def test_by_the_note_taker_from_its_beginning_on(
        self, stage: Stage, team: ATeam, helen: Somebody, running: UUID
    ) -> None:
        invitation = await invitation_of(stage, running, team.family.parent)

        await self.record(stage, helen, invitation["id"])

        row = await invitation_of(stage, running, team.family.parent)
        assert (row["attendance"], row["attendance_note"]) == ("ATTENDED", "By telephone")
        assert row["version"] != invitation["version"]
        assert await notices(stage) == []
        facts = await stage.owner.fetchval("select facts from audit_entry")
        assert "telephone" not in facts

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, running: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto")
        invited = (await invitation_of(stage, running, team.family.parent))["id"]
        to_come = await stage.meeting(team, tom)
        off = await stage.meeting(team, tom, cancelled_at=stage.now)
        gone = await stage.meeting(team, starts_in=timedelta(days=-1))
        await stage.invitation(team, gone, tom, withdrawn_at=stage.now)
        cases: list[tuple[Somebody, UUID, dict[str, Any], str]] = [
            (outsider, invited, {}, NotFound.code),
            (team.family.parent, invited, {}, NotPermitted.code),
            (tom, invited, {}, NotPermitted.code),
            (helen, invited, {"version": uuid4()}, Stale.code),
            (helen, invited, {"note": "x" * 4_001}, "INVALID_INPUT"),
            (team.lead, (await invitations(stage, to_come))[0]["id"], {}, "MEETING_NOT_BEGUN"),
            (team.lead, (await invitations(stage, off))[0]["id"], {}, "MEETING_CANCELLED"),
            (team.lead, (await invitations(stage, gone))[0]["id"], {}, "INVITATION_TAKEN_BACK"),
        ]
        before = await stage.state()
        for asker, which, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await self.record(stage, asker, which, **changes)
            assert refusal.value.code == code, changes
            assert await stage.state() == before


class TestRecordTold:
    @pytest.fixture
    async def invited(self, stage: Stage, team: ATeam, helen: Somebody) -> UUID:
        """The parent, who is told by telephone."""
        meeting_id = await convene(helen, team, members=(by_phone(team, team.family.parent),))
        found: UUID = (await invitations(stage, meeting_id))[0]["id"]
        return found

    async def test_by_any_practitioner_says_who_and_when(
        self, stage: Stage, team: ATeam, tom: Somebody, invited: UUID
    ) -> None:
        await meetings.record_told(
            tom.ask(),
            invitation_id=invited,
            version=await stage.version_of("invitation", invited),
        )

        row = await stage.owner.fetchrow("select * from invitation where id = $1", invited)
        assert row is not None
        assert (row["told_at"], row["told_by_id"]) == (stage.now, tom.person_id)
        assert await notices(stage) == []
        assert "meeting.told_recorded" in await events(stage)

    async def test_counts_for_a_cancelled_meeting_too(
        self, stage: Stage, team: ATeam, tom: Somebody, invited: UUID
    ) -> None:
        await stage.owner.execute("update meeting set cancelled_at = $1", stage.now)

        await meetings.record_told(
            tom.ask(),
            invitation_id=invited,
            version=await stage.version_of("invitation", invited),
        )

        assert await stage.owner.fetchval("select told_at from invitation") == stage.now

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, tom: Somebody, invited: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto")
        over = await stage.meeting(team, tom, starts_in=timedelta(days=-7))
        gone = await stage.meeting(team)
        await stage.invitation(team, gone, tom, withdrawn_at=stage.now)
        cases: list[tuple[Somebody, UUID, UUID | None, str]] = [
            (outsider, invited, None, NotFound.code),
            (tom, uuid4(), uuid4(), NotFound.code),
            (team.family.parent, invited, None, NotPermitted.code),
            (tom, invited, uuid4(), Stale.code),
            (tom, (await invitations(stage, over))[0]["id"], None, "MEETING_OVER"),
            (tom, (await invitations(stage, gone))[0]["id"], None, "INVITATION_TAKEN_BACK"),
        ]
        before = await stage.state()
        for asker, which, version, code in cases:
            with pytest.raises(Refusal) as refusal:
                await meetings.record_told(
                    asker.ask(),
                    invitation_id=which,
                    version=version or await stage.version_of("invitation", which),
                )
            assert refusal.value.code == code
            assert await stage.state() == before
