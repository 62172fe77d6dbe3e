from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import teams
from taf_service.core.errors import NotFound, NotPermitted, Refusal
from taf_service.teams import labels
from tests.stage import ATeam, Somebody, Stage


@pytest.fixture
async def team(stage: Stage) -> ATeam:
    return await stage.team()


async def add(
    asker: Somebody, team: ATeam, somebody: Somebody, key: str | None = None, **changes: Any
) -> UUID:
    values: dict[str, Any] = {
        "team_id": team.team_id,
        "practitioner_id": somebody.practitioner_id,
        "agency_id": somebody.agency_id,
    }
    added = await teams.add_practitioner(asker.ask(key), **(values | changes))
    return added.membership_id


async def take_in(asker: Somebody, team: ATeam, member_id: UUID | None) -> UUID:
    added = await teams.add_family_member_to_team(
        asker.ask(), team_id=team.team_id, family_member_id=member_id or uuid4()
    )
    return added.membership_id


async def leave(stage: Stage, team: ATeam, somebody: Somebody, at: timedelta = timedelta()) -> None:
    await stage.owner.execute(
        "update membership set left_at = $2 where id = $1", team.of(somebody), stage.now + at
    )


async def another_family(stage: Stage, *, of: ATeam, somebody: Somebody) -> ATeam:
    """A second family of somebody in the first, with a team of its own."""
    other = await stage.team()
    await stage.insert(
        "family_member",
        family_id=other.family.family_id,
        person_id=somebody.person_id,
        role="OTHER",
        joined_at=stage.now,
        version=uuid4(),
    )
    return other


