"""What a practitioner is shown of messages that did not arrive, and what the words tell them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schema import ids
from taf_service.database import Urls
from tests.notifications.post import Post
from tests.schema.asking import ask
from tests.stage import Somebody, Stage

HOUR = timedelta(hours=1)
WORDS = {
    ("QUEUED", 0): "Waiting to be sent.",
    ("QUEUED", 1): "Could not be sent yet; being tried again.",
    ("SENDING", 1): "Being sent.",
    ("ACCEPTED", 1): "Accepted by their mail server.",
    ("UNCONFIRMED", 1): (
        "Perhaps delivered: nobody confirmed it. Check how they may be reached before you ask them."
    ),
    ("BOUNCED", 1): ("Their mail server refused this address. Check it, or tell them another way."),
    ("WITHHELD", 1): (
        "Not sent. Check whether and how they may be told before you tell them another way."
    ),
    ("FAILED", 1): "Could not be sent. Tell them another way.",
    ("CANCELLED", 0): "Stopped, or replaced by a newer message.",
}


@pytest.fixture
async def now(owner: asyncpg.Connection[asyncpg.Record]) -> datetime:
    """The database's time: what is over by now is in trouble no longer."""
    moment: datetime = await owner.fetchval("select date_trunc('second', now())")
    return moment


@pytest.fixture
async def post(stage: Stage) -> Post:
    return await Post.of(stage)


async def undelivered(somebody: Somebody, arguments: str = "") -> Any:
    found = await ask(
        somebody,
        f"{{ me {{ undelivered{arguments} {{ nodes {{ id state invitation {{ name meeting"
        " { id } } } pageInfo { hasNextPage endCursor } } } }",
    )
    return found["me"]["undelivered"]


async def listed(somebody: Somebody) -> list[str]:
    return [node["id"] for node in (await undelivered(somebody))["nodes"]]


def delivery(entry_id: UUID) -> str:
    return ids.encode("Delivery", entry_id)


class TestUndelivered:
    async def test_says_what_did_not_arrive_for_whom_and_when_they_meet(self, post: Post) -> None:
        entry_id = await post.notice(post.parent, state="BOUNCED")
        await post.notice(post.practitioner, state="ACCEPTED")

        assert (await undelivered(post.team.lead))["nodes"] == [
            {
                "id": delivery(entry_id),
                "state": "BOUNCED",
                "invitation": {
                    "name": post.parent.name,
                    "meeting": {"id": ids.encode("Meeting", post.meeting_id)},
                },
            }
        ]

    async def test_begins_with_the_soonest_meeting(self, post: Post) -> None:
        late = await post.notice(post.parent, state="BOUNCED")
        meeting_id = await post.stage.meeting(post.team, starts_in=HOUR)
        invitation_id = await post.stage.invitation(post.team, meeting_id, post.parent)
        soon = await post.notice(post.parent, subject_id=invitation_id, state="FAILED")

        assert await listed(post.team.lead) == [delivery(soon), delivery(late)]
        first = await undelivered(post.team.lead, "(first: 1)")
        assert first["pageInfo"]["hasNextPage"]
        after = first["pageInfo"]["endCursor"]
        second = await undelivered(post.team.lead, f'(first: 1, after: "{after}")')
        assert [each["id"] for each in second["nodes"]] == [delivery(late)]

    async def test_holds_what_is_late(self, post: Post) -> None:
        early = await post.notice(post.practitioner, attempts=3)
        assert await listed(post.team.lead) == []

        await post.change("outbox_entry", early, give_up_at=post.stage.now + HOUR)
        assert await listed(post.team.lead) == [delivery(early)]

    async def test_is_for_whoever_sees_the_meeting_whole(self, post: Post) -> None:
        outsider = await post.stage.practitioner("Otto Outside")
        await post.stage.team(lead=outsider)
        guest = await post.guest("Ines Interpreter", "ines@words.example")
        convener = await post.stage.practitioner("Connie Convener")
        await post.change("meeting", post.meeting_id, convener_id=convener.person_id)
        entry_id = await post.notice(post.parent, state="WITHHELD")
        await post.notice(guest, state="ACCEPTED")

        for somebody in (post.team.lead, post.practitioner, convener):
            assert await listed(somebody) == [delivery(entry_id)]
        for somebody in (outsider, guest, post.parent, post.stage.coordinator):
            assert await listed(somebody) == []

    async def test_is_empty_again_once_it_was_seen_to(self, post: Post) -> None:
        await post.notice(post.parent, state="BOUNCED")
        invitation_id = post.invitations[post.parent.person_id]
        by = post.practitioner.person_id
        await post.change("invitation", invitation_id, told_at=post.stage.now, told_by_id=by)

        assert await listed(post.team.lead) == []

    async def test_is_empty_once_the_meeting_is_over(self, post: Post) -> None:
        await post.notice(post.parent, state="BOUNCED")
        times = {"starts_at": post.stage.now - 2 * HOUR, "ends_at": post.stage.now - HOUR}
        await post.change("meeting", post.meeting_id, **times)

        assert await listed(post.team.lead) == []

    async def test_holds_no_notice_of_trouble(self, post: Post) -> None:
        entry_id = await post.notice(post.parent, state="BOUNCED")
        await post.stage.insert(
            "outbox_entry",
            kind="MessageInTrouble",
            recipient_id=post.team.lead.person_id,
            subject_id=post.meeting_id,
            number=0,
            facts={"about": []},
            state="BOUNCED",
            state_at=post.stage.now,
            queued_at=post.stage.now,
            due_at=post.stage.now,
            give_up_at=post.stage.now + HOUR,
        )

        assert await listed(post.team.lead) == [delivery(entry_id)]


class TestTheSecondWall:
    """What the service's role is given without any predicate of ours."""

    async def test_shows_trouble_of_meetings_seen_whole_alone(self, post: Post, urls: Urls) -> None:
        outsider = await post.stage.practitioner("Otto Outside")
        entry_id = await post.notice(post.parent, state="BOUNCED")
        service = await asyncpg.connect(urls.service)
        try:
            for somebody, seen in (
                (post.team.lead, {entry_id}),
                (post.parent, set()),
                (outsider, set()),
                (None, set()),
            ):
                actor = str(somebody.person_id) if somebody else ""
                await service.execute("select set_config('taf.actor', $1, false)", actor)
                rows = await service.fetch("select message_id from my_trouble")
                assert {row["message_id"] for row in rows} == seen
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.fetch("select message_id from trouble")
        finally:
            await service.close()


class TestTheWords:
    @pytest.mark.parametrize(("state", "attempts"), WORDS)
    async def test_say_where_it_stands_and_what_is_safe_to_do(
        self, post: Post, state: str, attempts: int
    ) -> None:
        claimed = post.stage.now if state == "SENDING" else None
        entry_id = await post.notice(
            post.parent, state=state, attempts=attempts, claimed_until=claimed
        )

        found = await ask(
            post.team.lead,
            "query ($id: ID!) { node(id: $id) { ... on Delivery { words invitation { name } } } }",
            id=delivery(entry_id),
        )

        assert found["node"]["words"] == WORDS[state, attempts]
        assert found["node"]["invitation"]["name"] == post.parent.name
