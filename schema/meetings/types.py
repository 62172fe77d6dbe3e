"""Meetings, invitations and what became of the mail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from schema.enums import (
    Answer,
    AnswerSource,
    Attendance,
    DeliveryState,
    GuestRole,
    InviteBasis,
    InvitedBy,
    MeetingKind,
    PlaceKind,
)
from schema.node import Node
from schema.scalars import Version, Zone
from schema.sources import (
    allowed,
    column,
    guarded,
    many,
    node_id,
    one,
    part,
    readable,
    same_row,
    version,
)
from schema.teams.types import Membership, Team
from taf_service import meetings

_NAME = "select p.name from person p where p.id = "


@readable("delivery")
class Delivery(Node):
    """What became of one message. "Accepted" is by their mail server: nobody may have read it."""

    id: strawberry.ID = node_id()
    invitation: Annotated[Invitation, strawberry.lazy("schema.meetings.types")] | None = one(
        "Whose it is, and to which meeting.", "{child}.id = {row}.subject_id"
    )
    state: DeliveryState = column("Where it stands.")
    state_at: datetime = column("Since when.")
    queued_at: datetime = column("When it was written.")
    attempts: int = column("How often it was tried.")
    words: str = column(
        "Where it stands, in plain words, and what to do next.",
        # Whoever reads them may be about to ring somebody who is not safe to ring.
        "case when {row}.state = 'QUEUED' and {row}.attempts > 0"
        " then 'Could not be sent yet; being tried again.'"
        " else case {row}.state"
        " when 'QUEUED' then 'Waiting to be sent.'"
        " when 'SENDING' then 'Being sent.'"
        " when 'ACCEPTED' then 'Accepted by their mail server.'"
        " when 'UNCONFIRMED' then 'Perhaps delivered: nobody confirmed it. Check how they may be"
        " reached before you ask them.'"
        " when 'BOUNCED' then 'Their mail server refused this address. Check it, or tell them"
        " another way.'"
        " when 'WITHHELD' then 'Not sent. Check whether and how they may be told before you tell"
        " them another way.'"
        " when 'FAILED' then 'Could not be sent. Tell them another way.'"
        " else 'Stopped, or replaced by a newer message.' end end",
    )


@part
class InvitationCan:
    """What you may do with this invitation: answered by the policies that will decide."""

    answer_invitation: bool = allowed(meetings.policies.answer_invitation)
    record_answer: bool = allowed(meetings.policies.record_answer)
    record_told: bool = allowed(meetings.policies.record_told)
    withdraw_invitation: bool = allowed(meetings.policies.withdraw_invitation)


@readable("invitation")
class Invitation(Node):
    """One person's invitation to one meeting."""

    id: strawberry.ID = node_id()
    meeting: Annotated[Meeting, strawberry.lazy("schema.meetings.types")] | None = one(
        "To which meeting.", "{child}.id = {row}.meeting_id"
    )
    name: str | None = column("Who is invited.", f"{_NAME}{{row}}.person_id")
    membership: Membership | None = one(
        "Their place in the team; null for guests.", "{child}.id = {row}.membership_id"
    )
    guest_role: GuestRole | None = column("What a guest comes as.")
    basis: InviteBasis | None = guarded(
        meetings.policies.see_notes_on_invitee, "Why a guest may be invited.", "{row}.basis"
    )
    required: bool = column("Whether the meeting needs them.")
    part_starts_at: datetime | None = column(
        "When their part starts; null when they are asked to the whole meeting."
    )
    part_ends_at: datetime | None = column("When their part ends; null likewise.")
    part_joining_link: str = column("Their own link to join their part from afar, if it has one.")
    invited_by: InvitedBy = column("How they are asked.")
    invited_at: datetime = column("When they were asked.")
    told_at: datetime | None = column("When somebody told them, where mail does not.")
    answer: Answer = column("What they answered.")
    answered_at: datetime | None = column("When.")
    answer_source: AnswerSource | None = column("Where the answer came from.")
    comment: str = column("What they wrote with it.")
    withdrawn_at: datetime | None = column("When the invitation was taken back.")
    attendance: Attendance | None = column("Whether they came.")
    attendance_note: str | None = guarded(
        meetings.policies.see_notes_on_invitee, "What was noted about it.", "{row}.attendance_note"
    )
    deliveries: list[Delivery] = many(
        "The messages to them about this meeting, oldest first; for those who run it.",
        "{child}.subject_id = {row}.id",
        "{child}.number, {child}.id",
    )
    can: InvitationCan = same_row("What you may do.")
    version: Version = version()


