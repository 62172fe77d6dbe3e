"""Everything that changes a meeting or an invitation."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.context import Info, answering, request_of
from schema.ids import row_id
from schema.meetings import inputs, payloads, values
from schema.mutation import mutation
from taf_service import meetings


@strawberry.type
class MeetingMutations:
    @mutation(meetings.convene_taf_meeting, payloads.MeetingConvened)
    async def convene_taf_meeting(self, info: Info, input: inputs.ConveneTafMeetingInput) -> Any:
        return await meetings.convene_taf_meeting(
            request_of(info, input), **values.convening(input)
        )

    @mutation(meetings.record_past_meeting, payloads.PastMeetingRecorded)
    async def record_past_meeting(self, info: Info, input: inputs.RecordPastMeetingInput) -> Any:
        return await meetings.record_past_meeting(
            request_of(info, input),
            team_id=row_id(input.team_id, "Team", field="teamId"),
            purpose=input.purpose,
            slot=values.slot(input.slot),
            venue=None if input.venue is None else values.venue(input.venue),
            members=values.attendees(input.members),
        )

    @mutation(meetings.reschedule_meeting, payloads.MeetingRescheduled)
    async def reschedule_meeting(self, info: Info, input: inputs.RescheduleMeetingInput) -> Any:
        return await meetings.reschedule_meeting(
            request_of(info, input), **values.rescheduling(input)
        )

    @mutation(meetings.change_place, payloads.PlaceChanged)
    async def change_place(self, info: Info, input: inputs.ChangePlaceInput) -> Any:
        return await meetings.change_place(request_of(info, input), **values.moving(input))

    @mutation(meetings.invite_to_meeting, payloads.PersonInvited)
    async def invite_to_meeting(self, info: Info, input: inputs.InviteToMeetingInput) -> Any:
        return await meetings.invite_to_meeting(request_of(info, input), **values.inviting(input))

    @mutation(meetings.withdraw_invitation, payloads.InvitationTakenBack)
    async def withdraw_invitation(self, info: Info, input: inputs.WithdrawInvitationInput) -> Any:
        return await meetings.withdraw_invitation(
            request_of(info, input), **values.withdrawing(input)
        )

    @mutation(meetings.cancel_meeting, payloads.MeetingCalledOff)
    async def cancel_meeting(self, info: Info, input: inputs.CancelMeetingInput) -> Any:
        return await meetings.cancel_meeting(request_of(info, input), **values.cancelling(input))

    @mutation(meetings.set_agenda, payloads.AgendaSet)
    async def set_agenda(self, info: Info, input: inputs.SetAgendaInput) -> Any:
        return await meetings.set_agenda(
            request_of(info, input),
            meeting_id=row_id(input.meeting_id, "Meeting", field="meetingId"),
            agenda=input.agenda,
            version=input.version,
        )

    @mutation(meetings.record_attendance, payloads.AttendanceRecorded)
    async def record_attendance(self, info: Info, input: inputs.RecordAttendanceInput) -> Any:
        return await meetings.record_attendance(
            request_of(info, input),
            invitation_id=row_id(input.invitation_id, "Invitation", field="invitationId"),
            attendance=input.attendance,
            note=input.note or "",
            version=input.version,
        )

    @mutation(meetings.record_told, payloads.ToldRecorded)
    async def record_told(self, info: Info, input: inputs.RecordToldInput) -> Any:
        return await meetings.record_told(
            request_of(info, input),
            invitation_id=row_id(input.invitation_id, "Invitation", field="invitationId"),
            version=input.version,
        )

    @mutation(meetings.answer_invitation, payloads.InvitationAnswered)
    async def answer_invitation(self, info: Info, input: inputs.AnswerInvitationInput) -> Any:
        invitation_id = row_id(input.invitation_id, "Invitation", field="invitationId")
        return await meetings.answer_invitation(
            answering(info, input, invitation_id=invitation_id),
            invitation_id=invitation_id,
            answer=input.answer,
            comment=input.comment or "",
            by_link=info.context.link_invitation_id is not None,
        )

    @mutation(meetings.record_answer, payloads.AnswerRecorded)
    async def record_answer(self, info: Info, input: inputs.RecordAnswerInput) -> Any:
        return await meetings.record_answer(
            request_of(info, input),
            invitation_id=row_id(input.invitation_id, "Invitation", field="invitationId"),
            answer=input.answer,
            comment=input.comment or "",
            version=input.version,
        )
