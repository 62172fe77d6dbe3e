from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.smtp import SMTP
from structlog.testing import capture_logs

from notifications import links, worker
from notifications.claims import Pool
from notifications.smtp import TlsPolicy
from notifications.worker import keep_house, serve
from taf_service.core import sealing
from taf_service.database import Urls
from taf_service.settings import Settings
from tests.notifications.mail_server import Server, hang_up, serving
from tests.notifications.post import KEY, Post
from tests.notifications.working import (
    LETTERS,
    SETTLED,
    event,
    read,
    text_of,
    until,
    working,
)
from tests.stage import Somebody


@dataclass
class Choosy(Server):
    """A mail server with an answer of its own for some recipients."""

    answers: dict[str, str] | None = None
    tarpit: str = "tarpit.example"
    hanging: int = 0

    async def handle_RCPT(self, *told: Any) -> str:  # noqa: N802
        address = told[3]
        if address.endswith(self.tarpit):
            self.hanging += 1
            await asyncio.sleep(60)
        answer = (self.answers or {}).get(address)
        return answer or str(await super().handle_RCPT(*told))


def is_settled(post: Post, *entry_ids: UUID) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return all([(await post.entry(each))["state"] in SETTLED for each in entry_ids])

    return ask


def was_tried(post: Post, entry_id: UUID) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return (await post.entry(entry_id))["last_reply"] is not None

    return ask


async def at(post: Post, somebody: Somebody, address: str) -> None:
    """Move somebody's mailbox to another address."""
    await post.stage.owner.execute(
        "update email_address set address = $2 where address = $1", somebody.address, address
    )


async def members(post: Post, *addresses: str) -> list[UUID]:
    """A practitioner for each address, with an invitation waiting; returns the messages."""
    waiting = []
    for number, address in enumerate(addresses):
        somebody = await post.stage.practitioner(f"Member {number}")
        post.team.memberships[somebody.person_id] = await post.stage.membership(post.team, somebody)
        await at(post, somebody, address)
        waiting.append(await post.notice(somebody))
    return waiting


