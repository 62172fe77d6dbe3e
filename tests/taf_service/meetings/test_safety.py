"""Who must not be invited together, and who must not be told by mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import meetings
from taf_service.core.errors import Refusal
from taf_service.meetings import Guest, GuestRole, InviteBasis, InvitedBy, Invitee, Roles
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import (
    LINK,
    by_phone,
    convene,
    guest,
    notices,
    slot,
)

UNEXPLAINED = "These people cannot be invited together. Ask the lead practitioner."


async def refused(asker: Somebody, team: ATeam, *invited: Somebody, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await convene(asker, team, *invited, **changes)
    return refusal.value


async def share(stage: Stage, team: ATeam, reader: Somebody, address: str | None) -> None:
    """One of the family reads an address that is not only theirs, and practitioners know it."""
    assert address is not None
    mailbox_id = await stage.mailbox(reader, address, "PERSONAL")
    if reader.family_member_id is not None:
        await stage.insert(
            "contact_channel",
            family_id=team.family.family_id,
            family_member_id=reader.family_member_id,
            kind="EMAIL",
            mailbox_id=mailbox_id,
            added_at=stage.now,
        )


class TestPeopleWhoMustNotMeet:
    async def test_are_not_invited_together(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        before = await stage.state()

        refusal = await refused(helen, team, family.parent, family.other_parent)

        assert refusal.code == "CANNOT_BE_INVITED_TOGETHER"
        assert family.parent.name in refusal.message
        assert family.other_parent.name in refusal.message
        after = await stage.state()
        assert {table for table in after if after[table] != before[table]} == {"audit_entry"}

    async def test_leave_the_attempt_on_record(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)

        await refused(helen, team, family.parent, family.other_parent)

        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["actor_id"]) == ("meeting.kept_apart", helen.person_id)
        assert (entry["subject_id"], entry["family_id"]) == (team.team_id, family.family_id)

    async def test_are_not_explained_to_those_who_may_not_know(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        elsewhere = await stage.family("Elsewhere", registered_by=await stage.practitioner("Una"))
        await stage.no_contact(elsewhere, team.family.parent, tom)
        # one pair the actor knows of explains nothing while there is another
        await stage.no_contact(team.family, team.family.parent, team.family.other_parent)

        refusal = await refused(helen, team, team.family.parent, team.family.other_parent, tom)

        assert refusal.message == UNEXPLAINED

    async def test_may_come_to_meetings_of_their_own(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)

        await convene(helen, team, family.parent)
        await convene(helen, team, family.other_parent, slot=slot(19))

        assert (await stage.counts())["invitation"] == 2

    @pytest.mark.parametrize("role", ["convener", "chair", "note_taker"])
    async def test_neither_chair_nor_convene_nor_write(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, role: str
    ) -> None:
        kept_from = helen if role == "convener" else team.family.parent
        await stage.no_contact(team.family, tom, kept_from)
        roles = Roles(
            team.of(tom) if role == "chair" else None,
            team.of(tom) if role == "note_taker" else None,
        )

        refusal = await refused(helen, team, tom, team.family.parent, roles=roles)

        assert refusal.code == "CANNOT_BE_INVITED_TOGETHER"

    async def test_are_guests_too(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        connie = await stage.practitioner("Connie Careers")
        await stage.no_contact(team.family, team.family.parent, connie)
        invited = Guest(
            "-", GuestRole.PRACTITIONER, InviteBasis.CONSENT, practitioner_id=connie.practitioner_id
        )

        refusal = await refused(helen, team, team.family.parent, guests=(invited,))

        assert refusal.code == "CANNOT_BE_INVITED_TOGETHER"

    async def test_are_not_invited_one_after_the_other(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        meeting_id = await convene(helen, team, family.parent)

        with pytest.raises(Refusal) as refusal:
            await meetings.invite_to_meeting(
                helen.ask(), meeting_id=meeting_id, member=Invitee(team.of(family.other_parent))
            )

        assert refusal.value.code == "CANNOT_BE_INVITED_TOGETHER"

    async def test_hinder_nobody_else_from_being_invited(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        family = team.family
        meeting_id = await convene(helen, team, family.parent, family.other_parent)
        await stage.no_contact(family, family.parent, family.other_parent)

        await meetings.invite_to_meeting(
            helen.ask(), meeting_id=meeting_id, member=Invitee(team.of(tom))
        )

        assert (await stage.counts())["invitation"] == 3

    @pytest.mark.parametrize("what", ["time", "place"])
    async def test_are_not_asked_to_another_time_or_place_together(
        self, stage: Stage, team: ATeam, helen: Somebody, what: str
    ) -> None:
        family = team.family
        meeting_id = await convene(helen, team, family.parent, family.other_parent)
        await stage.no_contact(family, family.parent, family.other_parent)
        named: dict[str, Any] = {
            "meeting_id": meeting_id,
            "version": await stage.version_of("meeting", meeting_id),
        }

        acts: dict[str, Callable[[], Awaitable[Any]]] = {
            "time": lambda: meetings.reschedule_meeting(helen.ask(), slot=slot(19), **named),
            "place": lambda: meetings.change_place(
                helen.ask(), venue=meetings.Venue(joining_link=LINK), **named
            ),
        }

        with pytest.raises(Refusal) as refusal:
            await acts[what]()

        assert refusal.value.code == "CANNOT_BE_INVITED_TOGETHER"


class TestMailReadBySomebodyElse:
    async def test_is_refused_where_they_must_not_meet(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        await share(stage, team, family.other_parent, family.parent.address)

        refusal = await refused(helen, team, family.parent)

        assert refusal.code == "CANNOT_BE_INVITED_TOGETHER"
        assert f"choose how {family.parent.name} is told instead" in refusal.message

    async def test_is_not_explained_to_those_who_may_not_know(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        elsewhere = await stage.family("Elsewhere", registered_by=await stage.practitioner("Una"))
        await stage.no_contact(elsewhere, team.family.parent, tom)
        await share(stage, team, tom, team.family.parent.address)

        refusal = await refused(helen, team, team.family.parent)

        assert refusal.message == UNEXPLAINED

    async def test_is_refused_though_the_reader_has_left_the_family(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        gone = family.other_parent
        teenager = await stage.family_member(family.family_id, "Toni", "CHILD", email=gone.address)
        team.memberships[teenager.person_id] = await stage.membership(team, teenager)
        await stage.no_contact(family, family.parent, gone)
        await stage.owner.execute(
            "update family_member set left_at = $2 where id = $1", gone.family_member_id, stage.now
        )
        await stage.owner.execute(
            "update membership set left_at = $2 where id = $1", team.of(gone), stage.now
        )

        refusal = await refused(helen, team, teenager, family.parent)

        assert refusal.code == "CANNOT_BE_INVITED_TOGETHER"
        assert "choose how Toni is told instead" in refusal.message

    async def test_is_refused_though_the_reader_is_of_another_family(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        elsewhere = await stage.team()
        reader = elsewhere.family.parent
        await stage.no_contact(elsewhere.family, reader, team.family.parent)
        await share(stage, elsewhere, reader, team.family.other_parent.address)

        refusal = await refused(helen, team, team.family.parent, team.family.other_parent)

        assert refusal.message == UNEXPLAINED

    async def test_is_not_explained_where_only_the_mailbox_is_unknown(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        for somebody in (family.parent, family.other_parent):
            await stage.mailbox(somebody, "both@hidden.example", "PERSONAL")

        refusal = await refused(helen, team, family.parent)

        assert refusal.message == UNEXPLAINED

    async def test_does_no_harm_when_told_in_another_way(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        await share(stage, team, family.other_parent, family.parent.address)

        await convene(helen, team, members=(by_phone(team, family.parent),))

        assert await notices(stage) == []

    async def test_does_no_harm_where_they_may_meet(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await share(stage, team, team.family.other_parent, team.family.parent.address)

        await convene(helen, team, team.family.parent, team.family.other_parent)

        assert len(await notices(stage)) == 2

    async def test_tells_nobody_where_another_person_will_be(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """The other parent would read in the friend's mail when the parent is where."""
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        await stage.owner.execute(
            "update membership set left_at = $1 where id = $2",
            stage.now,
            team.of(family.other_parent),
        )
        gran = await stage.family_member(
            family.family_id, "Gran Hartwell", "OTHER", email=family.other_parent.address
        )
        members = (Invitee(await stage.membership(team, gran)), Invitee(team.of(family.parent)))

        refusal = await refused(helen, team, members=members)

        assert refusal.code == "CANNOT_BE_INVITED_TOGETHER"


