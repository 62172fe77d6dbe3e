"""Who may still be told, and where: each obstacle is put in the way of a message that was good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from notifications import recipients
from notifications.claims import Connection, Entry, Pool
from notifications.outbox import DeliveryState
from notifications.recipients import Audience, Invited, NotTold, Reason
from tests.notifications.post import Post

CANCELLED, FAILED, WITHHELD = (
    DeliveryState.CANCELLED,
    DeliveryState.FAILED,
    DeliveryState.WITHHELD,
)
Arrange = Callable[[Post, UUID], Awaitable[Any]]


async def asked(connection: Connection, entry_id: UUID) -> Invited | NotTold:
    entry = Entry(entry_id, "", uuid4(), uuid4(), 0, 1, 1, None)
    return await recipients.standing(connection, entry)


async def told(pool: Pool, entry_id: UUID) -> Invited | NotTold:
    """As the worker's role."""
    async with pool.acquire() as connection:
        return await asked(connection, entry_id)


async def invited(pool: Pool, entry_id: UUID) -> Invited:
    found = await told(pool, entry_id)
    assert isinstance(found, Invited), found
    return found


async def sent(post: Post, kind: str = "InvitedToMeeting", number: int = 0, **values: Any) -> UUID:
    """An earlier message to the same parent, gone already."""
    return await post.notice(
        post.parent,
        kind,
        number=number,
        **{
            "state": "ACCEPTED",
            "address": post.parent.address,
            "message": b"x",
            "message_id": f"<{number}@reply.taf.example>",
            "stamped_at": post.stage.now,
            **values,
        },
    )


def invitation(**values: Any) -> Arrange:
    return lambda post, _: post.change(
        "invitation", post.invitations[post.parent.person_id], **values
    )


def meeting(**values: Any) -> Arrange:
    return lambda post, _: post.change("meeting", post.meeting_id, **values)


def entry(**values: Any) -> Arrange:
    return lambda post, entry_id: post.change("outbox_entry", entry_id, **values)


async def past(post: Post, _: UUID) -> None:
    now = post.stage.now
    times = {"starts_at": now - timedelta(hours=2), "ends_at": now - timedelta(hours=1)}
    await post.change("meeting", post.meeting_id, **times)


async def past_while_trying(post: Post, entry_id: UUID) -> None:
    """Rule 21 holds whenever its author meant to give up."""
    await past(post, entry_id)
    await entry(address="a@home.example", message=b"x")(post, entry_id)


async def out_of_time(post: Post, entry_id: UUID) -> None:
    await entry(give_up_at=post.stage.now)(post, entry_id)


async def with_a_mailbox_read_by_somebody_to_avoid(post: Post, _: UUID) -> None:
    """Recorded in whichever family: two people who must not learn of one another."""
    other = post.team.family.other_parent
    await post.stage.mailbox(other, post.parent.address or "", "PERSONAL")
    family = await post.stage.family("Elsewhere", registered_by=post.team.lead)
    await post.stage.no_contact(family, post.parent, other)


async def withdrawn(post: Post, entry_id: UUID) -> None:
    await invitation(withdrawn_at=post.stage.now)(post, entry_id)


async def cancelled(post: Post, entry_id: UUID) -> None:
    await meeting(cancelled_at=post.stage.now)(post, entry_id)


async def superseded(post: Post, _: UUID) -> None:
    await post.notice(post.parent, "MeetingChanged", number=5)


async def bounced(post: Post, entry_id: UUID) -> None:
    await sent(post, state="BOUNCED")
    await cancelled(post, entry_id)


def stopped(person: bool, **values: Any) -> Arrange:
    async def arrange(post: Post, _: UUID) -> None:
        who = (
            {"person_id": post.parent.person_id}
            if person
            else {"address_id": await address_id(post)}
        )
        await post.stage.insert(
            "stop_contact",
            **who,
            reason="DANGER",
            stopped_by_id=post.team.lead.person_id,
            stopped_at=post.stage.now,
            **values,
        )

    return arrange


async def address_id(post: Post) -> UUID:
    found: UUID = await post.stage.owner.fetchval(
        "select id from email_address where address = $1", post.parent.address
    )
    return found


async def suppressed(post: Post, _: UUID) -> None:
    await post.change("email_address", await address_id(post), suppressed_at=post.stage.now)


