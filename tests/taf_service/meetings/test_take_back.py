from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import meetings
from taf_service.core.errors import NotFound, NotPermitted, Refusal, Stale
from taf_service.meetings import Invitee, Roles
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import (
    SLOT,
    by_phone,
    convene,
    events,
    invitation_of,
    invitations,
    link_of,
    meeting_row,
    notices,
    told,
)

REASON = "Alex is in hospital"


@pytest.fixture
async def meeting_id(stage: Stage, team: ATeam, helen: Somebody, tom: Somebody) -> UUID:
    """Convened by Helen; Tom takes the notes; one parent is told by mail, one by telephone."""
    members = (
        Invitee(team.of(tom)),
        Invitee(team.of(team.family.parent)),
        by_phone(team, team.family.other_parent),
    )
    meeting_id = await convene(helen, team, members=members, roles=Roles(None, team.of(tom)))
    await stage.owner.execute("delete from outbox_entry")
    return meeting_id


async def withdraw(
    stage: Stage, asker: Somebody, invitation_id: UUID, version: UUID | None = None
) -> None:
    await meetings.withdraw_invitation(
        asker.ask(),
        invitation_id=invitation_id,
        version=version or await stage.version_of("invitation", invitation_id),
    )


async def cancel(stage: Stage, asker: Somebody, meeting_id: UUID, /, **changes: Any) -> None:
    values: dict[str, Any] = {
        "meeting_id": meeting_id,
        "reason": REASON,
        "version": await stage.version_of("meeting", meeting_id),
    }
    await meetings.cancel_meeting(asker.ask(), **(values | changes))


