"""The notice of trouble itself: how often, by whom, whether it may still leave, what it says."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from syrupy.assertion import SnapshotAssertion

from notifications import messages, troubles
from notifications.addresses import Malformed
from notifications.claims import Entry, Pool
from notifications.messages.wording import NOTICES
from notifications.outbox import DeliveryState
from notifications.recipients import NotTold, Reason
from notifications.troubles import Alerted
from tests.notifications.delivered import Delivered, delivered
from tests.notifications.mail_server import Server, serving
from tests.notifications.post import Post
from tests.notifications.test_messages import words_of
from tests.notifications.test_troubles import HOUR, MINUTE, cover, notices, starting_in, tell, told
from tests.notifications.working import everything_in, until, working
from tests.stage import Somebody

CANCELLED, WITHHELD = DeliveryState.CANCELLED, DeliveryState.WITHHELD


async def hand_over(post: Post, to: Somebody) -> None:
    async with post.stage.owner.transaction():
        await post.stage.owner.execute("update lead_tenure set until_at = now()")
        await post.stage.insert(
            "lead_tenure",
            team_id=post.team.team_id,
            membership_id=post.team.of(to),
            interim=False,
            reason="Nearer to them",
            appointed_by_id=post.team.lead.person_id,
            from_at=post.stage.now,
        )


async def waiting(post: Post, pool: Pool) -> asyncpg.Record:
    """A notice to the lead about a message to a parent that was refused."""
    await post.notice(post.parent, state="BOUNCED")
    await tell(pool)
    (row,) = await notices(post)
    return row


async def judged(pool: Pool, row: asyncpg.Record) -> Alerted | NotTold:
    """Whether this notice may leave, asked as the worker asks it."""
    entry = Entry(row["id"], row["kind"], row["recipient_id"], row["subject_id"], 0, 1, 1, None)
    async with pool.acquire() as connection:
        return await troubles.standing(connection, entry)


async def sent(post: Post, row: asyncpg.Record, *, ago: timedelta = timedelta(0)) -> None:
    at = post.stage.now - ago
    await post.change("outbox_entry", row["id"], state="ACCEPTED", queued_at=at)


class TestANotice:
    async def test_is_made_once_however_often_we_look(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        await tell(pool)
        await sent(post, row, ago=2 * HOUR)
        await tell(pool)

        assert len(await notices(post)) == 1

    async def test_is_made_once_by_two_workers_at_once(self, post: Post, pool: Pool) -> None:
        await post.notice(post.parent, state="BOUNCED")
        async with pool.acquire() as one, pool.acquire() as other:
            decided = one.transaction()
            await decided.start()
            await troubles.tell(one)
            second = asyncio.create_task(troubles.tell(other))
            await until(_is_blocked(post))
            await decided.commit()
            await second

        assert len(await notices(post)) == 1

    async def test_is_made_once_by_many(self, post: Post, pool: Pool) -> None:
        for somebody in (post.parent, post.team.family.other_parent, post.practitioner):
            await post.notice(somebody, state="BOUNCED")

        await asyncio.gather(*(tell(pool) for _ in range(12)))

        assert len(await notices(post)) == 1

    async def test_gathers_all_that_is_in_trouble(self, post: Post, pool: Pool) -> None:
        entries = [
            await post.notice(post.parent, state="BOUNCED", state_at=post.stage.now - MINUTE),
            await post.notice(post.practitioner, state="WITHHELD"),
        ]
        await tell(pool)

        (row,) = await notices(post)
        assert await _about(post, row) == [f"{entries[0]} BOUNCED", f"{entries[1]} WITHHELD"]

    async def test_is_one_for_each_meeting(self, post: Post, pool: Pool) -> None:
        await waiting(post, pool)
        other = await post.stage.meeting(post.team)
        invitation_id = await post.stage.invitation(post.team, other, post.parent)
        await post.notice(post.parent, subject_id=invitation_id, state="BOUNCED")
        await tell(pool)

        assert {row["subject_id"] for row in await notices(post)} == {post.meeting_id, other}

    async def test_waits_for_the_one_before_and_for_an_hour(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        later = await post.notice(post.practitioner, state="FAILED")
        assert len(await told(post, pool)) == 1
        await sent(post, row, ago=HOUR - MINUTE)
        assert len(await told(post, pool)) == 1

        await sent(post, row, ago=HOUR + MINUTE)
        await tell(pool)

        first, second = await notices(post)
        assert (first["number"], second["number"]) == (0, 1)
        assert await _about(post, second) == [f"{later} FAILED"]

    async def test_waits_no_hour_when_that_were_too_late(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        await sent(post, row)
        await starting_in(post, HOUR - MINUTE)
        await post.notice(post.practitioner, state="FAILED")

        assert len(await told(post, pool)) == 2

    async def test_is_made_again_when_it_gets_worse(self, post: Post, pool: Pool) -> None:
        """Late, then given up: the second is news."""
        await starting_in(post, 12 * HOUR)
        entry_id = await post.notice(post.parent, attempts=3)
        await tell(pool)
        (row,) = await notices(post)
        await sent(post, row, ago=2 * HOUR)
        await post.change("outbox_entry", entry_id, attempts=9)
        assert len(await told(post, pool)) == 1

        await post.change("outbox_entry", entry_id, state="FAILED")
        await tell(pool)

        _, second = await notices(post)
        assert await _about(post, second) == [f"{entry_id} FAILED"]

    async def test_helps_nobody_once_the_meeting_is_over(self, post: Post, pool: Pool) -> None:
        await starting_in(post, 3 * HOUR)
        row = await waiting(post, pool)

        assert row["give_up_at"] == post.stage.now + 4 * HOUR

    async def test_is_all_that_the_worker_may_write(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        columns = "recipient_id, subject_id, facts, state_at, queued_at, due_at, give_up_at"
        async with pool.acquire() as connection:
            for kind, state in (("InvitedToMeeting", "QUEUED"), (troubles.KIND, "ACCEPTED")):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(
                        f"insert into outbox_entry (id, kind, number, state, attempts, fence,"
                        f" {columns}) select $1, $2, 7, $3, 0, 0, {columns} from outbox_entry"
                        " where id = $4",
                        uuid4(),
                        kind,
                        state,
                        row["id"],
                    )


async def _about(post: Post, row: asyncpg.Record) -> list[str]:
    found: list[str] = await post.stage.owner.fetchval(
        "select array(select jsonb_array_elements_text(facts -> 'about')) from outbox_entry"
        " where id = $1",
        row["id"],
    )
    return found


def _is_blocked(post: Post) -> Any:
    async def ask() -> bool:
        return bool(
            await post.stage.owner.fetchval(
                "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                " where not l.granted and a.datname = current_database()"
            )
        )

    return ask


class TestBeforeItLeaves:
    async def test_is_asked_where_they_work_and_how_they_know_the_case(
        self, post: Post, pool: Pool
    ) -> None:
        found = await judged(pool, await waiting(post, pool))

        assert isinstance(found, Alerted)
        assert (found.address, found.label) == (post.team.lead.address, "Amber Lantern")
        assert found.stamped_at.microsecond == 0

    async def test_a_convener_from_elsewhere_has_no_words_for_the_case(
        self, post: Post, pool: Pool
    ) -> None:
        convener = await post.stage.practitioner("Connie Convener")
        await post.change("meeting", post.meeting_id, convener_id=convener.person_id)
        await post.notice(post.team.lead, state="BOUNCED")
        await tell(pool)
        (row,) = await notices(post)

        found = await judged(pool, row)

        assert isinstance(found, Alerted)
        assert (found.address, found.label) == (convener.address, "")

    async def test_it_goes_to_whoever_leads_by_now(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        await hand_over(post, post.practitioner)

        assert await judged(pool, row) == NotTold(CANCELLED, Reason.SEEN_TO)

        await post.change("outbox_entry", row["id"], state="CANCELLED")
        assert await told(post, pool) == [post.team.lead.person_id, post.practitioner.person_id]
        assert isinstance(await judged(pool, (await notices(post))[1]), Alerted)

    async def test_it_stays_when_somebody_stands_in(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        await cover(post, post.practitioner)

        assert await judged(pool, row) == NotTold(CANCELLED, Reason.SEEN_TO)

    async def test_it_stays_when_it_was_seen_to(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        await post.notice(post.parent, "InvitedToMeeting", number=1)

        assert await judged(pool, row) == NotTold(CANCELLED, Reason.SEEN_TO)

    async def test_it_stays_when_the_meeting_is_over(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        await starting_in(post, -2 * HOUR)

        assert await judged(pool, row) == NotTold(CANCELLED, Reason.SEEN_TO)

    async def test_it_stays_when_it_is_about_nothing_we_know(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        await post.change("outbox_entry", row["id"], subject_id=uuid4())

        assert await judged(pool, row) == NotTold(CANCELLED, Reason.SEEN_TO)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ("update affiliation set until_on = current_date - 1", Reason.NO_ADDRESS),
            ("update mailbox set ended_at = now()", Reason.NO_ADDRESS),
            ("update email_address set suppressed_at = now()", Reason.SUPPRESSED),
            (
                "update affiliation set mailbox_id = (select b.id from mailbox b"
                " where b.kind = 'PERSONAL' limit 1)",
                Reason.SOMEBODY_ELSES_MAILBOX,
            ),
        ],
    )
    async def test_it_is_withheld_where_mail_to_them_would_be(
        self, post: Post, pool: Pool, change: str, reason: Reason
    ) -> None:
        row = await waiting(post, pool)
        await post.stage.owner.execute(change)

        assert await judged(pool, row) == NotTold(WITHHELD, reason)

    async def test_it_is_withheld_from_a_mailbox_that_others_read(
        self, post: Post, pool: Pool
    ) -> None:
        row = await waiting(post, pool)
        mailbox_id = await post.stage.insert(
            "mailbox",
            address_id=await post.stage.owner.fetchval("select id from email_address limit 1"),
            kind="ROLE",
            agency_id=post.team.lead.agency_id,
            from_at=post.stage.now,
        )
        await post.stage.owner.execute("update affiliation set mailbox_id = $1", mailbox_id)

        assert await judged(pool, row) == NotTold(WITHHELD, Reason.ROLE_MAILBOX)

    async def test_it_is_withheld_from_a_mailbox_that_somebody_to_avoid_reads(
        self, post: Post, pool: Pool
    ) -> None:
        row = await waiting(post, pool)
        other = await post.stage.person("Sid Stranger")
        await post.stage.mailbox(other, post.team.lead.address or "", "PERSONAL")
        elsewhere = await post.stage.family("Elsewhere", registered_by=post.practitioner)
        await post.stage.no_contact(elsewhere, post.team.lead, other)

        assert await judged(pool, row) == NotTold(WITHHELD, Reason.READ_BY_NO_CONTACT)

    async def test_it_is_withheld_when_contact_is_stopped(self, post: Post, pool: Pool) -> None:
        row = await waiting(post, pool)
        await post.stage.insert(
            "stop_contact",
            person_id=post.team.lead.person_id,
            reason="DANGER",
            stopped_by_id=post.practitioner.person_id,
            stopped_at=post.stage.now,
        )

        assert await judged(pool, row) == NotTold(WITHHELD, Reason.STOPPED)

    async def test_a_notice_that_was_withheld_is_not_made_again(
        self, post: Post, pool: Pool
    ) -> None:
        row = await waiting(post, pool)
        old = {"state": "WITHHELD", "queued_at": post.stage.now - 2 * HOUR}
        await post.change("outbox_entry", row["id"], **old)

        assert len(await told(post, pool)) == 1


class TestTheMail:
    ALERTED = Alerted("jane.smith@work.example", "Amber Lantern", None)  # type: ignore[arg-type]

    def test_reads_well(self, snapshot: SnapshotAssertion) -> None:
        email = messages.compose_trouble(self.ALERTED)

        assert f"{email.subject}\n\n{email.text}\n{email.html}" == snapshot

    def test_says_the_same_in_words_and_on_the_page(self) -> None:
        email = messages.compose_trouble(self.ALERTED)

        page = words_of(email.html)
        assert page[len(email.subject.split()) :] == email.text.split()
        assert email.text.count(NOTICES) == 1

    def test_has_no_words_for_the_case_where_there_are_none(self) -> None:
        nameless = Alerted("connie@work.example", "", None)  # type: ignore[arg-type]

        assert messages.compose_trouble(nameless).subject == "Message not delivered"

    @pytest.mark.parametrize("label", ["x\r\nBcc: y@z.example", "x\u202ey", "x\0"])
    def test_refuses_a_second_line_in_its_subject(self, label: str) -> None:
        with pytest.raises(Malformed):
            messages.compose_trouble(Alerted("j@work.example", label, None))  # type: ignore[arg-type]

    async def test_leaves_as_one_to_one_person_from_a_mailbox_of_ours(
        self, post: Post, pool: Pool
    ) -> None:
        mail = await delivered(post, pool, (await waiting(post, pool))["id"])

        assert mail.to == mail.header("To") == post.team.lead.address
        assert mail.header("Subject") == "Message not delivered: Amber Lantern"
        assert mail.header("From") == mail.header("Reply-To")
        assert parseaddr(mail.header("From")) == ("Meetings", "meetings@reply.taf.example")
        assert mail.header("Auto-Submitted") == "auto-generated"
        kinds = [part.get_content_type() for part in mail.message.walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]

    async def test_says_nothing_of_the_case(self, post: Post, pool: Pool) -> None:
        await post.change(
            "meeting",
            post.meeting_id,
            joining_link="https://meet.example/room",
            purpose="Talk about housing",
        )
        mail = await delivered(post, pool, (await waiting(post, pool))["id"])

        left = everything_in(mail.envelope)
        for word in (
            "Hartwell", "Alex", "Jane", "Town Hall", "meet.example", "housing", "12:00", "http",
            post.parent.address or "", "bounce", str(post.meeting_id),
        ):  # fmt: skip
            assert word.casefold() not in left.replace(post.team.lead.address or "", "").casefold()


class TestAWorker:
    async def test_tells_the_lead_by_itself(self, post: Post, pool: Pool) -> None:
        """Refused, found, told: from one end to the other."""
        await post.notice(post.parent)
        server = _Refusing(str(post.parent.address))

        async def is_told() -> bool:
            return bool(server.received)

        async with serving(server) as relay, working(pool, relay, trouble_seconds=0.05):
            await until(is_told)

        (envelope,) = server.received
        assert Delivered(envelope).to == post.team.lead.address

    async def test_goes_on_looking_when_it_could_not(self, post: Post, pool: Pool) -> None:
        await post.stage.owner.execute("alter view trouble rename to elsewhere")
        await post.notice(post.parent, state="BOUNCED")

        async def is_told() -> bool:
            return bool(await notices(post))

        async with serving(Server()) as relay, working(pool, relay, trouble_seconds=0.05):
            await asyncio.sleep(0.2)
            await post.stage.owner.execute("alter view elsewhere rename to trouble")
            await until(is_told)


class _Refusing(Server):
    """Knows everybody but one."""

    def __init__(self, unknown: str) -> None:
        super().__init__()
        self.unknown = unknown

    async def handle_RCPT(self, *told: Any) -> str:  # noqa: N802
        if told[3] == self.unknown:
            return "550 5.1.1 No such user"
        return str(await super().handle_RCPT(*told))