def safe_contact(*, email_allowed: bool, **values: Any) -> Arrange:
    async def arrange(post: Post, _: UUID) -> None:
        await post.stage.insert(
            "safe_contact",
            family_id=post.team.family.family_id,
            family_member_id=post.parent.family_member_id,
            instructions="Ring after school",
            email_allowed=email_allowed,
            recorded_by_id=post.team.lead.person_id,
            recorded_at=post.stage.now,
            **values,
        )

    return arrange


async def in_danger_elsewhere(post: Post, _: UUID) -> None:
    """The same person is a member of another family, where mail is not safe."""
    family = await post.stage.family("Elsewhere", registered_by=post.team.lead)
    member_id = await post.stage.insert(
        "family_member",
        family_id=family.family_id,
        person_id=post.parent.person_id,
        role="PARENT",
        joined_at=post.stage.now,
        version=uuid4(),
    )
    await post.stage.insert(
        "safe_contact",
        family_id=family.family_id,
        family_member_id=member_id,
        instructions="Never write",
        email_allowed=False,
        recorded_by_id=post.team.lead.person_id,
        recorded_at=post.stage.now,
    )


async def left(post: Post, _: UUID) -> None:
    await post.change("membership", post.team.of(post.parent), left_at=post.stage.now)


async def without_channel(post: Post, _: UUID) -> None:
    await post.stage.owner.execute("update contact_channel set ended_at = now()")


async def with_closed_mailbox(post: Post, _: UUID) -> None:
    await post.stage.owner.execute(
        "update mailbox set ended_at = now() where person_id = $1", post.parent.person_id
    )


async def with_anothers_mailbox(post: Post, _: UUID) -> None:
    await post.stage.owner.execute(
        "update contact_channel set mailbox_id = (select id from mailbox where person_id = $1)"
        " where family_member_id = $2",
        post.practitioner.person_id,
        post.parent.family_member_id,
    )


OBSTACLES: list[tuple[str, Arrange, DeliveryState, Reason]] = [
    ("InvitedToMeeting", superseded, CANCELLED, Reason.SUPERSEDED),
    ("MeetingCancelled", cancelled, CANCELLED, Reason.NOTHING_WAS_SENT),
    ("InvitationWithdrawn", withdrawn, CANCELLED, Reason.NOTHING_WAS_SENT),
    ("MeetingCancelled", bounced, CANCELLED, Reason.NOTHING_WAS_SENT),
    ("InvitedToMeeting", past, WITHHELD, Reason.MEETING_PAST),
    ("InvitedToMeeting", past_while_trying, FAILED, Reason.TOO_LATE),
    ("InvitedToMeeting", out_of_time, FAILED, Reason.TOO_LATE),
    ("InvitedToMeeting", withdrawn, WITHHELD, Reason.WITHDRAWN),
    ("MeetingChanged", cancelled, WITHHELD, Reason.MEETING_CANCELLED),
    ("InvitedToMeeting", invitation(invited_by="PHONE"), WITHHELD, Reason.NOT_BY_EMAIL),
    ("InvitedToMeeting", stopped(person=True), WITHHELD, Reason.STOPPED),
    ("InvitedToMeeting", stopped(person=False), WITHHELD, Reason.STOPPED),
    ("InvitedToMeeting", suppressed, WITHHELD, Reason.SUPPRESSED),
    (
        "InvitedToMeeting",
        safe_contact(email_allowed=False),
        WITHHELD,
        Reason.EMAIL_NOT_SAFE,
    ),
    ("InvitedToMeeting", in_danger_elsewhere, WITHHELD, Reason.EMAIL_NOT_SAFE),
    ("InvitedToMeeting", left, WITHHELD, Reason.LEFT_TEAM),
    ("InvitedToMeeting", without_channel, WITHHELD, Reason.NO_ADDRESS),
    ("InvitedToMeeting", with_closed_mailbox, WITHHELD, Reason.NO_ADDRESS),
    (
        "InvitedToMeeting",
        with_anothers_mailbox,
        WITHHELD,
        Reason.SOMEBODY_ELSES_MAILBOX,
    ),
    (
        "InvitedToMeeting",
        with_a_mailbox_read_by_somebody_to_avoid,
        WITHHELD,
        Reason.READ_BY_NO_CONTACT,
    ),
]


