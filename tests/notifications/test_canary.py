"""No outgoing byte and no log line holds what people wrote or are called.

Every text that anybody types into the database is replaced by a word found nowhere else; then all
kinds of messages are sent to all kinds of people, and all that left is searched for those words.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs
from tortoise import Tortoise, fields
from tortoise.fields.data import CharEnumFieldInstance

from notifications.claims import Pool
from tests.notifications.delivered import Delivered
from tests.notifications.mail_server import Server, serving
from tests.notifications.post import Post
from tests.notifications.working import SETTLED, everything_in, until, working
from tests.stage import Somebody

# Written by the service itself, in forms of its own. Anything else somebody typed.
OURS = {
    "account.issuer",
    "account.subject",
    "authority.code",
    "email_address.address",  # each message holds its recipient's, and no other: checked apart
    "invitation.organiser",
    "invitation.uid",
    "meeting.joining_link",  # sent unless it names somebody: checked apart
    "invitation.part_joining_link",
    "meeting.zone",
    "reply_link.token_hash",
}
# Kept by the database itself, from names.
OURS |= {"agency.sort_name", "practitioner.sort_name"}
LEDGERS = {"audit_entry", "audit_seal", "idempotency_key", "outbox_entry", "sealed_entry"}
PHONE = "07700 900123"
KINDS = ("InvitedToMeeting", "MeetingChanged", "MeetingChanged", "MeetingCancelled")


@dataclass(frozen=True)
class Canary:
    """A word that stands in one place of the database and nowhere else."""

    word: str
    column: str
    row_id: UUID


def typed_columns() -> Iterator[tuple[str, str]]:
    """Every column that holds text of people's own, as far as the models know."""
    assert Tortoise.apps is not None
    for model in Tortoise.apps["taf"].values():
        table = model._meta.db_table
        for name, each in model._meta.fields_map.items():
            is_text = isinstance(each, fields.CharField | fields.TextField)
            is_code = isinstance(each, CharEnumFieldInstance)
            if is_text and not is_code and table not in LEDGERS and f"{table}.{name}" not in OURS:
                yield table, name


async def release(owner: asyncpg.Connection[asyncpg.Record]) -> list[Canary]:
    """Put a canary into every typed column of every row."""
    canaries: list[Canary] = []
    for table, column in typed_columns():
        rows = await owner.fetch(f"select id from {table}")
        assert rows, f"{table} has no row here, so {column} is not watched."
        await owner.execute(f"alter table {table} disable trigger user")  # some only ever grow
        for row in rows:
            if await _is_phone(owner, table, row["id"]):
                continue
            canary = Canary(_word(len(canaries)), f"{table}.{column}", row["id"])
            await owner.execute(
                f"update {table} set {column} = $2 where id = $1", row["id"], _text(canary)
            )
            canaries.append(canary)
        await owner.execute(f"alter table {table} enable trigger user")
    return canaries


async def _is_phone(owner: asyncpg.Connection[asyncpg.Record], table: str, row_id: UUID) -> bool:
    """A number is its own canary."""
    find = "select 1 from contact_channel where id = $1 and kind = 'PHONE'"
    return table == "contact_channel" and bool(await owner.fetchval(find, row_id))


def _word(number: int) -> str:
    """Pronounceable, distinct, and in no dictionary."""
    first, second = divmod(number, 26)
    return f"Quoz{chr(97 + first)}{chr(97 + second)}yx"


def _text(canary: Canary) -> str:
    """As people would write it there."""
    if canary.column == "contact_channel.value":
        return f"9 {canary.word} Rise, Derby"
    if canary.column == "person.name":
        return f"{canary.word} Surname"
    return canary.word


async def furnish(post: Post) -> None:
    """A row for every table in which somebody may write something."""
    stage, family, now = post.stage, post.team.family, post.stage.now
    parent, by = family.parent, post.team.lead.person_id
    for kind, value in (("POST", "4 Elm Row"), ("PHONE", PHONE)):
        await stage.insert(
            "contact_channel",
            family_id=family.family_id,
            family_member_id=parent.family_member_id,
            kind=kind,
            value=value,
            added_at=now,
        )
    await stage.insert(
        "safe_contact",
        family_id=family.family_id,
        instructions="Ring",
        email_allowed=True,
        family_member_id=family.other_parent.family_member_id,
        recorded_by_id=by,
        recorded_at=now,
    )
    await stage.insert(
        "stop_contact",
        person_id=parent.person_id,
        reason="DANGER",
        stopped_by_id=by,
        stopped_at=now,
        lifted_at=now,
    )
    await stage.insert(
        "cover",
        team_id=post.team.team_id,
        membership_id=post.team.of(post.practitioner),
        kind="COVER",
        reason="Holiday",
        from_on=now.date(),
        arranged_by_id=by,
    )
    await stage.insert(
        "reply",
        invitation_id=await post.invite(parent),
        answer="ACCEPTED",
        source="LINK",
        given_by_id=parent.person_id,
        at=now,
    )
    await stage.insert(
        "action_progress",
        action_id=await stage.action(post.team, post.practitioner),
        status="DONE",
        note="Rang",
        reported_by_id=by,
        reported_at=now,
    )
    await stage.no_contact(family, parent, family.other_parent)


