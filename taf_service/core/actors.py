"""Who is asking, and what somebody can be to the thing asked about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Standing(StrEnum):
    """What a person is to one row. Looked up each time, never carried by an account."""

    LEAD = "LEAD"
    DEPUTY = "DEPUTY"
    PRACTITIONER = "PRACTITIONER"
    FAMILY_MEMBER = "FAMILY_MEMBER"
    REGISTRAR = "REGISTRAR"
    CONVENER = "CONVENER"
    CHAIR = "CHAIR"
    NOTE_TAKER = "NOTE_TAKER"
    INVITEE = "INVITEE"
    OWNER = "OWNER"
    SELF = "SELF"
    COORDINATOR = "COORDINATOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    AUDITOR = "AUDITOR"
    IN_DIRECTORY = "IN_DIRECTORY"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person. What they may do is decided by their standing in one team, meeting or authority."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class Request:
    """One act of one person, as it reached the service.

    `idempotency_key` makes a repeat of it happen once; `acknowledged` are the codes of the warnings
    that the person has read and accepted.
    """

    actor: Actor
    idempotency_key: str | None = None
    acknowledged: frozenset[str] = frozenset()
