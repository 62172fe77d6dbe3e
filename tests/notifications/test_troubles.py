"""Who is told of a message that does not arrive, of which, when, and how often (R4, R6)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from notifications import claims, troubles
from notifications.claims import Entry, Pool
from notifications.recipients import NotTold, Reason
from tests.notifications.post import Post
from tests.notifications.test_recipients import OBSTACLES, asked
from tests.stage import Somebody

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ENDED_BADLY = ["BOUNCED", "FAILED", "UNCONFIRMED", "WITHHELD"]

# Every reason for not sending, and whether somebody must act on it.
ACT_ON = {
    Reason.TOO_LATE,  # they do not know, and no mail will tell them
    Reason.STOPPED,  # told like the next five, so that none of them stands out
    Reason.NO_ADDRESS,
    Reason.ROLE_MAILBOX,
    Reason.SOMEBODY_ELSES_MAILBOX,
    Reason.READ_BY_NO_CONTACT,
    Reason.SUPPRESSED,
    Reason.EMAIL_NOT_SAFE,
    Reason.CANNOT_BE_WRITTEN,  # as of a message that failed
}
NOTHING_TO_DO = {
    Reason.SUPERSEDED,  # the newer message tells them, or is in trouble itself
    Reason.NOTHING_WAS_SENT,  # they never heard of it
    Reason.NO_INVITATION,
    Reason.MEETING_PAST,  # too late for anything
    Reason.INVITED_AGAIN,  # another message says so
    Reason.MEETING_STANDS,
    Reason.WITHDRAWN,  # they are not to come
    Reason.MEETING_CANCELLED,  # nor is anybody
    Reason.NOT_BY_EMAIL,  # whoever chose that knows that they must be told
    Reason.LEFT_TEAM,  # the meeting is theirs no longer
    Reason.SEEN_TO,
}


async def notices(post: Post) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await post.stage.owner.fetch(
        "select * from outbox_entry where kind = $1 order by number", troubles.KIND
    )
    return rows


async def tell(pool: Pool) -> None:
    """As the worker's role."""
    async with pool.acquire() as connection:
        await troubles.tell(connection)


async def told(post: Post, pool: Pool) -> list[UUID]:
    """Look for trouble once; whom the notices so far are for."""
    await tell(pool)
    return [row["recipient_id"] for row in await notices(post)]


async def judged(pool: Pool, row: asyncpg.Record) -> Any:
    """Whether this notice may leave, asked as the worker asks it."""
    entry = Entry(row["id"], row["kind"], row["recipient_id"], row["subject_id"], 0, 1, 1, None)
    async with pool.acquire() as connection:
        return await troubles.standing(connection, entry)


async def starting_in(post: Post, delay: timedelta) -> None:
    starts_at = post.stage.now + delay
    times = {"starts_at": starts_at, "ends_at": starts_at + HOUR}
    await post.change("meeting", post.meeting_id, **times)


async def cover(post: Post, somebody: Somebody, kind: str = "COVER", **values: Any) -> UUID:
    today = post.stage.now.date()
    return await post.stage.insert(
        "cover",
        **{
            "team_id": post.team.team_id,
            "membership_id": post.team.of(somebody),
            "kind": kind,
            "reason": "On leave",
            "from_on": today - DAY,
            "until_on": today + 7 * DAY,
            "arranged_by_id": post.team.lead.person_id,
            **values,
        },
    )


async def joined(post: Post, name: str) -> Somebody:
    somebody = await post.stage.practitioner(name)
    post.team.memberships[somebody.person_id] = await post.stage.membership(post.team, somebody)
    return somebody


