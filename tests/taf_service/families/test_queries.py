from __future__ import annotations

from typing import TypeVar
from uuid import uuid4

import pytest

from taf_service import families
from taf_service.core.errors import NotFound
from taf_service.core.work import Work
from taf_service.families import EmailReach, Pair, StopReason
from tests.stage import AFamily, ATeam, Somebody, Stage, at_work, place_of

T = TypeVar("T")


class TestFamilyMemberFor:
    async def test_finds_nobody_who_has_left(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        gone = await stage.family_member(
            team.family.family_id, "Lee Left", "OTHER", left_at=stage.now
        )

        with pytest.raises(NotFound):
            await at_work(helen, lambda work: families.family_member_for(work, place_of(gone)))


class TestPairsKeptApart:
    async def test_are_explained_to_those_who_work_with_the_family(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        first, second = sorted([family.parent.person_id, family.other_parent.person_id])
        people = {first, second, otto.person_id}
        for somebody, is_known in (
            (helen, True),
            (otto, False),
            (family.parent, False),
            (stage.coordinator, False),
        ):
            pairs = await at_work(somebody, lambda work: families.pairs_kept_apart(work, people))
            assert pairs == (Pair(first, second, is_known),), somebody.name

    async def test_are_of_people_who_were_asked_about(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)

        assert not await at_work(
            helen, lambda work: families.pairs_kept_apart(work, {family.parent.person_id})
        )


class TestPairsSharingAMailbox:
    async def test_are_found_wherever_they_are_recorded(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family, other = team.family, await stage.team()
        people = {family.parent.person_id, other.family.parent.person_id, uuid4()}
        assert not await at_work(helen, lambda work: families.pairs_sharing_a_mailbox(work, people))
        await stage.mailbox(other.family.parent, str(family.parent.address), "PERSONAL")

        shared = await at_work(helen, lambda work: families.pairs_sharing_a_mailbox(work, people))

        assert {frozenset(pair) for pair in shared} == {
            frozenset({family.parent.person_id, other.family.parent.person_id})
        }


class TestPeopleStopped:
    async def test_are_stopped_themselves_or_by_an_address_they_read(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        people = {family.parent.person_id, family.other_parent.person_id, helen.person_id}
        await stage.mailbox(family.other_parent, str(family.parent.address), "PERSONAL")
        await stage.insert(
            "stop_contact",
            family_id=family.family_id,
            address_id=await stage.owner.fetchval(
                "select id from email_address where address = $1", family.parent.address
            ),
            reason="DANGER",
            stopped_by_id=helen.person_id,
            stopped_at=stage.now,
        )
        stopped = await at_work(helen, lambda work: families.people_stopped(work, people))
        assert stopped == {family.parent.person_id, family.other_parent.person_id}

    async def test_are_free_again_when_it_was_lifted(self, team: ATeam, helen: Somebody) -> None:
        alex = team.family.parent
        stop = await families.stop_contact(
            helen.ask(), family_member_id=place_of(alex), reason=StopReason.DANGER
        )
        await families.resume_contact(
            helen.ask(), stop_contact_id=stop.stop_contact_id, reason="She moved"
        )

        assert not await at_work(
            helen, lambda work: families.people_stopped(work, {alex.person_id})
        )


class TestEmailReach:
    async def reach(self, asker: Somebody, somebody: Somebody) -> EmailReach:
        async def asking(work: Work) -> EmailReach:
            member = await families.family_member_for(work, place_of(somebody))
            return await families.email_reach_of(work, member)

        return await at_work(asker, asking)

    async def test_needs_an_address_that_is_safe(self, helen: Somebody, family: AFamily) -> None:
        assert await self.reach(helen, family.child) is EmailReach.NO_ADDRESS
        assert await self.reach(helen, family.parent) is EmailReach.REACHED

        await families.record_safe_contact(
            helen.ask(),
            family_member_id=place_of(family.parent),
            instructions="Letters only",
            email_allowed=False,
        )

        assert await self.reach(helen, family.parent) is EmailReach.NOT_SAFE
