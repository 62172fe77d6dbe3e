"""What the mutations about meetings take."""

from __future__ import annotations

import strawberry

from schema.enums import (
    Answer,
    Attendance,
    GuestRole,
    InviteBasis,
    InvitedBy,
    PlaceKind,
)
from schema.inputs import acknowledged, either, given, key, optional, read_version
from schema.problems import WarningCode
from schema.scalars import Key, Line, Link, LocalTime, Mail, Text, Version, Zone


@strawberry.input(description="When a meeting is, by the clocks of one zone.")
class SlotInput:
    starts_at: LocalTime = given("When it starts, as the clock on the wall says.")
    ends_at: LocalTime = given("When it ends.")
    zone: Zone = optional("Whose clocks.", Zone("Europe/London"))


@strawberry.input(description="Where a meeting is: a place, a link, or both.")
class VenueInput:
    place: Line | None = optional("What it is called, and how to find it.")
    place_kind: PlaceKind | None = optional("What sort of place; needed with a place.")
    joining_link: Link | None = optional("Where to join from afar.")


@strawberry.input(
    description="The part of the meeting that somebody is asked to; it lies within the meeting."
)
class PartInput:
    starts_at: LocalTime = given("When their part starts, as the clock on the wall says.")
    ends_at: LocalTime = given("When their part ends.")
    zone: Zone = optional("Whose clocks.", Zone("Europe/London"))
    joining_link: Link | None = optional("Their own link to join from afar.")


@strawberry.input(description="A member of the team to invite.")
class InviteeInput:
    membership_id: strawberry.ID = given("Who.")
    required: bool = optional("Whether the meeting needs them.", True)  # noqa: FBT003
    invited_by: InvitedBy = optional("How they are asked.", InvitedBy.EMAIL)
    part: PartInput | None = optional("The part they are asked to; the whole, unless said.")


@strawberry.input(
    description="Somebody outside the team to invite; it gives no access to the case."
)
class GuestInput:
    name: Line = given("Their name.")
    role: GuestRole = given("What they come as.")
    email_address: Mail | None = optional("Where to write to them.")
    practitioner_id: strawberry.ID | None = optional("Their entry in the directory, if any.")
    required: bool = optional("Whether the meeting needs them.", False)  # noqa: FBT003
    invited_by: InvitedBy = optional("How they are asked.", InvitedBy.EMAIL)
    basis: InviteBasis = given("Why they may be invited.")
    basis_note: Text | None = optional("What was said about that.")
    part: PartInput | None = optional("The part they are asked to; the whole, unless said.")


@strawberry.input(description="When, where and with whom a TAF meeting is to be held.")
class ConveneTafMeetingInput:
    team_id: strawberry.ID = given("Which team meets.")
    purpose: Text = given("What it is for.")
    agenda: Text | None = optional("What will be talked about.")
    slot: SlotInput = given("When.")
    venue: VenueInput = given("Where.")
    members: list[InviteeInput] = given("Who is invited of the team.")
    guests: list[GuestInput] | None = optional("Who else is invited.")
    chair_membership_id: strawberry.ID | None = optional("Who chairs; you, unless said.")
    note_taker_membership_id: strawberry.ID | None = optional(
        "Who takes the notes: not the lead practitioner, unless said."
    )
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="A member of the team at a meeting that was held.")
class AttendeeInput:
    membership_id: strawberry.ID = given("Who.")
    attendance: Attendance = given("Whether they came.")


@strawberry.input(description="A TAF meeting that was held already; nothing is sent.")
class RecordPastMeetingInput:
    team_id: strawberry.ID = given("Which team met.")
    purpose: Text = given("What it was for.")
    slot: SlotInput = given("When it was.")
    venue: VenueInput | None = optional("Where it was; none for a telephone call.")
    members: list[AttendeeInput] = given("Who of the team was asked, and whether they came.")
    idempotency_key: Key | None = key()


@strawberry.input(description="Another time for a meeting.")
class RescheduleMeetingInput:
    meeting_id: strawberry.ID = given("Which one is held at another time.")
    slot: SlotInput = given("When it is now.")
    version: Version = read_version("meeting")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="Another place for a meeting.")
class ChangePlaceInput:
    meeting_id: strawberry.ID = given("Which one is held elsewhere.")
    venue: VenueInput = given("Where it is now.")
    version: Version = read_version("meeting")
    idempotency_key: Key | None = key()


@strawberry.input(one_of=True, description="Somebody to invite, from inside the team or outside.")
class MemberOrGuestInput:
    member: InviteeInput | None = either("Somebody who is in the team now.")
    guest: GuestInput | None = either("Somebody outside it.")


@strawberry.input(description="Somebody more for a meeting: a member of the team, or a guest.")
class InviteToMeetingInput:
    meeting_id: strawberry.ID = given("Which one they are asked to.")
    invitee: MemberOrGuestInput = given("Who is to come.")
    acknowledge: list[WarningCode] | None = acknowledged()  # type: ignore[valid-type]
    idempotency_key: Key | None = key()


@strawberry.input(description="An invitation to take back.")
class WithdrawInvitationInput:
    invitation_id: strawberry.ID = given("Which.")
    version: Version = read_version("invitation")
    idempotency_key: Key | None = key()


@strawberry.input(description="A meeting that will not be held.")
class CancelMeetingInput:
    meeting_id: strawberry.ID = given("Which one is called off.")
    reason: Text = given("Why; it is not sent to anybody.")
    version: Version = read_version("meeting")
    idempotency_key: Key | None = key()


@strawberry.input(description="What will be talked about.")
class SetAgendaInput:
    meeting_id: strawberry.ID = given("Whose agenda it is.")
    agenda: Text = given("The agenda; nothing is sent.")
    version: Version = read_version("meeting")
    idempotency_key: Key | None = key()


@strawberry.input(description="Whether somebody came.")
class RecordAttendanceInput:
    invitation_id: strawberry.ID = given("Whose invitation.")
    attendance: Attendance = given("Whether they came.")
    note: Text | None = optional("What is to be noted.")
    version: Version = read_version("invitation")
    idempotency_key: Key | None = key()


@strawberry.input(description="That somebody was told of a meeting, where mail does not tell them.")
class RecordToldInput:
    invitation_id: strawberry.ID = given("Whose invitation.")
    version: Version = read_version("invitation")
    idempotency_key: Key | None = key()


@strawberry.input(description="Your own answer.")
class AnswerInvitationInput:
    invitation_id: strawberry.ID = given("Your invitation.")
    answer: Answer = given("Whether you will come.")
    comment: Text | None = optional("A message with it, at most 1,000 characters.")
    idempotency_key: Key | None = key()


@strawberry.input(description="An answer that somebody gave to you.")
class RecordAnswerInput:
    invitation_id: strawberry.ID = given("Whose invitation.")
    answer: Answer = given("What they said.")
    comment: Text | None = optional("What they said with it.")
    version: Version = read_version("invitation")
    idempotency_key: Key | None = key()
