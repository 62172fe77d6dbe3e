from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import handovers, teams
from taf_service.core.errors import ConfirmationNeeded, NotFound, NotPermitted, Refusal, Stale
from tests.stage import ATeam, Somebody, Stage


async def appoint(
    asker: Somebody,
    team: ATeam,
    somebody: Somebody,
    version: UUID,
    *acknowledged: str,
    **changes: Any,
) -> handovers.LeadAppointed:
    values: dict[str, Any] = {
        "team_id": team.team_id,
        "membership_id": team.of(somebody),
        "reason": "Visits them every week",
        "family_preference": "Alex would like Helen",
    }
    return await handovers.appoint_lead(
        asker.ask(None, *acknowledged), version=version, **(values | changes)
    )


class TestAppointLead:
    """guidance 5, 6, 87."""

    async def test_passes_the_lead_on_and_keeps_the_history(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        version = await stage.version_of("team", team.team_id)

        appointed = await appoint(helen, team, helen, version)

        before, now = await stage.owner.fetch(
            "select * from lead_tenure where team_id = $1 order by until_at", team.team_id
        )
        assert (before["membership_id"], before["until_at"]) == (team.of(team.lead), stage.now)
        assert now["id"] == appointed.lead_tenure_id
        assert (now["membership_id"], now["until_at"]) == (team.of(helen), None)
        assert (now["interim"], now["appointed_by_id"]) == (False, helen.person_id)
        assert (now["reason"], now["family_preference"]) == (
            "Visits them every week",
            "Alex would like Helen",
        )
        assert await stage.version_of("team", team.team_id) != version
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["family_id"]) == ("lead.appointed", team.family.family_id)
        assert "Alex" not in entry["facts"]

    async def test_confirms_whoever_held_it_in_the_meantime_and_tells_nobody(
        self, stage: Stage, team: ATeam
    ) -> None:
        await stage.meeting(team, team.family.parent)
        await stage.owner.execute("update lead_tenure set interim = true")

        await appoint(team.lead, team, team.lead, await stage.version_of("team", team.team_id))

        assert not await stage.owner.fetchval(
            "select interim from lead_tenure where until_at is null"
        )
        assert (await stage.counts())["outbox_entry"] == 0

    async def test_tells_those_invited_by_mail_who_leads_now(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """invitations rule 18: SEQUENCE + 1, and answers stand."""
        meeting_id = await stage.meeting(team, helen, team.family.parent)
        await stage.owner.execute(
            "update invitation set answer = 'ACCEPTED' where person_id = $1", helen.person_id
        )

        await appoint(team.lead, team, helen, await stage.version_of("team", team.team_id))

        told = await stage.owner.fetch("select * from outbox_entry")
        assert {row["recipient_id"] for row in told} == {
            helen.person_id,
            team.family.parent.person_id,
        }
        invitation = await stage.owner.fetchrow(
            "select * from invitation where meeting_id = $1 and person_id = $2",
            meeting_id,
            helen.person_id,
        )
        assert invitation is not None
        assert (invitation["sequence"], invitation["answer"]) == (1, "ACCEPTED")

    async def test_ends_the_cover_of_whoever_leads_now(
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

        await appoint(team.lead, team, helen, await stage.version_of("team", team.team_id))

        assert await stage.owner.fetchval("select ended_at from cover") == stage.now

    @pytest.mark.parametrize("kind", ["YOUTH_OFFENDING_SERVICE", "DISABLED_CHILDRENS_SERVICE"])
    async def test_past_a_specialist_service_is_confirmed_first(
        self, stage: Stage, team: ATeam, helen: Somebody, kind: str
    ) -> None:
        """guidance 7."""
        special = await stage.practitioner(
            "Yara Youth", agency_id=await stage.agency("Special", kind)
        )
        team.memberships[special.person_id] = await stage.membership(team, special)
        version = await stage.version_of("team", team.team_id)
        before = await stage.state()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await appoint(team.lead, team, helen, version)
        assert [warning.code for warning in refusal.value.warnings] == ["SPECIALIST_USUALLY_LEADS"]
        assert await stage.state() == before

        await appoint(team.lead, team, helen, version, "SPECIALIST_USUALLY_LEADS")
        await appoint(team.lead, team, special, await stage.version_of("team", team.team_id))

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider, former = await stage.practitioner("Otto"), await stage.practitioner("Fred")
        other = await stage.team(team.lead)
        team.memberships[former.person_id] = await stage.membership(team, former)
        await stage.owner.execute(
            "update membership set left_at = $2 where id = $1", team.of(former), stage.now
        )
        version = await stage.version_of("team", team.team_id)
        elsewhere = {"membership_id": other.of(other.lead)}
        cases: list[tuple[Somebody, Somebody, UUID, dict[str, Any], str]] = [
            (outsider, helen, version, {}, NotFound.code),
            (former, helen, version, {}, NotFound.code),
            (helen, helen, version, {"team_id": uuid4()}, NotFound.code),
            (helen, helen, version, {"membership_id": uuid4()}, NotFound.code),
            (team.family.parent, helen, version, {}, NotPermitted.code),
            (stage.coordinator, helen, version, {}, NotPermitted.code),
            (helen, helen, uuid4(), {}, Stale.code),
            (helen, helen, version, {"reason": "  "}, "INVALID_INPUT"),
            (helen, helen, version, {"family_preference": "x" * 4_001}, "INVALID_INPUT"),
            (helen, team.family.parent, version, {}, "PRACTITIONER_ELSEWHERE"),
            (helen, former, version, {}, "PRACTITIONER_ELSEWHERE"),
            (team.lead, helen, version, elsewhere, "PRACTITIONER_ELSEWHERE"),
            (helen, team.lead, version, {}, "ALREADY_LEAD"),
        ]
        before = await stage.state()
        for asker, somebody, read, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await appoint(asker, team, somebody, read, **changes)
            assert refusal.value.code == code, changes
        assert await stage.state() == before

    async def test_gives_and_takes_what_the_lead_may_do(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await appoint(team.lead, team, helen, await stage.version_of("team", team.team_id))
        version = await stage.version_of("team", team.team_id)

        with pytest.raises(NotPermitted):
            await teams.change_review_interval(
                team.lead.ask(), team_id=team.team_id, days=42, version=version
            )
        await teams.change_review_interval(
            helen.ask(), team_id=team.team_id, days=42, version=version
        )
