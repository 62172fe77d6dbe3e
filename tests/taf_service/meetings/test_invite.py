from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import meetings
from taf_service.core.errors import NotFound, NotPermitted, Refusal
from taf_service.meetings import Answer, Guest, GuestRole, InviteBasis, InvitedBy, Invitee, Part
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import (
    by_phone,
    convene,
    events,
    guest,
    invitation_of,
    invitations,
    link_of,
    notices,
    slot,
    told,
)


@pytest.fixture
async def meeting_id(stage: Stage, team: ATeam, helen: Somebody) -> UUID:
    meeting_id = await convene(helen, team, team.family.parent)
    await stage.owner.execute("delete from outbox_entry")
    return meeting_id


async def invite(asker: Somebody, meeting_id: UUID, /, **asked: Any) -> UUID:
    fact = await meetings.invite_to_meeting(
        asker.ask(None, "SHORT_NOTICE"), **({"meeting_id": meeting_id} | asked)
    )
    return fact.invitation_id


async def withdraw(stage: Stage, asker: Somebody, invitation_id: UUID) -> None:
    version = await stage.owner.fetchval(
        "select version from invitation where id = $1", invitation_id
    )
    await meetings.withdraw_invitation(asker.ask(), invitation_id=invitation_id, version=version)


async def row(stage: Stage, invitation_id: UUID) -> Any:
    return await stage.owner.fetchrow("select * from invitation where id = $1", invitation_id)


