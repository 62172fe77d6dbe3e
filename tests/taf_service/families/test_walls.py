"""Both walls, each alone: the predicate as the owner, whom row-level security does not bind, and
row-level security under a bare `select` by the service's role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest

from taf_service import families, visibility
from taf_service.database import Urls
from tests.stage import AFamily, ATeam, Somebody, Stage, place_of

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Sees: TypeAlias = Callable[[Somebody, str], Awaitable[set[UUID]]]

SECRETS = ("contact_channel", "safe_contact", "no_contact", "stop_contact")


@pytest.fixture(params=["first wall", "second wall"])
async def sees(
    request: pytest.FixtureRequest, urls: Urls, owner: Connection
) -> AsyncIterator[Sees]:
    """The ids of a table's rows that somebody sees through one wall, the other taken away."""
    service = await asyncpg.connect(urls.service)
    is_first = request.param == "first wall"

    async def through(somebody: Somebody, table: str) -> set[UUID]:
        connection = owner if is_first else service
        seen = visibility.predicate(table, row="r", actor="$1::uuid")
        async with connection.transaction():
            await connection.execute(
                "select set_config('taf.actor', $1, true)", str(somebody.person_id)
            )
            rows = await connection.fetch(
                f"select r.id from {table} r where {seen if is_first else '$1::uuid is not null'}",
                somebody.person_id,
            )
        return {row["id"] for row in rows}

    yield through
    await service.close()


async def protect(stage: Stage, asker: Somebody, family: AFamily) -> None:
    """Everything that is to be kept from the family."""
    await families.record_safe_contact(
        asker.ask(),
        family_member_id=place_of(family.parent),
        instructions="Ring before ten",
        email_allowed=True,
    )
    await families.record_no_contact(
        asker.ask(),
        first_id=place_of(family.parent),
        second_id=place_of(family.other_parent),
        reason="A court order",
    )
    await families.stop_contact(
        asker.ask(),
        family_member_id=family.parent.family_member_id,
        reason=families.StopReason.DANGER,
    )


