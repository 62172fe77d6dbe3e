"""Practice rules for actions. Pure: no database, no clock, no framework."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from taf_service.core import faults
from taf_service.core.errors import RuleBroken


class StatusUnreachable(RuleBroken):
    """An action cannot go from the one status to the other."""

    code = "STATUS_UNREACHABLE"


class NoteRequired(RuleBroken):
    """A report must say why, or what is left."""

    code = "PROGRESS_NOTE_REQUIRED"


class OwnerRequired(RuleBroken):
    """An action belongs to one member, or to an agency with a named contact (guidance 19)."""

    code = "ACTION_OWNER_REQUIRED"


class OwnerElsewhere(RuleBroken):
    """The owner must be in the team, and a contact must work for the agency."""

    code = "ACTION_OWNER_ELSEWHERE"


class ChildCannotOwn(RuleBroken):
    """Actions are never owned by a child (domain, edge case 25)."""

    code = "CHILD_CANNOT_OWN_ACTION"


# What may follow what. An action that ended stays ended; a new one is raised instead.
_ENDED = frozenset({"DONE", "DECLINED", "CANCELLED", "TRANSFERRED"})
_FOLLOWS = {
    "PROPOSED": {"ACCEPTED", "DECLINED", "CANCELLED", "IN_PROGRESS"},
    "ACCEPTED": {"IN_PROGRESS", "PARTLY_DONE", "DONE", "BLOCKED", "CANCELLED", "DECLINED"},
    "IN_PROGRESS": {"IN_PROGRESS", "PARTLY_DONE", "DONE", "BLOCKED", "CANCELLED"},
    "PARTLY_DONE": {"IN_PROGRESS", "PARTLY_DONE", "DONE", "BLOCKED", "CANCELLED"},
    "BLOCKED": {"IN_PROGRESS", "PARTLY_DONE", "DONE", "BLOCKED", "CANCELLED"},
}
_EXPLAINED = frozenset({"PARTLY_DONE", "BLOCKED", "DECLINED", "CANCELLED"})


def has_ended(status: StrEnum) -> bool:
    return status.value in _ENDED


def check_step(present: StrEnum, following: StrEnum, note: str) -> None:
    """Errors: `StatusUnreachable`, `NoteRequired`."""
    if following.value not in _FOLLOWS.get(present.value, set()):
        raise StatusUnreachable(
            f"An action that is {_words(present)} cannot become {_words(following)}.",
            field="status",
        )
    if following.value in _EXPLAINED and not note.strip():
        raise NoteRequired("Say why, or what is left.", field="note")
    faults.check_length(note, "note")


def check_owner(*, by_member: bool, by_agency: bool, contact: bool) -> None:
    """Errors: `OwnerRequired` unless there is exactly one owner."""
    if by_member == by_agency or by_agency != contact:
        raise OwnerRequired(
            "Name one owner: a member of the team, or an agency with a contact there.",
            field="owner",
        )


def is_past(due_on: date, today: date) -> bool:
    return due_on < today


def _words(status: StrEnum) -> str:
    return status.value.lower().replace("_", " ")