class TestInviteToMeeting:
    async def test_tells_only_them(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        await invite(helen, meeting_id, member=Invitee(team.of(tom), required=False))

        assert await told(stage, "InvitedToMeeting") == {tom.person_id}
        assert len(await notices(stage)) == 1
        invited = await invitation_of(stage, meeting_id, tom)
        assert (invited["required"], invited["sequence"]) == (False, 0)
        parent = await invitation_of(stage, meeting_id, team.family.parent)
        assert parent["sequence"] == 0
        assert "meeting.person_invited" in await events(stage)

    async def test_by_the_lead_brings_a_guest(
        self, stage: Stage, team: ATeam, meeting_id: UUID
    ) -> None:
        invitation_id = await invite(team.lead, meeting_id, guest=guest())

        invited = await row(stage, invitation_id)
        assert invited["guest_role"] == "INTERPRETER"
        assert await told(stage, "InvitedToMeeting") == {invited["person_id"]}

    async def test_without_mail_queues_nothing(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        invitation_id = await invite(helen, meeting_id, member=by_phone(team, tom))

        assert await notices(stage) == []
        assert await link_of(stage, invitation_id) is None

    async def test_again_continues_the_invitation(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        parent = team.family.parent
        first = await invitation_of(stage, meeting_id, parent)
        link = await link_of(stage, first["id"])
        await meetings.answer_invitation(
            parent.ask(),
            invitation_id=first["id"],
            answer=Answer.DECLINED,
            comment="",
            by_link=False,
        )
        await withdraw(stage, helen, first["id"])

        assert await invite(helen, meeting_id, member=Invitee(team.of(parent))) == first["id"]

        again = await invitation_of(stage, meeting_id, parent)
        assert (again["uid"], again["organiser"]) == (first["uid"], first["organiser"])
        assert (again["sequence"], again["reschedule_sequence"]) == (2, 2)
        assert (again["answer"], again["withdrawn_at"]) == ("NEEDS_ACTION", None)
        fresh = await link_of(stage, first["id"])
        assert link is not None
        assert fresh is not None
        assert fresh["nonce"] != link["nonce"]
        assert fresh["revoked_at"] is None
        kinds = [(notice.kind, notice.number) for notice in await notices(stage)]
        assert kinds == [("InvitationWithdrawn", 1), ("InvitedToMeeting", 2)]

    async def test_again_in_another_way_sends_no_mail_and_no_link(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        first = await invitation_of(stage, meeting_id, team.family.parent)
        await withdraw(stage, helen, first["id"])

        await invite(helen, meeting_id, member=by_phone(team, team.family.parent))

        again = await row(stage, first["id"])
        assert (again["sequence"], again["invited_by"]) == (1, "PHONE")
        link = await link_of(stage, first["id"])
        assert link is not None
        assert link["revoked_at"] is not None

    async def test_a_guest_again_is_the_same_person(
        self, stage: Stage, helen: Somebody, meeting_id: UUID
    ) -> None:
        first = await invite(helen, meeting_id, guest=guest())
        await withdraw(stage, helen, first)

        again = guest("ines INTERPRETER", email_address="Ines@Words.example")
        assert await invite(helen, meeting_id, guest=again) == first

    async def test_a_guest_who_joined_the_team_since_continues_theirs(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        connie = await stage.practitioner("Connie Careers")
        as_guest = Guest(
            "-", GuestRole.PRACTITIONER, InviteBasis.CONSENT, practitioner_id=connie.practitioner_id
        )
        first = await invite(helen, meeting_id, guest=as_guest)
        await meetings.answer_invitation(
            connie.ask(), invitation_id=first, answer=Answer.ACCEPTED, comment="", by_link=True
        )
        membership_id = await stage.membership(team, connie)

        assert await invite(helen, meeting_id, member=Invitee(membership_id)) == first

        now = await row(stage, first)
        assert (now["membership_id"], now["guest_role"]) == (membership_id, None)
        assert (now["sequence"], now["answer"]) == (1, "ACCEPTED")
        with pytest.raises(Refusal) as refusal:
            await invite(helen, meeting_id, member=Invitee(membership_id))
        assert refusal.value.code == "INVITED_TWICE"

    async def test_by_two_at_once_invites_once(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        member = Invitee(team.of(tom))
        done = await asyncio.gather(
            invite(helen, meeting_id, member=member),
            invite(team.lead, meeting_id, member=member),
            return_exceptions=True,
        )

        refused = [refusal.code for refusal in done if isinstance(refusal, Refusal)]
        assert refused == ["INVITED_TWICE"]
        assert len(await notices(stage)) == 1

    async def test_to_a_meeting_that_runs_gives_mail_up_when_it_ends(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        running = await stage.meeting(team, team.family.parent, starts_in=timedelta(minutes=-10))

        await invite(team.lead, running, member=Invitee(team.of(helen)))

        (notice,) = await notices(stage)
        assert notice.give_up_at == stage.now + timedelta(minutes=50)

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, meeting_id: UUID
    ) -> None:
        outsider, other = await stage.practitioner("Otto"), await stage.team()
        over = await stage.meeting(team, helen, starts_in=timedelta(days=-7))
        off = await stage.meeting(team, helen, cancelled_at=stage.now)
        await invite(helen, meeting_id, guest=guest())
        member = Invitee(team.of(tom))
        part = Part(slot(18, "10:30", "11:30"))
        right: dict[str, Any] = {"member": member}
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, right, NotFound.code),
            (helen, right | {"meeting_id": uuid4()}, NotFound.code),
            (tom, right, NotPermitted.code),
            (team.family.parent, right, NotPermitted.code),
            (helen, {}, "INVALID_INPUT"),
            (helen, right | {"guest": guest("Other")}, "INVALID_INPUT"),
            (helen, {"member": Invitee(team.of(team.family.parent))}, "INVITED_TWICE"),
            (helen, {"guest": guest()}, "INVITED_TWICE"),
            (helen, {"guest": guest(practitioner_id=tom.practitioner_id)}, "GUEST_IS_MEMBER"),
            (helen, {"guest": guest("F", email_address=tom.address)}, "GUEST_IS_MEMBER"),
            (helen, {"member": Invitee(other.of(other.lead))}, NotFound.code),
            (helen, {"member": Invitee(team.of(tom), part=part)}, "PART_OUTSIDE_MEETING"),
            (helen, {"guest": guest("No mail", email_address=None)}, "NOT_BY_EMAIL"),
            (team.lead, right | {"meeting_id": over}, "MEETING_OVER"),
            (team.lead, right | {"meeting_id": off}, "MEETING_CANCELLED"),
        ]
        before = await stage.state()
        for asker, asked, code in cases:
            with pytest.raises(Refusal) as refusal:
                await invite(asker, meeting_id, **asked)
            assert refusal.value.code == code, asked
            assert await stage.state() == before, asked

    async def test_a_guest_told_in_person_needs_no_address(
        self, stage: Stage, helen: Somebody, meeting_id: UUID
    ) -> None:
        fay = guest("Fay", role=GuestRole.FRIEND, email_address=None, invited_by=InvitedBy.TEXT)

        await invite(helen, meeting_id, guest=fay)

        assert len(await invitations(stage, meeting_id)) == 2
        assert await notices(stage) == []
