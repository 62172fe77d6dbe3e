"""Practice rules for teams. Pure: no database, no clock, no framework."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from taf_service.core import faults
from taf_service.core.errors import FieldError, RuleBroken

LONG_INTERVAL_DAYS = 84
"""Reviews "every few months" are unusual (guidance 22 and 94 disagree): 12 weeks are warned of."""


class LeadEnquiryOpen(RuleBroken):
    """The coordinator is asked about a family once at a time (guidance 11)."""

    code = "LEAD_ENQUIRY_OPEN"


class LeadAnswerNoteRequired(RuleBroken):
    """Who leads elsewhere must be said, so that they can be talked to (guidance 11)."""

    code = "LEAD_ANSWER_NOTE_REQUIRED"


class LeadEnquiryElsewhere(RuleBroken):
    """The question must be about this family."""

    code = "LEAD_ENQUIRY_ELSEWHERE"


class LeadEnquiryUnanswered(RuleBroken):
    """A team opens only when it is known whether a lead practitioner exists (guidance 11)."""

    code = "LEAD_ENQUIRY_UNANSWERED"


class DespiteLeadRequired(RuleBroken):
    """Beside a lead practitioner elsewhere, a team needs a reason (guidance 11)."""

    code = "DESPITE_LEAD_REQUIRED"


class EngagementNoteRequired(RuleBroken):
    """A family that does not engage: what was tried, and who has made contact (guidance 13)."""

    code = "ENGAGEMENT_NOTE_REQUIRED"


class TeamAlreadyOpen(RuleBroken):
    """A family has one open team."""

    code = "TEAM_ALREADY_OPEN"


class NotAtAgency(RuleBroken):
    """A practitioner is in a team on behalf of an agency they work for today."""

    code = "NOT_AT_AGENCY"


class AlreadyInTeam(RuleBroken):
    """A person has one place in a team at a time."""

    code = "ALREADY_IN_TEAM"


class ConflictOfInterest(RuleBroken):
    """Nobody works with their own family (domain, edge cases 17 and 18)."""

    code = "CONFLICT_OF_INTEREST"


class TeamMustNotMeet(RuleBroken):
    """Somebody of the family or the team must not meet them."""

    code = "TEAM_MUST_NOT_MEET"


class AskTheLead(RuleBroken):
    """It cannot be done, for a reason that is not for you to read."""

    code = "ASK_THE_LEAD"


class FamilyMemberElsewhere(RuleBroken):
    """A team takes in members of the family it works with."""

    code = "FAMILY_MEMBER_ELSEWHERE"


class PractitionerElsewhere(RuleBroken):
    """Only a practitioner who is in this team now can lead it or stand in (guidance 5)."""

    code = "PRACTITIONER_ELSEWHERE"


class LeadCannotCover(RuleBroken):
    """The lead practitioner does not stand in for themselves."""

    code = "LEAD_CANNOT_COVER"


class ReviewIntervalOutOfRange(RuleBroken):
    """The authority says how often a plan is reviewed at least and at most (guidance 22)."""

    code = "REVIEW_INTERVAL_OUT_OF_RANGE"


class ReviewReasonRequired(RuleBroken):
    """Reviews that are not at the usual interval need a reason (guidance 22)."""

    code = "REVIEW_REASON_REQUIRED"


def check_answer(answer: StrEnum, note: str) -> None:
    """Errors: `LeadAnswerNoteRequired`, `InvalidInput`."""
    if answer.value == "LEAD_EXISTS" and not note.strip():
        raise LeadAnswerNoteRequired("Say who leads, and where they work.", field="note")
    faults.check_length(note, "note")


def check_engagement(engagement: StrEnum, note: str, field: str) -> None:
    """Errors: `EngagementNoteRequired`, `InvalidInput`."""
    if engagement.value == "NOT_ENGAGING" and not note.strip():
        raise EngagementNoteRequired(
            "Say what was tried, and who has made contact with the family.", field=field
        )
    faults.check_length(note, field)


def check_opening(
    reason: str, family_preference: str, engagement: StrEnum, engagement_note: str
) -> None:
    """What is said of a family and of its first lead.

    Errors: `EngagementNoteRequired`, `InvalidInput`.
    """
    faults.check_said(reason, "reason")
    faults.check_length(family_preference, "familyPreference")
    check_engagement(engagement, engagement_note, "engagementNote")


def check_despite(answer: StrEnum | None, despite_lead: str) -> None:
    """Whether a team may open, given what the coordinator found.

    Errors: `LeadEnquiryUnanswered`, `DespiteLeadRequired`, `InvalidInput`.
    """
    if answer is None:
        raise LeadEnquiryUnanswered(
            "Wait until the coordinator has answered, then open the team.", field="enquiryId"
        )
    if answer.value == "LEAD_EXISTS" and not despite_lead.strip():
        raise DespiteLeadRequired(
            "Talk to the lead practitioner who was found, then say why a team is needed too.",
            field="despiteLead",
        )
    faults.check_length(despite_lead, "despiteLead")


def check_cover(kind: StrEnum, from_on: date, until_on: date | None, today: date) -> None:
    """Errors: `InvalidInput` with everything that is wrong with the days."""
    wrong = []
    if from_on < today:
        wrong.append(FieldError("fromOn", "Begin today or later."))
    if until_on is None and kind.value == "COVER":
        wrong.append(FieldError("untilOn", "Say when the cover ends."))
    if until_on is not None and until_on <= from_on:
        wrong.append(FieldError("untilOn", "End after the first day."))
    faults.refuse(*wrong)


def check_review_interval(
    days: int, reason: str, *, usual: int, shortest: int, longest: int
) -> None:
    """Errors: `ReviewIntervalOutOfRange`, `ReviewReasonRequired`, `InvalidInput`."""
    if not shortest <= days <= longest:
        raise ReviewIntervalOutOfRange(
            f"Choose between {shortest} and {longest} days.", field="days"
        )
    if days != usual and not reason.strip():
        raise ReviewReasonRequired(
            f"The usual is every {usual} days: say why not here.", field="reason"
        )
    faults.check_length(reason, "reason")
