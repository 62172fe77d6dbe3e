from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import teams
from taf_service.core.errors import ConfirmationNeeded, NotFound, NotPermitted, Refusal
from tests.stage import AFamily, Somebody, Stage


@pytest.fixture
async def family(stage: Stage, helen: Somebody) -> AFamily:
    return await stage.family(registered_by=helen)


async def open_team(
    opener: Somebody, family: AFamily, enquiry_id: UUID, *acknowledged: str, **changes: Any
) -> teams.TeamOpened:
    values: dict[str, Any] = {
        "family_id": family.family_id,
        "enquiry_id": enquiry_id,
        "agency_id": opener.agency_id or uuid4(),
        "reason": "Has known the family since spring",
    }
    return await teams.open_team(opener.ask(None, *acknowledged), **(values | changes))


class TestOpenTeam:
    async def test_makes_whoever_opens_it_its_first_member_and_lead(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        enquiry_id = await stage.enquiry(family, helen)

        opened = await open_team(helen, family, enquiry_id, family_preference="Helen")

        team = await stage.owner.fetchrow("select * from team where id = $1", opened.team_id)
        assert team is not None
        assert (team["family_id"], team["enquiry_id"]) == (family.family_id, enquiry_id)
        assert (team["review_interval_days"], team["engagement"]) == (42, "ENGAGED")
        lead = await stage.owner.fetchrow(
            "select * from lead_tenure l join membership m on m.id = l.membership_id"
            " where l.team_id = $1",
            opened.team_id,
        )
        assert lead is not None
        assert (lead["person_id"], lead["agency_id"]) == (helen.person_id, helen.agency_id)
        assert (lead["interim"], lead["until_at"]) == (True, None)
        assert lead["family_preference"] == "Helen"
        assert len(lead["label"].split()) == 2
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("team.opened", opened.team_id)
        assert "spring" not in entry["facts"]

    async def test_reviews_as_often_as_the_authority_usually_does(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        await stage.insert(
            "settings_version",
            authority_id=stage.authority_id,
            number=2,
            version=uuid4(),
            settings={"reviews": {"interval_days": 56}},
            reason="Eight weeks with us.",
            changed_at=stage.now,
        )

        opened = await open_team(helen, family, await stage.enquiry(family, helen))

        assert (
            await stage.owner.fetchval(
                "select review_interval_days from team where id = $1", opened.team_id
            )
            == 56
        )

    async def test_beside_another_lead_is_confirmed_first(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        """guidance 11."""
        enquiry_id = await stage.enquiry(family, helen, "LEAD_EXISTS")
        despite = {"despite_lead": "She leaves on Friday and asked me to go on"}
        before = await stage.state()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await open_team(helen, family, enquiry_id, **despite)
        assert [warning.code for warning in refusal.value.warnings] == ["LEAD_EXISTS_ELSEWHERE"]
        assert await stage.state() == before

        opened = await open_team(helen, family, enquiry_id, "LEAD_EXISTS_ELSEWHERE", **despite)
        assert despite["despite_lead"] == await stage.owner.fetchval(
            "select opened_despite_lead from team where id = $1", opened.team_id
        )

    async def test_around_a_family_that_does_not_engage_says_what_is_known(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        """guidance 13."""
        opened = await open_team(
            helen,
            family,
            await stage.enquiry(family, helen),
            engagement=teams.Engagement.NOT_ENGAGING,
            engagement_note="Opened the door to the health visitor once.",
            interim=False,
        )

        assert (
            await stage.owner.fetchval("select engagement from team where id = $1", opened.team_id)
            == "NOT_ENGAGING"
        )

    async def test_after_another_was_closed(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        """One episode after another (guidance 34)."""
        enquiry_id = await stage.enquiry(family, helen)
        await stage.insert(
            "team",
            family_id=family.family_id,
            enquiry_id=enquiry_id,
            engagement="ENGAGED",
            review_interval_days=42,
            opened_at=stage.now,
            closed_at=stage.now,
            version=uuid4(),
        )

        await open_team(helen, family, enquiry_id)

        assert (await stage.counts())["team"] == 2

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        outsider, other = await stage.practitioner("Otto"), await stage.team()
        other_family = await stage.family("Marlowe", registered_by=helen)
        answered = await stage.enquiry(family, helen)
        unanswered = await stage.insert(
            "lead_enquiry",
            family_id=family.family_id,
            authority_id=stage.authority_id,
            asked_by_id=helen.person_id,
            asked_at=stage.now,
            version=uuid4(),
        )
        exists = await stage.enquiry(family, helen, "LEAD_EXISTS")
        elsewhere = await stage.enquiry(other_family, helen)
        not_engaging = {"engagement": teams.Engagement.NOT_ENGAGING}
        cases: list[tuple[Somebody, AFamily, UUID, dict[str, Any], str]] = [
            (outsider, family, answered, {}, NotFound.code),
            (stage.coordinator, family, answered, {}, NotPermitted.code),
            (helen, family, answered, {"reason": " "}, "INVALID_INPUT"),
            (helen, family, answered, {"family_preference": "x" * 4_001}, "INVALID_INPUT"),
            (helen, family, answered, not_engaging, "ENGAGEMENT_NOTE_REQUIRED"),
            (helen, family, uuid4(), {}, NotFound.code),
            (helen, family, unanswered, {}, "LEAD_ENQUIRY_UNANSWERED"),
            (helen, family, elsewhere, {}, "LEAD_ENQUIRY_ELSEWHERE"),
            (helen, family, exists, {}, "DESPITE_LEAD_REQUIRED"),
            (helen, family, answered, {"agency_id": outsider.agency_id}, "NOT_AT_AGENCY"),
            (helen, family, answered, {"agency_id": uuid4()}, NotFound.code),
            (
                other.lead,
                other.family,
                await stage.enquiry(other.family, other.lead),
                {},
                "TEAM_ALREADY_OPEN",
            ),
        ]
        before = await stage.state()
        for opener, around, enquiry_id, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await open_team(opener, around, enquiry_id, **changes)
            assert refusal.value.code == code, changes
        assert await stage.state() == before

    async def test_is_for_practitioners_who_work_there_today(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        clerk = await stage.person("Clara Clerk")
        registered = await stage.family("Sedgwick", registered_by=clerk)
        await stage.owner.execute(
            "update affiliation set until_on = $2 where id = $1",
            helen.affiliation_id,
            date(2026, 3, 2),
        )
        cases = [
            (clerk, registered, await stage.enquiry(registered, clerk)),
            (helen, family, await stage.enquiry(family, helen)),
        ]
        before = await stage.state()
        for opener, around, enquiry_id in cases:
            with pytest.raises(Refusal) as refusal:
                await open_team(opener, around, enquiry_id)
            assert refusal.value.code == "NOT_AT_AGENCY"
        assert await stage.state() == before

    async def test_is_hidden_from_whoever_must_not_meet_one_of_the_family_or_belongs_to_it(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        """Domain, edge cases 17 and 18."""
        own = await stage.family("Sedgwick", registered_by=helen)
        await stage.insert(
            "family_member",
            family_id=own.family_id,
            person_id=helen.person_id,
            role="OTHER",
            joined_at=stage.now,
            version=uuid4(),
        )
        await stage.no_contact(family, helen, family.parent)
        cases = [(around, await stage.enquiry(around, helen)) for around in (family, own)]
        before = await stage.state()
        for around, enquiry_id in cases:
            with pytest.raises(NotFound):
                await open_team(helen, around, enquiry_id)
        assert await stage.state() == before
