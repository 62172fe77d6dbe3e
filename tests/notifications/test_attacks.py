"""Attacks on sending, each of which must fail (design of security, "Mail and calendar").

They are put where somebody might get them in past the edge: straight into the database.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from typing import Any

import icalendar
import pytest
from structlog.testing import capture_logs

from notifications.claims import Pool
from notifications.messages import KINDS
from tests.notifications.delivered import Delivered, deliver
from tests.notifications.mail_server import Server, serving
from tests.notifications.post import Post
from tests.notifications.test_trouble_notices import waiting
from tests.notifications.working import SETTLED, everything_in, until, working

HEADERS = {
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "message-id",
    "auto-submitted",
    "mime-version",
    "content-type",
}
THREAD = {"in-reply-to", "references"}
PROPERTIES = {
    "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "STATUS", "TRANSP", "CLASS", "SUMMARY",
    "LOCATION", "DESCRIPTION", "ORGANIZER", "ATTENDEE",
}  # fmt: skip

BROKEN_LINES = [
    "x\r\nBcc: thief@evil.example",
    "x\nBcc: thief@evil.example",
    "x\rBcc: thief@evil.example",
    "x\x85Bcc: thief@evil.example",
    "x\u2028Bcc: thief@evil.example",
    "x\r\n\r\n<script>alert(1)</script>",
    "x\nX-EVIL:1",
    "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2",
    "x\r\n.\r\nMAIL FROM:<thief@evil.example>",
    "\x07x",
    "x\x1b[2J",
    "x\u202ecod.exe",
    "x\u2066y",
    "x\u200fy",
]

STRANGE_ADDRESSES = [
    "pat@x.example, thief@evil.example",
    "pat@x.example;thief@evil.example",
    "pat@x.example thief@evil.example",
    "Pat <thief@evil.example>",
    "<pat@x.example>",
    '"pat thief"@evil.example',
    "pat@x.example> RCPT TO:<thief@evil.example",
    "pat@x.example>\r\nRCPT TO:<thief@evil.example",
    "pat@x.example\nBcc: thief@evil.example",
    "pat@x.example\x01",
    "@relay.example:thief@evil.example",
    "thief%evil.example@x.example@y.example",
    "pat@[127.0.0.1]",
    "p\u0430t@x.example",  # a Cyrillic letter
    "pat@x.ex\u00e4mple",
    "pat@x.example\u200b",
    "-oProxyCommand=x@",
    "postmaster",
]


async def outcome_of(post: Post, pool: Pool, number: int = 0) -> tuple[str, str, list[Delivered]]:
    """What becomes of an invitation to the practitioner: its state, why, and what left."""
    entry_id = await post.notice(post.practitioner, number=number)
    with capture_logs() as logs:
        sent = await deliver(post, pool, entry_id)
    row = await post.entry(entry_id)
    assert not re.search("evil|thief|Jones|Smith|@", str(logs))
    return row["state"], row["last_reply"], sent


def assert_ours(sent: Delivered) -> None:
    """Only what we write, once each, to one person; one event, of our properties alone."""
    names = [name.casefold() for name in sent.message]
    assert len(names) == len(set(names))
    assert set(names) >= HEADERS
    assert set(names) <= HEADERS | THREAD
    assert len(sent.envelope.rcpt_tos) == 1
    (event,) = icalendar.Calendar.from_ical(sent.calendar).walk("VEVENT")
    assert set(event) <= PROPERTIES
    assert "thief" not in everything_in(sent.envelope)


class TestALineThatEndsTooSoon:
    @pytest.mark.parametrize("where", ["lead", "name"])
    async def test_in_a_name_keeps_the_message_here(
        self, post: Post, pool: Pool, where: str
    ) -> None:
        whose = post.team.lead if where == "lead" else post.practitioner
        for number, text in enumerate(BROKEN_LINES):
            await post.change("person", whose.person_id, name=text)

            state, why, sent = await outcome_of(post, pool, number)

            assert (state, sent) == ("FAILED", []), repr(text)
            assert why.startswith("MALFORMED ")

    @pytest.mark.parametrize("where", ["label", "place"])
    async def test_in_other_words_does_too_unless_they_are_left_out(
        self, post: Post, pool: Pool, where: str
    ) -> None:
        for number, text in enumerate(BROKEN_LINES):
            if where == "label":
                await post.change("membership", post.team.of(post.practitioner), label=text)
            else:
                await post.change("meeting", post.meeting_id, place=text)

            state, _, sent = await outcome_of(post, pool, number)

            assert state == ("ACCEPTED" if sent else "FAILED"), repr(text)
            for each in sent:
                assert_ours(each)
                assert "x" not in each.header("Subject") + str(each.event.get("LOCATION"))

    async def test_in_a_link_is_left_out(self, post: Post, pool: Pool) -> None:
        for number, text in enumerate(BROKEN_LINES):
            link = f"https://meet.example/{text}"
            await post.change("meeting", post.meeting_id, joining_link=link)

            state, _, (sent,) = await outcome_of(post, pool, number)

            assert state == "ACCEPTED"
            assert_ours(sent)
            assert "meet.example" not in everything_in(sent.envelope), repr(text)

    async def test_in_a_place_is_seen_where_there_is_no_calendar_file(
        self, post: Post, pool: Pool
    ) -> None:
        """Rule 39: then the calendar file's own check does not run."""
        await post.change("meeting", post.meeting_id, place="Hall\n\nSam will be there")
        await post.stage.insert(
            "safe_contact",
            family_id=post.team.family.family_id,
            family_member_id=post.parent.family_member_id,
            instructions="Ring",
            email_allowed=True,
            recorded_by_id=post.team.lead.person_id,
            recorded_at=post.stage.now,
        )
        await post.stage.owner.execute("update person set name = 'Nobody' where name ~ '^Sam'")
        entry_id = await post.notice(post.parent)

        assert await deliver(post, pool, entry_id) == []
        assert (await post.entry(entry_id))["state"] == "FAILED"


