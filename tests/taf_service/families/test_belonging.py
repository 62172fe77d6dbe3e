from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import families
from taf_service.core.errors import ConfirmationNeeded, Refusal
from taf_service.families import FamilyRole, NewMember
from tests.refusals import all_refused
from tests.stage import AFamily, ATeam, Somebody, Stage, place_of

GRAN = NewMember("Gran Hartwell", FamilyRole.CARER)


async def version_of(stage: Stage, somebody: Somebody | UUID) -> Any:
    member_id = somebody.family_member_id if isinstance(somebody, Somebody) else somebody
    return await stage.owner.fetchval("select version from family_member where id = $1", member_id)


async def person_of(stage: Stage, member_id: UUID) -> Any:
    return await stage.owner.fetchval(
        "select person_id from family_member where id = $1", member_id
    )


class TestAddFamilyMember:
    async def test_enters_somebody_new(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        added = await families.add_family_member(
            helen.ask(), family_id=family.family_id, member=GRAN
        )

        name = await stage.owner.fetchval(
            "select name from person where id = $1",
            await person_of(stage, added.family_member_id),
        )
        assert name == "Gran Hartwell"
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["family_id"], entry["facts"]) == (
            "family_member.added",
            family.family_id,
            "{}",
        )

    async def test_knows_a_person_of_another_family_that_the_actor_sees(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        other = await stage.team(helen)

        added = await families.add_family_member(
            helen.ask(),
            family_id=other.family.family_id,
            member=NewMember("Whatever they said", FamilyRole.CARER),
            same_person_as_id=family.parent.family_member_id,
        )

        assert await person_of(stage, added.family_member_id) == family.parent.person_id
        name = await stage.owner.fetchval(
            "select name from person where id = $1", family.parent.person_id
        )
        assert name == "Alex Hartwell"

    async def test_a_practitioner_who_is_a_parent_loses_sight_of_that_family(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await families.add_family_member(
            team.lead.ask(),
            family_id=team.family.family_id,
            member=NewMember("Helen Health", FamilyRole.PARENT),
            practitioner_id=helen.practitioner_id,
        )

        await all_refused(
            stage,
            families.add_family_member,
            {"family_id": team.family.family_id, "member": GRAN},
            [(helen, {}, "NOT_FOUND")],
        )

    async def test_asks_whether_somebody_who_left_came_back(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        left = family.other_parent
        await families.remove_family_member(
            helen.ask(),
            family_member_id=place_of(left),
            version=await version_of(stage, left),
        )
        sam = NewMember("sam hartwell", FamilyRole.PARENT)

        with pytest.raises(ConfirmationNeeded):
            await families.add_family_member(helen.ask(), family_id=family.family_id, member=sam)
        added = await families.add_family_member(
            helen.ask(),
            family_id=family.family_id,
            member=sam,
            same_person_as_id=left.family_member_id,
        )

        assert await person_of(stage, added.family_member_id) == left.person_id

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        family, hidden = team.family, await stage.team()
        unborn = NewMember("Baby", FamilyRole.CHILD, expected_on=date(2027, 3, 2))
        hidden_id = hidden.family.parent.family_member_id
        await all_refused(
            stage,
            families.add_family_member,
            {"family_id": family.family_id, "member": GRAN},
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"family_id": uuid4()}, "NOT_FOUND"),
                (family.parent, {}, "NOT_PERMITTED"),
                (stage.coordinator, {}, "NOT_PERMITTED"),
                (helen, {"member": unborn}, "INVALID_INPUT"),
                (helen, {"same_person_as_id": hidden_id}, "NOT_FOUND"),
                (helen, {"same_person_as_id": uuid4()}, "NOT_FOUND"),
                (
                    helen,
                    {"same_person_as_id": family.parent.family_member_id},
                    "ALREADY_IN_FAMILY",
                ),
                (helen, {"practitioner_id": uuid4()}, "NOT_FOUND"),
                (helen, {"practitioner_id": helen.practitioner_id}, "OWN_FAMILY"),
                (
                    helen,
                    {
                        "practitioner_id": otto.practitioner_id,
                        "same_person_as_id": family.parent.family_member_id,
                    },
                    "INVALID_INPUT",
                ),
            ],
        )

    async def test_expects_nobody_who_bears_a_name_already(
        self, stage: Stage, helen: Somebody, otto: Somebody, family: AFamily
    ) -> None:
        """Whoever records their birth would name them anew, in every family and at work."""
        unborn = NewMember("Somebody else", FamilyRole.CHILD, expected_on=date(2026, 5, 1))
        elsewhere = await stage.team(helen)

        await all_refused(
            stage,
            families.add_family_member,
            {"family_id": family.family_id, "member": unborn},
            [
                (helen, {"practitioner_id": otto.practitioner_id}, "INVALID_INPUT"),
                (
                    helen,
                    {"same_person_as_id": elsewhere.family.parent.family_member_id},
                    "INVALID_INPUT",
                ),
            ],
        )

    async def test_expects_a_child_in_both_of_its_families(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        unborn = NewMember("Baby", FamilyRole.CHILD, expected_on=date(2026, 5, 1))
        elsewhere = await stage.team(helen)
        first = await families.add_family_member(
            helen.ask(), family_id=elsewhere.family.family_id, member=unborn
        )

        second = await families.add_family_member(
            helen.ask(),
            family_id=family.family_id,
            member=unborn,
            same_person_as_id=first.family_member_id,
        )

        assert await person_of(stage, first.family_member_id) == await person_of(
            stage, second.family_member_id
        )


class TestAPersonInTwoFamilies:
    async def test_is_seen_in_each_by_its_own_team_alone(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """Helen works with both and knows it is one person; each lead knows their own family."""
        second = await stage.team(helen)
        added = await families.add_family_member(
            helen.ask(),
            family_id=second.family.family_id,
            member=NewMember("Alex Hartwell", FamilyRole.CARER),
            same_person_as_id=team.family.parent.family_member_id,
        )
        in_second, in_first = added.family_member_id, place_of(team.family.parent)
        for asker, seen, hidden in (
            (team.lead, in_first, in_second),
            (second.lead, in_second, in_first),
        ):
            await families.add_contact_channel(
                asker.ask(),
                family_member_id=seen,
                kind=families.ChannelKind.PHONE,
                value="01632 960123",
                preferred=False,
                read_by_others=False,
            )
            await all_refused(
                stage,
                families.record_safe_contact,
                {"family_member_id": hidden, "instructions": "Ring", "email_allowed": True},
                [(asker, {}, "NOT_FOUND")],
            )


class TestRecordBirth:
    @pytest.fixture
    async def baby(self, stage: Stage, family: AFamily) -> Somebody:
        return await stage.family_member(
            family.family_id, "Baby Hartwell", "CHILD", expected_on=date(2026, 3, 1)
        )

    async def test_gives_the_child_a_date_of_birth_and_a_name(
        self, stage: Stage, helen: Somebody, baby: Somebody
    ) -> None:
        version = await version_of(stage, baby)

        await families.record_birth(
            helen.ask(),
            family_member_id=place_of(baby),
            version=version,
            born_on=date(2026, 3, 2),
            name="Wren Hartwell",
        )

        row = await stage.owner.fetchrow(
            "select m.*, p.name from family_member m join person p on p.id = m.person_id"
            " where m.id = $1",
            baby.family_member_id,
        )
        assert row is not None
        assert (row["born_on"], row["expected_on"]) == (date(2026, 3, 2), None)
        assert row["name"] == "Wren Hartwell"
        assert row["version"] != version

    async def test_keeps_the_name_when_none_is_given(
        self, stage: Stage, helen: Somebody, baby: Somebody
    ) -> None:
        await families.record_birth(
            helen.ask(),
            family_member_id=place_of(baby),
            version=await version_of(stage, baby),
            born_on=date(2026, 2, 27),
        )

        name = await stage.owner.fetchval("select name from person where id = $1", baby.person_id)
        assert name == "Baby Hartwell"

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody, baby: Somebody
    ) -> None:
        family = team.family
        given = {
            "family_member_id": baby.family_member_id,
            "version": await version_of(stage, baby),
            "born_on": date(2026, 3, 2),
        }
        robin = {
            "family_member_id": family.child.family_member_id,
            "version": await version_of(stage, family.child),
        }
        await all_refused(
            stage,
            families.record_birth,
            given,
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"family_member_id": uuid4()}, "NOT_FOUND"),
                (family.parent, {}, "NOT_PERMITTED"),
                (helen, {"version": uuid4()}, "STALE"),
                (helen, {"born_on": date(2026, 3, 3)}, "INVALID_INPUT"),
                (helen, {"name": ""}, "INVALID_INPUT"),
                (helen, robin, "CHILD_NOT_EXPECTED"),
            ],
        )