@part
class MeetingCan:
    """What you may do with this meeting: answered by the policies that will decide."""

    reschedule_meeting: bool = allowed(meetings.policies.reschedule_meeting)
    change_place: bool = allowed(meetings.policies.change_place)
    set_agenda: bool = allowed(meetings.policies.set_agenda)
    invite_to_meeting: bool = allowed(meetings.policies.invite_to_meeting)
    cancel_meeting: bool = allowed(meetings.policies.cancel_meeting)
    record_attendance: bool = allowed(meetings.policies.record_attendance)


@readable("meeting")
class Meeting(Node):
    """A meeting of the team, convened or recorded afterwards."""

    id: strawberry.ID = node_id()
    team: Team | None = one("Of which team.", "{child}.id = {row}.team_id")
    kind: MeetingKind = column("What kind of meeting.")
    purpose: str | None = guarded(meetings.policies.see_purpose, "What it is for.", "{row}.purpose")
    agenda: str | None = guarded(
        meetings.policies.see_purpose, "What will be talked about.", "{row}.agenda"
    )
    starts_at: datetime = column("When it starts.")
    ends_at: datetime = column("When it ends.")
    zone: Zone = column("The zone whose clocks it was set by.")
    place: str = column(
        "Where; empty when it is by link alone. Guests are shown a public venue only.",
        "case when {row}.place_kind = 'PUBLIC_VENUE' or exists (select 1 from my_team t"
        " where t.person_id = {actor} and t.team_id = {row}.team_id)"
        " or exists (select 1 from my_meeting g where g.person_id = {actor}"
        " and g.meeting_id = {row}.id) then {row}.place else '' end",
    )
    place_kind: PlaceKind | None = column("What sort of place; only a public venue goes into mail.")
    joining_link: str = column(
        "Where to join from afar: the link of your own part, if you are asked to a part.",
        "coalesce((select i.part_joining_link from invitation i where i.meeting_id = {row}.id"
        " and i.person_id = {actor} and i.withdrawn_at is null and i.part_starts_at is not null"
        " and {actor} not in ({row}.convener_id, {row}.chair_id, {row}.note_taker_id)),"
        " {row}.joining_link)",
    )
    convener: str | None = column("Who convened it.", f"{_NAME}{{row}}.convener_id")
    chair: str | None = column("Who chairs it.", f"{_NAME}{{row}}.chair_id")
    note_taker: str | None = column("Who takes the notes.", f"{_NAME}{{row}}.note_taker_id")
    convened_at: datetime = column("When it was convened or recorded.")
    held_before: bool = column(
        "Whether it was recorded after it was held.", "{row}.recorded_at is not null"
    )
    cancelled_at: datetime | None = column("When it was cancelled, if it was.")
    cancelled_reason: str | None = guarded(
        meetings.policies.see_why_cancelled, "Why it was cancelled.", "{row}.cancelled_reason"
    )
    invitations: list[Invitation] = many(
        "Who is invited, as far as you may see: practitioners in the team see everybody.",
        "{child}.meeting_id = {row}.id and {child}.withdrawn_at is null",
        "not {child}.required, {child}.invited_at, {child}.id",
        limit=200,
    )
    my_invitation: Invitation | None = one(
        "Your own.",
        "{child}.meeting_id = {row}.id and {child}.person_id = {actor}"
        " and {child}.withdrawn_at is null",
    )
    can: MeetingCan = same_row("What you may do.")
    version: Version = version()
