"""What happens to meetings when the lead changes or somebody leaves the team."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tortoise.transactions import in_transaction

from taf_service import meetings, teams
from taf_service.core import clock
from taf_service.core.work import Work
from taf_service.meetings import Answer, Invitee
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import (
    by_phone,
    convene,
    invitation_of,
    link_of,
    meeting_row,
    notices,
    told,
)


async def within(asker: Somebody, act: Callable[[Work], Awaitable[None]]) -> None:
    """As another area's operation does it: in its own transaction, as its own actor."""
    async with in_transaction():
        await act(Work(asker.ask(), await clock.begin(asker.person_id)))


async def announce(asker: Somebody, team: ATeam) -> None:
    async def act(work: Work) -> None:
        await meetings.announce_lead(work, await teams.team_for(work, team.team_id))

    await within(asker, act)


async def release(asker: Somebody, team: ATeam, leaver: Somebody, successor: Somebody) -> None:
    async def act(work: Work) -> None:
        membership = await teams.membership_for(work, team.of(leaver))
        await meetings.release_member(work, membership, successor_id=successor.person_id)

    await within(asker, act)


@pytest.fixture
async def meeting_id(stage: Stage, team: ATeam, helen: Somebody, tom: Somebody) -> UUID:
    """Convened by Helen; one parent is told by mail, the other by telephone."""
    members = (
        Invitee(team.of(tom)),
        Invitee(team.of(helen)),
        Invitee(team.of(team.family.parent)),
        by_phone(team, team.family.other_parent),
    )
    meeting_id = await convene(helen, team, members=members)
    await stage.owner.execute("delete from outbox_entry")
    return meeting_id


class TestAnnounceLead:
    async def test_tells_those_told_by_mail_and_keeps_answers(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        parent = team.family.parent
        invitation = await invitation_of(stage, meeting_id, parent)
        await meetings.answer_invitation(
            parent.ask(),
            invitation_id=invitation["id"],
            answer=Answer.ACCEPTED,
            comment="",
            by_link=False,
        )
        phoned = await invitation_of(stage, meeting_id, team.family.other_parent)

        await announce(team.lead, team)

        people = {tom.person_id, helen.person_id, parent.person_id}
        assert await told(stage, "MeetingChanged") == people
        for notice in await notices(stage):
            assert (notice.number, notice.facts) == (1, {"changed": ["LEAD"]})
        row = await invitation_of(stage, meeting_id, parent)
        assert (row["answer"], row["sequence"], row["reschedule_sequence"]) == ("ACCEPTED", 1, 0)
        assert (row["uid"], row["organiser"]) == (invitation["uid"], invitation["organiser"])
        assert await invitation_of(stage, meeting_id, team.family.other_parent) == phoned

    async def test_is_silent_about_what_is_over_off_elsewhere_or_taken_back(
        self, stage: Stage, team: ATeam, tom: Somebody
    ) -> None:
        await stage.meeting(team, tom, starts_in=timedelta(minutes=-1))
        await stage.meeting(team, tom, cancelled_at=stage.now)
        await stage.meeting(team, tom, kind="PROFESSIONAL")
        other = await stage.team(tom)
        await stage.meeting(other, tom)
        to_come = await stage.meeting(team)
        await stage.invitation(team, to_come, tom, withdrawn_at=stage.now)

        await announce(team.lead, team)

        assert await notices(stage) == []


class TestReleaseMember:
    async def test_takes_their_invitations_back_and_tells_them_alone(
        self, stage: Stage, team: ATeam, tom: Somebody, meeting_id: UUID
    ) -> None:
        await release(team.lead, team, tom, team.lead)

        (notice,) = await notices(stage)
        assert (notice.kind, notice.recipient_id, notice.number) == (
            "InvitationWithdrawn", tom.person_id, 1,
        )  # fmt: skip
        row = await invitation_of(stage, meeting_id, tom)
        assert (row["withdrawn_at"], row["sequence"]) == (stage.now, 1)
        link = await link_of(stage, row["id"])
        assert link is not None
        assert link["revoked_at"] == stage.now

    async def test_hands_what_they_were_to_do_to_the_successor(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        before = await meeting_row(stage, meeting_id)

        await release(team.lead, team, helen, tom)

        meeting = await meeting_row(stage, meeting_id)
        roles = {meeting[f"{role}_id"] for role in ("convener", "chair", "note_taker")}
        assert roles == {tom.person_id}
        assert meeting["version"] != before["version"]

    async def test_leaves_alone_what_is_over_off_or_elsewhere(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        theirs: dict[str, Any] = {"convener_id": tom.person_id}
        await stage.meeting(team, tom, starts_in=timedelta(days=-7), **theirs)
        await stage.meeting(team, tom, cancelled_at=stage.now, **theirs)
        other = await stage.team(tom)
        await stage.meeting(other, tom, **theirs)
        before = await stage.state()

        await release(team.lead, team, tom, helen)

        assert await stage.state() == before

    async def test_works_for_a_practitioner_who_leaves_by_their_own_act(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        await release(helen, team, helen, team.lead)

        assert (await invitation_of(stage, meeting_id, helen))["withdrawn_at"] == stage.now
        assert (await meeting_row(stage, meeting_id))["convener_id"] == team.lead.person_id

    async def test_works_for_one_of_the_family_who_leaves_by_their_own_act(
        self, stage: Stage, team: ATeam, meeting_id: UUID
    ) -> None:
        parent = team.family.parent

        await release(parent, team, parent, team.lead)

        row = await invitation_of(stage, meeting_id, parent)
        assert (row["withdrawn_at"], row["sequence"]) == (stage.now, 1)
        assert await told(stage, "InvitationWithdrawn") == {parent.person_id}
        link = await link_of(stage, row["id"])
        assert link is not None
        assert link["revoked_at"] == stage.now