class TestTheLead:
    @pytest.mark.parametrize("state", ENDED_BADLY)
    async def test_is_told_of_a_message_that_ended_badly(
        self, post: Post, pool: Pool, state: str
    ) -> None:
        entry_id = await post.notice(post.parent, state=state)

        assert await told(post, pool) == [post.team.lead.person_id]

        (notice,) = await notices(post)
        assert (notice["subject_id"], notice["number"]) == (post.meeting_id, 0)
        assert (notice["state"], notice["attempts"], notice["fence"]) == ("QUEUED", 0, 0)
        assert json.loads(notice["facts"]) == {"about": [f"{entry_id} {state}"]}
        assert notice["give_up_at"] - notice["queued_at"] == 5 * DAY

    async def test_is_told_a_day_ahead_of_what_could_not_be_sent(
        self, post: Post, pool: Pool
    ) -> None:
        """R4."""
        await post.notice(post.parent, attempts=2)
        await starting_in(post, DAY + 5 * MINUTE)
        assert await told(post, pool) == []

        await starting_in(post, DAY - 5 * MINUTE)
        assert await told(post, pool) == [post.team.lead.person_id]

    async def test_is_told_a_day_before_we_give_up(self, post: Post, pool: Pool) -> None:
        entry_id = await post.notice(post.parent, attempts=9)
        assert await told(post, pool) == []

        await post.change("outbox_entry", entry_id, give_up_at=post.stage.now + DAY - MINUTE)
        assert await told(post, pool) == [post.team.lead.person_id]

    async def test_is_told_a_day_before_their_own_part(self, post: Post, pool: Pool) -> None:
        """Invitations rule 40."""
        await post.notice(post.parent, attempts=1)
        from_, until = (post.stage.now + hours * HOUR for hours in (23, 24))
        await post.change(
            "invitation",
            post.invitations[post.parent.person_id],
            part_starts_at=from_,
            part_ends_at=until,
        )

        assert await told(post, pool) == [post.team.lead.person_id]

    @pytest.mark.parametrize(
        ("state", "attempts", "is_told"),
        [("QUEUED", 0, False), ("QUEUED", 1, True), ("SENDING", 1, False), ("SENDING", 2, True),
         ("ACCEPTED", 3, False), ("CANCELLED", 3, False)],
    )  # fmt: skip
    async def test_is_not_told_of_what_may_yet_go_well_or_did(
        self, post: Post, pool: Pool, state: str, attempts: int, is_told: bool
    ) -> None:
        await starting_in(post, 3 * HOUR)
        until = post.stage.now + HOUR if state == "SENDING" else None
        await post.notice(post.parent, state=state, attempts=attempts, claimed_until=until)

        assert bool(await told(post, pool)) == is_told

    async def test_is_whoever_stands_in_today(self, post: Post, pool: Pool) -> None:
        stand_in = await joined(post, "Stan Standin")
        await cover(post, post.practitioner, "DEPUTY", until_on=None)
        await cover(post, post.practitioner, from_on=post.stage.now.date() + DAY)
        await cover(post, post.practitioner, ended_at=post.stage.now)
        await cover(post, stand_in)
        await post.notice(post.parent, state="BOUNCED")

        assert await told(post, pool) == [stand_in.person_id]

    async def test_is_told_of_nothing_that_is_over(self, post: Post, pool: Pool) -> None:
        await post.notice(post.parent, state="BOUNCED")
        await starting_in(post, -HOUR - MINUTE)

        assert await told(post, pool) == []

    async def test_is_told_nothing_about_a_notice_like_that(self, post: Post, pool: Pool) -> None:
        await post.notice(post.parent, state="BOUNCED")
        await tell(pool)
        for state in ENDED_BADLY:
            await post.stage.owner.execute(
                "update outbox_entry set state = $1, attempts = 3, queued_at = $2 where kind = $3",
                state,
                post.stage.now - 2 * HOUR,
                troubles.KIND,
            )
            assert len(await told(post, pool)) == 1


class TestAReason:
    def test_is_always_judged(self) -> None:
        assert set(Reason) == ACT_ON | NOTHING_TO_DO
        assert not ACT_ON & NOTHING_TO_DO

    async def test_decides_whether_the_lead_is_told(
        self, post: Post, subtests: pytest.Subtests
    ) -> None:
        """With each obstacle in the way, and the message ended as the worker would end it."""
        owner = post.stage.owner
        for kind, arrange, state, reason in OBSTACLES:
            with subtests.test(kind=kind, reason=reason.value):
                situation = owner.transaction()
                await situation.start()
                try:
                    actor = str(post.team.lead.person_id)
                    await owner.execute("select set_config('taf.actor', $1, true)", actor)
                    entry_id = await post.notice(post.parent, kind, number=1)
                    await arrange(post, entry_id)
                    assert await asked(owner, entry_id) == NotTold(state, reason)
                    await post.change("outbox_entry", entry_id, state=state.value)
                    await troubles.tell(owner)
                    is_over = arrange.__name__.startswith("past")
                    assert bool(await notices(post)) == (reason in ACT_ON and not is_over)
                finally:
                    await situation.rollback()
                    post.invitations.clear()


