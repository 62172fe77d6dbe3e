"""Answering an invitation, for oneself or for somebody who said so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from taf_service.core.work import Work, operation
from taf_service.meetings import policies, rules
from taf_service.meetings.facts import AnswerRecorded, InvitationAnswered
from taf_service.meetings.models import AnswerSource, Invitation, Reply
from taf_service.meetings.operations.opening import invitation_to_change
from taf_service.meetings.queries import family_of, meeting_for
from taf_service.meetings.rules import Answer


@operation(policies.answer_invitation)
async def answer_invitation(
    work: Work, *, invitation_id: UUID, answer: Answer, comment: str, by_link: bool
) -> InvitationAnswered:
    """Answer your own invitation; until the meeting begins you may change your mind."""
    invitation = await invitation_to_change(work, policies.answer_invitation, invitation_id)
    source = AnswerSource.LINK if by_link else AnswerSource.SIGNED_IN
    await _answer(work, invitation, answer, comment, source)
    return InvitationAnswered(invitation.id)


@operation(policies.record_answer)
async def record_answer(
    work: Work, *, invitation_id: UUID, answer: Answer, comment: str, version: UUID
) -> AnswerRecorded:
    """Record an answer that somebody gave you."""
    invitation = await invitation_to_change(work, policies.record_answer, invitation_id, version)
    source = AnswerSource.RECORDED_BY_LEAD
    await _answer(work, invitation, answer, comment, source)
    return AnswerRecorded(invitation.id)


async def _answer(
    work: Work, invitation: Invitation, answer: Answer, comment: str, source: AnswerSource
) -> None:
    """The newest answer stands and says where it came from (rule 36); SEQUENCE stays (rule 28)."""
    meeting = await meeting_for(work, invitation.meeting_id)
    rules.check_stands(meeting.cancelled_at)
    rules.check_can_be_answered(meeting.starts_at, work.now)
    rules.check_answer(answer, comment)
    said: dict[str, Any] = {"answer": answer, "comment": comment.strip()}
    await Reply.create(
        id=work.new_id(),
        invitation_id=invitation.id,
        source=source,
        given_by_id=work.actor.person_id,
        at=work.now,
        **said,
    )
    await Invitation.filter(id=invitation.id).update(
        answered_at=work.now, answer_source=source, version=work.new_id(), **said
    )
    await work.record(
        "meeting.answered",
        subject_id=meeting.id,
        family_id=await family_of(work, meeting),
        invitation_id=invitation.id,
        answer=answer,
        source=source,
    )
