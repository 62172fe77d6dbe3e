"""What operations are given, from the inputs: for the act itself, and for its preview.

A value that refuses to be built says where in the input it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from schema.ids import optional_row_id, row_id
from schema.meetings import inputs
from taf_service import meetings
from taf_service.core.errors import FieldError, InvalidInput, Refusal

MOST_PEOPLE = 200


@contextmanager
def within(path: str) -> Iterator[None]:
    """Name the fields of a refusal as the client wrote them: `members.2.part.startsAt`."""
    try:
        yield
    except InvalidInput as refusal:
        moved = [FieldError(f"{path}.{each.field}", each.message) for each in refusal.errors]
        raise InvalidInput(*moved) from None
    except Refusal as refusal:
        refusal.field = path if refusal.field is None else f"{path}.{refusal.field}"
        raise


def slot(given: inputs.SlotInput) -> meetings.Slot:
    """Errors: `BadSlot`."""
    with within("slot"):
        return meetings.Slot.at(given.starts_at, given.ends_at, given.zone)


def venue(given: inputs.VenueInput) -> meetings.Venue:
    """Errors: `InvalidInput`."""
    with within("venue"):
        return meetings.Venue(given.place or "", given.place_kind, given.joining_link or "")


def attendees(given: Sequence[inputs.AttendeeInput]) -> tuple[meetings.Attendee, ...]:
    return _listed("members", given, _attendee)


def convening(given: inputs.ConveneTafMeetingInput) -> dict[str, Any]:
    when, where, members, guests = _together(
        partial(slot, given.slot),
        partial(venue, given.venue),
        partial(_listed, "members", given.members, _invitee),
        partial(_listed, "guests", given.guests or (), _guest),
    )
    return {
        "team_id": row_id(given.team_id, "Team", field="teamId"),
        "purpose": given.purpose,
        "agenda": given.agenda or "",
        "slot": when,
        "venue": where,
        "members": members,
        "guests": guests,
        "roles": _roles(given),
    }


def rescheduling(given: inputs.RescheduleMeetingInput) -> dict[str, Any]:
    return {
        "meeting_id": row_id(given.meeting_id, "Meeting", field="meetingId"),
        "slot": slot(given.slot),
        "version": given.version,
    }


def moving(given: inputs.ChangePlaceInput) -> dict[str, Any]:
    return {
        "meeting_id": row_id(given.meeting_id, "Meeting", field="meetingId"),
        "venue": venue(given.venue),
        "version": given.version,
    }


def inviting(given: inputs.InviteToMeetingInput) -> dict[str, Any]:
    meeting_id = row_id(given.meeting_id, "Meeting", field="meetingId")
    with within("invitee"):
        return {"meeting_id": meeting_id, **_one_invited(given.invitee)}


def withdrawing(given: inputs.WithdrawInvitationInput) -> dict[str, Any]:
    return {
        "invitation_id": row_id(given.invitation_id, "Invitation", field="invitationId"),
        "version": given.version,
    }


def cancelling(given: inputs.CancelMeetingInput) -> dict[str, Any]:
    return {
        "meeting_id": row_id(given.meeting_id, "Meeting", field="meetingId"),
        "reason": given.reason,
        "version": given.version,
    }


def _roles(given: inputs.ConveneTafMeetingInput) -> meetings.Roles:
    """Errors: `NotFound`."""
    return meetings.Roles(
        optional_row_id(given.chair_membership_id, "Membership", field="chairMembershipId"),
        optional_row_id(
            given.note_taker_membership_id, "Membership", field="noteTakerMembershipId"
        ),
    )


def _together(*builds: Callable[[], Any]) -> tuple[Any, ...]:
    """Every value, or else every field error that there is (api 4)."""
    built: list[Any] = []
    errors: list[FieldError] = []
    for build in builds:
        try:
            built.append(build())
        except InvalidInput as refusal:
            errors += refusal.errors
    if errors:
        raise InvalidInput(*errors)
    return tuple(built)


def _listed(path: str, given: Sequence[Any], build: Callable[[Any], Any]) -> tuple[Any, ...]:
    if len(given) > MOST_PEOPLE:
        raise InvalidInput(FieldError(path, f"Name at most {MOST_PEOPLE} people."))

    def placed(place: int, each: Any) -> Any:
        with within(f"{path}.{place}"):
            return build(each)

    return _together(*(partial(placed, place, each) for place, each in enumerate(given)))


def _invitee(given: inputs.InviteeInput) -> meetings.Invitee:
    return meetings.Invitee(
        membership_id=row_id(given.membership_id, "Membership", field="membershipId"),
        required=given.required,
        invited_by=given.invited_by,
        part=_part(given.part),
    )


def _one_invited(given: inputs.MemberOrGuestInput) -> dict[str, Any]:
    if given.member:
        with within("member"):
            return {"member": _invitee(given.member)}
    assert given.guest, "exactly one of the two is given"
    with within("guest"):
        return {"guest": _guest(given.guest)}


def _guest(given: inputs.GuestInput) -> meetings.Guest:
    return meetings.Guest(
        name=given.name,
        role=given.role,
        basis=given.basis,
        basis_note=given.basis_note or "",
        email_address=given.email_address,
        practitioner_id=optional_row_id(
            given.practitioner_id, "Practitioner", field="practitionerId"
        ),
        required=given.required,
        invited_by=given.invited_by,
        part=_part(given.part),
    )


def _part(given: inputs.PartInput | None) -> meetings.Part | None:
    if given is None:
        return None
    with within("part"):
        slot = meetings.Slot.at(given.starts_at, given.ends_at, given.zone)
        return meetings.Part(slot, given.joining_link or "")


def _attendee(given: inputs.AttendeeInput) -> meetings.Attendee:
    return meetings.Attendee(
        row_id(given.membership_id, "Membership", field="membershipId"), given.attendance
    )
