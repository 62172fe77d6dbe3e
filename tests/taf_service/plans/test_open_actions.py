"""What a page of actions calls open is what the rules say has not ended."""

from __future__ import annotations

from taf_service.plans import ActionStatus, rules
from tests.schema.asking import ask
from tests.stage import ATeam, Stage

ACTIONS = "query ($open: Boolean) { me { actions(open: $open) { nodes { status } } } }"


class TestOpenActions:
    async def test_are_those_that_have_not_ended(self, stage: Stage, team: ATeam) -> None:
        for status in ActionStatus:
            await stage.action(team, team.lead, status=status.value)

        for is_open in (True, False):
            found = await ask(team.lead, ACTIONS, open=is_open)
            shown = {node["status"] for node in found["me"]["actions"]["nodes"]}
            assert shown == {s.value for s in ActionStatus if rules.has_ended(s) != is_open}
