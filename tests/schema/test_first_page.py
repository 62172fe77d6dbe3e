"""What a practitioner's first page shows is one document and one statement (api 8)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from schema import ids
from tests.notifications.post import Post
from tests.schema.asking import ask
from tests.stage import Stage

FIRST_PAGE = """
query FirstPage {
  me {
    practitioner { id }
    meetings(upcoming: true, first: 5) { nodes { id startsAt team { family { name } } } }
    actions(open: true, first: 10) { nodes { id text dueOn overdue can { reportProgress } } }
    leadEnquiries(first: 10) { nodes { id family { reference } can { answerLeadEnquiry } } }
    undelivered(first: 10) { nodes { id words invitation { name } } }
  }
  myFamilies(first: 50) {
    nodes { id name team { id lead { interim membership { practitioner { id } } } } }
  }
}
"""


@pytest.fixture
async def now(owner: asyncpg.Connection[asyncpg.Record]) -> datetime:
    """The database's time: what is to come goes by it."""
    moment: datetime = await owner.fetchval("select date_trunc('second', now())")
    return moment


@pytest.fixture
async def post(stage: Stage) -> Post:
    return await Post.of(stage)


class TestTheFirstPage:
    async def test_shows_all_that_waits_for_somebody(
        self, stage: Stage, post: Post, sent: list[str]
    ) -> None:
        lead = post.team.lead
        await stage.office(lead, "COORDINATOR")
        await self.question_about(stage, "Reed")
        meeting_id = await stage.meeting(post.team, lead)
        action_id = await stage.action(post.team, lead, due_on=date(2020, 3, 2))
        await stage.action(post.team, lead, status="DONE")
        entry_id = await post.notice(post.parent, state="BOUNCED")

        page = await ask(lead, FIRST_PAGE)

        me = page["me"]
        assert ids.encode("Meeting", meeting_id) in [m["id"] for m in me["meetings"]["nodes"]]
        assert me["actions"]["nodes"] == [
            {
                "id": ids.encode("Action", action_id),
                "text": "Ring the school",
                "dueOn": "2020-03-02",
                "overdue": True,
                "can": {"reportProgress": True},
            }
        ]
        (enquiry,) = me["leadEnquiries"]["nodes"]
        assert enquiry["can"] == {"answerLeadEnquiry": True}
        (message,) = me["undelivered"]["nodes"]
        assert message["id"] == ids.encode("Delivery", entry_id)
        led = [f["name"] for f in page["myFamilies"]["nodes"] if leads(me, f["team"])]
        assert led == ["Hartwell"]
        assert len(sent) == 1

    async def question_about(self, stage: Stage, name: str) -> None:
        somebody = await stage.practitioner("Rae Register")
        family = await stage.family(name, registered_by=somebody)
        await stage.insert(
            "lead_enquiry",
            family_id=family.family_id,
            authority_id=stage.authority_id,
            locality_id=stage.locality_id,
            asked_by_id=somebody.person_id,
            asked_at=stage.now,
            version=uuid4(),
        )

    async def test_shows_a_member_which_families_somebody_else_leads(self, post: Post) -> None:
        page = await ask(post.practitioner, FIRST_PAGE)

        (family,) = page["myFamilies"]["nodes"]
        assert not leads(page["me"], family["team"])


def leads(me: Any, team: Any) -> bool:
    """What a client compares."""
    return bool(team["lead"]["membership"]["practitioner"] == me["practitioner"])
