from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import teams
from taf_service.core.errors import ConfirmationNeeded, NotFound, NotPermitted, Refusal, Stale
from taf_service.teams import Engagement
from tests.stage import ATeam, Somebody, Stage


async def change(
    asker: Somebody, team: ATeam, version: UUID, *acknowledged: str, **changes: Any
) -> teams.ReviewIntervalChanged:
    values: dict[str, Any] = {"team_id": team.team_id, "days": 28, "reason": "Things move fast"}
    return await teams.change_review_interval(
        asker.ask(None, *acknowledged), version=version, **(values | changes)
    )


class TestChangeReviewInterval:
    """guidance 22."""

    async def test_keeps_the_reason_where_it_is_not_the_usual(
        self, stage: Stage, team: ATeam
    ) -> None:
        version = await stage.version_of("team", team.team_id)

        await change(team.lead, team, version)

        row = await stage.owner.fetchrow("select * from team where id = $1", team.team_id)
        assert row is not None
        assert (row["review_interval_days"], row["review_interval_reason"]) == (
            28,
            "Things move fast",
        )
        assert row["version"] != version
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["facts"]) == ("team.review_interval_changed", '{"days": 28}')

    async def test_needs_none_for_the_usual(self, stage: Stage, team: ATeam) -> None:
        await change(
            team.lead, team, await stage.version_of("team", team.team_id), days=42, reason=""
        )

    async def test_beyond_twelve_weeks_is_confirmed_first(self, stage: Stage, team: ATeam) -> None:
        version = await stage.version_of("team", team.team_id)
        before = await stage.state()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await change(team.lead, team, version, days=85)
        assert [warning.code for warning in refusal.value.warnings] == ["LONG_REVIEW_INTERVAL"]
        assert await stage.state() == before

        await change(team.lead, team, version, "LONG_REVIEW_INTERVAL", days=85)

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider = await stage.practitioner("Otto")
        version = await stage.version_of("team", team.team_id)
        cases: list[tuple[Somebody, UUID, dict[str, Any], str]] = [
            (outsider, version, {}, NotFound.code),
            (team.lead, version, {"team_id": uuid4()}, NotFound.code),
            (helen, version, {}, NotPermitted.code),
            (team.family.parent, version, {}, NotPermitted.code),
            (team.lead, uuid4(), {}, Stale.code),
            (team.lead, version, {"reason": ""}, "REVIEW_REASON_REQUIRED"),
            (team.lead, version, {"days": 6}, "REVIEW_INTERVAL_OUT_OF_RANGE"),
            (team.lead, version, {"days": 92}, "REVIEW_INTERVAL_OUT_OF_RANGE"),
            (team.lead, version, {"days": -(2**31)}, "REVIEW_INTERVAL_OUT_OF_RANGE"),
            (team.lead, version, {"reason": "x" * 4_001}, "INVALID_INPUT"),
        ]
        before = await stage.state()
        for asker, read, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await change(asker, team, read, **changes)
            assert refusal.value.code == code, changes
        assert await stage.state() == before


class TestRecordEngagement:
    """guidance 13, 61."""

    async def test_says_what_is_known(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        await teams.record_engagement(
            helen.ask(),
            team_id=team.team_id,
            engagement=Engagement.NOT_ENGAGING,
            note="Three visits, no answer; the school has spoken to Alex.",
            version=await stage.version_of("team", team.team_id),
        )

        row = await stage.owner.fetchrow("select * from team where id = $1", team.team_id)
        assert row is not None
        assert row["engagement"] == "NOT_ENGAGING"
        assert row["engagement_note"].startswith("Three visits")
        facts = await stage.owner.fetchval("select facts from audit_entry")
        assert "Alex" not in facts

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider = await stage.practitioner("Otto")
        version = await stage.version_of("team", team.team_id)
        cases: list[tuple[Somebody, UUID, str, str]] = [
            (outsider, version, "Known", NotFound.code),
            (team.family.parent, version, "Known", NotPermitted.code),
            (stage.coordinator, version, "Known", NotPermitted.code),
            (helen, uuid4(), "Known", Stale.code),
            (helen, version, " ", "ENGAGEMENT_NOTE_REQUIRED"),
            (helen, version, "x" * 4_001, "INVALID_INPUT"),
        ]
        before = await stage.state()
        for asker, read, note, code in cases:
            with pytest.raises(Refusal) as refusal:
                await teams.record_engagement(
                    asker.ask(),
                    team_id=team.team_id,
                    engagement=Engagement.NOT_ENGAGING,
                    note=note,
                    version=read,
                )
            assert refusal.value.code == code, note
        assert await stage.state() == before
