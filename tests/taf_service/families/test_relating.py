from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from taf_service import families
from taf_service.core.errors import Refusal
from taf_service.families import RelationshipKind, ResponsibilityBasis
from tests.refusals import all_refused
from tests.stage import AFamily, ATeam, Somebody, Stage, place_of


class TestRecordRelationship:
    async def test_says_what_the_first_is_to_the_second(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        recorded = await families.record_relationship(
            helen.ask(),
            first_id=place_of(family.parent),
            kind=RelationshipKind.PARENT,
            second_id=place_of(family.child),
        )

        row = await stage.owner.fetchrow("select * from relationship")
        assert row is not None
        assert row["id"] == recorded.relationship_id
        assert (row["from_member_id"], row["to_member_id"], row["kind"]) == (
            family.parent.family_member_id,
            family.child.family_member_id,
            "PARENT",
        )
        assert await stage.owner.fetchval("select event from audit_entry") == (
            "relationship.recorded"
        )

    async def test_takes_the_place_of_what_they_were_and_keeps_it(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        for kind in (RelationshipKind.PARTNER, RelationshipKind.FORMER_PARTNER):
            await families.record_relationship(
                helen.ask(),
                first_id=place_of(family.parent),
                kind=kind,
                second_id=place_of(family.other_parent),
            )

        rows = await stage.owner.fetch("select kind, ended_at from relationship order by kind")
        assert [(row["kind"], row["ended_at"]) for row in rows] == [
            ("FORMER_PARTNER", None),
            ("PARTNER", stage.now),
        ]

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        family, hidden = team.family, await stage.team()
        both = await stage.team(helen)
        parent_id = family.parent.family_member_id
        given = {
            "first_id": parent_id,
            "kind": RelationshipKind.PARENT,
            "second_id": family.child.family_member_id,
        }
        await all_refused(
            stage,
            families.record_relationship,
            given,
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"first_id": uuid4()}, "NOT_FOUND"),
                (helen, {"second_id": hidden.family.child.family_member_id}, "NOT_FOUND"),
                (family.parent, {}, "NOT_PERMITTED"),
                (stage.coordinator, {}, "NOT_PERMITTED"),
                (helen, {"second_id": parent_id}, "INVALID_INPUT"),
                (helen, {"second_id": both.family.child.family_member_id}, "NOT_OF_ONE_FAMILY"),
            ],
        )


class TestRecordParentalResponsibility:
    def given(self, family: AFamily, **changes: Any) -> dict[str, Any]:
        return {
            "holder_id": family.parent.family_member_id,
            "child_id": family.child.family_member_id,
            "basis": ResponsibilityBasis.MOTHER,
        } | changes

    async def test_names_holder_child_and_basis(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        given = self.given(family, from_on=date(2015, 5, 4))

        recorded = await families.record_parental_responsibility(helen.ask(), **given)

        row = await stage.owner.fetchrow("select * from parental_responsibility")
        assert row is not None
        assert row["id"] == recorded.parental_responsibility_id
        assert (row["holder_id"], row["basis"], row["from_on"], row["ended_on"]) == (
            given["holder_id"],
            "MOTHER",
            date(2015, 5, 4),
            None,
        )

    async def test_twice_at_once_is_recorded_once(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        ends = await asyncio.gather(
            *(
                families.record_parental_responsibility(asker.ask(), **self.given(team.family))
                for asker in (helen, team.lead)
            ),
            return_exceptions=True,
        )

        refusals = [end for end in ends if isinstance(end, Refusal)]
        assert [refusal.code for refusal in refusals] == ["PARENTAL_RESPONSIBILITY_HELD"]
        assert (await stage.counts())["parental_responsibility"] == 1

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        family, both = team.family, await stage.team(helen)
        baby = await stage.family_member(
            family.family_id, "Baby", "CHILD", expected_on=date(2026, 5, 1)
        )
        await families.record_parental_responsibility(
            helen.ask(), **self.given(family, holder_id=family.other_parent.family_member_id)
        )
        other = family.other_parent.family_member_id
        elsewhere = both.family.parent.family_member_id
        await all_refused(
            stage,
            families.record_parental_responsibility,
            self.given(family),
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"child_id": uuid4()}, "NOT_FOUND"),
                (family.parent, {}, "NOT_PERMITTED"),
                (helen, {"holder_id": other}, "PARENTAL_RESPONSIBILITY_HELD"),
                (helen, {"holder_id": elsewhere}, "NOT_OF_ONE_FAMILY"),
                (helen, {"holder_id": family.child.family_member_id}, "INVALID_INPUT"),
                (helen, {"holder_id": baby.family_member_id}, "ADULT_REQUIRED"),
                (helen, {"child_id": baby.family_member_id}, "BORN_CHILD_REQUIRED"),
                (helen, {"child_id": other}, "BORN_CHILD_REQUIRED"),
                (helen, {"from_on": date(2015, 5, 3)}, "INVALID_INPUT"),
                (helen, {"from_on": date(2026, 3, 3)}, "INVALID_INPUT"),
            ],
        )


class TestEndParentalResponsibility:
    @pytest.fixture
    async def held(self, stage: Stage, family: AFamily) -> Any:
        return await stage.insert(
            "parental_responsibility",
            family_id=family.family_id,
            holder_id=family.parent.family_member_id,
            child_id=family.child.family_member_id,
            basis="COURT_ORDER",
            from_on=date(2020, 1, 1),
        )

    async def test_gives_it_a_last_day(self, stage: Stage, helen: Somebody, held: Any) -> None:
        await families.end_parental_responsibility(
            helen.ask(), parental_responsibility_id=held, ended_on=date(2026, 3, 1)
        )

        assert await stage.owner.fetchval("select ended_on from parental_responsibility") == date(
            2026, 3, 1
        )

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody, held: Any
    ) -> None:
        over = await stage.insert(
            "parental_responsibility",
            family_id=team.family.family_id,
            holder_id=team.family.other_parent.family_member_id,
            child_id=team.family.child.family_member_id,
            basis="AGREEMENT",
            ended_on=date(2025, 1, 1),
        )
        await all_refused(
            stage,
            families.end_parental_responsibility,
            {"parental_responsibility_id": held, "ended_on": date(2026, 3, 1)},
            [
                (otto, {}, "NOT_FOUND"),
                (team.family.parent, {}, "NOT_FOUND"),
                (stage.coordinator, {}, "NOT_FOUND"),
                (helen, {"parental_responsibility_id": uuid4()}, "NOT_FOUND"),
                (helen, {"parental_responsibility_id": over}, "NOT_PERMITTED"),
                (helen, {"ended_on": date(2026, 3, 3)}, "INVALID_INPUT"),
                (helen, {"ended_on": date(2019, 12, 31)}, "INVALID_INPUT"),
            ],
        )
