"""What becomes of an entry after an attempt, and when to try again (reliability R3, R4)."""

from __future__ import annotations

import re
from datetime import timedelta
from secrets import SystemRandom

from notifications import claims
from notifications.addresses import Malformed
from notifications.claims import Connection, Entry
from notifications.outbox import DeliveryState
from notifications.relay import Accepted, Deferred, Held, Outcome, Refused, Unconfirmed

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=15)
_MOST_DOUBLINGS = 10

# RFC 3463 3.2 and 3.3: X.1 is about an address, X.2 about a mailbox; X.1.7 and X.1.8 mean ours.
_STATUS = re.compile(r"\b5\.(\d{1,3}\.\d{1,3})\b")
_ABOUT_THEM = re.compile(r"1\.(?!0*[78]$)|2\.")
# RFC 5321 4.2.3, where the server gives no such status.
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})

_dice = SystemRandom()


async def record(connection: Connection, entry: Entry, outcome: Outcome) -> bool:
    """Write down an outcome; False when the entry is no longer ours and nothing was changed.

    An unconfirmed message is shown as such and never sent again by itself: it may well have
    arrived, and only a person can find out (R3).
    """
    if isinstance(outcome, Deferred | Held):
        delay = delay_after(entry.attempts, _dice.random())
        return await claims.put_back(connection, entry, after=delay, reply=_reply(outcome))
    return await claims.settle(connection, entry, _state(outcome), _reply(outcome))


async def record_fault(connection: Connection, entry: Entry, error: Exception) -> bool:
    """Write down that we could not do our part.

    What cannot be put into mail will not fit later either; anything else may be mended meanwhile.
    """
    if isinstance(error, Malformed):
        return await claims.settle(connection, entry, DeliveryState.FAILED, f"MALFORMED {error}")
    delay = delay_after(entry.attempts, _dice.random())
    reply = f"INTERNAL {type(error).__name__}"
    return await claims.put_back(connection, entry, after=delay, reply=reply)


def delay_after(attempts: int, chance: float) -> timedelta:
    """Twice as long each time, up to a limit, and never for two at the same moment.

    `chance` lies between 0 and 1.
    """
    seconds = FIRST_DELAY.total_seconds() * 2.0 ** min(attempts - 1, _MOST_DOUBLINGS)
    return min(timedelta(seconds=seconds), LONGEST_DELAY) * (0.5 + chance)


def _state(outcome: Accepted | Refused | Unconfirmed) -> DeliveryState:
    if isinstance(outcome, Accepted):
        return DeliveryState.ACCEPTED
    if isinstance(outcome, Unconfirmed):
        return DeliveryState.UNCONFIRMED
    return DeliveryState.BOUNCED if _is_about_them(outcome) else DeliveryState.FAILED


def _is_about_them(refused: Refused) -> bool:
    """Whether the address is at fault, not the message or the sender."""
    status = _STATUS.search(refused.reply)
    if status is not None:
        return _ABOUT_THEM.match(status[1]) is not None
    return refused.at_recipient and refused.code in _NO_SUCH_MAILBOX


def _reply(outcome: Outcome) -> str:
    if isinstance(outcome, Held):
        return f"TLS {outcome.reason}"
    code = getattr(outcome, "code", None)
    return outcome.reply if code is None else f"{code} {outcome.reply}"
