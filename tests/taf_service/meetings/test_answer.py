from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import meetings
from taf_service.core.errors import NotFound, NotPermitted, Refusal, Stale
from taf_service.meetings import Answer
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import (
    convene,
    guest,
    invitation_of,
    invitations,
    notices,
)


@pytest.fixture
async def meeting_id(stage: Stage, team: ATeam, helen: Somebody, tom: Somebody) -> UUID:
    return await convene(helen, team, tom, team.family.parent)


@pytest.fixture
async def invitation_id(stage: Stage, team: ATeam, meeting_id: UUID) -> UUID:
    """The parent's."""
    found: UUID = (await invitation_of(stage, meeting_id, team.family.parent))["id"]
    return found


async def answer(asker: Somebody, invitation_id: UUID, /, **changes: Any) -> None:
    values: dict[str, Any] = {
        "invitation_id": invitation_id,
        "answer": Answer.ACCEPTED,
        "comment": "",
        "by_link": False,
    }
    await meetings.answer_invitation(asker.ask(), **(values | changes))


async def record(stage: Stage, asker: Somebody, invitation_id: UUID, /, **changes: Any) -> None:
    values: dict[str, Any] = {
        "invitation_id": invitation_id,
        "answer": Answer.ACCEPTED,
        "comment": "",
        "version": await stage.version_of("invitation", invitation_id),
    }
    await meetings.record_answer(asker.ask(), **(values | changes))


async def replies(stage: Stage) -> list[tuple[str, str, str]]:
    rows = await stage.owner.fetch("select * from reply order by answer")
    return [(row["answer"], row["source"], row["comment"]) for row in rows]


class TestAnswerInvitation:
    @pytest.mark.parametrize(("by_link", "source"), [(True, "LINK"), (False, "SIGNED_IN")])
    async def test_stands_and_says_where_it_came_from(
        self, stage: Stage, team: ATeam, invitation_id: UUID, by_link: bool, source: str
    ) -> None:
        queued = await notices(stage)
        before = await stage.version_of("invitation", invitation_id)

        await answer(
            team.family.parent,
            invitation_id,
            answer=Answer.TENTATIVE,
            comment=" After ten ",
            by_link=by_link,
        )

        row = await stage.owner.fetchrow("select * from invitation where id = $1", invitation_id)
        assert row is not None
        assert (row["answer"], row["comment"]) == ("TENTATIVE", "After ten")
        assert (row["answer_source"], row["answered_at"]) == (source, stage.now)
        assert (row["sequence"], row["reschedule_sequence"]) == (0, 0)
        assert row["version"] != before
        assert await replies(stage) == [("TENTATIVE", source, "After ten")]
        assert await notices(stage) == queued
        facts = await stage.owner.fetchval(
            "select facts from audit_entry where event = 'meeting.answered'"
        )
        assert "After ten" not in facts

    async def test_may_change_until_the_meeting_begins(
        self, stage: Stage, team: ATeam, invitation_id: UUID
    ) -> None:
        for given in (Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE):
            await answer(team.family.parent, invitation_id, answer=given)

        assert [said for said, _, _ in await replies(stage)] == [
            "ACCEPTED", "DECLINED", "TENTATIVE",
        ]  # fmt: skip
        stands = await stage.owner.fetchval(
            "select answer from invitation where id = $1", invitation_id
        )
        assert stands == "TENTATIVE"

    async def test_is_open_to_guests(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        """A guest sees neither team nor family; the audit knows whose case it was."""
        invited = await meetings.invite_to_meeting(
            helen.ask(), meeting_id=meeting_id, guest=guest()
        )
        person_id = await stage.owner.fetchval(
            "select person_id from invitation where id = $1", invited.invitation_id
        )

        await answer(Somebody(person_id, "Ines"), invited.invitation_id, by_link=True)

        family_id = await stage.owner.fetchval(
            "select family_id from audit_entry where event = 'meeting.answered'"
        )
        assert family_id == team.family.family_id

    async def test_of_somebody_else_is_refused(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, invitation_id: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto")
        before = await stage.state()
        cases = [
            (outsider, invitation_id, NotFound),
            (team.family.other_parent, invitation_id, NotFound),
            (team.family.parent, uuid4(), NotFound),
            (helen, invitation_id, NotPermitted),
            (tom, invitation_id, NotPermitted),
            (team.lead, invitation_id, NotPermitted),
        ]
        for asker, which, refusal in cases:
            with pytest.raises(refusal):
                await answer(asker, which)
        assert await stage.state() == before

    async def test_must_be_an_answer(self, stage: Stage, team: ATeam, invitation_id: UUID) -> None:
        before = await stage.state()
        for changes in ({"answer": Answer.NEEDS_ACTION}, {"comment": "x" * 1_001}):
            with pytest.raises(Refusal) as refusal:
                await answer(team.family.parent, invitation_id, **changes)
            assert refusal.value.code == "INVALID_INPUT"
        assert await stage.state() == before

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ("update meeting set cancelled_at = now()", "MEETING_CANCELLED"),
            (
                "update meeting set starts_at = '2026-03-02T09:00Z', ends_at = '2026-03-02T10:00Z'",
                "MEETING_BEGAN",
            ),
            ("update invitation set withdrawn_at = now()", "INVITATION_TAKEN_BACK"),
        ],
    )
    async def test_comes_too_late_with_a_sentence(
        self, stage: Stage, team: ATeam, tom: Somebody, meeting_id: UUID, change: str, code: str
    ) -> None:
        invitation = await invitation_of(stage, meeting_id, tom)
        await stage.owner.execute(change)
        before = await stage.state()

        with pytest.raises(Refusal) as refusal:
            await answer(tom, invitation["id"])
        assert refusal.value.code == code
        with pytest.raises(Refusal) as refusal:
            await record(stage, team.lead, invitation["id"])
        assert refusal.value.code == code
        assert await stage.state() == before


class TestRecordAnswer:
    async def test_stands_as_recorded_by_somebody_else(
        self, stage: Stage, team: ATeam, helen: Somebody, invitation_id: UUID
    ) -> None:
        await answer(team.family.parent, invitation_id)

        await record(stage, helen, invitation_id, answer=Answer.DECLINED, comment="Rang: is ill")

        assert await replies(stage) == [
            ("ACCEPTED", "SIGNED_IN", ""),
            ("DECLINED", "RECORDED_BY_LEAD", "Rang: is ill"),
        ]
        row = await stage.owner.fetchrow("select * from invitation where id = $1", invitation_id)
        assert row is not None
        assert (row["answer"], row["answer_source"]) == ("DECLINED", "RECORDED_BY_LEAD")
        by = await stage.owner.fetchval(
            "select given_by_id from reply where source = 'RECORDED_BY_LEAD'"
        )
        assert by == helen.person_id
        assert len(await notices(stage)) == 2

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, invitation_id: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto")
        past = await stage.meeting(team, helen, starts_in=timedelta(days=-7))
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, {}, NotFound.code),
            (tom, {}, NotPermitted.code),
            (team.family.parent, {}, NotPermitted.code),
            (helen, {"invitation_id": uuid4()}, NotFound.code),
            (helen, {"version": uuid4()}, Stale.code),
            (helen, {"answer": Answer.NEEDS_ACTION}, "INVALID_INPUT"),
        ]
        before = await stage.state()
        for asker, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await record(stage, asker, invitation_id, **changes)
            assert refusal.value.code == code, changes
        with pytest.raises(Refusal) as refusal:
            await record(stage, team.lead, (await invitations(stage, past))[0]["id"])
        assert refusal.value.code == "MEETING_BEGAN"
        assert await stage.state() == before