class TestAddPractitioner:
    async def test_puts_them_in_on_behalf_of_an_agency(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        membership_id = await add(team.lead, team, helen)

        row = await stage.owner.fetchrow("select * from membership where id = $1", membership_id)
        assert row is not None
        assert (row["team_id"], row["person_id"]) == (team.team_id, helen.person_id)
        assert (row["practitioner_id"], row["agency_id"]) == (
            helen.practitioner_id,
            helen.agency_id,
        )
        assert (row["left_at"], row["added_by_id"]) == (None, team.lead.person_id)
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["family_id"]) == (
            "team.practitioner_added",
            team.family.family_id,
        )

    async def test_gives_them_words_that_they_know_no_other_case_by(
        self, stage: Stage, team: ATeam, helen: Somebody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """invitations rule 10: the other cases may be hidden from whoever adds them."""
        elsewhere = await stage.team(helen)
        monkeypatch.setattr(labels, "KINDS", ("Wooden", "Woollen"))
        monkeypatch.setattr(labels, "THINGS", ("Teapot",))
        await stage.owner.execute(
            "update membership set label = 'Wooden Teapot' where id = $1", elsewhere.of(helen)
        )

        membership_id = await add(team.lead, team, helen)

        assert (
            await stage.owner.fetchval("select label from membership where id = $1", membership_id)
            == "Woollen Teapot"
        )

    async def test_lets_them_see_the_family_from_then_on(
        self, team: ATeam, helen: Somebody
    ) -> None:
        sam = team.family.parent.family_member_id
        with pytest.raises(NotFound):
            await take_in(helen, team, sam)

        await add(team.lead, team, helen)

        with pytest.raises(NotPermitted):
            await take_in(helen, team, sam)

    async def test_may_be_done_by_a_deputy(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        deputy = await stage.practitioner("Dora Deputy")
        await stage.insert(
            "cover",
            team_id=team.team_id,
            membership_id=await stage.membership(team, deputy),
            kind="DEPUTY",
            reason="Leave",
            from_on=date(2020, 1, 1),
            arranged_by_id=team.lead.person_id,
        )

        await add(deputy, team, helen)

    async def test_takes_back_somebody_who_left(self, stage: Stage, helen: Somebody) -> None:
        team = await stage.team(helen)
        await leave(stage, team, helen)

        assert await add(team.lead, team, helen) != team.of(helen)

    async def test_of_the_same_person_at_the_moment_they_leave_is_refused(
        self, stage: Stage, helen: Somebody
    ) -> None:
        """They left after this work began: the constraint knows, a look at the rows would not."""
        team = await stage.team(helen)
        await leave(stage, team, helen, timedelta(milliseconds=1))
        before = await stage.state()

        with pytest.raises(Refusal) as refusal:
            await add(team.lead, team, helen)

        assert refusal.value.code == "ALREADY_IN_TEAM"
        assert await stage.state() == before

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider, member = await stage.practitioner("Otto"), await stage.practitioner("Mia")
        moved = await stage.practitioner("Mo Moved")
        await stage.membership(team, member)
        await stage.owner.execute(
            "update affiliation set until_on = $2 where id = $1",
            moved.affiliation_id,
            date(2026, 3, 2),
        )
        cases: list[tuple[Somebody, Somebody, dict[str, Any], str]] = [
            (outsider, helen, {}, NotFound.code),
            (member, helen, {}, NotPermitted.code),
            (team.family.parent, helen, {}, NotPermitted.code),
            (stage.coordinator, helen, {}, NotPermitted.code),
            (team.lead, helen, {"team_id": uuid4()}, NotFound.code),
            (team.lead, helen, {"practitioner_id": uuid4()}, NotFound.code),
            (team.lead, helen, {"agency_id": uuid4()}, NotFound.code),
            (team.lead, helen, {"agency_id": outsider.agency_id}, "NOT_AT_AGENCY"),
            (team.lead, moved, {}, "NOT_AT_AGENCY"),
            (team.lead, member, {}, "ALREADY_IN_TEAM"),
            (team.lead, team.lead, {}, "ALREADY_IN_TEAM"),
        ]
        before = await stage.state()
        for asker, somebody, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await add(asker, team, somebody, **changes)
            assert refusal.value.code == code, changes
        assert await stage.state() == before

    async def test_is_not_for_somebody_of_the_family(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """domain, edge case 17: the aunt who works at the school."""
        await stage.insert(
            "family_member",
            family_id=team.family.family_id,
            person_id=helen.person_id,
            role="OTHER",
            joined_at=stage.now,
            version=uuid4(),
        )
        before = await stage.state()

        with pytest.raises(Refusal) as refusal:
            await add(team.lead, team, helen)

        assert refusal.value.code == "CONFLICT_OF_INTEREST"
        assert await stage.state() == before

    @pytest.mark.parametrize("include_family", [True, False])
    async def test_is_not_for_somebody_who_must_not_meet_one_of_the_family(
        self, stage: Stage, helen: Somebody, include_family: bool
    ) -> None:
        team = await stage.team(include_family=include_family)
        await stage.no_contact(team.family, helen, team.family.parent)
        before = await stage.state()

        with pytest.raises(Refusal) as refusal:
            await add(team.lead, team, helen)

        assert refusal.value.code == "TEAM_MUST_NOT_MEET"
        assert await stage.state() == before

    async def test_does_not_explain_what_is_recorded_in_another_family(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """The attempt is on record by reference, and nothing else is."""
        parent = team.family.parent
        other = await another_family(stage, of=team, somebody=parent)
        await stage.no_contact(other.family, helen, parent)
        before = await stage.state()

        with pytest.raises(Refusal) as refusal:
            await add(team.lead, team, helen)

        assert (refusal.value.code, refusal.value.message) == (
            "ASK_THE_LEAD",
            "Ask the lead practitioner.",
        )
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"], entry["facts"]) == (
            "team.addition_refused",
            helen.person_id,
            "{}",
        )
        after = await stage.state()
        assert {table for table in after if after[table] != before[table]} == {"audit_entry"}


class TestAddFamilyMemberToTeam:
    async def test_makes_one_of_the_family_a_member(self, stage: Stage) -> None:
        """guidance 1: members, not just subjects."""
        team = await stage.team(include_family=False)
        parent = team.family.parent

        membership_id = await take_in(team.lead, team, parent.family_member_id)

        row = await stage.owner.fetchrow("select * from membership where id = $1", membership_id)
        assert row is not None
        assert (row["kind"], row["family_member_id"], row["person_id"]) == (
            "FAMILY",
            parent.family_member_id,
            parent.person_id,
        )
        assert row["label"] == ""
        assert (
            await stage.owner.fetchval("select event from audit_entry")
            == "team.family_member_added"
        )

    async def test_may_take_in_both_of_two_who_must_not_meet(self, stage: Stage) -> None:
        """Separated parents (domain, edge case 1): each sees nothing of the other."""
        team = await stage.team(include_family=False)
        one, other = team.family.parent, team.family.other_parent
        await stage.no_contact(team.family, one, other)

        await take_in(team.lead, team, one.family_member_id)
        await take_in(team.lead, team, other.family_member_id)

        assert (await stage.counts())["membership"] == 3

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        other = await stage.team()
        around_helen = await stage.team(helen, include_family=False)
        hers = around_helen.family
        await stage.membership(other, team.lead)
        # Recorded by somebody else, about people in a third family.
        await stage.no_contact(hers, helen, hers.other_parent)
        gone = await stage.family_member(
            team.family.family_id, "Gus Gone", "OTHER", left_at=stage.now
        )
        child = team.family.child.family_member_id
        cases: list[tuple[Somebody, ATeam, UUID | None, str]] = [
            (helen, team, child, NotFound.code),
            (team.family.parent, team, child, NotPermitted.code),
            (stage.coordinator, team, child, NotPermitted.code),
            (team.lead, team, None, NotFound.code),
            (team.lead, team, gone.family_member_id, NotFound.code),
            (team.lead, team, hers.child.family_member_id, NotFound.code),
            (team.lead, team, other.family.child.family_member_id, "FAMILY_MEMBER_ELSEWHERE"),
            (team.lead, team, team.family.parent.family_member_id, "ALREADY_IN_TEAM"),
            (
                around_helen.lead,
                around_helen,
                hers.other_parent.family_member_id,
                "TEAM_MUST_NOT_MEET",
            ),
        ]
        before = await stage.state()
        for asker, into, member_id, code in cases:
            with pytest.raises(Refusal) as refusal:
                await take_in(asker, into, member_id)
            assert refusal.value.code == code
        assert await stage.state() == before