class TestAMessage:
    async def test_leaves_and_is_kept_as_it_left(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.parent)
        server = Server()
        with capture_logs() as logs:
            async with serving(server) as relay, working(pool, relay):
                await until(is_settled(post, entry_id))

        row = await post.entry(entry_id)
        (envelope,) = server.received
        message = read(envelope)
        assert (row["state"], row["attempts"], row["claimed_until"]) == ("ACCEPTED", 1, None)
        assert row["message"] == envelope.original_content
        assert envelope.rcpt_tos == [row["address"]] == [post.parent.address]
        assert envelope.mail_from == row["envelope_from"]
        assert re.fullmatch(r"b-[a-z2-7]{26}@reply\.taf\.example", row["envelope_from"])
        assert message["Message-ID"] == row["message_id"]
        assert message["Date"].datetime == row["stamped_at"] == event(message).decoded("DTSTAMP")
        assert logs == []

    async def test_carries_a_link_whose_hash_alone_is_kept(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.parent)
        server = Server()
        async with serving(server) as relay, working(pool, relay):
            await until(is_settled(post, entry_id))

        invitation_id = post.invitations[post.parent.person_id]
        link = await post.stage.owner.fetchrow(
            "select * from reply_link where invitation_id = $1", invitation_id
        )
        assert link is not None
        token = links.reply_token(LETTERS.key, invitation_id=invitation_id, nonce=link["nonce"])
        assert link["token_hash"] == links.hash_of(token)
        assert f"https://taf.example/r/{token}" in text_of(read(server.received[0]))

    async def test_follows_those_before_it(self, post: Post, pool: Pool) -> None:
        """Rules 9, 11, 14, 16, 17, 20: one thread, one UID, in order, each stamped later."""
        meeting, invitation = post.meeting_id, await post.invite(post.parent)
        first = await post.notice(post.parent)
        second = await post.notice(post.parent, "MeetingChanged", number=1, changed=("LINK",))
        server = Server()
        async with serving(server) as relay, working(pool, relay):
            await until(is_settled(post, second))
            assert (await post.entry(first))["state"] == "CANCELLED"
            await post.change("invitation", invitation, answer="ACCEPTED")
            third = await post.notice(post.parent, "MeetingChanged", number=2, changed=("PLACE",))
            await until(is_settled(post, third))
            await post.change("meeting", meeting, cancelled_at=post.stage.now)
            last = await post.notice(post.parent, "MeetingCancelled", number=3)
            await until(is_settled(post, last))

        messages = [read(envelope) for envelope in server.received]
        events = [event(message) for message in messages]
        ids = [message["Message-ID"] for message in messages]
        assert [e["SEQUENCE"] for e in events] == [1, 2, 3]
        assert len({e["UID"] for e in events}) == len({str(e["ORGANIZER"]) for e in events}) == 1
        assert [e["ATTENDEE"].params["PARTSTAT"] for e in events] == [
            "NEEDS-ACTION",
            "ACCEPTED",
            "ACCEPTED",
        ]
        stamps = [e.decoded("DTSTAMP") for e in events]
        assert stamps == sorted(set(stamps))
        assert [m["In-Reply-To"] for m in messages] == [None, ids[0], ids[1]]
        assert messages[2]["References"] == f"{ids[0]} {ids[1]}"
        assert text_of(messages[0]).startswith("Jane Smith invites you")

    async def test_is_not_sent_about_a_meeting_that_is_past(self, post: Post, pool: Pool) -> None:
        """Rule 21."""
        entry_id = await post.notice(post.parent)
        hour = timedelta(hours=1)
        times = {"starts_at": post.stage.now - 2 * hour, "ends_at": post.stage.now - hour}
        await post.change("meeting", post.meeting_id, **times)
        server = Server()
        async with serving(server) as relay, working(pool, relay):
            await until(is_settled(post, entry_id))

        row = await post.entry(entry_id)
        assert (row["state"], row["last_reply"]) == ("WITHHELD", "MEETING_PAST")
        assert (row["message"], server.connections) == (None, [])