class TestAnAddressThatIsMoreThanOne:
    async def test_is_written_to_by_nobody(self, post: Post, pool: Pool) -> None:
        at: str = str(post.practitioner.address)
        for number, address in enumerate(STRANGE_ADDRESSES):
            await post.stage.owner.execute(
                "update email_address set address = $2 where address = $1", at, address
            )
            at = address

            state, why, sent = await outcome_of(post, pool, number)

            assert (state, sent) == ("FAILED", []), repr(address)
            assert why.startswith("MALFORMED ")
            assert "evil" not in why


class TestANameThatPosesAsAnother:
    async def test_is_not_shown_as_the_sender(self, post: Post, pool: Pool) -> None:
        posing = '"Derby Council" <help@council.example>'
        await post.change("person", post.team.lead.person_id, name=posing)

        _, _, (sent,) = await outcome_of(post, pool)

        assert_ours(sent)
        (sender,) = sent.message["From"].addresses
        assert sender.display_name == "The lead practitioner, meetings"
        assert sender.domain == "reply.taf.example"
        assert "council" not in everything_in(sent.envelope)

    async def test_stays_within_its_quotes(self, post: Post, pool: Pool) -> None:
        await post.change("person", post.practitioner.person_id, name='Pat" ;CN="thief=1,2')

        state, _, sent = await outcome_of(post, pool)

        assert state == "ACCEPTED"
        assert set(sent[0].event["ATTENDEE"].params) == {
            "CN", "CUTYPE", "ROLE", "PARTSTAT", "RSVP",
        }  # fmt: skip


class TestEveryMessage:
    async def test_can_start_no_loop_and_no_backscatter(self, post: Post, pool: Pool) -> None:
        """RFC 3834 5: marked as automatic, answers and reports go to a mailbox of ours."""
        sent = await self._of_every_kind(post, pool)

        assert len({each.envelope.mail_from for each in sent}) == len(sent)
        for each in sent:
            assert each.header("Auto-Submitted") == "auto-generated"
            assert re.fullmatch(
                r"b-[a-z2-7]{26}@reply\.taf\.example", each.envelope.mail_from or ""
            )
            assert {each.message[name].addresses[0].domain for name in ("From", "Reply-To")} == {
                "reply.taf.example"
            }
            assert {name.casefold() for name in each.message} <= HEADERS | THREAD

    async def test_is_plain_lines_and_loads_nothing(self, post: Post, pool: Pool) -> None:
        for each in await self._of_every_kind(post, pool):
            assert re.fullmatch(rb"(?:[\x09\x20-\x7e]*\r\n)*", each.raw)
            assert each.raw == message_from_bytes(each.raw, policy=default).as_bytes(
                policy=default.clone(linesep="\r\n", refold_source="none")
            )
            page = each.decoded("text/html").decode()
            assert not re.search(r"<(?:img|script|link|iframe|form|object)|src=|style=", page)

    async def _of_every_kind(self, post: Post, pool: Pool) -> list[Delivered]:
        sent = [*await deliver(post, pool, await post.notice(post.practitioner))]
        kinds = ["MeetingChanged", "MeetingCancelled"]
        changes: list[dict[str, Any]] = [{"place": "Library"}, {"cancelled_at": post.stage.now}]
        for number, (kind, change) in enumerate(zip(kinds, changes, strict=True), start=1):
            await post.change("meeting", post.meeting_id, **change)
            sent += await deliver(
                post, pool, await post.notice(post.practitioner, kind, number=number)
            )
        invitation_id = post.invitations[post.practitioner.person_id]
        await post.change("invitation", invitation_id, withdrawn_at=post.stage.now)
        last = await post.notice(post.practitioner, "InvitationWithdrawn", number=3)
        sent += await deliver(post, pool, last)
        await post.change("meeting", post.meeting_id, cancelled_at=None)
        sent += await deliver(post, pool, (await waiting(post, pool))["id"])
        assert len(sent) == len(KINDS)
        return sent


class TestAServerThatIsHostile:
    async def test_writes_nothing_into_our_log_or_table_but_one_plain_line(
        self, post: Post, pool: Pool
    ) -> None:
        entry_id = await post.notice(post.practitioner)
        reply = "550 5.1.1 gone\x1b[2J\x07 <script>alert(1)</script>\u202e"

        async def is_settled() -> bool:
            return (await post.entry(entry_id))["state"] in SETTLED

        with capture_logs() as logs:
            async with serving(Server(rcpt=reply)) as relay, working(pool, relay):
                await until(is_settled)

        assert (await post.entry(entry_id))["last_reply"].isprintable()
        assert logs == []