class TestATrouble:
    """What is in trouble is so only while there is something to do about it."""

    async def gone(self, post: Post, pool: Pool, arrange: Callable[[], Awaitable[Any]]) -> None:
        """In trouble before this, and not after it."""
        await tell(pool)
        (row,) = await notices(post)
        assert isinstance(await judged(pool, row), troubles.Alerted)
        await post.stage.owner.execute("delete from outbox_entry where id = $1", row["id"])
        await arrange()
        assert await told(post, pool) == []

    async def test_ends_when_they_were_told_another_way(self, post: Post, pool: Pool) -> None:
        await post.notice(post.parent, state="BOUNCED")
        by = post.team.lead.person_id
        invitation_id = post.invitations[post.parent.person_id]

        await self.gone(
            post,
            pool,
            lambda: post.change("invitation", invitation_id, told_at=post.stage.now, told_by_id=by),
        )

    async def test_ends_when_they_have_answered_since(self, post: Post, pool: Pool) -> None:
        await post.notice(post.parent, state="UNCONFIRMED")
        invitation_id = post.invitations[post.parent.person_id]
        await post.change("invitation", invitation_id, answered_at=post.stage.now - DAY)

        await self.gone(
            post,
            pool,
            lambda: post.change("invitation", invitation_id, answered_at=post.stage.now + MINUTE),
        )

    async def test_ends_when_a_newer_message_is_on_its_way(self, post: Post, pool: Pool) -> None:
        await post.notice(post.parent, state="BOUNCED")
        await post.notice(post.parent, "MeetingChanged", number=1, state="CANCELLED")

        await self.gone(post, pool, lambda: post.notice(post.parent, "MeetingChanged", number=2))

    async def test_is_also_a_cancellation_that_did_not_arrive(self, post: Post, pool: Pool) -> None:
        """They would come in vain; a meeting called off still has its day."""
        await post.notice(post.parent, "MeetingCancelled", number=1, state="BOUNCED")
        assert await told(post, pool) == []
        await post.change("meeting", post.meeting_id, cancelled_at=post.stage.now)

        assert await told(post, pool) == [post.team.lead.person_id]

    async def test_is_also_a_withdrawal_that_did_not_arrive(self, post: Post, pool: Pool) -> None:
        await post.notice(post.parent, "InvitationWithdrawn", number=1, state="FAILED")
        assert await told(post, pool) == []
        invitation_id = post.invitations[post.parent.person_id]
        await post.change("invitation", invitation_id, withdrawn_at=post.stage.now)
        await post.change("membership", post.team.of(post.parent), left_at=post.stage.now)

        assert await told(post, pool) == [post.team.lead.person_id]


class TestTroubleOfTheLeadsOwnMail:
    async def test_is_told_to_the_convener(self, post: Post, pool: Pool) -> None:
        convener = await post.stage.practitioner("Connie Convener")  # of the early help team
        await post.change("meeting", post.meeting_id, convener_id=convener.person_id)
        await cover(post, post.practitioner, "DEPUTY")
        await post.notice(post.team.lead, state="BOUNCED")

        assert await told(post, pool) == [convener.person_id]

    async def test_is_else_told_to_a_deputy(self, post: Post, pool: Pool) -> None:
        await cover(post, post.practitioner, "DEPUTY", until_on=None)
        await post.notice(post.team.lead, state="BOUNCED")

        assert await told(post, pool) == [post.practitioner.person_id]

    async def test_is_else_told_to_nobody(self, post: Post, pool: Pool) -> None:
        await post.notice(post.team.lead, state="BOUNCED")

        assert await told(post, pool) == []

    async def test_is_not_told_to_a_convener_who_has_left(self, post: Post, pool: Pool) -> None:
        await post.change("meeting", post.meeting_id, convener_id=post.practitioner.person_id)
        await post.change("membership", post.team.of(post.practitioner), left_at=post.stage.now)
        await post.notice(post.team.lead, state="BOUNCED")

        assert await told(post, pool) == []

    async def test_waits_for_nobody_elses_notice(self, post: Post, pool: Pool) -> None:
        """Where the lead's mail does not arrive, a notice to them would hold up the deputy's."""
        deputy = post.practitioner
        await cover(post, deputy, "DEPUTY", until_on=None)
        await post.notice(post.parent, state="BOUNCED", state_at=post.stage.now - MINUTE)
        await post.notice(post.team.lead, state="BOUNCED")
        await tell(pool)
        await tell(pool)

        assert [row["recipient_id"] for row in await notices(post)] == [
            post.team.lead.person_id,
            deputy.person_id,
        ]
        async with pool.acquire() as connection:
            taken = await claims.claim(
                connection, lease=MINUTE, limit=9, per_domain=9, busy={}, held=()
            )
        assert len(taken) == 2


class TestAConflictOfInterest:
    """Whoever has one is told nothing of that family's case, whatever else they are to it."""

    async def test_wins_for_a_relative(self, post: Post, pool: Pool) -> None:
        await cover(post, post.practitioner, "DEPUTY")
        await post.stage.insert(
            "family_member",
            family_id=post.team.family.family_id,
            person_id=post.team.lead.person_id,
            role="OTHER",
            joined_at=post.stage.now,
            version=uuid4(),
        )
        await post.notice(post.parent, state="BOUNCED")

        assert await told(post, pool) == [post.practitioner.person_id]

    async def test_wins_for_somebody_they_must_not_meet(self, post: Post, pool: Pool) -> None:
        await cover(post, post.practitioner, "DEPUTY")
        await post.stage.no_contact(post.team.family, post.team.lead, post.team.family.other_parent)
        await post.notice(post.parent, state="BOUNCED")

        assert await told(post, pool) == [post.practitioner.person_id]
