"""Names as people bear them reach every part of a message whole."""

from __future__ import annotations

import pytest

from notifications.claims import Pool
from tests.notifications.mail_server import Server, serving
from tests.notifications.post import Post
from tests.notifications.test_worker import is_settled
from tests.notifications.working import event, read, text_of, until, working


class TestAName:
    @pytest.mark.parametrize(
        "name",
        ["Siobhán O'Neill", "Jean-Luc D\u2019Arcy", "Łukasz Żak", "Ann (Annie) O'Hara, SENCO"],
    )
    async def test_stands_whole_in_headers_words_and_calendar(
        self, post: Post, pool: Pool, name: str
    ) -> None:
        for somebody in (post.practitioner, post.team.lead):
            await post.change("person", somebody.person_id, name=name)
        server = Server()
        entry_id = await post.notice(post.practitioner)

        async with serving(server) as relay, working(pool, relay):
            await until(is_settled(post, entry_id))

        message = read(server.received[0])
        assert message["From"].addresses[0].display_name == f"{name}, meetings"
        assert f"{name} invites you to a meeting." in text_of(message)
        html = message.get_body(("html",))
        assert html is not None
        assert "&amp;#" not in html.get_content()  # escaped once, not twice
        assert event(message)["ATTENDEE"].params["CN"] == name
        assert event(message)["ORGANIZER"].params["CN"] == f"{name}, meetings"
