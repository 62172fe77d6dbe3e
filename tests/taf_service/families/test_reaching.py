from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import families
from taf_service.core.errors import Refusal
from taf_service.families import ChannelKind
from tests.refusals import all_refused
from tests.stage import AFamily, ATeam, Somebody, Stage


def by_mail(somebody: Somebody, address: str, **changes: Any) -> dict[str, Any]:
    return {
        "family_member_id": somebody.family_member_id,
        "kind": ChannelKind.EMAIL,
        "value": address,
        "preferred": False,
        "read_by_others": False,
    } | changes


async def channel_of(stage: Stage, somebody: Somebody) -> UUID:
    found: UUID = await stage.owner.fetchval(
        "select id from contact_channel where family_member_id = $1", somebody.family_member_id
    )
    return found


async def mailboxes_at(stage: Stage, address: str) -> list[Any]:
    return await stage.owner.fetch(
        "select b.* from mailbox b join email_address a on a.id = b.address_id"
        " where a.address = $1 order by b.from_at",
        address,
    )


class TestAddContactChannel:
    async def test_by_mail_goes_through_a_mailbox_of_their_own(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        added = await families.add_contact_channel(
            helen.ask(), **by_mail(family.parent, "Alex.New@Home.Example")
        )

        row = await stage.owner.fetchrow(
            "select c.*, b.person_id, b.kind as mailbox_kind, a.address from contact_channel c"
            " join mailbox b on b.id = c.mailbox_id join email_address a on a.id = b.address_id"
            " where c.id = $1",
            added.contact_channel_id,
        )
        assert row is not None
        assert (row["value"], row["address"]) == ("", "alex.new@home.example")
        assert (row["person_id"], row["mailbox_kind"]) == (family.parent.person_id, "PERSONAL")
        assert row["preferred_since"] is None
        facts = await stage.owner.fetchval("select facts from audit_entry")
        assert facts == '{"kind": "EMAIL"}'

    async def test_keeps_other_ways_as_they_were_said(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        for kind, value in (
            (ChannelKind.PHONE, " 01632 960123 "),
            (ChannelKind.TEXT, "+44 7700 900123"),
            (ChannelKind.POST, "Flat 2, 7 Brook Street"),
            (ChannelKind.IN_PERSON, "At the school gate, Mondays"),
        ):
            added = await families.add_contact_channel(
                helen.ask(), **by_mail(family.parent, value, kind=kind)
            )
            kept = await stage.owner.fetchval(
                "select value from contact_channel where id = $1", added.contact_channel_id
            )
            assert kept == value.strip()

    async def test_takes_the_preference_from_another(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        added = await families.add_contact_channel(
            helen.ask(),
            **by_mail(family.parent, "01632 960123", kind=ChannelKind.PHONE, preferred=True),
        )

        preferred = await stage.owner.fetch(
            "select id from contact_channel where preferred_since is not null"
            " and family_member_id = $1",
            family.parent.family_member_id,
        )
        assert [row["id"] for row in preferred] == [added.contact_channel_id]

    async def test_notes_that_somebody_else_reads_it(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        await families.add_contact_channel(
            helen.ask(), **by_mail(family.parent, "all@home.example", read_by_others=True)
        )

        (mailbox,) = await mailboxes_at(stage, "all@home.example")
        assert mailbox["read_by_others_since"] == stage.now

    async def test_of_an_address_that_another_of_the_family_reads_notes_it_for_both(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        shared = str(family.parent.address)

        await families.add_contact_channel(helen.ask(), **by_mail(family.other_parent, shared))

        marks = await stage.owner.fetch(
            "select c.read_by_others_since, b.read_by_others_since as of_mailbox"
            " from contact_channel c join mailbox b on b.id = c.mailbox_id"
            " join email_address a on a.id = b.address_id where a.address = $1",
            shared,
        )
        assert [tuple(mark) for mark in marks] == [(stage.now, stage.now)] * 2

    async def test_says_nothing_of_a_reader_in_a_hidden_family(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        hidden = await stage.team()
        shared = str(hidden.family.parent.address)

        added = await families.add_contact_channel(
            helen.ask(), **by_mail(team.family.parent, shared)
        )

        assert not await stage.owner.fetchval(
            "select read_by_others_since from contact_channel where id = $1",
            added.contact_channel_id,
        )
        marks = [row["read_by_others_since"] for row in await mailboxes_at(stage, shared)]
        assert marks == [stage.now, stage.now]

    async def test_remembers_that_an_address_was_read_by_others(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        first = await families.add_contact_channel(
            helen.ask(), **by_mail(family.parent, "all@home.example", read_by_others=True)
        )
        await families.end_contact_channel(helen.ask(), contact_channel_id=first.contact_channel_id)

        again = await families.add_contact_channel(
            helen.ask(), **by_mail(family.parent, "all@home.example")
        )

        assert await stage.owner.fetchval(
            "select read_by_others_since from contact_channel where id = $1",
            again.contact_channel_id,
        )
        assert all(
            box["read_by_others_since"] for box in await mailboxes_at(stage, "all@home.example")
        )

    async def test_of_somebody_in_two_families_shares_their_mailbox_unseen(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """The first family's mailbox row is hidden from the second team."""
        other = await stage.team()
        alex = await stage.insert(
            "family_member",
            family_id=other.family.family_id,
            person_id=team.family.parent.person_id,
            role="CARER",
            joined_at=stage.now,
            version=uuid4(),
        )

        await families.add_contact_channel(
            other.lead.ask(),
            **by_mail(team.family.parent, str(team.family.parent.address), family_member_id=alex),
        )

        assert len(await mailboxes_at(stage, str(team.family.parent.address))) == 1

    async def test_may_be_a_practitioners_own_work_address(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        added = await families.add_family_member(
            team.lead.ask(),
            family_id=team.family.family_id,
            member=families.NewMember("Helen", families.FamilyRole.OTHER),
            practitioner_id=helen.practitioner_id,
        )

        await families.add_contact_channel(
            team.lead.ask(),
            **by_mail(helen, str(helen.address), family_member_id=added.family_member_id),
        )

        boxes = await mailboxes_at(stage, str(helen.address))
        assert {box["person_id"] for box in boxes} == {helen.person_id}

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        alex = team.family.parent
        await all_refused(
            stage,
            families.add_contact_channel,
            by_mail(alex, "new@home.example"),
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"family_member_id": uuid4()}, "NOT_FOUND"),
                (alex, {}, "NOT_PERMITTED"),
                (stage.coordinator, {}, "NOT_PERMITTED"),
                (helen, {"value": ""}, "INVALID_INPUT"),
                (helen, {"value": "two@a.example, two@b.example"}, "INVALID_INPUT"),
                (helen, {"value": "c@d> RCPT TO:<e"}, "INVALID_INPUT"),
                (helen, {"value": "a@b.example\nBcc: c@d.example"}, "INVALID_INPUT"),
                (helen, {"value": str(alex.address).upper()}, "CONTACT_CHANNEL_KNOWN"),
                (helen, {"kind": ChannelKind.PHONE}, "INVALID_INPUT"),
                (
                    helen,
                    {"kind": ChannelKind.PHONE, "value": "01632 960123", "read_by_others": True},
                    "INVALID_INPUT",
                ),
            ],
        )

    async def test_names_the_field_as_the_client_wrote_it(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        with pytest.raises(Refusal) as refusal:
            await families.add_contact_channel(helen.ask(), **by_mail(family.parent, "nobody"))

        assert refusal.value.field == "value"


class TestAnAddressOfSomebodyWhoMustNotMeetThem:
    async def test_is_refused_and_explained_to_those_who_know_of_the_pair(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)

        await self.refused(stage, helen, family.parent, str(family.other_parent.address))
        assert "must not meet" in self.message

    async def test_is_refused_to_others_without_a_reason(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """The pair is on record in the second family; Helen works with the first alone."""
        other = await stage.team()
        alex = await stage.insert(
            "family_member",
            family_id=other.family.family_id,
            person_id=team.family.parent.person_id,
            role="CARER",
            joined_at=stage.now,
            version=uuid4(),
        )
        assert alex
        await stage.no_contact(other.family, team.family.parent, other.family.parent)

        await self.refused(stage, helen, team.family.parent, str(other.family.parent.address))
        assert self.message == "Ask the lead practitioner."

    async def refused(
        self, stage: Stage, asker: Somebody, somebody: Somebody, address: str
    ) -> None:
        """Nothing but the attempt is on record."""
        before = await stage.state()
        with pytest.raises(Refusal) as refusal:
            await families.add_contact_channel(asker.ask(), **by_mail(somebody, address))
        assert refusal.value.code == "ADDRESS_REFUSED"
        self.message = refusal.value.message
        after = await stage.state()
        assert {t for t in after if after[t] != before[t]} == {"audit_entry"}
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"], entry["facts"]) == (
            "contact_channel.refused",
            somebody.family_member_id,
            "{}",
        )

    async def test_is_theirs_again_when_the_other_reads_it_no_longer(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        await families.end_contact_channel(
            helen.ask(), contact_channel_id=await channel_of(stage, family.other_parent)
        )

        added = await families.add_contact_channel(
            helen.ask(), **by_mail(family.parent, str(family.other_parent.address))
        )

        assert added.contact_channel_id


class TestPreferContactChannel:
    @pytest.fixture
    async def phone(self, stage: Stage, helen: Somebody, family: AFamily) -> UUID:
        added = await families.add_contact_channel(
            helen.ask(), **by_mail(family.parent, "01632 960123", kind=ChannelKind.PHONE)
        )
        return added.contact_channel_id

    async def test_moves_the_preference(
        self, stage: Stage, helen: Somebody, family: AFamily, phone: UUID
    ) -> None:
        await families.prefer_contact_channel(helen.ask(), contact_channel_id=phone)

        rows = await stage.owner.fetch(
            "select id from contact_channel where family_member_id = $1"
            " and preferred_since is not null",
            family.parent.family_member_id,
        )
        assert [row["id"] for row in rows] == [phone]

    async def test_twice_changes_nothing_more(
        self, stage: Stage, helen: Somebody, phone: UUID
    ) -> None:
        await families.prefer_contact_channel(helen.ask(), contact_channel_id=phone)
        before = await stage.state()

        await families.prefer_contact_channel(helen.ask(), contact_channel_id=phone)

        assert await stage.state() == before

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody, phone: UUID
    ) -> None:
        ended = await channel_of(stage, team.family.other_parent)
        await families.end_contact_channel(helen.ask(), contact_channel_id=ended)
        await all_refused(
            stage,
            families.prefer_contact_channel,
            {"contact_channel_id": phone},
            [
                (otto, {}, "NOT_FOUND"),
                (team.family.parent, {}, "NOT_FOUND"),
                (stage.coordinator, {}, "NOT_FOUND"),
                (helen, {"contact_channel_id": uuid4()}, "NOT_FOUND"),
                (helen, {"contact_channel_id": ended}, "NOT_PERMITTED"),
            ],
        )


class TestEndContactChannel:
    async def test_gives_up_the_mailbox_that_nobody_writes_to_any_more(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        channel_id = await channel_of(stage, family.parent)

        await families.end_contact_channel(helen.ask(), contact_channel_id=channel_id)

        (mailbox,) = await mailboxes_at(stage, str(family.parent.address))
        assert mailbox["ended_at"] == stage.now

    async def test_of_a_telephone_touches_no_mailbox(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        phone = await families.add_contact_channel(
            helen.ask(), **by_mail(family.parent, "01632 960123", kind=ChannelKind.PHONE)
        )

        await families.end_contact_channel(helen.ask(), contact_channel_id=phone.contact_channel_id)

        assert await stage.owner.fetchval(
            "select ended_at from contact_channel where id = $1", phone.contact_channel_id
        )
        (mailbox,) = await mailboxes_at(stage, str(family.parent.address))
        assert mailbox["ended_at"] is None

    async def test_leaves_a_mailbox_that_another_family_writes_to(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        alex, other = team.family.parent, await stage.team()
        channel_id = await channel_of(stage, alex)
        await stage.insert(
            "contact_channel",
            family_id=other.family.family_id,
            family_member_id=await stage.insert(
                "family_member",
                family_id=other.family.family_id,
                person_id=alex.person_id,
                role="CARER",
                joined_at=stage.now,
                version=uuid4(),
            ),
            kind="EMAIL",
            mailbox_id=(await mailboxes_at(stage, str(alex.address)))[0]["id"],
            added_at=stage.now,
        )

        await families.end_contact_channel(helen.ask(), contact_channel_id=channel_id)

        (mailbox,) = await mailboxes_at(stage, str(alex.address))
        assert mailbox["ended_at"] is None

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        ended = await channel_of(stage, team.family.other_parent)
        await families.end_contact_channel(helen.ask(), contact_channel_id=ended)
        await all_refused(
            stage,
            families.end_contact_channel,
            {"contact_channel_id": await channel_of(stage, team.family.parent)},
            [
                (otto, {}, "NOT_FOUND"),
                (team.family.parent, {}, "NOT_FOUND"),
                (helen, {"contact_channel_id": uuid4()}, "NOT_FOUND"),
                (helen, {"contact_channel_id": ended}, "NOT_PERMITTED"),
            ],
        )


class TestRecordSharedMailbox:
    async def test_marks_the_mailbox_and_the_channel(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        channel_id = await channel_of(stage, family.parent)

        await families.record_shared_mailbox(helen.ask(), contact_channel_id=channel_id)

        (mailbox,) = await mailboxes_at(stage, str(family.parent.address))
        assert mailbox["read_by_others_since"] == stage.now
        assert await stage.owner.fetchval(
            "select read_by_others_since from contact_channel where id = $1", channel_id
        )

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        phone = await families.add_contact_channel(
            helen.ask(), **by_mail(team.family.parent, "01632 960123", kind=ChannelKind.PHONE)
        )
        await all_refused(
            stage,
            families.record_shared_mailbox,
            {"contact_channel_id": await channel_of(stage, team.family.other_parent)},
            [
                (otto, {}, "NOT_FOUND"),
                (team.family.parent, {}, "NOT_FOUND"),
                (helen, {"contact_channel_id": uuid4()}, "NOT_FOUND"),
                (helen, {"contact_channel_id": phone.contact_channel_id}, "INVALID_INPUT"),
            ],
        )
