from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import teams
from taf_service.core.errors import NotFound, NotPermitted, Refusal
from taf_service.teams import CoverKind
from tests.stage import ATeam, Somebody, Stage

TODAY = date(2026, 3, 2)


async def arrange(asker: Somebody, team: ATeam, somebody: Somebody, **changes: Any) -> UUID:
    values: dict[str, Any] = {
        "team_id": team.team_id,
        "membership_id": team.of(somebody),
        "kind": CoverKind.COVER,
        "reason": "Annual leave",
        "from_on": TODAY,
        "until_on": date(2026, 3, 16),
    }
    arranged = await teams.arrange_cover(asker.ask(), **(values | changes))
    return arranged.cover_id


class TestArrangeCover:
    """domain, edge case 11."""

    async def test_lets_somebody_stand_in_until_a_day(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        cover_id = await arrange(team.lead, team, helen)

        row = await stage.owner.fetchrow("select * from cover where id = $1", cover_id)
        assert row is not None
        assert (row["team_id"], row["membership_id"]) == (team.team_id, team.of(helen))
        assert (row["from_on"], row["until_on"]) == (TODAY, date(2026, 3, 16))
        assert row["arranged_by_id"] == team.lead.person_id
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert entry["event"] == "cover.arranged"
        assert "leave" not in entry["facts"]

    async def test_lets_a_deputy_stay_at_the_leads_side(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await arrange(team.lead, team, helen, kind=CoverKind.DEPUTY, until_on=None)

        assert (await stage.counts())["cover"] == 1

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider, former = await stage.practitioner("Otto"), await stage.practitioner("Fred")
        other = await stage.team(team.lead)
        team.memberships[former.person_id] = await stage.membership(team, former)
        await stage.owner.execute(
            "update membership set left_at = $2 where id = $1", team.of(former), stage.now
        )
        elsewhere = {"membership_id": other.of(other.lead)}
        cases: list[tuple[Somebody, Somebody, dict[str, Any], str]] = [
            (outsider, helen, {}, NotFound.code),
            (helen, helen, {}, NotPermitted.code),
            (team.family.parent, helen, {}, NotPermitted.code),
            (team.lead, helen, {"team_id": uuid4()}, NotFound.code),
            (team.lead, helen, {"membership_id": uuid4()}, NotFound.code),
            (team.lead, team.family.parent, {}, "PRACTITIONER_ELSEWHERE"),
            (team.lead, former, {}, "PRACTITIONER_ELSEWHERE"),
            (team.lead, helen, elsewhere, "PRACTITIONER_ELSEWHERE"),
            (team.lead, team.lead, {}, "LEAD_CANNOT_COVER"),
            (team.lead, helen, {"reason": ""}, "INVALID_INPUT"),
            (team.lead, helen, {"until_on": None}, "INVALID_INPUT"),
            (team.lead, helen, {"until_on": TODAY}, "INVALID_INPUT"),
            (team.lead, helen, {"from_on": date(2026, 3, 1)}, "INVALID_INPUT"),
        ]
        before = await stage.state()
        for asker, somebody, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await arrange(asker, team, somebody, **changes)
            assert refusal.value.code == code, changes
        assert await stage.state() == before


class TestEndCover:
    async def test_ends_it_now(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        cover_id = await arrange(team.lead, team, helen)

        await teams.end_cover(team.lead.ask(), cover_id=cover_id)

        assert stage.now == await stage.owner.fetchval(
            "select ended_at from cover where id = $1", cover_id
        )
        assert await stage.owner.fetchval("select 1 from audit_entry where event = 'cover.ended'")

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider, nurse = await stage.practitioner("Otto"), await stage.practitioner("Nora")
        await stage.membership(team, nurse)
        cover_id = await arrange(
            team.lead, team, helen, from_on=date(2099, 3, 9), until_on=date(2099, 3, 16)
        )
        ended = await arrange(team.lead, team, helen)
        await teams.end_cover(team.lead.ask(), cover_id=ended)
        cases = [
            (outsider, cover_id, NotFound),
            (team.lead, uuid4(), NotFound),
            (nurse, cover_id, NotPermitted),
            (helen, cover_id, NotPermitted),
            (team.family.parent, cover_id, NotPermitted),
            (stage.coordinator, cover_id, NotPermitted),
            (team.lead, ended, NotPermitted),
        ]
        before = await stage.state()
        for asker, which, refusal in cases:
            with pytest.raises(refusal):
                await teams.end_cover(asker.ask(), cover_id=which)
        assert await stage.state() == before
