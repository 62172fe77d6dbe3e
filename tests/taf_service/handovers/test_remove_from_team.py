from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from taf_service import handovers, plans, teams
from taf_service.core.errors import ConfirmationNeeded, NotFound, NotPermitted, Refusal, Stale
from tests.stage import ATeam, Somebody, Stage


async def remove(
    stage: Stage,
    asker: Somebody,
    team: ATeam,
    somebody: Somebody,
    *acknowledged: str,
    **changes: Any,
) -> handovers.LeftTeam:
    values: dict[str, Any] = {
        "membership_id": team.of(somebody),
        "reason": "Moves to another town",
        "version": await stage.version_of("membership", team.of(somebody)),
    }
    return await handovers.remove_from_team(asker.ask(None, *acknowledged), **(values | changes))


async def raise_action(asker: Somebody, team: ATeam, stage: Stage) -> plans.ActionRaised:
    return await plans.raise_action(
        asker.ask(),
        team_id=team.team_id,
        text="Ring the school",
        owner=plans.Owner(membership_id=team.of(team.lead)),
        due_on=stage.now.date(),
    )


class TestRemoveFromTeam:
    async def test_ends_a_membership_and_their_cover(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await stage.insert(
            "cover",
            team_id=team.team_id,
            membership_id=team.of(helen),
            kind="DEPUTY",
            reason="Always at her side",
            from_on=stage.now.date(),
            arranged_by_id=team.lead.person_id,
        )
        version = await stage.version_of("membership", team.of(helen))

        left = await remove(stage, team.lead, team, helen)

        assert left == handovers.LeftTeam(team.team_id, team.of(helen))
        row = await stage.owner.fetchrow("select * from membership where id = $1", team.of(helen))
        assert row is not None
        assert (row["left_at"], row["left_reason"]) == (stage.now, "Moves to another town")
        assert row["version"] != version
        assert await stage.owner.fetchval("select ended_at from cover") == stage.now
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["facts"]) == ("team.left", '{"by_themselves": false}')

    async def test_takes_effect_on_their_next_request(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await raise_action(helen, team, stage)

        await remove(stage, team.lead, team, helen)

        with pytest.raises(NotFound):
            await raise_action(helen, team, stage)

    @pytest.mark.parametrize("who", ["practitioner", "parent"])
    async def test_may_be_done_by_whoever_leaves(
        self, stage: Stage, team: ATeam, helen: Somebody, who: str
    ) -> None:
        leaver = helen if who == "practitioner" else team.family.parent
        await stage.meeting(team, leaver, team.family.other_parent)

        await remove(stage, leaver, team, leaver)

        assert await stage.owner.fetchval(
            "select left_at from membership where id = $1", team.of(leaver)
        )
        assert await stage.owner.fetchval(
            "select withdrawn_at from invitation where person_id = $1", leaver.person_id
        )
        facts = await stage.owner.fetchval(
            "select facts from audit_entry where event = 'team.left'"
        )
        assert facts == '{"by_themselves": true}'
        told = await stage.owner.fetch("select recipient_id from outbox_entry")
        assert [row["recipient_id"] for row in told] == [leaver.person_id]

    async def test_may_be_done_by_a_parent_who_must_not_meet_the_lead(
        self, stage: Stage, team: ATeam
    ) -> None:
        """Recorded after both were in the team: they see nothing of the lead, and can still go."""
        parent = team.family.parent
        await stage.no_contact(team.family, parent, team.lead)

        await remove(stage, parent, team, parent)

        assert await stage.owner.fetchval(
            "select left_at from membership where id = $1", team.of(parent)
        )

    async def test_passes_on_what_they_were_to_do_in_meetings(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await stage.meeting(
            team, helen, convener_id=helen.person_id, chair_id=helen.person_id
        )

        await remove(stage, helen, team, helen)

        row = await stage.owner.fetchrow("select * from meeting where id = $1", meeting_id)
        assert row is not None
        assert {row["convener_id"], row["chair_id"]} == {team.lead.person_id}

    async def test_of_somebody_with_open_actions_is_confirmed_first(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await stage.action(team, helen)
        await stage.action(
            team,
            helen,
            owner_membership_id=None,
            owner_agency_id=helen.agency_id,
            owner_contact_id=helen.practitioner_id,
        )
        await stage.action(team, helen, status="DONE")
        await stage.action(team, team.lead)
        before = await stage.state()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await remove(stage, team.lead, team, helen)
        (warning,) = refusal.value.warnings
        assert (warning.code, "2" in warning.message) == ("OPEN_ACTIONS", True)
        assert await stage.state() == before

        await remove(stage, team.lead, team, helen, "OPEN_ACTIONS")

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider, nurse = await stage.practitioner("Otto"), await stage.practitioner("Nora")
        team.memberships[nurse.person_id] = await stage.membership(team, nurse)
        former = await stage.practitioner("Fred Former")
        team.memberships[former.person_id] = await stage.membership(team, former)
        await remove(stage, team.lead, team, former)
        parent, other_parent = team.family.parent, team.family.other_parent
        cases: list[tuple[Somebody, Somebody, dict[str, Any], str]] = [
            (outsider, helen, {}, NotFound.code),
            (former, helen, {}, NotFound.code),
            (team.lead, helen, {"membership_id": uuid4()}, NotFound.code),
            (nurse, helen, {}, NotPermitted.code),
            (parent, helen, {}, NotPermitted.code),
            (parent, other_parent, {}, NotPermitted.code),
            (stage.coordinator, team.lead, {}, NotPermitted.code),
            (team.lead, former, {}, NotPermitted.code),
            (team.lead, helen, {"version": uuid4()}, Stale.code),
            (team.lead, helen, {"reason": " "}, "INVALID_INPUT"),
            (team.lead, team.lead, {}, "LEAD_MUST_BE_REPLACED"),
        ]
        before = await stage.state()
        for asker, somebody, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await remove(stage, asker, team, somebody, **changes)
            assert refusal.value.code == code, (asker.name, changes)
        assert await stage.state() == before

    async def test_may_be_followed_by_a_return(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await remove(stage, team.lead, team, helen)

        await teams.add_practitioner(
            team.lead.ask(),
            team_id=team.team_id,
            practitioner_id=helen.practitioner_id or uuid4(),
            agency_id=helen.agency_id or uuid4(),
        )

        await raise_action(helen, team, stage)
