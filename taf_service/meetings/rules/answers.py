"""What somebody may answer, and what must be written with it."""

from __future__ import annotations

from datetime import datetime

from taf_service.core import faults
from taf_service.core.errors import FieldError, InvalidInput
from taf_service.meetings.rules.choices import Answer
from taf_service.meetings.rules.refusals import NoLongerInvited

LONGEST_COMMENT = 1_000


def check_answer(answer: Answer, comment: str) -> None:
    """Errors: `InvalidInput`."""
    if answer is Answer.NEEDS_ACTION:
        raise InvalidInput(FieldError("answer", "Accept, accept tentatively, or decline."))
    faults.check_length(comment, "comment", LONGEST_COMMENT)


def check_still_invited(withdrawn_at: datetime | None) -> None:
    """Errors: `NoLongerInvited`."""
    if withdrawn_at is not None:
        raise NoLongerInvited("This invitation was taken back.")
