from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from taf_service import plans
from taf_service.core.errors import ConfirmationNeeded, NotFound, NotPermitted, Refusal, Stale
from taf_service.plans.models import ActionStatus
from tests.stage import ATeam, Somebody, Stage

DUE = date(2026, 3, 20)


async def raise_action(
    asker: Somebody, team: ATeam, whose: Somebody, key: str | None = None, **changes: Any
) -> plans.ActionRaised:
    values: dict[str, Any] = {
        "team_id": team.team_id,
        "text": "Ring the school about the phonics group",
        "owner": plans.Owner(membership_id=team.of(whose)),
        "due_on": DUE,
    }
    return await plans.raise_action(asker.ask(key), **(values | changes))


class TestRaiseAction:
    async def test_gives_an_owner_and_a_date(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await stage.meeting(team, helen)

        raised = await raise_action(
            helen,
            team,
            team.family.parent,
            child_id=team.family.child.family_member_id,
            meeting_id=meeting_id,
        )

        action = await stage.owner.fetchrow("select * from action where id = $1", raised.action_id)
        assert action is not None
        assert action["status"] == "ACCEPTED"
        assert action["owner_membership_id"] == team.of(team.family.parent)
        assert (action["due_on"], action["original_due_on"]) == (DUE, DUE)
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["family_id"]) == ("action.raised", team.family.family_id)
        assert "phonics" not in entry["facts"]

    async def test_may_belong_to_an_agency_with_a_named_contact(
        self, stage: Stage, team: ATeam
    ) -> None:
        contact = await stage.practitioner("Connie Contact")

        raised = await raise_action(
            team.lead,
            team,
            team.lead,
            owner=plans.Owner(agency_id=contact.agency_id, contact_id=contact.practitioner_id),
        )

        assert await stage.owner.fetchval(
            "select owner_contact_id from action where id = $1", raised.action_id
        )

    async def test_a_repeat_with_the_same_key_raises_one(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        first = await raise_action(helen, team, helen, key="action-1")
        again = await raise_action(helen, team, helen, key="action-1")

        assert first == again
        assert (await stage.counts())["action"] == 1

    async def test_a_past_date_is_confirmed_first(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        before = await stage.state()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await raise_action(helen, team, helen, due_on=date(2026, 3, 1))

        assert [warning.code for warning in refusal.value.warnings] == ["DUE_IN_THE_PAST"]
        assert await stage.state() == before

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider, other = await stage.practitioner("Otto"), await stage.team()
        child = await stage.insert(
            "membership",
            team_id=team.team_id,
            person_id=team.family.child.person_id,
            kind="FAMILY",
            family_member_id=team.family.child.family_member_id,
            joined_at=stage.now,
            added_by_id=team.lead.person_id,
            version=uuid4(),
        )
        before = await stage.state()
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, {}, NotFound.code),
            (team.family.parent, {}, NotPermitted.code),
            (helen, {"text": "  "}, "INVALID_INPUT"),
            (helen, {"owner": plans.Owner(membership_id=other.of(other.lead))}, NotFound.code),
            (helen, {"owner": plans.Owner(membership_id=child)}, "CHILD_CANNOT_OWN_ACTION"),
            (
                helen,
                {"owner": plans.Owner(agency_id=helen.agency_id, contact_id=uuid4())},
                NotFound.code,
            ),
            (helen, {"child_id": other.family.child.family_member_id}, NotFound.code),
            (
                helen,
                {"child_id": team.family.parent.family_member_id},
                "ACTION_OWNER_ELSEWHERE",
            ),
            (helen, {"meeting_id": await stage.meeting(other, other.lead)}, NotFound.code),
        ]
        before = await stage.state()
        for asker, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await raise_action(asker, team, helen, **changes)
            assert refusal.value.code == code, changes
        assert await stage.state() == before


class TestReportProgress:
    async def test_by_the_owner_moves_the_status_and_keeps_the_note(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        action_id = await stage.action(team, helen)
        version = await stage.version_of("action", action_id)

        await plans.report_progress(
            helen.ask(),
            action_id=action_id,
            version=version,
            status=ActionStatus.DONE,
            note="They have a place from Monday",
        )

        action = await stage.owner.fetchrow("select * from action where id = $1", action_id)
        assert action is not None
        assert action["status"] == "DONE"
        assert action["version"] != version
        note = await stage.owner.fetchval("select note from action_progress")
        assert note == "They have a place from Monday"

    async def test_by_a_family_member_for_their_own_action(self, stage: Stage, team: ATeam) -> None:
        parent = team.family.parent
        action_id = await stage.action(team, parent)

        await plans.report_progress(
            parent.ask(),
            action_id=action_id,
            version=await stage.version_of("action", action_id),
            status=ActionStatus.IN_PROGRESS,
            note="",
        )

        assert (await stage.counts())["action_progress"] == 1

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        action_id = await stage.action(team, team.family.parent)
        outsider = await stage.practitioner("Otto")
        version = await stage.version_of("action", action_id)
        before = await stage.state()
        cases = [
            (outsider, version, ActionStatus.DONE, NotFound),
            (helen, version, ActionStatus.DONE, NotPermitted),
            (team.family.other_parent, version, ActionStatus.DONE, NotPermitted),
            (team.lead, uuid4(), ActionStatus.DONE, Stale),
            (team.lead, version, ActionStatus.PROPOSED, Refusal),
            (team.lead, version, ActionStatus.BLOCKED, Refusal),
        ]
        for asker, read, status, refusal in cases:
            with pytest.raises(refusal):
                await plans.report_progress(
                    asker.ask(), action_id=action_id, version=read, status=status, note=""
                )
        assert await stage.state() == before
