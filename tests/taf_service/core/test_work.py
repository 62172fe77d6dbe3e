from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import pytest
from tortoise import connections

from taf_service import visibility
from taf_service.core.actors import Standing
from taf_service.core.errors import (
    Attempt,
    ConfirmationNeeded,
    KeyReused,
    NotFound,
    NotPermitted,
    RuleBroken,
)
from taf_service.core.policies import ANYWHERE, Unset, policy
from taf_service.core.work import Work, operation
from taf_service.teams import Team
from tests.stage import Stage

ANYBODY = policy(
    "note_something", "Practitioners in the directory.", on=ANYWHERE, to={Standing.IN_DIRECTORY}
)
LEADS = policy(
    "note_team", "The lead practitioner.", on="team", to={Standing.LEAD}, when=(Unset("closed_at"),)
)


class Code(StrEnum):
    ODD = "ODD"


@dataclass(frozen=True, slots=True)
class Noted:
    subject_id: UUID


@operation(ANYBODY)
async def forgetful(work: Work, *, subject_id: UUID) -> Noted:
    """Write without asking."""
    await work.record("noted", subject_id=subject_id, family_id=None)
    return Noted(subject_id)


@operation(ANYBODY)
async def note_something(work: Work, *, subject_id: UUID) -> Noted:
    """Note something."""
    await visibility.stand(work)
    work.require(ANYBODY)
    await work.record("noted", subject_id=subject_id, family_id=None)
    return Noted(subject_id)


@operation(ANYBODY)
async def note_something_odd(work: Work, *, subject_id: UUID) -> Noted:
    """Note something after a warning."""
    await visibility.stand(work)
    work.require(ANYBODY)
    work.warn(Code.ODD, "This is odd.")
    await work.record("noted", subject_id=subject_id, family_id=None)
    return Noted(subject_id)


@operation(ANYBODY)
async def note_slowly(work: Work, *, subject_id: UUID) -> Noted:
    """Note something, taking a while."""
    await visibility.stand(work)
    work.require(ANYBODY)
    await work.record("noted", subject_id=subject_id, family_id=None)
    await connections.get("default").execute_query("select pg_sleep(0.02)")
    return Noted(subject_id)


class Grave(RuleBroken):
    """For these tests."""

    code = "GRAVE"


@operation(ANYBODY)
async def attempt_something_grave(work: Work, *, subject_id: UUID) -> Noted:
    """Try what is refused and kept on record."""
    await visibility.stand(work)
    work.require(ANYBODY)
    await work.record("noted", subject_id=subject_id, family_id=None)
    refusal = Grave("Never do this.")
    refusal.attempt = Attempt("grave.attempted", subject_id, None)
    raise refusal


@operation(LEADS)
async def note_team(work: Work, *, team_id: UUID) -> Noted:
    """Note something about a team."""
    team = await visibility.one(work, Team, team_id)
    work.require(LEADS, team)
    await work.record("noted", subject_id=team.id, family_id=team.family_id)
    return Noted(team.id)


