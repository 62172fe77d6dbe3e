from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import meetings
from taf_service.core.errors import ConfirmationNeeded, NotFound, NotPermitted, Refusal
from taf_service.core.work import Work
from taf_service.meetings import Guest, GuestRole, InviteBasis, InvitedBy, Invitee, Part, Roles
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import (
    HALL,
    LINK,
    PURPOSE,
    SLOT,
    by_phone,
    convene,
    events,
    guest,
    invitation_of,
    invitations,
    link_of,
    meeting_row,
    notices,
    slot,
    told,
)


class TestConveneTafMeeting:
    async def test_by_a_practitioner_says_what_when_where_and_who(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        meeting_id = await convene(helen, team, tom, team.family.parent, agenda="1. Mornings")

        meeting = await meeting_row(stage, meeting_id)
        assert (meeting["kind"], meeting["purpose"], meeting["agenda"]) == (
            "TAF", PURPOSE, "1. Mornings",
        )  # fmt: skip
        assert (meeting["starts_at"], meeting["ends_at"]) == (SLOT.starts_at, SLOT.ends_at)
        assert (meeting["zone"], meeting["place"]) == ("Europe/London", "Town Hall")
        roles = {meeting[f"{role}_id"] for role in ("convener", "chair", "note_taker")}
        assert roles == {helen.person_id}
        assert meeting["recorded_at"] is None

    async def test_by_the_lead_needs_a_note_taker(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await convene(
            team.lead, team, helen, team.family.parent, roles=Roles(None, team.of(helen))
        )

        meeting = await meeting_row(stage, meeting_id)
        assert meeting["chair_id"] == team.lead.person_id
        assert meeting["note_taker_id"] == helen.person_id

    async def test_gives_each_invitation_a_name_of_its_own_for_calendars(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        meeting_id = await convene(helen, team, tom, team.family.parent)

        rows = await invitations(stage, meeting_id)
        assert len({row["uid"] for row in rows}) == len({row["organiser"] for row in rows}) == 2
        for row in rows:
            assert UUID(row["uid"]).version == 4
            prefix, _, token = row["organiser"].partition("-")
            assert (prefix, len(token)) == ("t", 26)
            assert token.isalnum()
            assert token == token.lower()
            assert (row["sequence"], row["reschedule_sequence"]) == (0, 0)
            assert (row["answer"], row["answered_at"]) == ("NEEDS_ACTION", None)

    async def test_mails_those_who_are_told_by_mail_and_nobody_else(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        parent, other = team.family.parent, team.family.other_parent
        members = (Invitee(team.of(tom)), Invitee(team.of(parent)), by_phone(team, other))

        meeting_id = await convene(helen, team, members=members)

        assert await told(stage, "InvitedToMeeting") == {tom.person_id, parent.person_id}
        assert {notice.number for notice in await notices(stage)} == {0}
        phoned = await invitation_of(stage, meeting_id, other)
        assert (phoned["invited_by"], phoned["told_at"]) == ("PHONE", None)
        assert await link_of(stage, phoned["id"]) is None
        mailed = await invitation_of(stage, meeting_id, parent)
        link = await link_of(stage, mailed["id"])
        assert link is not None
        assert link["expires_at"] == SLOT.ends_at + timedelta(days=1)
        assert link["token_hash"] is None

    @pytest.mark.parametrize(("day", "give_up"), [(18, None), (5, slot(5).starts_at)])
    async def test_gives_mail_up_after_five_days_or_when_the_meeting_begins(
        self, stage: Stage, team: ATeam, helen: Somebody, day: int, give_up: datetime | None
    ) -> None:
        await convene(helen, team, team.family.parent, slot=slot(day))

        (notice,) = await notices(stage)
        assert notice.give_up_at == (give_up or stage.now + timedelta(days=5))

    async def test_invites_guests_with_a_basis_and_no_access(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        connie = await stage.practitioner("Connie Careers")
        guests = (
            guest(basis_note="Mum asked for her"),
            Guest("-", GuestRole.PRACTITIONER, InviteBasis.FAMILY_REQUEST,
                  practitioner_id=connie.practitioner_id),
            Guest("Fay Friend", GuestRole.FRIEND, InviteBasis.CONSENT,
                  invited_by=InvitedBy.IN_PERSON),
        )  # fmt: skip

        meeting_id = await convene(helen, team, team.family.parent, guests=guests)

        rows = {r["guest_role"]: r for r in await invitations(stage, meeting_id)}
        assert rows["INTERPRETER"]["basis_note"] == "Mum asked for her"
        address = await stage.owner.fetchval(
            "select a.address from mailbox b join email_address a on a.id = b.address_id"
            " where b.id = $1 and b.kind = 'PERSONAL' and b.person_id = $2",
            rows["INTERPRETER"]["guest_mailbox_id"],
            rows["INTERPRETER"]["person_id"],
        )
        assert address == "ines@words.example"
        assert rows["PRACTITIONER"]["person_id"] == connie.person_id
        assert rows["PRACTITIONER"]["membership_id"] is None
        assert rows["FRIEND"]["guest_mailbox_id"] is None
        assert await told(stage, "InvitedToMeeting") == {
            team.family.parent.person_id, connie.person_id, rows["INTERPRETER"]["person_id"],
        }  # fmt: skip
        assert (await stage.counts())["membership"] == 5
        with pytest.raises(NotFound):
            await convene(connie, team, team.family.parent)

    async def test_asks_somebody_to_a_part_with_a_link_of_its_own(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        part = Part(slot(18, "10:30", "11:00"), LINK)
        members = (Invitee(team.of(team.family.parent), part=part),)

        meeting_id = await convene(helen, team, members=members)

        (row,) = await invitations(stage, meeting_id)
        assert (row["part_starts_at"], row["part_ends_at"]) == (
            part.slot.starts_at, part.slot.ends_at,
        )  # fmt: skip
        assert row["part_joining_link"] == LINK

    async def test_is_on_record_by_reference(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await convene(helen, team, team.family.parent)

        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("meeting.convened", meeting_id)
        assert entry["family_id"] == team.family.family_id
        for words in (PURPOSE, "Town Hall", "Alex", "home.example"):
            assert words not in entry["facts"]

    async def test_repeated_with_the_same_key_happens_once(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        first = await convene(helen, team, team.family.parent, key="convene-1")
        again = await convene(helen, team, team.family.parent, key="convene-1")

        assert first == again
        assert (await stage.counts())["outbox_entry"] == 1

    async def test_previewed_leaves_nothing(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        before = await stage.state()

        async def nothing_more(work: Work) -> int:
            return len(work.queued)

        seen = await meetings.convene_taf_meeting.preview(
            helen.ask(),
            nothing_more,
            team_id=team.team_id,
            purpose=PURPOSE,
            slot=slot(7),
            venue=HALL,
            members=(Invitee(team.of(team.family.parent)),),
            guests=(guest(),),
        )

        assert seen.details == len(seen.queued) == 2
        assert "WEEKEND" in {warning.code for warning in seen.warnings}
        assert await stage.state() == before

    async def test_takes_the_lead_as_note_taker_once_that_is_confirmed(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        lead_writes = Roles(note_taker_membership_id=team.of(team.lead))
        people = (team.lead, team.family.parent)
        before = await stage.state()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await convene(helen, team, *people, roles=lead_writes)

        assert [warning.code for warning in refusal.value.warnings] == ["LEAD_TAKES_NOTES"]
        assert await stage.state() == before
        await convene(helen, team, *people, roles=lead_writes, acknowledged=["LEAD_TAKES_NOTES"])
        assert await events(stage) == ["meeting.convened"]

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        outsider, other = await stage.practitioner("Otto"), await stage.team()
        gone = await stage.practitioner("Gina Gone")
        left = await stage.membership(team, gone)
        await stage.owner.execute(
            "update membership set left_at = $1 where id = $2", stage.now, left
        )
        parent = team.family.parent
        also_parent = {"members": (Invitee(team.of(parent)),)}
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, {}, NotFound.code),
            (helen, {"team_id": uuid4()}, NotFound.code),
            (helen, {"team_id": other.team_id}, NotFound.code),
            (parent, {}, NotPermitted.code),
            (helen, {"purpose": " \n"}, "INVALID_INPUT"),
            (helen, {"purpose": "x" * 4_001}, "INVALID_INPUT"),
            (helen, {"agenda": "x" * 4_001}, "INVALID_INPUT"),
            (helen, {"slot": slot(2, "08:00", "08:30")}, "PAST_TIME"),
            (helen, {"slot": slot(18, "10:00", "14:01")}, "MEETING_TOO_LONG"),
            (helen, {"slot": SLOT.moved(timedelta(days=800), "Europe/London")}, "TOO_FAR_AHEAD"),
            (helen, {"members": ()}, "NOBODY_INVITED"),
            (helen, {"members": (Invitee(team.of(tom)), Invitee(team.of(tom)))}, "INVITED_TWICE"),
            (helen, {"members": (Invitee(left),)}, "NOT_IN_TEAM"),
            (helen, {"members": (Invitee(other.of(other.lead)),)}, NotFound.code),
            (helen, {"members": (Invitee(uuid4()),)}, NotFound.code),
            (helen, {"guests": (guest(), guest("INES interpreter"))}, "INVITED_TWICE"),
            (
                helen,
                {"guests": (guest(practitioner_id=tom.practitioner_id, email_address=None),)},
                "GUEST_IS_MEMBER",
            ),
            (helen, {"guests": (guest(email_address=parent.address),)}, "GUEST_IS_MEMBER"),
            (helen, {"guests": (guest(practitioner_id=uuid4()),)}, NotFound.code),
            (
                helen,
                {"guests": (guest(practitioner_id=outsider.practitioner_id),)},
                "INVALID_INPUT",
            ),
            (helen, {"guests": (guest(email_address=None),)}, "NOT_BY_EMAIL"),
            (helen, {"roles": Roles(chair_membership_id=team.of(tom))}, "ROLE_NOT_INVITED"),
            (helen, {"roles": Roles(None, left)}, "ROLE_NOT_INVITED"),
            (helen, {"roles": Roles(team.of(parent))} | also_parent, "ROLE_NOT_INVITED"),
            (helen, {"roles": Roles(other.of(other.lead))}, NotFound.code),
            (team.lead, {}, "NOTE_TAKER_REQUIRED"),
            (
                helen,
                {"members": (Invitee(team.of(parent), part=Part(slot(18, "09:30", "10:30"))),)},
                "PART_OUTSIDE_MEETING",
            ),
        ]
        before = await stage.state()
        for asker, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await convene(asker, team, parent, **changes)
            assert refusal.value.code == code, changes
            assert await stage.state() == before, changes