class TestWithdrawInvitation:
    async def test_tells_them_and_nobody_else(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        parent = team.family.parent
        invitation = await invitation_of(stage, meeting_id, parent)
        before = await invitation_of(stage, meeting_id, tom)

        await withdraw(stage, helen, invitation["id"])

        (notice,) = await notices(stage)
        assert (notice.kind, notice.recipient_id) == ("InvitationWithdrawn", parent.person_id)
        assert notice.number == 1
        row = await invitation_of(stage, meeting_id, parent)
        assert (row["withdrawn_at"], row["sequence"]) == (stage.now, 1)
        assert row["version"] != invitation["version"]
        link = await link_of(stage, invitation["id"])
        assert link is not None
        assert link["revoked_at"] == stage.now
        assert await invitation_of(stage, meeting_id, tom) == before
        assert "meeting.invitation_withdrawn" in await events(stage)

    async def test_of_somebody_told_otherwise_sends_nothing(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        invitation = await invitation_of(stage, meeting_id, team.family.other_parent)

        await withdraw(stage, helen, invitation["id"])

        assert await notices(stage) == []
        row = await invitation_of(stage, meeting_id, team.family.other_parent)
        assert (row["withdrawn_at"], row["sequence"]) == (stage.now, 0)

    async def test_of_the_note_taker_leaves_the_notes_to_the_convener(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        await withdraw(stage, helen, (await invitation_of(stage, meeting_id, tom))["id"])

        meeting = await meeting_row(stage, meeting_id)
        assert meeting["note_taker_id"] == helen.person_id

    async def test_of_the_convener_leaves_the_meeting_with_them(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        invited = await meetings.invite_to_meeting(
            helen.ask(), meeting_id=meeting_id, member=Invitee(team.of(helen))
        )
        before = await meeting_row(stage, meeting_id)

        await withdraw(stage, helen, invited.invitation_id)

        assert await meeting_row(stage, meeting_id) == before

    async def test_hides_the_meeting_from_them(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        parent = team.family.parent
        invitation = await invitation_of(stage, meeting_id, parent)
        await withdraw(stage, helen, invitation["id"])

        with pytest.raises(NotFound):
            await meetings.answer_invitation(
                parent.ask(),
                invitation_id=invitation["id"],
                answer=meetings.Answer.ACCEPTED,
                comment="",
                by_link=False,
            )

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto")
        bea = await stage.practitioner("Bea")
        await stage.membership(team, bea)
        mine = (await invitation_of(stage, meeting_id, team.family.parent))["id"]
        toms = (await invitation_of(stage, meeting_id, tom))["id"]
        await withdraw(stage, helen, toms)
        past = await stage.meeting(team, helen, starts_in=timedelta(days=-7))
        off = await stage.meeting(team, helen, cancelled_at=stage.now)
        cases: list[tuple[Somebody, UUID, UUID | None, str]] = [
            (outsider, mine, None, NotFound.code),
            (helen, uuid4(), uuid4(), NotFound.code),
            (bea, mine, None, NotPermitted.code),
            (team.family.parent, mine, None, NotPermitted.code),
            (helen, mine, uuid4(), Stale.code),
            (helen, toms, None, "INVITATION_TAKEN_BACK"),
            (team.lead, (await invitations(stage, past))[0]["id"], None, "MEETING_OVER"),
            (team.lead, (await invitations(stage, off))[0]["id"], None, "MEETING_CANCELLED"),
        ]
        before = await stage.state()
        for asker, invitation_id, version, code in cases:
            with pytest.raises(Refusal) as refusal:
                await withdraw(stage, asker, invitation_id, version)
            assert refusal.value.code == code
            assert await stage.state() == before


class TestCancelMeeting:
    async def test_tells_everybody_still_invited_but_not_why(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        parent, other = team.family.parent, team.family.other_parent
        await withdraw(stage, helen, (await invitation_of(stage, meeting_id, tom))["id"])
        phoned = await invitation_of(stage, meeting_id, other)
        await meetings.record_told(
            helen.ask(), invitation_id=phoned["id"], version=phoned["version"]
        )

        await cancel(stage, helen, meeting_id)

        meeting = await meeting_row(stage, meeting_id)
        assert (meeting["cancelled_at"], meeting["cancelled_reason"]) == (stage.now, REASON)
        assert await told(stage, "MeetingCancelled") == {parent.person_id}
        (notice,) = await notices(stage, "MeetingCancelled")
        assert (notice.number, notice.facts) == (1, {})
        for row in await invitations(stage, meeting_id):
            link = await link_of(stage, row["id"])
            assert link is None or link["revoked_at"] is not None
        phoned = await invitation_of(stage, meeting_id, other)
        assert (phoned["sequence"], phoned["told_at"]) == (0, None)
        facts = await stage.owner.fetchval(
            "select facts from audit_entry where event = 'meeting.cancelled'"
        )
        assert REASON not in facts

    async def test_is_told_until_the_meeting_would_have_ended(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        soon = await stage.meeting(team, team.family.parent, starts_in=timedelta(days=1))

        await cancel(stage, team.lead, soon)

        (notice,) = await notices(stage)
        assert notice.give_up_at == stage.now + timedelta(days=1, hours=1)

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        outsider, bea = await stage.practitioner("Otto"), await stage.practitioner("Bea")
        await stage.membership(team, bea)
        running = await stage.meeting(team, helen, starts_in=timedelta(minutes=-1))
        off = await stage.meeting(team, helen, cancelled_at=stage.now)
        cases: list[tuple[Somebody, UUID, dict[str, Any], str]] = [
            (outsider, meeting_id, {}, NotFound.code),
            (helen, meeting_id, {"meeting_id": uuid4()}, NotFound.code),
            (bea, meeting_id, {}, NotPermitted.code),
            (team.family.parent, meeting_id, {}, NotPermitted.code),
            (helen, meeting_id, {"version": uuid4()}, Stale.code),
            (helen, meeting_id, {"reason": "  "}, "INVALID_INPUT"),
            (helen, meeting_id, {"reason": "x" * 4_001}, "INVALID_INPUT"),
            (team.lead, running, {}, "MEETING_BEGAN"),
            (team.lead, off, {}, "MEETING_CANCELLED"),
        ]
        before = await stage.state()
        for asker, which, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await cancel(stage, asker, which, **changes)
            assert refusal.value.code == code, changes
            assert await stage.state() == before

    async def test_keeps_the_time_it_would_have_been(
        self, stage: Stage, helen: Somebody, meeting_id: UUID
    ) -> None:
        await cancel(stage, helen, meeting_id)

        assert (await meeting_row(stage, meeting_id))["starts_at"] == SLOT.starts_at
