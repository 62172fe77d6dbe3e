from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import families
from taf_service.families import StopReason
from tests.refusals import all_refused
from tests.stage import AFamily, ATeam, Somebody, Stage, place_of
from tests.taf_service.families.test_reaching import channel_of


async def invited(stage: Stage, team: ATeam, somebody: Somebody, **values: Any) -> UUID:
    """An invitation with its link and a message that waits, or is being sent."""
    meeting_id = await stage.meeting(team)
    if somebody.person_id in team.memberships:
        invitation_id = await stage.invitation(team, meeting_id, somebody)
    else:
        invitation_id = await stage.invitation_of_guest(meeting_id, somebody)
    await stage.insert(
        "reply_link",
        invitation_id=invitation_id,
        nonce=uuid4(),
        expires_at=stage.now + timedelta(30),
    )
    await stage.insert(
        "outbox_entry",
        **{
            "kind": "InvitedToMeeting",
            "recipient_id": somebody.person_id,
            "subject_id": invitation_id,
            "number": 0,
            "facts": {},
            "state": "QUEUED",
            "state_at": stage.now,
            "queued_at": stage.now,
            "due_at": stage.now,
            "give_up_at": stage.now + timedelta(5),
            **values,
        },
    )
    return invitation_id


async def is_stopped(stage: Stage, invitation_id: UUID) -> bool:
    """Message and link together; a half would fail the test that asks."""
    row = await stage.owner.fetchrow(
        "select e.state, l.revoked_at from outbox_entry e"
        " join reply_link l on l.invitation_id = e.subject_id where e.subject_id = $1",
        invitation_id,
    )
    assert row is not None
    assert (row["state"] == "CANCELLED") == (row["revoked_at"] is not None)
    return bool(row["state"] == "CANCELLED")


def person(somebody: Somebody, **changes: Any) -> dict[str, Any]:
    return {
        "family_member_id": somebody.family_member_id,
        "reason": StopReason.DANGER,
        "note": "He has the telephone",
    } | changes


