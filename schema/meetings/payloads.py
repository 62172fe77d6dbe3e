"""What the mutations about meetings answer: a past fact, and what it changed."""

from __future__ import annotations

from schema.meetings.types import Invitation, Meeting
from schema.sources import loaded, payload


@payload
class MeetingConvened:
    """A TAF meeting was convened, and whoever is invited by email is being told."""

    meeting: Meeting | None = loaded("What people are asked to.")


@payload
class PastMeetingRecorded:
    """A meeting that was held is on record; nothing was sent."""

    meeting: Meeting | None = loaded("What was held, and who came.")


@payload
class MeetingRescheduled:
    """A meeting has another time; everybody is asked again."""

    meeting: Meeting | None = loaded("The meeting, as it is now.")


@payload
class PlaceChanged:
    """A meeting has another place or link; answers stand."""

    meeting: Meeting | None = loaded("The meeting, as it is now.")


@payload
class PersonInvited:
    """Somebody more is invited; nobody else is told."""

    invitation: Invitation | None = loaded("Their invitation.")
    meeting: Meeting | None = loaded("What they are asked to.")


@payload
class InvitationTakenBack:
    """An invitation was taken back; nobody else is told."""

    invitation: Invitation | None = loaded("The invitation, if you may still see it.")
    meeting: Meeting | None = loaded("The meeting, if you may still see it.")


@payload
class MeetingCalledOff:
    """A meeting will not be held, and everybody who was told of it is being told so."""

    meeting: Meeting | None = loaded("What will not be held.")


@payload
class AgendaSet:
    """The agenda was written; nothing was sent."""

    meeting: Meeting | None = loaded("The meeting, as it is now.")


@payload
class AttendanceRecorded:
    """Whether somebody came is on record."""

    invitation: Invitation | None = loaded("Their invitation, as it is now.")


@payload
class ToldRecorded:
    """It is on record that somebody was told."""

    invitation: Invitation | None = loaded("Their invitation, as it is now.")


@payload
class InvitationAnswered:
    """You answered an invitation; you may change your answer until the meeting."""

    invitation: Invitation | None = loaded("Your invitation, as it is now.")


@payload
class AnswerRecorded:
    """An answer that somebody gave is on record."""

    invitation: Invitation | None = loaded("Their invitation, as it is now.")