async def tell(post: Post, people: list[Somebody], kind: str, number: int) -> None:
    """One message of this kind to each of them; returns when nothing more will happen to them."""
    changed = ("TIME", "PLACE", "LINK", "LEAD") if kind == "MeetingChanged" else ()
    for somebody in people:
        await post.notice(somebody, kind, number=number, changed=changed)

    async def are_settled() -> bool:
        return set(await post.states()) <= SETTLED

    await until(are_settled)


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    """What the service logged; the mail server of the test talks too."""
    records = [record for record in caplog.records if record.name != "mail.log"]
    return "\n".join(record.getMessage() for record in records).casefold()


# Ids of messages, parts and events: any letters and digits may stand next to one another in them.
_RANDOM = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class TestEverythingTyped:
    async def test_stays_at_home(
        self, post: Post, pool: Pool, caplog: pytest.LogCaptureFixture
    ) -> None:
        await furnish(post)
        guest = await post.guest("Ines Interpreter", "ines@words.example")
        people = [*self._practitioners(post), *self._family(post), guest]
        await post.change("meeting", post.meeting_id, place_kind="FAMILY_HOME")
        canaries = await release(post.stage.owner)
        rows = await post.stage.owner.fetch("select address from email_address")
        addresses = [row["address"] for row in rows]
        server = Server()
        caplog.set_level(logging.DEBUG)
        with capture_logs() as logs:
            async with serving(server) as relay, working(pool, relay):
                for number, kind in enumerate(KINDS):
                    await self._go_on(post, number)
                    await tell(post, people, kind, number)
                await post.stage.owner.execute("update invitation set withdrawn_at = now()")
                await tell(post, people, "InvitationWithdrawn", len(KINDS))

        assert await post.states() == {"ACCEPTED": (len(KINDS) + 1) * len(people)}
        for index, envelope in enumerate(server.received):
            sent = Delivered(envelope)
            left = _RANDOM.sub("", everything_in(envelope).casefold())
            found = {(c.column, c.row_id) for c in canaries if c.word.casefold() in left}
            assert found == self._may_leave(post, sent, number=index // len(people))
            assert PHONE not in left
            assert [each for each in addresses if each in left] == [sent.to]
        assert logs == []
        logged = _logged(caplog)
        assert not [c for c in canaries if c.word.casefold() in logged]

    async def test_stays_at_home_when_somebody_is_told_of_trouble(
        self, post: Post, pool: Pool, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Not even a lead's own name is needed: the words by which they know the case alone."""
        await furnish(post)
        canaries = await release(post.stage.owner)
        rows = await post.stage.owner.fetch("select address from email_address")
        for state in ("BOUNCED", "WITHHELD"):
            somebody = post.parent if state == "BOUNCED" else post.team.lead
            await post.notice(somebody, state=state, last_reply="550 no such user")
        server = Server()
        caplog.set_level(logging.DEBUG)

        async def was_told() -> bool:
            return bool(server.received)

        with capture_logs() as logs:
            async with serving(server) as relay, working(pool, relay, trouble_seconds=0.05):
                await until(was_told)

        (envelope,) = server.received
        left = _RANDOM.sub("", everything_in(envelope).casefold())
        found = {(c.column, c.row_id) for c in canaries if c.word.casefold() in left}
        assert found == {("membership.label", post.team.of(post.practitioner))}
        assert [row["address"] for row in rows if row["address"] in left] == [
            post.practitioner.address  # who stands in
        ]
        assert not re.search("town hall|12:00|meet|550", left.replace("meeting", ""))
        assert logs == []
        logged = _logged(caplog)
        assert not [c for c in canaries if c.word.casefold() in logged]

    async def test_stays_out_of_the_log_when_things_go_wrong(
        self, post: Post, pool: Pool, caplog: pytest.LogCaptureFixture
    ) -> None:
        await furnish(post)
        people = [*self._practitioners(post), *self._family(post)]
        canaries = await release(post.stage.owner)
        await post.stage.owner.execute("update person set name = name || E'\\nBcc: all@x.example'")
        caplog.set_level(logging.DEBUG)
        with capture_logs() as logs:
            async with serving(Server()) as relay, working(pool, relay):
                await tell(post, people, "InvitedToMeeting", 0)

        assert await post.states() == {"FAILED": len(people)}
        assert len(logs) == len(people)
        told = f"{logs}{_logged(caplog)}".casefold()
        assert not [c for c in canaries if c.word.casefold() in told]
        assert "@" not in told

    def _practitioners(self, post: Post) -> list[Somebody]:
        return [post.practitioner, post.team.lead]

    def _family(self, post: Post) -> list[Somebody]:
        return [post.parent, post.team.family.other_parent]

    async def _go_on(self, post: Post, number: int) -> None:
        """What happens to the meeting between one message and the next."""
        links = {"joining_link": f"https://meet.example/{number}"}
        if number == 1:
            await post.change("meeting", post.meeting_id, place_kind="PUBLIC_VENUE", **links)
        if number == 2:
            later = post.starts_at + timedelta(days=1)
            times = {"starts_at": later, "ends_at": later + timedelta(hours=1)}
            await post.change("meeting", post.meeting_id, **times, **links)
        if number == 3:
            await post.change("meeting", post.meeting_id, cancelled_at=post.stage.now)

    def _may_leave(self, post: Post, sent: Delivered, *, number: int) -> set[tuple[str, UUID]]:
        """The lead's name to everybody; a practitioner's own name and words to themselves.

        The place once it is a public one: to be read in a change, in the file of a cancellation.
        """
        leaves = {("person.name", post.team.lead.person_id)}
        for somebody in self._practitioners(post):
            if somebody.address == sent.to:
                leaves |= {
                    ("person.name", somebody.person_id),
                    ("membership.label", post.team.of(somebody)),
                }
        if number in {1, 2} or (number == 3 and sent.parts("text/calendar")):
            leaves.add(("meeting.place", post.meeting_id))
        return leaves


class TestWhatGivesSomebodyAway:
    """Each time something else that may be sent names the family: then it stays at home too."""

    NAMES = ("Quillfeather", "Zebedee", "Ottoline", "Peregrine", "Elmhurst", "DE99")
    WRITTEN = (
        {"place": "The Quillfeathers' home", "place_kind": "FAMILY_HOME"},
        {"place": "Peregrine Quillfeather's school", "place_kind": "PUBLIC_VENUE"},
        {
            "place": "9 Elmhurst Rise, DE99 1XX",
            "joining_link": "https://meet.example/ottoline-quillfeather",
        },
        {"place": "Hyacinth's office", "joining_link": "https://meet.example/Zebedee%20Q"},
        {
            "place": "The hall (ring 0770 0900123)",
            "joining_link": "https://x.example/07700900123",
        },
    )

    async def test_is_left_out(self, post: Post, pool: Pool) -> None:
        guest = await post.guest("Hyacinth Wordsworth", "office@words.example")
        people = [post.practitioner, post.parent, post.team.family.other_parent, guest]
        await self._name(post)
        server = Server()
        with capture_logs() as logs:
            async with serving(server) as relay, working(pool, relay):
                for number, written in enumerate(self.WRITTEN):
                    await post.change("meeting", post.meeting_id, **written)
                    kind = "MeetingChanged" if number else "InvitedToMeeting"
                    await tell(post, people, kind, number)

        assert await post.states() == {"ACCEPTED": len(self.WRITTEN) * len(people)}
        assert logs == []
        for envelope in server.received:
            left = _RANDOM.sub("", everything_in(envelope).casefold())
            for name in (*self.NAMES, "Hyacinth", "hall", "900123", "meet.example"):
                assert name.casefold() not in left
            assert "sign in to see" in left or "ask jane smith" in left

    async def _name(self, post: Post) -> None:
        family = post.team.family
        people = (family.child, family.parent, family.other_parent)
        for somebody, name in zip(people, self.NAMES[1:4], strict=True):
            await post.change("person", somebody.person_id, name=f"{name} {self.NAMES[0]}")
        await post.change("family", family.family_id, name=self.NAMES[0])
        for kind, value in (("POST", "9 Elmhurst Rise, Derby, DE99 1XX"), ("TEXT", PHONE)):
            await post.stage.insert(
                "contact_channel",
                family_id=family.family_id,
                kind=kind,
                value=value,
                family_member_id=family.parent.family_member_id,
                added_at=post.stage.now,
            )