class TestAnotherAttempt:
    @pytest.mark.parametrize("reply", ["421 Closing", "451 4.7.1 Greylisted"])
    async def test_sends_the_same_bytes(self, post: Post, pool: Pool, reply: str) -> None:
        """R4, rule 20."""
        entry_id = await post.notice(post.practitioner)
        seen: list[bytes] = []
        server = Server()

        async def busy(_line: SMTP) -> str:
            seen.append(b"")
            return reply if len(seen) == 1 else "250 OK"

        server.data = busy
        async with serving(server) as relay, working(pool, relay):
            await until(was_tried(post, entry_id))
            row = await post.entry(entry_id)
            assert (row["state"], row["last_reply"]) == ("QUEUED", reply)
            assert timedelta(seconds=10) < row["due_at"] - row["state_at"] < timedelta(minutes=1)
            await post.change("meeting", post.meeting_id, place="Library")
            await post.change("outbox_entry", entry_id, due_at=post.stage.now)
            await until(is_settled(post, entry_id))

        assert server.received[0].original_content == row["message"]
        again = await post.entry(entry_id)
        same = ("message", "message_id", "stamped_at", "envelope_from")
        assert [again[name] for name in same] == [row[name] for name in same]
        assert (again["state"], again["attempts"]) == ("ACCEPTED", 2)

    async def test_is_made_until_it_helps_nobody(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(
            post.practitioner, give_up_at=post.stage.now + timedelta(seconds=11)
        )
        async with serving(Server(rcpt="450 Later")) as relay, working(pool, relay):
            await until(is_settled(post, entry_id))

        row = await post.entry(entry_id)
        assert (row["state"], row["last_reply"]) == ("FAILED", "450 Later")

    async def test_goes_to_a_new_address_in_new_words(self, post: Post, pool: Pool) -> None:
        """The old mailbox may by now be read by somebody they are in danger from."""
        entry_id = await post.notice(post.parent)
        server = Server(mail="450 Later")
        async with serving(server) as relay, working(pool, relay):
            await until(was_tried(post, entry_id))
            before = await post.entry(entry_id)
            await at(post, post.parent, "new@home.example")
            server.mail = "250 OK"
            await post.change("outbox_entry", entry_id, due_at=post.stage.now)
            await until(is_settled(post, entry_id))

        (envelope,) = server.received
        assert envelope.rcpt_tos == ["new@home.example"]
        message = read(envelope)
        assert str(event(message)["ATTENDEE"]) == "mailto:new@home.example"
        assert message["Message-ID"] != before["message_id"]
        assert event(message).decoded("DTSTAMP") > before["stamped_at"]

    async def test_goes_without_the_calendar_file_that_would_by_now_betray_them(
        self, post: Post, pool: Pool
    ) -> None:
        """Rule 39, where the shared phone became known after the message was frozen."""
        entry_id = await post.notice(post.parent)
        server = Server(mail="450 Later")
        async with serving(server) as relay, working(pool, relay):
            await until(was_tried(post, entry_id))
            before = await post.entry(entry_id)
            await post.stage.insert(
                "safe_contact",
                family_id=post.team.family.family_id,
                family_member_id=post.parent.family_member_id,
                instructions="Her phone is shared",
                email_allowed=True,
                recorded_by_id=post.team.lead.person_id,
                recorded_at=post.stage.now,
            )
            server.mail = "250 OK"
            await post.change("outbox_entry", entry_id, due_at=post.stage.now)
            await until(is_settled(post, entry_id))

        (envelope,) = server.received
        assert b"text/calendar" in before["message"]
        kinds = [part.get_content_type() for part in read(envelope).walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]
        assert read(envelope)["Message-ID"] != before["message_id"]

    async def test_is_not_made_to_somebody_who_may_no_longer_be_told(
        self, post: Post, pool: Pool
    ) -> None:
        entry_id = await post.notice(post.parent)
        server = Server(mail="450 Later")
        async with serving(server) as relay, working(pool, relay):
            await until(was_tried(post, entry_id))
            server.mail = "250 OK"
            await post.stage.owner.execute("update email_address set suppressed_at = now()")
            await post.change("outbox_entry", entry_id, due_at=post.stage.now)
            await until(is_settled(post, entry_id))

        assert (await post.entry(entry_id))["last_reply"] == "SUPPRESSED"
        assert server.received == []

    async def test_waits_for_a_connection_that_is_safe(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.practitioner)
        server = Server()
        async with serving(server) as relay:
            verified = replace(relay, tls=TlsPolicy.REQUIRED_VERIFIED)
            async with working(pool, verified):
                await until(was_tried(post, entry_id))

        row = await post.entry(entry_id)
        assert row["state"] == "QUEUED"
        assert row["last_reply"].startswith("TLS ")
        assert server.received == []


class TestAnUncertainEnd:
    async def test_is_shown_as_such_and_not_sent_again(self, post: Post, pool: Pool) -> None:
        """R3: dropped after the final dot."""
        entry_id = await post.notice(post.practitioner)
        heard = []

        async def drop(line: SMTP) -> str:
            heard.append(line)
            hang_up(line)
            return "250 OK"

        async with serving(Server(data=drop)) as relay, working(pool, relay):
            await until(is_settled(post, entry_id))
            await asyncio.sleep(0.3)

        row = await post.entry(entry_id)
        assert (row["state"], row["attempts"], len(heard)) == ("UNCONFIRMED", 1, 1)

    async def test_of_the_worker_sends_the_same_bytes_once_more(
        self, post: Post, pool: Pool
    ) -> None:
        """R2: stopped between the server's taking it and our writing that down."""
        entry_id = await post.notice(post.practitioner)
        server = Server()
        arrived = asyncio.Event()

        async def stall(line: SMTP) -> str:
            assert line.envelope is not None
            server.received.append(line.envelope)
            arrived.set()
            await asyncio.sleep(60)
            return "250 OK"

        server.data = stall
        async with serving(server) as relay:
            async with working(pool, relay):
                await arrived.wait()
            assert (await post.entry(entry_id))["state"] == "SENDING"
            server.data = "250 OK"
            await post.change("outbox_entry", entry_id, claimed_until=post.stage.now)
            async with working(pool, relay):
                await until(is_settled(post, entry_id))

        first, second = server.received
        assert first.original_content == second.original_content
        assert (await post.entry(entry_id))["attempts"] == 2


class TestOneBadAddress:
    async def test_holds_nobody_up(self, post: Post, pool: Pool) -> None:
        """R5: one 5xx, one tarpit, 98 good."""
        good = [f"m{number}@good{number % 9}.example" for number in range(98)]
        entries = await members(post, "slow@tarpit.example", "gone@bad.example", *good)
        server = Choosy(answers={"gone@bad.example": "550 5.1.1 No such user"})
        async with serving(server) as relay, working(pool, replace(relay, timeout=30)):
            await until(is_settled(post, *entries[1:]))
            assert server.hanging == 1
            assert (await post.entry(entries[0]))["state"] == "SENDING"

        assert (await post.entry(entries[1]))["state"] == "BOUNCED"
        assert (await post.states())["ACCEPTED"] == 98
        assert sorted(envelope.rcpt_tos[0] for envelope in server.received) == sorted(good)

    async def test_nor_does_a_domain_full_of_them(self, post: Post, pool: Pool) -> None:
        stuck = [f"s{number}@tarpit.example" for number in range(12)]
        good = [f"m{number}@good.example" for number in range(12)]
        entries = await members(post, *stuck, *good)
        server = Choosy()
        async with (
            serving(server) as relay,
            working(pool, replace(relay, timeout=30), concurrency=6, per_domain=2),
        ):
            await until(is_settled(post, *entries[12:]))

        assert server.hanging == 2
        assert [(await post.entry(each))["attempts"] for each in entries[12:]] == [1] * 12

    async def test_nor_does_a_message_that_cannot_be_built(self, post: Post, pool: Pool) -> None:
        unknown = await post.notice(post.parent, "SomethingUnheardOf")
        two_lines = (await members(post, "m@good.example"))[0]
        good = await post.notice(post.practitioner)
        await post.stage.owner.execute(
            "update person set name = E'Member\\n0' where name = 'Member 0'"
        )
        server = Server()
        with capture_logs() as logs:
            async with serving(server) as relay, working(pool, relay):
                await until(is_settled(post, good, two_lines))
                await until(was_tried(post, unknown))

        row = await post.entry(unknown)
        assert (row["state"], row["last_reply"]) == ("QUEUED", "INTERNAL KeyError")
        row = await post.entry(two_lines)
        assert (row["state"], row["last_reply"]) == (
            "FAILED",
            "MALFORMED The attendee's name has a control character.",
        )
        assert len(server.received) == 1
        assert {(entry["event"], entry["entry_id"]) for entry in logs} == {
            ("message_failed", str(unknown)),
            ("message_failed", str(two_lines)),
        }
        assert not re.search("@|Member|Jones|Hartwell|Alex", str(logs))


class TestAWorker:
    async def test_keeps_its_lease_while_a_server_thinks(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.practitioner)

        async def think(_line: SMTP) -> str:
            await asyncio.sleep(1.5)
            return "250 OK"

        server = Server(data=think)
        lease = timedelta(seconds=0.6)
        async with (
            serving(server) as relay,
            working(pool, relay, lease=lease),
            working(pool, relay, lease=lease),
        ):
            await until(is_settled(post, entry_id))

        row = await post.entry(entry_id)
        assert (len(server.received), row["fence"], row["attempts"]) == (1, 1, 1)

    async def test_lets_go_when_contact_is_stopped(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.parent)
        await at(post, post.parent, "a@tarpit.example")
        server = Choosy()
        async with (
            serving(server) as relay,
            working(pool, replace(relay, timeout=30), lease=timedelta(seconds=0.6)),
        ):
            await until(was_reached(server))
            await post.stage.owner.execute(
                "select stop_messages($1, null, now())", post.parent.person_id
            )
            await until(was_left(server))

        # It had left for all we knew, so it is not called stopped (R6).
        assert (await post.entry(entry_id))["state"] == "UNCONFIRMED"
        assert server.received == []

    async def test_finishes_what_it_began_when_told_to_stop(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.practitioner)
        server = Server()
        begun = asyncio.Event()

        async def think(_line: SMTP) -> str:
            begun.set()
            await asyncio.sleep(0.3)
            return "250 OK"

        server.data = think
        at_once = {"concurrency": 1, "drain_seconds": 5}
        async with serving(server) as relay, working(pool, relay, **at_once) as stop:
            await begun.wait()
            stop.set()
            later = await post.notice(post.parent)

        assert (await post.entry(entry_id))["state"] == "ACCEPTED"
        assert (await post.entry(later))["state"] == "QUEUED"

    async def test_outlives_its_database(self, post: Post, pool: Pool) -> None:
        server = Server()
        with capture_logs() as logs:
            async with serving(server) as relay, working(pool, relay):
                await post.stage.owner.execute("alter table outbox_entry rename to elsewhere")
                await asyncio.sleep(0.3)
                await post.stage.owner.execute("alter table elsewhere rename to outbox_entry")
                await until(is_settled(post, await post.notice(post.practitioner)))

        assert {entry["event"] for entry in logs} == {"claim_failed"}
        assert len(server.received) == 1

    async def test_is_put_together_from_settings(self, post: Post, urls: Urls) -> None:
        entry_id = await post.notice(post.practitioner)
        server = Server()
        stop = asyncio.Event()
        async with serving(server) as relay:
            settings = Settings(
                demo=True,
                smtp_port=relay.port,
                smtp_tls="loopback-plain",
                link_key=KEY,  # type: ignore[arg-type]
                public_url="https://taf.example",
            )
            work = asyncio.create_task(serve(settings, urls.worker, stop))
            await until(is_settled(post, entry_id))
            stop.set()
            await work

        assert server.connections[0].session.host_name == "reply.taf.example"  # type: ignore[union-attr]
        assert "https://taf.example/r/" in text_of(read(server.received[0]))

    @pytest.mark.parametrize("key", [None, "short"])
    async def test_does_not_start_without_a_good_key(self, urls: Urls, key: Any) -> None:
        with pytest.raises(ValueError, match="at least 32"):
            await serve(Settings(link_key=key), urls.worker, asyncio.Event())

    def test_protects_each_domain_as_the_settings_say(self) -> None:
        settings = Settings(
            link_key=KEY,  # type: ignore[arg-type]
            smtp_tls="loopback-plain",
            smtp_tls_exceptions={"School.example": "verified"},
        )

        relay = worker.relay_of(settings, worker.config_of(settings))

        assert relay.policy_for("jane@SCHOOL.example") is TlsPolicy.REQUIRED_VERIFIED
        assert relay.policy_for("jane@other.example") is TlsPolicy.LOOPBACK_PLAIN

    def test_shows_no_secret(self) -> None:
        config = worker.config_of(Settings(link_key=KEY))  # type: ignore[arg-type]

        assert KEY not in repr(config)


class TestHousekeeping:
    async def test_seals_the_audit_and_forgets_old_keys(self, post: Post, pool: Pool) -> None:
        stage = post.stage
        for age in (29, 31):
            await stage.insert(
                "idempotency_key",
                actor_id=uuid4(),
                key=f"{age} days old",
                operation="convene_meeting",
                arguments_hash="0" * 64,
                result={},
                used_at=stage.now - timedelta(days=age),
            )
        await stage.insert(
            "audit_entry",
            family_id=post.team.family.family_id,
            at=stage.now,
            event="noted",
            subject_id=uuid4(),
            facts={},
        )

        await keep_house(pool)

        kept = await stage.owner.fetch("select key from idempotency_key")
        assert [row["key"] for row in kept] == ["29 days old"]
        async with pool.acquire() as connection:
            assert len(await sealing.heads(connection)) == 1


def was_reached(server: Choosy) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return server.hanging > 0

    return ask


def was_left(server: Server) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return not server.open_connections

    return ask
