"""What a preview shows is what the worker then sends."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from tortoise import connections
from tortoise.transactions import in_transaction

from notifications import outbox
from notifications.claims import Pool
from notifications.drafts import Draft, NotTold, Reason, draft
from notifications.outbox import DeliveryState
from taf_service import meetings
from taf_service.database import Urls
from tests.notifications.delivered import deliver
from tests.notifications.post import Post
from tests.notifications.working import LETTERHEAD
from tests.stage import Somebody

TOKEN = re.compile(r"(?<=https://taf\.example/r/)[a-z2-7]{32}")
KINDS = ["InvitedToMeeting", "MeetingChanged", "InvitationWithdrawn", "MeetingCancelled"]


async def drafted(post: Post, entry_id: UUID, viewer: Somebody | None = None) -> Draft | NotTold:
    """As the service's role, acting for `viewer` (by default the lead)."""
    async with acting_for(viewer or post.team.lead):
        fetch = connections.get("default").execute_query_dict
        return await draft(fetch, entry_id, LETTERHEAD, at=post.stage.now)


@asynccontextmanager
async def acting_for(viewer: Somebody) -> AsyncIterator[None]:
    async with in_transaction():
        await connections.get("default").execute_query(
            "select set_config('taf.actor', $1, true)", [str(viewer.person_id)]
        )
        yield


async def shown(post: Post, entry_id: UUID, viewer: Somebody | None = None) -> Draft:
    found = await drafted(post, entry_id, viewer)
    assert isinstance(found, Draft), found
    return found


def lines(text: str) -> str:
    """As they were written: without the token, and with the line ends of a text."""
    return TOKEN.sub("…", text).replace("\r\n", "\n")


def plain(calendar: str) -> str:
    """Unfolded; without the token, and without the second in which it was written."""
    unfolded = re.sub(r"\r\n ", "", calendar)
    return re.sub(r"(?m)^DTSTAMP:.*$", "", TOKEN.sub("…", unfolded))


async def situation(post: Post, people: list[Somebody], kind: str, pool: Pool) -> list[UUID]:
    """Something to tell them, after an invitation where there must have been one."""
    first = [await post.notice(each) for each in people]
    if kind == "InvitedToMeeting":
        return first
    await deliver(post, pool, *first)
    if kind == "InvitationWithdrawn":
        await post.stage.owner.execute("update invitation set withdrawn_at = now()")
    if kind == "MeetingCancelled":
        await post.change("meeting", post.meeting_id, cancelled_at=post.stage.now)
    changed = ("TIME", "PLACE") if kind == "MeetingChanged" else ()
    return [await post.notice(each, kind, number=1, changed=changed) for each in people]


class TestADraft:
    @pytest.mark.parametrize("kind", KINDS)
    async def test_is_what_then_leaves(self, post: Post, pool: Pool, kind: str) -> None:
        """To a practitioner, a parent and a guest, byte for byte but for the token."""
        guest = await post.guest("Ines Interpreter", "ines@words.example")
        people = [post.practitioner, post.parent, guest]
        entries = await situation(post, people, kind, pool)
        drafts = [await shown(post, each) for each in entries]

        messages = await deliver(post, pool, *entries)

        assert len(messages) == len(drafts)
        for found in drafts:
            (sent,) = [each for each in messages if each.to == found.address]
            label = "…" if sent.to == post.practitioner.address else "Amber Lantern"
            (sender,) = sent.message["From"].addresses
            assert (found.sender.name, found.sender.address) == (
                sender.display_name,
                sender.addr_spec,
            )
            assert found.subject == sent.message["Subject"].replace("Amber Lantern", label)
            assert found.text == lines(sent.text)
            page = lines(sent.decoded("text/html").decode())
            assert found.html == page.replace("Amber Lantern", label)
            calendar = plain(sent.calendar.decode()).replace("Amber Lantern", label)
            assert plain(found.calendar or "") == calendar

    async def test_shows_nobodys_token_and_writes_nothing(self, post: Post) -> None:
        entry_id = await post.notice(post.parent)
        before = await post.stage.state()

        found = await shown(post, entry_id)

        assert "https://taf.example/r/…" in found.text
        assert not TOKEN.search(f"{found.text}{found.html}{found.calendar}")
        assert await post.stage.state() == before

    async def test_has_no_link_where_there_is_none(self, post: Post) -> None:
        entry_id = await post.notice(post.parent)
        await post.stage.owner.execute("update reply_link set revoked_at = now()")

        assert "https://taf.example" not in (await shown(post, entry_id)).text

    async def test_is_of_a_message_that_is_about_to_be_rolled_back(self, post: Post) -> None:
        """As a preview does: the message is queued, looked at, and gone."""
        entry_id = uuid4()
        notice = meetings.InvitedToMeeting(
            recipient_id=post.parent.person_id,
            subject_id=await post.invite(post.parent),
            number=0,
            give_up_at=post.starts_at,
        )
        before = await post.stage.state()
        async with acting_for(post.team.lead):
            await outbox.enqueue(notice, entry_id=entry_id, at=post.stage.now)
            connection = connections.get("default")
            found = await draft(
                connection.execute_query_dict, entry_id, LETTERHEAD, at=post.stage.now
            )
            await connection.rollback()

        assert isinstance(found, Draft)
        assert found.address == post.parent.address
        assert await post.stage.state() == before

    async def test_goes_by_the_time_it_is_given(self, post: Post) -> None:
        entry_id = await post.notice(post.parent, give_up_at=post.starts_at)
        later = post.starts_at + timedelta(days=1)
        async with acting_for(post.team.lead):
            fetch = connections.get("default").execute_query_dict
            found = await draft(fetch, entry_id, LETTERHEAD, at=later)

        assert found == NotTold(DeliveryState.WITHHELD, Reason.MEETING_PAST)


