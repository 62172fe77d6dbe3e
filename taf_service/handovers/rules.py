"""Practice rules for handing over. Pure: no database, no clock, no framework."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from taf_service.core.errors import RuleBroken

_SPECIALIST = frozenset({"YOUTH_OFFENDING_SERVICE", "DISABLED_CHILDRENS_SERVICE"})


class AlreadyLead(RuleBroken):
    """They lead the team already."""

    code = "ALREADY_LEAD"


class LeadMustBeReplaced(RuleBroken):
    """There is always a lead practitioner: nobody leaves that place empty."""

    code = "LEAD_MUST_BE_REPLACED"


def specialist_is_passed_over(lead: StrEnum, members: Collection[StrEnum]) -> bool:
    """Whether a service that usually leads is in the team, and the lead comes from elsewhere.

    guidance 7; `lead` and `members` are kinds of agency.
    """
    return lead.value not in _SPECIALIST and any(kind.value in _SPECIALIST for kind in members)
