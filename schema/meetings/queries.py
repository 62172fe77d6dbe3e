"""Reading meetings and invitations, and what an act about them would send."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from schema.context import Info
from schema.meetings import inputs, values
from schema.meetings.previews import MeetingPreview, foresee
from schema.meetings.types import Invitation, Meeting
from schema.mutation import preview
from schema.roots import by_id
from taf_service import meetings


@strawberry.type
class MeetingQueries:
    meeting: StrawberryField = by_id(
        "A meeting of your team, or one that you are invited to.", Meeting
    )

    invitation: StrawberryField = by_id(
        "An invitation: your own, or one to a meeting of your team.", Invitation
    )

    @preview(meetings.convene_taf_meeting, MeetingPreview)
    async def preview_convene_taf_meeting(
        self, info: Info, input: inputs.ConveneTafMeetingInput
    ) -> Any:
        return await foresee(info, input, meetings.convene_taf_meeting, values.convening(input))

    @preview(meetings.reschedule_meeting, MeetingPreview)
    async def preview_reschedule_meeting(
        self, info: Info, input: inputs.RescheduleMeetingInput
    ) -> Any:
        return await foresee(info, input, meetings.reschedule_meeting, values.rescheduling(input))

    @preview(meetings.change_place, MeetingPreview)
    async def preview_change_place(self, info: Info, input: inputs.ChangePlaceInput) -> Any:
        return await foresee(info, input, meetings.change_place, values.moving(input))

    @preview(meetings.invite_to_meeting, MeetingPreview)
    async def preview_invite_to_meeting(
        self, info: Info, input: inputs.InviteToMeetingInput
    ) -> Any:
        return await foresee(info, input, meetings.invite_to_meeting, values.inviting(input))

    @preview(meetings.withdraw_invitation, MeetingPreview)
    async def preview_withdraw_invitation(
        self, info: Info, input: inputs.WithdrawInvitationInput
    ) -> Any:
        return await foresee(info, input, meetings.withdraw_invitation, values.withdrawing(input))

    @preview(meetings.cancel_meeting, MeetingPreview)
    async def preview_cancel_meeting(self, info: Info, input: inputs.CancelMeetingInput) -> Any:
        return await foresee(info, input, meetings.cancel_meeting, values.cancelling(input))
