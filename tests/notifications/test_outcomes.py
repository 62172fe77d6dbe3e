from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import claims, outcomes
from notifications.addresses import Malformed
from notifications.claims import Connection, Entry, Pool
from notifications.outcomes import FIRST_DELAY, LONGEST_DELAY, delay_after
from notifications.relay import Accepted, Deferred, Held, Outcome, Refused, Unconfirmed
from tests.notifications.post import Post

Record = Callable[[Connection, Entry], Awaitable[bool]]


def outcome(value: Outcome) -> Record:
    return lambda connection, entry: outcomes.record(connection, entry, value)


def fault(error: Exception) -> Record:
    return lambda connection, entry: outcomes.record_fault(connection, entry, error)


class TestAnOutcome:
    async def test_is_written_down_as_what_it_is(
        self, post: Post, pool: Pool, subtests: pytest.Subtests
    ) -> None:
        entry_id = await post.notice(post.practitioner)
        for record, state, reply in (
            (outcome(Accepted("2.0.0 Taken")), "ACCEPTED", "2.0.0 Taken"),
            (outcome(Unconfirmed("Lost")), "UNCONFIRMED", "Lost"),
            (outcome(Deferred(421, "Busy")), "QUEUED", "421 Busy"),
            (outcome(Deferred(None, "No route")), "QUEUED", "No route"),
            (outcome(Held("No encryption")), "QUEUED", "TLS No encryption"),
            (
                outcome(Refused(550, "No such user", at_recipient=True)),
                "BOUNCED",
                "550 No such user",
            ),
            (outcome(Refused(551, "Moved away", at_recipient=True)), "BOUNCED", "551 Moved away"),
            (outcome(Refused(550, "Looks like spam")), "FAILED", "550 Looks like spam"),
            (outcome(Refused(550, "5.1.8 Bad sender")), "FAILED", "550 5.1.8 Bad sender"),
            (outcome(Refused(554, "5.1.1 Unknown")), "BOUNCED", "554 5.1.1 Unknown"),
            (outcome(Refused(552, "5.2.2 Full")), "BOUNCED", "552 5.2.2 Full"),
            (outcome(Refused(550, "5.7.1 Not from you")), "FAILED", "550 5.7.1 Not from you"),
            (outcome(Refused(554, "Spam")), "FAILED", "554 Spam"),
            (fault(Malformed("Two lines.")), "FAILED", "MALFORMED Two lines."),
            (fault(KeyError("a@home.example")), "QUEUED", "INTERNAL KeyError"),
        ):
            with subtests.test(reply=reply):
                await post.change("outbox_entry", entry_id, state="QUEUED", due_at=post.stage.now)
                async with pool.acquire() as connection:
                    (entry,) = await claims.claim(
                        connection, lease=timedelta(minutes=1), limit=1, per_domain=1, busy={}
                    )
                    assert await record(connection, entry)
                    assert not await record(connection, entry)

                row = await post.entry(entry_id)
                assert (row["state"], row["last_reply"]) == (state, reply)
                assert row["claimed_until"] is None
                assert (row["due_at"] > post.stage.now) == (state == "QUEUED")


class TestTheDelay:
    @given(st.integers(1, 1_000_000), st.floats(0, 1))
    def test_grows_to_a_limit_and_is_never_nothing(self, attempts: int, chance: float) -> None:
        delay = delay_after(attempts, chance)

        assert FIRST_DELAY / 2 <= delay <= LONGEST_DELAY * 1.5
        assert delay_after(attempts + 1, chance) >= delay

    def test_differs_by_chance(self) -> None:
        assert delay_after(1, 0.0) == FIRST_DELAY / 2
        assert delay_after(1, 1.0) == FIRST_DELAY * 1.5
        assert delay_after(3, 0.5) == FIRST_DELAY * 4