class TestAParent:
    async def test_is_not_told(self, post: Post, subtests: pytest.Subtests) -> None:
        owner = post.stage.owner
        for kind, arrange, state, reason in OBSTACLES:
            with subtests.test(kind=kind, reason=reason.value):
                situation = owner.transaction()
                await situation.start()
                try:
                    # Only the worker is told of any meeting; others as who may see it whole.
                    await owner.execute(
                        "select set_config('taf.actor', $1, true)", str(post.team.lead.person_id)
                    )
                    entry_id = await post.notice(post.parent, kind, number=1)
                    if kind == "InvitedToMeeting":
                        assert isinstance(await asked(owner, entry_id), Invited)
                    await arrange(post, entry_id)
                    assert await asked(owner, entry_id) == NotTold(state, reason)
                finally:
                    await situation.rollback()
                    post.invitations.clear()

    async def test_is_not_told_of_a_withdrawal_that_was_taken_back(
        self, post: Post, pool: Pool
    ) -> None:
        await sent(post)
        again = await post.notice(post.parent, "InvitationWithdrawn", number=1)
        stands = await post.notice(post.parent, "MeetingCancelled", number=2)

        assert await told(pool, stands) == NotTold(CANCELLED, Reason.MEETING_STANDS)
        await post.change("outbox_entry", stands, state="CANCELLED")
        assert await told(pool, again) == NotTold(CANCELLED, Reason.INVITED_AGAIN)

    async def test_is_told_that_it_is_off_when_they_may_have_heard_that_it_was_on(
        self, post: Post, pool: Pool
    ) -> None:
        await sent(post, state="FAILED")
        off = await post.notice(post.parent, "MeetingCancelled", number=1)
        await cancelled(post, off)
        await left(post, off)

        found = await invited(pool, off)

        assert found.earlier.message_ids == ("<0@reply.taf.example>",)
        assert found.earlier.last_message == b"x"

    async def test_is_told_once_nothing_stands_in_the_way_any_more(
        self, post: Post, pool: Pool
    ) -> None:
        entry_id = await post.notice(post.parent)
        await stopped(person=True, lifted_at=post.stage.now)(post, entry_id)
        await safe_contact(email_allowed=False, replaced_at=post.stage.now)(post, entry_id)

        found = await invited(pool, entry_id)

        assert found.calendar_is_safe

    @pytest.mark.parametrize("table", ["no_contact", "mailbox"])
    async def test_is_told_once_nobody_to_avoid_reads_their_mailbox(
        self, post: Post, pool: Pool, table: str
    ) -> None:
        entry_id = await post.notice(post.parent)
        await with_a_mailbox_read_by_somebody_to_avoid(post, entry_id)
        assert await told(pool, entry_id) == NotTold(WITHHELD, Reason.READ_BY_NO_CONTACT)

        other_id = post.team.family.other_parent.person_id
        whose = "person_id = $1" if table == "mailbox" else "$1 in (person_a_id, person_b_id)"
        await post.stage.owner.execute(
            f"update {table} set ended_at = now() where {whose}", other_id
        )

        assert (await invited(pool, entry_id)).address == post.parent.address

    async def test_gets_no_calendar_file_where_safe_contact_is_recorded(
        self, post: Post, pool: Pool
    ) -> None:
        entry_id = await post.notice(post.parent)
        await safe_contact(email_allowed=True)(post, entry_id)

        assert not (await invited(pool, entry_id)).calendar_is_safe

    async def test_is_written_to_where_they_prefer(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.parent)
        found = await invited(pool, entry_id)
        assert (found.audience, found.address) == (Audience.FAMILY, post.parent.address)

        await post.stage.owner.execute("update contact_channel set preferred_since = null")
        await post.stage.insert(
            "contact_channel",
            family_id=post.team.family.family_id,
            family_member_id=post.parent.family_member_id,
            kind="EMAIL",
            mailbox_id=await post.stage.mailbox(post.parent, "new@home.example", "PERSONAL"),
            preferred_since=post.stage.now,
            added_at=post.stage.now - timedelta(days=1),
        )

        assert (await invited(pool, entry_id)).address == "new@home.example"

    async def test_has_nobody_elses_invitation(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.parent)
        other = post.practitioner.person_id
        await post.change("outbox_entry", entry_id, recipient_id=other)

        assert await told(pool, entry_id) == NotTold(CANCELLED, Reason.NO_INVITATION)


