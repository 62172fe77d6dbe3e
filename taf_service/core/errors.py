"""Refusals the service can explain. Anything else that escapes is a bug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried, by reference, where even a refused attempt must be on record."""

    event: str
    subject_id: UUID
    family_id: UUID | None


class Refusal(Exception):
    """Raised when a request cannot be carried out, with words fit for the person who asked."""

    code: ClassVar[str]
    attempt: Attempt | None = None
    """Set it before raising: the audit then keeps the attempt, and nothing else."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(Refusal):
    """Missing, or hidden from this actor. The two are never told apart."""

    code = "NOT_FOUND"


class NotPermitted(Refusal):
    """The actor may see the record but may not do this to it."""

    code = "NOT_PERMITTED"


class Stale(Refusal):
    """Somebody else changed the record first. `table` and `row_id` name its current state."""

    code = "STALE"

    def __init__(self, table: str, row_id: UUID) -> None:
        super().__init__("Somebody else changed this first. Look at it again, then decide.")
        self.table = table
        self.row_id = row_id


class RuleBroken(Refusal):
    """Practice rules forbid it. Each rule has a subclass with its own code."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of an input, named as the client wrote it."""

    field: str
    message: str


class InvalidInput(Refusal):
    """The input cannot be right. All field errors come together."""

    code = "INVALID_INPUT"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(" ".join(error.message for error in errors), field=errors[0].field)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the person should know before they insist."""

    code: str
    message: str


class ConfirmationNeeded(Refusal):
    """Nothing was done yet: repeat the request and acknowledge each warning."""

    code = "CONFIRMATION_NEEDED"

    def __init__(self, *warnings: Warned) -> None:
        super().__init__("Read the warnings, then confirm.")
        self.warnings = warnings


class KeyReused(Refusal):
    """The idempotency key belongs to another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class Busy(Refusal):
    """The database could not finish in time; nothing was changed."""

    code = "BUSY"
