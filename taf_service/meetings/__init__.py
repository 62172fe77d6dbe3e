"""Meetings of a team: convening, inviting, answering, attendance."""

from taf_service.meetings import policies as policies
from taf_service.meetings.models import Answer as Answer
from taf_service.meetings.models import AnswerSource as AnswerSource
from taf_service.meetings.models import Attendance as Attendance
from taf_service.meetings.models import GuestRole as GuestRole
from taf_service.meetings.models import Invitation as Invitation
from taf_service.meetings.models import InviteBasis as InviteBasis
from taf_service.meetings.models import InvitedBy as InvitedBy
from taf_service.meetings.models import Meeting as Meeting
from taf_service.meetings.models import MeetingKind as MeetingKind
from taf_service.meetings.models import PlaceKind as PlaceKind
from taf_service.meetings.notices import InvitationWithdrawn as InvitationWithdrawn
from taf_service.meetings.notices import InvitedToMeeting as InvitedToMeeting
from taf_service.meetings.notices import MeetingCancelled as MeetingCancelled
from taf_service.meetings.notices import MeetingChanged as MeetingChanged
from taf_service.meetings.queries import invitation_for as invitation_for
from taf_service.meetings.queries import meeting_for as meeting_for
