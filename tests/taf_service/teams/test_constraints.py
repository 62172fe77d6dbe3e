"""What the database itself refuses, whoever writes: tried as the owner, past every rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.stage import AFamily, ATeam, Somebody, Stage


async def tenure(stage: Stage, team: ATeam, membership_id: UUID) -> UUID:
    return await stage.insert(
        "lead_tenure",
        team_id=team.team_id,
        membership_id=membership_id,
        interim=False,
        reason="The family asked for her.",
        appointed_by_id=team.lead.person_id,
        from_at=stage.now,
    )


async def end_tenure(stage: Stage, team: ATeam) -> None:
    await stage.owner.execute(
        "update lead_tenure set until_at = $2 where team_id = $1 and until_at is null",
        team.team_id,
        stage.now,
    )


async def pass_on(stage: Stage, team: ATeam, membership_id: UUID) -> None:
    async with stage.owner.transaction():
        await end_tenure(stage, team)
        await tenure(stage, team, membership_id)


async def open_beside(stage: Stage, family: AFamily, by: Somebody, **values: Any) -> None:
    await stage.insert(
        "team",
        **{
            "family_id": family.family_id,
            "enquiry_id": await stage.enquiry(family, by),
            "engagement": "ENGAGED",
            "review_interval_days": 42,
            "opened_at": stage.now,
            "version": uuid4(),
            **values,
        },
    )


class TestAnOpenTeamHasExactlyOneLead:
    async def test_never_two(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        with pytest.raises(asyncpg.UniqueViolationError, match="one_open_lead"):
            await tenure(stage, team, team.of(helen))

    async def test_never_none(self, stage: Stage, team: ATeam) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="exactly one lead"):
            await end_tenure(stage, team)

    async def test_none_from_the_first(self, stage: Stage, helen: Somebody) -> None:
        family = await stage.family(registered_by=helen)
        with pytest.raises(asyncpg.CheckViolationError, match="exactly one lead"):
            await open_beside(stage, family, helen)

    async def test_one_may_follow_another_in_one_transaction(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await pass_on(stage, team, team.of(helen))

    async def test_who_is_in_it_now(self, stage: Stage, team: ATeam) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="exactly one lead"):
            await stage.owner.execute(
                "update membership set left_at = $2 where id = $1", team.of(team.lead), stage.now
            )

    async def test_who_is_a_practitioner_of_this_team(self, stage: Stage, team: ATeam) -> None:
        other = await stage.team()
        for membership_id in (team.of(team.family.parent), other.of(other.lead)):
            with pytest.raises(asyncpg.CheckViolationError, match="exactly one lead"):
                await pass_on(stage, team, membership_id)


class TestAFamily:
    async def test_has_one_open_team(self, stage: Stage, team: ATeam) -> None:
        with pytest.raises(asyncpg.UniqueViolationError, match="one_open_team"):
            await open_beside(stage, team.family, team.lead)
        await open_beside(stage, team.family, team.lead, closed_at=stage.now)

    async def test_has_one_unanswered_question(self, stage: Stage, team: ATeam) -> None:
        async def ask() -> None:
            await stage.insert(
                "lead_enquiry",
                family_id=team.family.family_id,
                authority_id=stage.authority_id,
                asked_by_id=team.lead.person_id,
                asked_at=stage.now,
                version=uuid4(),
            )

        await ask()
        with pytest.raises(asyncpg.UniqueViolationError, match="one_open_enquiry"):
            await ask()


class TestAPerson:
    async def test_has_one_place_in_a_team_at_a_time(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        with pytest.raises(asyncpg.ExclusionViolationError, match="no_overlapping_membership"):
            await stage.membership(team, helen)

    async def test_may_return_once_they_have_left(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await stage.owner.execute(
            "update membership set left_at = $2 where id = $1", team.of(helen), stage.now
        )
        await stage.membership(team, helen)

    async def test_has_no_second_place_in_the_past_either(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await stage.owner.execute(
            "update membership set left_at = $2 where id = $1",
            team.of(helen),
            stage.now + timedelta(days=7),
        )
        with pytest.raises(asyncpg.ExclusionViolationError, match="no_overlapping_membership"):
            await stage.membership(team, helen)

    async def test_is_there_either_for_an_agency_or_as_one_of_the_family(
        self, stage: Stage, team: ATeam
    ) -> None:
        nurse = await stage.practitioner("Nora Nurse")
        whole: dict[str, Any] = {
            "team_id": team.team_id,
            "person_id": nurse.person_id,
            "kind": "PRACTITIONER",
            "practitioner_id": nurse.practitioner_id,
            "agency_id": nurse.agency_id,
            "joined_at": stage.now,
            "added_by_id": team.lead.person_id,
            "version": uuid4(),
        }
        for wrong in (
            {"agency_id": None},
            {"practitioner_id": None},
            {"kind": "FAMILY"},
            {"family_member_id": team.family.child.family_member_id},
        ):
            with pytest.raises(asyncpg.CheckViolationError):
                await stage.insert("membership", **(whole | wrong))