class TestAPractitioner:
    async def test_is_written_to_where_they_work_for_the_team(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.practitioner)
        elsewhere = await post.stage.insert(
            "affiliation",
            practitioner_id=post.practitioner.practitioner_id,
            agency_id=await post.stage.agency("Another"),
            role_title="Governor",
            mailbox_id=await post.stage.mailbox(post.practitioner, "p@other.example", "WORK"),
            from_on=date(2020, 1, 1),
            version=uuid4(),
        )

        found = await invited(pool, entry_id)

        assert elsewhere
        assert found.address == post.practitioner.address
        assert (found.audience, found.name, found.label) == (
            Audience.PRACTITIONER,
            "Pat Jones",
            "Amber Lantern",
        )
        assert found.lead == "Jane Smith"

    async def test_is_not_written_to_where_they_worked_before(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.practitioner)
        await post.stage.owner.execute(
            "update affiliation set until_on = (now() at time zone 'Europe/London')::date"
        )

        assert await told(pool, entry_id) == NotTold(WITHHELD, Reason.NO_ADDRESS)

    async def test_is_not_written_to_in_a_mailbox_that_others_read(
        self, post: Post, pool: Pool
    ) -> None:
        entry_id = await post.notice(post.practitioner)
        mailbox_id = await post.stage.insert(
            "mailbox",
            address_id=await address_id(post),
            kind="ROLE",
            agency_id=post.practitioner.agency_id,
            from_at=post.stage.now,
        )
        await post.stage.owner.execute("update affiliation set mailbox_id = $1", mailbox_id)

        assert await told(pool, entry_id) == NotTold(WITHHELD, Reason.ROLE_MAILBOX)

    async def test_is_written_to_at_work_whatever_holds_in_their_own_family(
        self, post: Post, pool: Pool
    ) -> None:
        entry_id = await post.notice(post.practitioner)
        family = await post.stage.family("Elsewhere", registered_by=post.team.lead)
        await post.stage.insert(
            "safe_contact",
            family_id=family.family_id,
            family_member_id=await post.stage.insert(
                "family_member",
                family_id=family.family_id,
                person_id=post.practitioner.person_id,
                role="PARENT",
                joined_at=post.stage.now,
                version=uuid4(),
            ),
            instructions="Never write",
            email_allowed=False,
            recorded_by_id=post.team.lead.person_id,
            recorded_at=post.stage.now,
        )

        assert (await invited(pool, entry_id)).calendar_is_safe


class TestAGuest:
    async def test_is_written_to_at_the_address_they_were_invited_by(
        self, post: Post, pool: Pool
    ) -> None:
        guest = await post.guest("Ines Interpreter", "ines@words.example")
        entry_id = await post.notice(guest)

        found = await invited(pool, entry_id)

        assert (found.audience, found.address) == (Audience.GUEST, "ines@words.example")
        assert found.label == ""