class TestRemoveFamilyMember:
    async def test_ends_their_place_and_their_sight(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        removed = await families.remove_family_member(
            helen.ask(),
            family_member_id=place_of(family.other_parent),
            version=await version_of(stage, family.other_parent),
        )

        assert removed.family_id == family.family_id
        assert await stage.owner.fetchval(
            "select left_at from family_member where id = $1", removed.family_member_id
        )
        await all_refused(
            stage,
            families.add_family_member,
            {"family_id": family.family_id, "member": GRAN},
            [(family.other_parent, {}, "NOT_FOUND")],
        )

    async def test_keeps_what_protects_them(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        await stage.no_contact(family, family.parent, family.other_parent)

        await families.remove_family_member(
            helen.ask(),
            family_member_id=place_of(family.parent),
            version=await version_of(stage, family.parent),
        )

        assert await stage.owner.fetchval("select ended_at is null from no_contact")

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        family = team.family
        left = await stage.family_member(family.family_id, "Lee Left", "OTHER", left_at=stage.now)
        given = {
            "family_member_id": family.parent.family_member_id,
            "version": await version_of(stage, family.parent),
        }
        robin = {
            "family_member_id": family.child.family_member_id,
            "version": await version_of(stage, family.child),
        }
        gone = {
            "family_member_id": left.family_member_id,
            "version": await version_of(stage, left),
        }
        await all_refused(
            stage,
            families.remove_family_member,
            given,
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"family_member_id": uuid4()}, "NOT_FOUND"),
                (helen, gone, "NOT_FOUND"),
                (family.other_parent, {}, "NOT_PERMITTED"),
                (stage.coordinator, {}, "NOT_PERMITTED"),
                (helen, {"version": uuid4()}, "STALE"),
                (helen, robin, "LAST_CHILD"),
            ],
        )

    async def test_of_the_last_two_children_at_once_leaves_one(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        wren = await stage.family_member(
            team.family.family_id, "Wren Hartwell", "CHILD", born_on=date(2020, 1, 1)
        )
        versions = [await version_of(stage, child) for child in (team.family.child, wren)]

        ends = await asyncio.gather(
            *(
                families.remove_family_member(
                    asker.ask(), family_member_id=place_of(child), version=version
                )
                for asker, child, version in zip(
                    (helen, team.lead), (team.family.child, wren), versions, strict=True
                )
            ),
            return_exceptions=True,
        )

        refusals = [end for end in ends if isinstance(end, Refusal)]
        assert [refusal.code for refusal in refusals] == ["LAST_CHILD"]