class TestAViewer:
    """Learns no more than they may know anyway."""

    async def test_who_does_not_see_the_meeting_learns_nothing(self, post: Post) -> None:
        entry_id = await post.notice(post.parent)
        outsider = await post.stage.practitioner("Olga Outsider")
        nothing = NotTold(DeliveryState.CANCELLED, Reason.NO_INVITATION)

        for viewer in (outsider, post.parent, post.team.family.other_parent):
            assert await drafted(post, entry_id, viewer) == nothing
        assert await drafted(post, uuid4()) == nothing

    async def test_without_an_actor_learns_nothing(self, post: Post) -> None:
        entry_id = await post.notice(post.parent)
        fetch = connections.get("default").execute_query_dict

        found = await draft(fetch, entry_id, LETTERHEAD, at=post.stage.now)

        assert found == NotTold(DeliveryState.CANCELLED, Reason.NO_INVITATION)

    async def test_sees_no_address_that_they_do_not_know(self, post: Post) -> None:
        """A chair from elsewhere runs the meeting and has no business with the family's details."""
        entry_id = await post.notice(post.parent)
        chair = await post.stage.practitioner("Cleo Chair")
        await post.change("meeting", post.meeting_id, chair_id=chair.person_id)

        known, unknown = await shown(post, entry_id), await shown(post, entry_id, chair)

        assert known.address == post.parent.address
        assert unknown.address is None
        assert str(post.parent.address) not in f"{unknown.text}{unknown.html}{unknown.calendar}"
        assert "mailto:hidden@address.invalid" in plain(unknown.calendar or "")
        hidden = (known.calendar or "").replace(known.address or "", "hidden@address.invalid")
        assert plain(unknown.calendar or "") == plain(hidden)
        assert replace(unknown, address=known.address, calendar=known.calendar) == known

    async def test_sees_nobody_elses_words_for_the_case(self, post: Post) -> None:
        """Rule 10: a practitioner's label is unknown to others."""
        entry_id = await post.notice(post.practitioner)

        assert (await shown(post, entry_id)).subject == "Meeting: …"
        own = await shown(post, entry_id, post.practitioner)
        assert own.subject == "Meeting: Amber Lantern"

    @pytest.mark.parametrize("column", ["address", "message", "envelope_from", "last_reply"])
    async def test_reads_the_message_no_other_way(
        self, post: Post, urls: Urls, column: str
    ) -> None:
        service = await asyncpg.connect(urls.service)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.fetch(f"select {column} from outbox_entry")
        await service.close()


class TestNotTold:
    async def test_is_said_when_nothing_would_leave(self, post: Post) -> None:
        entry_id = await post.notice(post.parent)
        await post.stage.owner.execute("update email_address set suppressed_at = now()")

        found = await drafted(post, entry_id)

        assert found == NotTold(DeliveryState.WITHHELD, Reason.SUPPRESSED)

    async def test_is_said_of_what_mail_cannot_carry(self, post: Post) -> None:
        entry_id = await post.notice(post.practitioner)
        await post.stage.owner.execute("update person set name = E'Two\\nlines'")

        found = await drafted(post, entry_id)

        assert found == NotTold(DeliveryState.FAILED, Reason.CANNOT_BE_WRITTEN)

    def test_has_words_for_people(self) -> None:
        for reason in Reason:
            words = NotTold(DeliveryState.WITHHELD, reason).words
            assert words.endswith(".")
            assert reason.value not in words

    def test_tells_danger_from_a_dead_mailbox_to_nobody(self) -> None:
        alike = {
            NotTold(DeliveryState.WITHHELD, reason).words
            for reason in (
                Reason.STOPPED,
                Reason.EMAIL_NOT_SAFE,
                Reason.READ_BY_NO_CONTACT,
                Reason.SOMEBODY_ELSES_MAILBOX,
                Reason.ROLE_MAILBOX,
                Reason.SUPPRESSED,
            )
        }
        assert len(alike) == 1