class TestMail:
    @pytest.fixture
    async def unreached(self, stage: Stage, team: ATeam) -> dict[str, UUID]:
        """Membership ids of people whom mail cannot or must not reach."""
        family_id = team.family.family_id
        people: dict[str, Somebody] = {
            "no address": await stage.family_member(family_id, "Nan", "OTHER"),
            "ended address": await stage.family_member(family_id, "Ed", "OTHER", email="e@x.test"),
            "not safe": await stage.family_member(family_id, "Sal", "OTHER", email="s@x.test"),
            "stopped": await stage.family_member(family_id, "Stu", "OTHER", email="t@x.test"),
            "address stopped": await stage.family_member(
                family_id, "Ada", "OTHER", email="a@x.test"
            ),
            "left their agency": await stage.practitioner("Lee Left"),
            "role mailbox": await stage.practitioner("Olive Office"),
        }
        await self._set(stage, family_id, people)
        return {why: await stage.membership(team, one) for why, one in people.items()}

    async def _set(self, stage: Stage, family_id: UUID, people: dict[str, Somebody]) -> None:
        await stage.owner.execute(
            "update contact_channel set ended_at = $1 where family_member_id = $2",
            stage.now,
            people["ended address"].family_member_id,
        )
        await stage.insert(
            "safe_contact",
            family_id=family_id,
            family_member_id=people["not safe"].family_member_id,
            instructions="Never by mail",
            email_allowed=False,
            recorded_by_id=people["stopped"].person_id,
            recorded_at=stage.now,
        )
        for column, value in (
            ("person_id", people["stopped"].person_id),
            (
                "address_id",
                await stage.owner.fetchval(
                    "select id from email_address where address = 'a@x.test'"
                ),
            ),
        ):
            await stage.insert(
                "stop_contact",
                reason="DANGER",
                stopped_by_id=people["not safe"].person_id,
                stopped_at=stage.now,
                **{column: value},
            )
        await stage.owner.execute(
            "update affiliation set until_on = $1 where id = $2",
            stage.now.date(),
            people["left their agency"].affiliation_id,
        )
        olive = people["role mailbox"]
        office = await stage.insert(
            "mailbox",
            address_id=await stage.owner.fetchval(
                "select claim_address('office@school.example', $1)", uuid4()
            ),
            kind="ROLE",
            agency_id=olive.agency_id,
            from_at=stage.now,
        )
        await stage.owner.execute(
            "update affiliation set mailbox_id = $1 where id = $2", office, olive.affiliation_id
        )

    async def test_is_refused_where_it_cannot_or_must_not_reach(
        self, stage: Stage, team: ATeam, helen: Somebody, unreached: dict[str, UUID]
    ) -> None:
        before = await stage.state()
        for why, membership_id in unreached.items():
            refusal = await refused(helen, team, members=(Invitee(membership_id),))

            assert refusal.code == "NOT_BY_EMAIL", why
            name, _, rest = refusal.message.partition(" cannot be told")
            assert name, why
            assert rest == " by email. Choose how they are told instead.", why
        assert await stage.state() == before

    async def test_is_not_needed_to_invite_them(
        self, stage: Stage, team: ATeam, helen: Somebody, unreached: dict[str, UUID]
    ) -> None:
        members = tuple(Invitee(m, invited_by=InvitedBy.POST) for m in unreached.values())

        await convene(helen, team, members=members)

        assert await notices(stage) == []

    async def test_to_a_guest_is_refused_where_contact_was_stopped(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        ines = await stage.person("Ines")
        await stage.mailbox(ines, "ines@words.example", "PERSONAL")
        await stage.insert(
            "stop_contact",
            person_id=None,
            address_id=await stage.owner.fetchval(
                "select id from email_address where address = 'ines@words.example'"
            ),
            reason="BEREAVEMENT",
            stopped_by_id=helen.person_id,
            stopped_at=stage.now,
        )
        before = await stage.state()

        refusal = await refused(helen, team, team.family.parent, guests=(guest(),))

        assert (refusal.code, refusal.field) == ("NOT_BY_EMAIL", "guests")
        assert refusal.message.startswith("Ines Interpreter cannot be told by email.")
        assert await stage.state() == before
