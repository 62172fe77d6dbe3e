"""Meetings, who is invited to each, and what they answered."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from taf_service.meetings.rules.choices import Answer as Answer
from taf_service.meetings.rules.choices import AnswerSource as AnswerSource
from taf_service.meetings.rules.choices import Attendance as Attendance
from taf_service.meetings.rules.choices import GuestRole as GuestRole
from taf_service.meetings.rules.choices import InviteBasis as InviteBasis
from taf_service.meetings.rules.choices import InvitedBy as InvitedBy
from taf_service.meetings.rules.choices import MeetingKind as MeetingKind
from taf_service.meetings.rules.choices import PlaceKind as PlaceKind


class Meeting(Model):
    """A convened meeting, or one recorded after it was held (`recorded_at`)."""

    id = fields.UUIDField(primary_key=True)
    team_id = fields.UUIDField()
    kind = fields.CharEnumField(MeetingKind, max_length=20)
    purpose = fields.TextField()
    agenda = fields.TextField(default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    zone = fields.CharField(max_length=60)
    place = fields.CharField(max_length=200, default="")
    place_kind = fields.CharEnumField(PlaceKind, max_length=20, null=True)
    joining_link = fields.CharField(max_length=500, default="")
    convener_id = fields.UUIDField()
    chair_id = fields.UUIDField()
    note_taker_id = fields.UUIDField()
    convened_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)
    cancelled_reason = fields.TextField(default="")
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "meeting"


class Invitation(Model):
    """One person's invitation to one meeting; inviting them again continues the same row.

    `uid` and `organiser` never change (invitations rules 6, 11); `sequence` counts what this person
    was mailed (rule 14), and `reschedule_sequence` the last time the hour changed (rule 15). With
    `part_...` they are asked to a part of the meeting, with times and a link of its own (rule 40).
    """

    id = fields.UUIDField(primary_key=True)
    meeting_id = fields.UUIDField()
    person_id = fields.UUIDField()
    membership_id = fields.UUIDField(null=True)
    guest_role = fields.CharEnumField(GuestRole, max_length=20, null=True)
    guest_mailbox_id = fields.UUIDField(null=True)
    basis = fields.CharEnumField(InviteBasis, max_length=20, null=True)
    basis_note = fields.TextField(default="")
    required = fields.BooleanField()
    part_starts_at = fields.DatetimeField(null=True)
    part_ends_at = fields.DatetimeField(null=True)
    part_joining_link = fields.CharField(max_length=500, default="")
    invited_by = fields.CharEnumField(InvitedBy, max_length=20)
    told_at = fields.DatetimeField(null=True)
    told_by_id = fields.UUIDField(null=True)
    uid = fields.CharField(max_length=80, unique=True)
    organiser = fields.CharField(max_length=64)
    sequence = fields.IntField()
    reschedule_sequence = fields.IntField()
    answer = fields.CharEnumField(Answer, max_length=20)
    answered_at = fields.DatetimeField(null=True)
    answer_source = fields.CharEnumField(AnswerSource, max_length=20, null=True)
    comment = fields.TextField(default="")
    invited_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)
    attendance = fields.CharEnumField(Attendance, max_length=20, null=True)
    attendance_note = fields.TextField(default="")
    version = fields.UUIDField()

    class Meta(Model.Meta):
        table = "invitation"


class Reply(Model):
    """Every answer ever given; the newest stands on the invitation."""

    id = fields.UUIDField(primary_key=True)
    invitation_id = fields.UUIDField()
    answer = fields.CharEnumField(Answer, max_length=20)
    comment = fields.TextField(default="")
    source = fields.CharEnumField(AnswerSource, max_length=20)
    given_by_id = fields.UUIDField()
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "reply"


class ReplyLink(Model):
    """Lets one person answer one invitation without signing in.

    The token is HMAC(key, purpose, invitation, nonce): repeatable in every update, never stored
    (reliability, "rules that make them true"). `token_hash` is filled when the first mail is built.
    """

    id = fields.UUIDField(primary_key=True)
    invitation_id = fields.UUIDField(unique=True)
    nonce = fields.UUIDField()
    token_hash = fields.CharField(max_length=64, null=True, unique=True)
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "reply_link"
