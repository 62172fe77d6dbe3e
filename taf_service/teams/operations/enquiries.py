"""Whether a lead practitioner exists already (guidance 11)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from taf_service import families, visibility
from taf_service.core import faults
from taf_service.core.work import Work, operation
from taf_service.teams import policies, rules
from taf_service.teams.models import LeadAnswer, LeadEnquiry
from taf_service.teams.queries import enquiry_for, unanswered_enquiry_of


@dataclass(frozen=True, slots=True)
class LeadEnquiryAsked:
    enquiry_id: UUID


@dataclass(frozen=True, slots=True)
class LeadEnquiryAnswered:
    enquiry_id: UUID


@operation(policies.ask_for_existing_lead)
async def ask_for_existing_lead(
    work: Work, *, family_id: UUID, question: str = ""
) -> LeadEnquiryAsked:
    """Ask the coordinator whether the family has a lead practitioner already.

    Errors: `LeadEnquiryOpen`.
    """
    # The lock makes two who ask at once wait for one another.
    family = await visibility.to_change(
        work, policies.ask_for_existing_lead, families.family_for, family_id
    )
    faults.check_length(question, "question")
    if await unanswered_enquiry_of(work, family) is not None:
        raise rules.LeadEnquiryOpen("The coordinator has been asked already: wait for the answer.")
    enquiry = await LeadEnquiry.create(
        id=work.new_id(),
        family_id=family.id,
        authority_id=family.authority_id,
        locality_id=family.locality_id,
        asked_by_id=work.actor.person_id,
        asked_at=work.now,
        question=question.strip(),
        version=work.new_id(),
    )
    await work.record("lead_enquiry.asked", subject_id=enquiry.id, family_id=family.id)
    return LeadEnquiryAsked(enquiry.id)


@operation(policies.answer_lead_enquiry)
async def answer_lead_enquiry(
    work: Work, *, enquiry_id: UUID, answer: LeadAnswer, note: str = "", version: UUID
) -> LeadEnquiryAnswered:
    """Answer whether the family has a lead practitioner already.

    Errors: `Stale`, `LeadAnswerNoteRequired`.
    """
    enquiry = await visibility.to_change(
        work, policies.answer_lead_enquiry, enquiry_for, enquiry_id, version=version
    )
    rules.check_answer(answer, note)
    await LeadEnquiry.filter(id=enquiry.id).update(
        answer=answer,
        answer_note=note.strip(),
        answered_by_id=work.actor.person_id,
        answered_at=work.now,
        version=work.new_id(),
    )
    await work.record(
        "lead_enquiry.answered",
        subject_id=enquiry.id,
        family_id=enquiry.family_id,
        answer=answer.value,
    )
    return LeadEnquiryAnswered(enquiry.id)
