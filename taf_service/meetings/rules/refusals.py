"""Why a meeting cannot be as somebody wanted it: one class and one code each."""

from __future__ import annotations

from taf_service.core.errors import RuleBroken


class BadSlot(RuleBroken):
    """The times do not exist, exist twice, or do not make a meeting."""

    code = "BAD_SLOT"


class PastTime(RuleBroken):
    """A meeting is convened for a time to come; one that was held is recorded instead."""

    code = "PAST_TIME"


class NotHeldYet(RuleBroken):
    """Only a meeting that has ended can be recorded as held."""

    code = "NOT_HELD_YET"


class TooLong(RuleBroken):
    """The meeting is longer than the authority allows."""

    code = "MEETING_TOO_LONG"


class TooFarAhead(RuleBroken):
    """The meeting is more than two years ahead."""

    code = "TOO_FAR_AHEAD"


class PartOutside(RuleBroken):
    """The part of a meeting that somebody is asked to lies within it (invitations rule 40)."""

    code = "PART_OUTSIDE_MEETING"


class NobodyInvited(RuleBroken):
    """Somebody is invited to a meeting."""

    code = "NOBODY_INVITED"


class InvitedTwice(RuleBroken):
    """A person is invited to a meeting once."""

    code = "INVITED_TWICE"


class NotInTeam(RuleBroken):
    """Whoever is invited as a member must be in the team now."""

    code = "NOT_IN_TEAM"


class GuestIsMember(RuleBroken):
    """Somebody in the team or the family is invited as a member, not as a guest."""

    code = "GUEST_IS_MEMBER"


class RoleNotInvited(RuleBroken):
    """Chair and note-taker are the convener or practitioners who are invited."""

    code = "ROLE_NOT_INVITED"


class NoteTakerRequired(RuleBroken):
    """The lead practitioner takes the notes only when named for it (domain 2.1)."""

    code = "NOTE_TAKER_REQUIRED"


class KeptApart(RuleBroken):
    """These people cannot be invited together (domain, edge cases 1 and 3)."""

    code = "CANNOT_BE_INVITED_TOGETHER"


class NotByEmail(RuleBroken):
    """Mail cannot, or must not, reach this person; they are told in another way."""

    code = "NOT_BY_EMAIL"


class NothingChanged(RuleBroken):
    """The meeting is like that already."""

    code = "NOTHING_CHANGED"


class MeetingOver(RuleBroken):
    """A meeting that is over is left as it was (invitations rule 21)."""

    code = "MEETING_OVER"


class MeetingBegan(RuleBroken):
    """The meeting has begun, or was attended: it is too late for this."""

    code = "MEETING_BEGAN"


class MeetingNotBegun(RuleBroken):
    """Nobody has attended a meeting before it begins."""

    code = "MEETING_NOT_BEGUN"


class MeetingIsCancelled(RuleBroken):
    """The meeting was cancelled."""

    code = "MEETING_CANCELLED"


class NoLongerInvited(RuleBroken):
    """The invitation was taken back."""

    code = "INVITATION_TAKEN_BACK"