class TestAPairKeptApart:
    async def test_sees_nothing_of_one_another(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        family = team.family
        await protect(stage, helen, family)

        for one, other in (
            (family.parent, family.other_parent),
            (family.other_parent, family.parent),
        ):
            for table in SECRETS:
                assert await sees(one, table) == set(), table
            members = await sees(one, "family_member")
            assert {one.family_member_id, family.child.family_member_id} == members
            assert team.of(one) in await sees(one, "membership")
            assert team.of(other) not in await sees(one, "membership")

    async def test_sees_nothing_of_what_the_other_owes_and_says_of_it(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        family = team.family
        await stage.no_contact(family, family.parent, family.other_parent)
        theirs = {owner: await stage.action(team, owner) for owner in (family.parent, helen)}
        said = {
            (owner, reporter): await stage.insert(
                "action_progress",
                action_id=action_id,
                status="IN_PROGRESS",
                note="I looked at a flat in Elm Grove",
                reported_by_id=reporter.person_id,
                reported_at=stage.now,
            )
            for owner, action_id in theirs.items()
            for reporter in (family.parent, helen)
        }

        assert await sees(family.other_parent, "action") == {theirs[helen]}
        assert await sees(family.other_parent, "action_progress") == {said[helen, helen]}
        for somebody in (family.parent, helen):
            assert await sees(somebody, "action") == set(theirs.values())
            assert await sees(somebody, "action_progress") == set(said.values())

    async def test_is_seen_by_a_practitioner_in_the_team(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        await protect(stage, helen, team.family)

        for table in SECRETS:
            assert await sees(helen, table), table

    async def test_sees_one_another_again_when_it_ended(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        family = team.family
        pair = await stage.no_contact(family, family.parent, family.other_parent)
        await families.end_no_contact(helen.ask(), no_contact_id=pair, reason="A mistake")

        assert family.other_parent.family_member_id in await sees(family.parent, "family_member")


class TestSomebodyAtWorkWhoMustNotMeetOneOfTheFamily:
    """They met in another family, and one of them is a practitioner here."""

    @pytest.fixture
    async def otto(self, stage: Stage, team: ATeam, otto: Somebody) -> Somebody:
        team.memberships[otto.person_id] = await stage.membership(team, otto)
        return otto

    async def keep_apart(self, stage: Stage, otto: Somebody, other: Somebody) -> None:
        elsewhere = await stage.team()
        await stage.no_contact(elsewhere.family, otto, other)

    async def test_loses_sight_of_the_whole_case(
        self, stage: Stage, team: ATeam, otto: Somebody, sees: Sees
    ) -> None:
        await stage.meeting(team, team.family.parent)
        own, both = await self.own(stage, otto), await sees(otto, "contact_channel")
        assert own < both
        family_id = team.family.family_id
        assert family_id in await sees(otto, "family")

        await self.keep_apart(stage, otto, team.family.parent)

        assert await sees(otto, "contact_channel") == own
        assert family_id not in await sees(otto, "family")
        assert team.team_id not in await sees(otto, "team")
        assert not await sees(otto, "meeting")
        assert not await sees(otto, "invitation")
        assert team.family.parent.family_member_id not in await sees(otto, "family_member")

    async def own(self, stage: Stage, otto: Somebody) -> set[UUID]:
        """The channels of the family whose team he leads."""
        rows = await stage.owner.fetch(
            "select c.id from contact_channel c join team t on t.family_id = c.family_id"
            " join membership m on m.team_id = t.id join lead_tenure l on l.membership_id = m.id"
            " where m.person_id = $1",
            otto.person_id,
        )
        return {row["id"] for row in rows}

    async def test_keeps_their_other_families(
        self, stage: Stage, team: ATeam, otto: Somebody, sees: Sees
    ) -> None:
        await self.keep_apart(stage, otto, team.family.parent)

        assert len(await sees(otto, "family")) == 1


class TestAPractitionerWhoIsAParent:
    async def test_sees_in_their_own_family_what_a_parent_sees(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        other = await stage.team(helen)
        added = await families.add_family_member(
            team.lead.ask(),
            family_id=team.family.family_id,
            member=families.NewMember("Helen Health", families.FamilyRole.PARENT),
            practitioner_id=helen.practitioner_id,
        )

        assert await sees(helen, "family") == {other.family.family_id}
        channels = await sees(helen, "contact_channel")
        assert channels
        assert await sees(team.lead, "contact_channel") & channels == set()
        assert added.family_member_id not in await sees(helen, "family_member")


class TestAPersonInTwoFamilies:
    async def test_shows_each_team_its_own_family_alone(
        self, stage: Stage, team: ATeam, sees: Sees
    ) -> None:
        alex, other = team.family.parent, await stage.team()
        there = await stage.insert(
            "family_member",
            family_id=other.family.family_id,
            person_id=alex.person_id,
            role="CARER",
            joined_at=stage.now,
            version=uuid4(),
        )

        assert there in await sees(other.lead, "family_member")
        assert alex.family_member_id not in await sees(other.lead, "family_member")
        assert there not in await sees(team.lead, "family_member")
        assert await sees(team.lead, "family") == {team.family.family_id}
        assert not await sees(team.lead, "contact_channel") & await sees(
            other.lead, "contact_channel"
        )


class TestSomebodyWhoLeftTheFamily:
    async def test_is_known_to_its_practitioners_alone(
        self, stage: Stage, team: ATeam, helen: Somebody, sees: Sees
    ) -> None:
        gone = await stage.family_member(
            team.family.family_id, "Lee Left", "OTHER", left_at=stage.now
        )

        assert gone.family_member_id in await sees(helen, "family_member")
        for somebody in (team.family.parent, stage.coordinator, gone):
            assert gone.family_member_id not in await sees(somebody, "family_member")