class TestStopContact:
    async def test_with_a_person_stops_what_waits_for_them_and_nobody_elses(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        theirs = await invited(stage, team, family.parent)
        others = [await invited(stage, team, somebody) for somebody in (family.other_parent, helen)]

        stopped = await families.stop_contact(helen.ask(), **person(family.parent))

        assert await is_stopped(stage, theirs)
        assert not any([await is_stopped(stage, other) for other in others])
        row = await stage.owner.fetchrow("select * from stop_contact")
        assert row is not None
        assert row["id"] == stopped.stop_contact_id
        assert (row["person_id"], row["address_id"]) == (family.parent.person_id, None)
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["family_id"], entry["facts"]) == (
            "contact.stopped",
            family.family_id,
            "{}",
        )

    async def test_takes_a_message_out_of_a_workers_hands(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        theirs = await invited(
            stage,
            team,
            team.family.parent,
            state="SENDING",
            fence=4,
            claimed_until=stage.now + timedelta(minutes=5),
        )

        await families.stop_contact(helen.ask(), **person(team.family.parent))

        assert await is_stopped(stage, theirs)
        row = await stage.owner.fetchrow("select fence, claimed_until from outbox_entry")
        assert row is not None
        assert (row["fence"], row["claimed_until"]) == (5, None)

    async def test_leaves_what_was_sent_as_it_was(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await invited(stage, team, team.family.parent, state="ACCEPTED")

        await families.stop_contact(helen.ask(), **person(team.family.parent))

        assert await stage.owner.fetchval("select state from outbox_entry") == "ACCEPTED"
        assert await stage.owner.fetchval("select revoked_at from reply_link") == stage.now

    async def test_reaches_the_same_person_in_a_family_that_is_hidden(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        other, alex = await stage.team(), team.family.parent
        there = Somebody(
            alex.person_id,
            alex.name,
            family_member_id=await stage.insert(
                "family_member",
                family_id=other.family.family_id,
                person_id=alex.person_id,
                role="CARER",
                joined_at=stage.now,
                version=uuid4(),
            ),
        )
        other.memberships[there.person_id] = await stage.membership(other, there)
        elsewhere = await invited(stage, other, there)
        untouched = await invited(stage, other, other.family.parent)

        await families.stop_contact(helen.ask(), **person(alex))

        assert await is_stopped(stage, elsewhere)
        assert not await is_stopped(stage, untouched)

    async def test_of_somebody_who_left_is_possible_still(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        gone = await stage.family_member(
            team.family.family_id, "Lee Left", "OTHER", left_at=stage.now
        )

        await families.stop_contact(helen.ask(), **person(gone, reason=StopReason.BEREAVEMENT))

        assert await stage.owner.fetchval("select reason from stop_contact") == "BEREAVEMENT"

    async def test_twice_is_no_mistake(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        for _ in range(2):
            await families.stop_contact(helen.ask(), **person(family.parent))

        assert (await stage.counts())["stop_contact"] == 2

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        family = team.family
        await invited(stage, team, family.parent)
        phone = await families.add_contact_channel(
            helen.ask(),
            family_member_id=place_of(family.parent),
            kind=families.ChannelKind.PHONE,
            value="01632 960123",
            preferred=False,
            read_by_others=False,
        )
        mail = await channel_of(stage, family.other_parent)
        by_phone = {
            "family_member_id": None,
            "contact_channel_id": phone.contact_channel_id,
        }
        await all_refused(
            stage,
            families.stop_contact,
            person(family.parent),
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"family_member_id": uuid4()}, "NOT_FOUND"),
                (family.parent, {}, "NOT_PERMITTED"),
                (family.other_parent, {}, "NOT_PERMITTED"),
                (stage.coordinator, {}, "NOT_PERMITTED"),
                (
                    family.parent,
                    {"family_member_id": None, "contact_channel_id": mail},
                    "NOT_FOUND",
                ),
                (helen, {"family_member_id": None}, "INVALID_INPUT"),
                (helen, {"contact_channel_id": mail}, "INVALID_INPUT"),
                (helen, by_phone, "INVALID_INPUT"),
                (helen, {"note": "x" * 4_001}, "INVALID_INPUT"),
            ],
        )


class TestStopContactWithAnAddress:
    async def test_stops_everybody_who_reads_it(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """The other parent, somebody of a hidden family, a guest and an agency's practitioner."""
        family, other = team.family, await stage.team()
        address = str(family.parent.address)
        guest = await stage.practitioner("Gina Guest")
        for somebody in (family.other_parent, other.family.parent):
            await stage.mailbox(somebody, address, "PERSONAL")
        readers = [
            await invited(stage, team, family.parent),
            await invited(stage, team, family.other_parent),
            await invited(stage, other, other.family.parent),
            await self.guest_at(stage, team, guest, address),
            await self.at_work(stage, team, helen, address),
        ]
        others = [
            await invited(stage, team, team.lead),
            await invited(stage, other, other.family.other_parent),
        ]

        await families.stop_contact(
            team.lead.ask(),
            contact_channel_id=await channel_of(stage, family.parent),
            reason=StopReason.DANGER,
        )

        assert all([await is_stopped(stage, reader) for reader in readers])
        assert not any([await is_stopped(stage, other) for other in others])
        row = await stage.owner.fetchrow("select * from stop_contact")
        assert row is not None
        assert row["person_id"] is None
        assert row["address_id"] == await stage.owner.fetchval(
            "select id from email_address where address = $1", address
        )

    async def guest_at(self, stage: Stage, team: ATeam, guest: Somebody, address: str) -> UUID:
        invitation_id = await invited(stage, team, guest)
        await stage.owner.execute(
            "update invitation set guest_mailbox_id = $2 where id = $1",
            invitation_id,
            await self.of_agency(stage, await stage.agency("Charity"), address),
        )
        return invitation_id

    async def at_work(self, stage: Stage, team: ATeam, helen: Somebody, address: str) -> UUID:
        await stage.owner.execute(
            "update affiliation set mailbox_id = $2 where id = $1",
            helen.affiliation_id,
            await self.of_agency(stage, helen.agency_id, address),
        )
        return await invited(stage, team, helen)

    async def of_agency(self, stage: Stage, agency_id: UUID | None, address: str) -> UUID:
        return await stage.insert(
            "mailbox",
            address_id=await stage.owner.fetchval(
                "select id from email_address where address = $1", address
            ),
            kind="ROLE",
            agency_id=agency_id,
            from_at=stage.now,
        )

    async def test_stops_what_was_already_addressed_to_it(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """A frozen message keeps its address, whoever reads that address now."""
        family = team.family
        addressed = await invited(
            stage, team, family.other_parent, address=str(family.parent.address).title()
        )

        await families.stop_contact(
            helen.ask(),
            contact_channel_id=await channel_of(stage, family.parent),
            reason=StopReason.DANGER,
        )

        row = await stage.owner.fetchrow(
            "select state from outbox_entry where subject_id = $1", addressed
        )
        assert row is not None
        assert row["state"] == "CANCELLED"


class TestResumeContact:
    @pytest.fixture
    async def stop(self, helen: Somebody, family: AFamily) -> UUID:
        stopped = await families.stop_contact(helen.ask(), **person(family.parent))
        return stopped.stop_contact_id

    async def test_lifts_it_and_sends_nothing_after_all(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        theirs = await invited(stage, team, team.family.parent)
        stopped = await families.stop_contact(helen.ask(), **person(team.family.parent))

        await families.resume_contact(
            team.lead.ask(), stop_contact_id=stopped.stop_contact_id, reason="She moved"
        )

        row = await stage.owner.fetchrow("select * from stop_contact")
        assert row is not None
        assert (row["lifted_at"], row["lifted_reason"]) == (stage.now, "She moved")
        assert await is_stopped(stage, theirs)

    async def test_is_open_to_whoever_stopped_it_after_they_left(
        self, stage: Stage, team: ATeam, helen: Somebody, stop: UUID
    ) -> None:
        await stage.owner.execute(
            "update membership set left_at = $2 where id = $1", team.of(helen), stage.now
        )

        await families.resume_contact(helen.ask(), stop_contact_id=stop, reason="She moved")

        assert await stage.owner.fetchval("select lifted_at from stop_contact")

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody, stop: UUID
    ) -> None:
        over = await stage.insert(
            "stop_contact",
            family_id=team.family.family_id,
            person_id=team.family.parent.person_id,
            reason="DANGER",
            stopped_by_id=helen.person_id,
            stopped_at=stage.now,
            lifted_at=stage.now,
        )
        await all_refused(
            stage,
            families.resume_contact,
            {"stop_contact_id": stop, "reason": "It is safe now"},
            [
                (otto, {}, "NOT_FOUND"),
                (team.family.parent, {}, "NOT_FOUND"),
                (stage.coordinator, {}, "NOT_FOUND"),
                (helen, {"stop_contact_id": uuid4()}, "NOT_FOUND"),
                (helen, {"stop_contact_id": over}, "NOT_PERMITTED"),
                (helen, {"reason": "  "}, "INVALID_INPUT"),
            ],
        )