class TestOperation:
    async def test_that_forgets_its_policy_is_rolled_back(self, stage: Stage) -> None:
        lena = await stage.practitioner("Lena")
        before = await stage.counts()

        with pytest.raises(AssertionError, match="forgetful"):
            await forgetful(lena.ask(), subject_id=lena.person_id)

        assert await stage.counts() == before

    async def test_refuses_whoever_the_policy_does_not_allow(self, stage: Stage) -> None:
        stranger = await stage.person("Nobody")
        before = await stage.counts()

        with pytest.raises(NotPermitted, match="Practitioners in the directory"):
            await note_something(stranger.ask(), subject_id=stranger.person_id)

        assert await stage.counts() == before

    async def test_a_hidden_row_and_an_invented_id_are_refused_alike(self, stage: Stage) -> None:
        team = await stage.team()
        outsider = await stage.practitioner("Otto Outsider")
        answers = []
        for team_id in (team.team_id, outsider.person_id):
            with pytest.raises(NotFound) as refusal:
                await note_team(outsider.ask(), team_id=team_id)
            answers.append((refusal.value.code, refusal.value.message, refusal.value.field))

        assert answers[0] == answers[1]

    async def test_standing_in_the_team_decides(self, stage: Stage) -> None:
        helen = await stage.practitioner("Helen Health")
        team = await stage.team(helen)

        await note_team(team.lead.ask(), team_id=team.team_id)
        with pytest.raises(NotPermitted):
            await note_team(helen.ask(), team_id=team.team_id)

        entries = await stage.owner.fetch("select * from audit_entry")
        assert [entry["actor_id"] for entry in entries] == [team.lead.person_id]

    async def test_a_warning_must_be_acknowledged_first(self, stage: Stage) -> None:
        lena = await stage.practitioner("Lena")
        before = await stage.counts()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await note_something_odd(lena.ask("key"), subject_id=lena.person_id)
        assert [warning.code for warning in refusal.value.warnings] == ["ODD"]
        assert await stage.counts() == before

        await note_something_odd(lena.ask("key", "ODD"), subject_id=lena.person_id)
        assert (await stage.counts())["audit_entry"] == 1

    async def test_a_preview_leaves_nothing_behind(self, stage: Stage) -> None:
        lena = await stage.practitioner("Lena")
        before = await stage.state()

        async def reading(work: Work) -> int:
            rows = await connections.get("default").execute_query_dict("select 7 as n")
            return int(rows[0]["n"])

        preview = await note_something_odd.preview(lena.ask(), reading, subject_id=lena.person_id)

        assert (preview.details, [warning.code for warning in preview.warnings]) == (7, ["ODD"])
        assert await stage.state() == before


class TestRefusedAttempt:
    async def test_is_kept_where_the_refusal_says_so_and_nothing_else_is(
        self, stage: Stage
    ) -> None:
        lena = await stage.practitioner("Lena")
        before = await stage.counts()

        with pytest.raises(Grave):
            await attempt_something_grave(lena.ask(), subject_id=lena.person_id)

        after = await stage.counts()
        assert after.pop("audit_entry") == before.pop("audit_entry") + 1
        assert after == before
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["actor_id"]) == ("grave.attempted", lena.person_id)


class TestIdempotencyKey:
    async def test_makes_a_repeat_happen_once(self, stage: Stage) -> None:
        lena = await stage.practitioner("Lena")

        answers = await asyncio.gather(
            *(note_something(lena.ask("once"), subject_id=lena.person_id) for _ in range(8))
        )

        assert answers == [Noted(lena.person_id)] * 8
        assert (await stage.counts())["audit_entry"] == 1

    async def test_with_other_arguments_is_refused(self, stage: Stage) -> None:
        lena = await stage.practitioner("Lena")
        await note_something(lena.ask("once"), subject_id=lena.person_id)
        before = await stage.counts()

        assert lena.practitioner_id is not None
        with pytest.raises(KeyReused):
            await note_something(lena.ask("once"), subject_id=lena.practitioner_id)

        assert await stage.counts() == before

    async def test_belongs_to_one_person(self, stage: Stage) -> None:
        lena, otto = await stage.practitioner("Lena"), await stage.practitioner("Otto")

        await note_something(lena.ask("same"), subject_id=lena.person_id)
        await note_something(otto.ask("same"), subject_id=lena.person_id)

        assert (await stage.counts())["audit_entry"] == 2


class TestCancelling:
    async def test_a_caller_who_hangs_up_loses_no_connection(self, stage: Stage) -> None:
        lena = await stage.practitioner("Lena")
        for _ in range(40):
            task = asyncio.create_task(note_slowly(lena.ask(), subject_id=lena.person_id))
            await asyncio.sleep(0.003)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        await note_slowly(lena.ask(), subject_id=lena.person_id)

        idle = await stage.owner.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and state like 'idle in transaction%'"
        )
        assert idle == 0