class TestWhatTheyAreTold:
    async def test_follows_the_invitation(self, post: Post, pool: Pool) -> None:
        await sent(post)
        entry_id = await post.notice(post.parent, "MeetingChanged", number=1, changed=("PLACE",))
        await invitation(answer="ACCEPTED", answered_at=post.stage.now, sequence=1)(post, entry_id)

        found = await invited(pool, entry_id)

        assert (found.sequence, found.answer) == (1, "ACCEPTED")
        assert found.changed == {"PLACE"}
        assert found.link_nonce is not None

    async def test_asks_again_when_the_hour_changed(self, post: Post, pool: Pool) -> None:
        """Rule 15: nobody has answered to an hour they are only now told of."""
        await sent(post)
        entry_id = await post.notice(post.parent, "MeetingChanged", number=1)
        before, after = post.stage.now - timedelta(hours=1), post.stage.now + timedelta(hours=1)
        moved = {"answer": "ACCEPTED", "sequence": 1, "reschedule_sequence": 1}

        await invitation(**moved, answered_at=before)(post, entry_id)
        assert (await invited(pool, entry_id)).answer == "NEEDS_ACTION"

        await invitation(answered_at=after)(post, entry_id)
        assert (await invited(pool, entry_id)).answer == "ACCEPTED"

    async def test_gathers_what_changed_since_they_last_heard(self, post: Post, pool: Pool) -> None:
        await sent(post)
        await sent(post, "MeetingChanged", 1, facts={"changed": ["LEAD"]})
        await sent(post, "MeetingChanged", 2, facts={"changed": ["TIME"]}, state="CANCELLED")
        entry_id = await post.notice(post.parent, "MeetingChanged", number=3, changed=("LINK",))

        assert (await invited(pool, entry_id)).changed == {"TIME", "LINK"}

    async def test_is_stamped_after_all_they_were_sent_before(self, post: Post, pool: Pool) -> None:
        """Rule 11: strictly increasing, in whole seconds, by the database's clock."""
        last = post.stage.now + timedelta(minutes=1)
        await sent(post, stamped_at=last)
        following = await post.notice(post.parent, "MeetingChanged", number=1)
        first = await post.notice(post.practitioner)

        assert (await invited(pool, following)).stamped_at == last + timedelta(seconds=1)
        stamp = (await invited(pool, first)).stamped_at
        assert post.stage.now <= stamp < last
        assert stamp.microsecond == 0

    @pytest.mark.parametrize(
        ("place_kind", "said"),
        [("PUBLIC_VENUE", "Town Hall"), ("AGENCY_OFFICE", None), ("FAMILY_HOME", None),
         ("CONFIDENTIAL", None)],
    )  # fmt: skip
    async def test_names_a_public_venue_alone(
        self, post: Post, pool: Pool, place_kind: str, said: str | None
    ) -> None:
        entry_id = await post.notice(post.parent)
        await meeting(place_kind=place_kind)(post, entry_id)

        found = (await invited(pool, entry_id)).meeting

        assert (found.public_place, found.is_somewhere) == (said, True)

    async def test_is_their_own_part_alone(self, post: Post, pool: Pool) -> None:
        """Rule 40."""
        entry_id = await post.notice(post.parent)
        await meeting(joining_link="https://meet.example/whole")(post, entry_id)
        assert (await invited(pool, entry_id)).meeting.joining_link == "https://meet.example/whole"

        from_, until = (post.starts_at + timedelta(minutes=m) for m in (20, 40))
        await invitation(part_starts_at=from_, part_ends_at=until)(post, entry_id)
        part = (await invited(pool, entry_id)).meeting
        assert (part.starts_at, part.ends_at, part.joining_link) == (from_, until, "")

        await invitation(part_joining_link="https://meet.example/part")(post, entry_id)
        assert (await invited(pool, entry_id)).meeting.joining_link == "https://meet.example/part"

    async def test_is_nothing_once_their_part_is_over(self, post: Post, pool: Pool) -> None:
        """Rules 21 and 40: they have no more to do with the rest of it."""
        now, hour = post.stage.now, timedelta(hours=1)
        entry_id = await post.notice(post.parent)
        await meeting(starts_at=now - 2 * hour, ends_at=now + hour)(post, entry_id)
        assert isinstance(await told(pool, entry_id), Invited)
        await invitation(part_starts_at=now - 2 * hour, part_ends_at=now - hour)(post, entry_id)

        assert await told(pool, entry_id) == NotTold(WITHHELD, Reason.MEETING_PAST)

    async def test_has_no_link_once_it_was_revoked(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.parent)
        await post.stage.owner.execute("update reply_link set revoked_at = now()")

        assert (await invited(pool, entry_id)).link_nonce is None

    async def test_knows_the_words_that_may_not_leave(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.practitioner)
        await post.guest("Ines Interpreter", "ines@words.example")
        await post.stage.insert(
            "contact_channel",
            family_id=post.team.family.family_id,
            family_member_id=post.parent.family_member_id,
            kind="POST",
            value="4 Elm Row, Derby",
            added_at=post.stage.now,
        )

        assert set((await invited(pool, entry_id)).private_words) == {
            "Hartwell",
            "Robin Hartwell",
            "Alex Hartwell",
            "Sam Hartwell",
            "4 Elm Row, Derby",
            "Ines Interpreter",
        }
