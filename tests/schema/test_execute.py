"""A fault of ours tells the client nothing but an id, and the log where it happened."""

from __future__ import annotations

import json

from structlog.testing import capture_logs

from schema import ids
from schema.context import Context
from schema.execute import answer
from tests.schema.asking import LETTERHEAD
from tests.stage import ATeam, Somebody, Stage


class TestAFaultOfOurs:
    async def test_is_masked_behind_an_id_that_the_log_bears_too(
        self, stage: Stage, helen: Somebody, team: ATeam
    ) -> None:
        action_id = await stage.action(team, helen, text="CANARY find a flat in Rose Street")
        await stage.owner.execute("alter table action rename column text to words")

        with capture_logs() as logs:
            done = await answer(
                "query ($id: ID!) { action(id: $id) { text } }",
                {"id": ids.encode("Action", action_id)},
                None,
                context=Context(helen.actor, letterhead=LETTERHEAD),
                introspection=False,
            )

        (error,) = done.read()["errors"]
        assert done.read()["data"] is None
        assert error["message"] == "Something went wrong on our side. Nothing was changed."
        assert set(error["extensions"]) == {"code", "errorId"}
        assert error["extensions"]["code"] == "INTERNAL"
        (logged,) = (entry for entry in logs if entry["event"] == "bug")
        assert logged["error_id"] == error["extensions"]["errorId"]
        told = json.dumps([done.read(), logs])
        assert not [
            word for word in ("CANARY", "does not exist", "select ", "Rose Street") if word in told
        ]
