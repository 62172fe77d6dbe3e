"""The one place where refusals become GraphQL (api 4)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import strawberry

from schema import ids
from schema.node import Node
from schema.sources import KIND
from taf_service import (
    access,
    directory,
    families,
    handovers,
    meetings,
    partnership,
    plans,
    teams,
)
from taf_service.core import errors
from taf_service.core.codes import WarningCode as _WarningCode

_WARNINGS = {
    "BANK_HOLIDAY": "The meeting is on a bank holiday.",
    "WEEKEND": "The meeting is at a weekend.",
    "OUT_OF_HOURS": "The meeting is early or late in the day, or in the night.",
    "SHORT_NOTICE": "People get less notice than is usual.",
    "CLASH": "Somebody has another meeting then, as far as you may see.",
    "FAMILY_NOT_INVITED": "Nobody of the family is invited to a TAF meeting.",
    "LEAD_TAKES_NOTES": "The lead practitioner would also take the notes.",
    "LEAD_EXISTS_ELSEWHERE": "There is a lead practitioner already (guidance 11).",
    "SPECIALIST_USUALLY_LEADS": "A specialist service in the team usually leads (guidance 7).",
    "LONG_REVIEW_INTERVAL": "Reviews would lie further apart than is usual (guidance 22).",
    "POSSIBLE_DUPLICATE": "Something very like it is there already.",
    "OPEN_ACTIONS": "Somebody who leaves still owns open actions.",
    "DUE_IN_THE_PAST": "The due date has passed already.",
    "SIGNS_IN_ALREADY": "Somebody can sign in already.",
}
WarningCode = strawberry.enum(
    _WarningCode, description="Something unusual that is not forbidden; acknowledge it to go on."
)
_definition: Any = WarningCode.__strawberry_definition__  # type: ignore[attr-defined]
for _value in _definition.values:
    _value.description = _WARNINGS.get(_value.name)  # a test finds those without words

SERVICE = "taf_service."
# Their rules raise the refusals that are gathered here.
AREAS = (access, partnership, directory, families, teams, meetings, plans, handovers)


def _refusals(of: type[errors.Refusal] = errors.Refusal) -> Iterator[type[errors.Refusal]]:
    for refusal in of.__subclasses__():
        if "code" in vars(refusal) and refusal.__module__.startswith(SERVICE):
            yield refusal
        yield from _refusals(refusal)


def problem_code() -> Any:
    """Every code a refusal can carry, gathered from the rules that raise them.

    Errors: `TypeError` when two rules share a code.
    """
    described: dict[str, str] = {}
    for refusal in _refusals():
        words = " ".join((refusal.__doc__ or "").split())
        if described.setdefault(refusal.code, words) != words:
            raise TypeError(f"two refusals share the code {refusal.code}")
    members = {
        code: strawberry.enum_value(code, description=described[code]) for code in sorted(described)
    }
    made = Enum("ProblemCode", members)  # type: ignore[misc]
    return strawberry.enum(made, description="Why a request was refused.")


ProblemCode = problem_code()


@strawberry.interface(description="Why a request was refused. Nothing was changed.")
class Problem:
    code: ProblemCode = strawberry.field(description="For programs.")  # type: ignore[valid-type]
    message: str = strawberry.field(description="For people: what to do.")


@strawberry.type(description="What is wrong with one field of the input.")
class FieldProblem:
    field: str = strawberry.field(description="The field, as written in the input.")
    message: str = strawberry.field(description="What to do.")


@strawberry.type(description="The input cannot be right; all its errors come together.")
class InvalidInput(Problem):
    field_errors: list[FieldProblem] = strawberry.field(description="One a field.")


@strawberry.type(description="Somebody else changed it first.")
class Stale(Problem):
    current: Node | None = strawberry.field(description="The object as it is now.")


@strawberry.type(description="A warning to read and acknowledge.")
class Warned:
    code: WarningCode = strawberry.field(description="Send it back in `acknowledge`.")  # type: ignore[valid-type]
    message: str = strawberry.field(description="What is unusual.")


@strawberry.type(description="Unusual: repeat the request and acknowledge each warning.")
class ConfirmationNeeded(Problem):
    warnings: list[Warned] = strawberry.field(description="Each to be acknowledged.")


@strawberry.type(description="Nothing is there, or not for you: the two are never told apart.")
class NotFound(Problem):
    field: str | None = strawberry.field(description="The field that named it, if one did.")


@strawberry.type(description="You may see it but not do this to it.")
class NotPermitted(Problem):
    pass


@strawberry.type(description="A rule of practice, or of the service, forbids it.")
class RuleBroken(Problem):
    field: str | None = strawberry.field(description="The field to mend, if there is one.")


PROBLEMS = (InvalidInput, Stale, ConfirmationNeeded, NotFound, NotPermitted, RuleBroken)


def explain(refusal: errors.Refusal) -> dict[str, Any]:
    """The problem that a refusal becomes, under the keys its fields are read by."""
    answer: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    match refusal:
        case errors.InvalidInput():
            listed = [{"field": e.field, "message": e.message} for e in refusal.errors]
            return answer | {KIND: "InvalidInput", "field_errors": listed}
        case errors.Stale():
            current = ids.of_table(refusal.table, refusal.row_id)
            return answer | {KIND: "Stale", "current": current}
        case errors.ConfirmationNeeded():
            listed = [{"code": w.code, "message": w.message} for w in refusal.warnings]
            return answer | {KIND: "ConfirmationNeeded", "warnings": listed}
        case errors.NotPermitted():
            return answer | {KIND: "NotPermitted"}
    kind = "NotFound" if isinstance(refusal, errors.NotFound) else "RuleBroken"
    return answer | {KIND: kind, "field": refusal.field}
