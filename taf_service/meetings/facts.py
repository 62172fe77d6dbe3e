"""What happened to a meeting, by reference: what operations return."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MeetingConvened:
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class PastMeetingRecorded:
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class MeetingRescheduled:
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class PersonInvited:
    invitation_id: UUID
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class InvitationTakenBack:
    invitation_id: UUID
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class MeetingCalledOff:
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class AgendaSet:
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class AttendanceRecorded:
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class ToldRecorded:
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class InvitationAnswered:
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class AnswerRecorded:
    invitation_id: UUID
