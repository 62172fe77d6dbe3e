"""What a meeting is made of. Impossible values refuse to be built."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from taf_service.core import faults
from taf_service.core.errors import FieldError, InvalidInput
from taf_service.meetings.rules.choices import (
    Attendance,
    GuestRole,
    InviteBasis,
    InvitedBy,
    PlaceKind,
)
from taf_service.meetings.rules.refusals import BadSlot, PartOutside

LONGEST_NAME, LONGEST_PLACE, LONGEST_LINK, LONGEST_ADDRESS = 120, 200, 500, 254

_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+")
_zones = lru_cache(maxsize=1)(available_timezones)


@dataclass(frozen=True, slots=True)
class Slot:
    """From when until when, and by whose clocks people will read it.

    Errors: `BadSlot`.
    """

    starts_at: datetime
    ends_at: datetime
    zone: str

    def __post_init__(self) -> None:
        if self.zone not in _zones():
            raise BadSlot("Use an IANA time zone such as Europe/London.", field="zone")
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise BadSlot("Say by whose clocks.", field="startsAt")
        if self.ends_at <= self.starts_at:
            raise BadSlot("Let it end after it starts.", field="endsAt")

    @classmethod
    def at(cls, starts: datetime, ends: datetime, zone: str) -> Slot:
        """What the clocks on the walls of `zone` say: naive times.

        Errors: `BadSlot`, for times that do not exist or exist twice too (api 6).
        """
        if zone not in _zones():
            raise BadSlot("Use an IANA time zone such as Europe/London.", field="zone")
        clocks = ZoneInfo(zone)
        return cls(_instant(starts, clocks, "startsAt"), _instant(ends, clocks, "endsAt"), zone)

    @property
    def clocks(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(self.clocks)

    @property
    def local_end(self) -> datetime:
        return self.ends_at.astimezone(self.clocks)

    def contains(self, other: Slot) -> bool:
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def moved(self, distance: timedelta, zone: str) -> Slot:
        return Slot(self.starts_at + distance, self.ends_at + distance, zone)


def _instant(local: datetime, clocks: ZoneInfo, field: str) -> datetime:
    """The instant at which the clocks say `local`, in UTC."""
    first = local.replace(tzinfo=clocks, fold=0)
    second = local.replace(tzinfo=clocks, fold=1)
    try:
        instant = first.astimezone(UTC)
        says = instant.astimezone(clocks).replace(tzinfo=None)
    except OverflowError:
        raise BadSlot("Choose a time nearer to today.", field=field) from None
    if first.utcoffset() == second.utcoffset():
        return instant
    if says == local.replace(fold=0):
        raise BadSlot(
            "The clocks go back then, so that time comes twice. Choose another.", field=field
        )
    raise BadSlot(
        "The clocks go forward then, so that time does not exist. Choose another.", field=field
    )


@dataclass(frozen=True, slots=True)
class Venue:
    """A place of some kind, a link to join by, or both.

    Errors: `InvalidInput`.
    """

    place: str = ""
    place_kind: PlaceKind | None = None
    joining_link: str = ""

    def __post_init__(self) -> None:
        faults.check_length(self.place, "place", LONGEST_PLACE)
        check_link(self.joining_link)
        if bool(self.place.strip()) != (self.place_kind is not None):
            raise InvalidInput(
                FieldError("placeKind", "Give a place together with what sort of place it is.")
            )
        if not self.place.strip() and not self.joining_link:
            raise InvalidInput(
                FieldError("place", "Say where: a place, a link to join by, or both.")
            )


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a meeting that somebody is asked to, with a link of its own (rule 40)."""

    slot: Slot
    joining_link: str = ""

    def __post_init__(self) -> None:
        check_link(self.joining_link)

    def check_within(self, meeting: Slot) -> None:
        """Errors: `PartOutside`."""
        if not meeting.contains(self.slot):
            raise PartOutside("Each part must lie within the meeting.", field="part")


@dataclass(frozen=True, slots=True)
class Invitee:
    """A member of the team, and how they are asked."""

    membership_id: UUID
    required: bool = True
    invited_by: InvitedBy = InvitedBy.EMAIL
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody outside the team, without access, and why they may be invited.

    With `practitioner_id` they are the practitioner of that entry in the directory, under the name
    and at the address known there.

    Errors: `InvalidInput`.
    """

    name: str
    role: GuestRole
    basis: InviteBasis
    basis_note: str = ""
    email_address: str | None = None
    practitioner_id: UUID | None = None
    required: bool = False
    invited_by: InvitedBy = InvitedBy.EMAIL
    part: Part | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidInput(FieldError("name", "Say who they are."))
        faults.check_length(self.name, "name", LONGEST_NAME)
        faults.check_length(self.basis_note, "basisNote")
        address = self.email_address
        if address is not None and (
            len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address)
        ):
            raise InvalidInput(
                FieldError("emailAddress", "Give one email address, such as name@example.org.")
            )


@dataclass(frozen=True, slots=True)
class Attendee:
    """A member of the team, and whether they were at a meeting."""

    membership_id: UUID
    attendance: Attendance


@dataclass(frozen=True, slots=True)
class Roles:
    """Who chairs and who takes the notes, where that is not the convener."""

    chair_membership_id: UUID | None = None
    note_taker_membership_id: UUID | None = None


def check_link(link: str) -> None:
    """Errors: `InvalidInput`."""
    faults.check_length(link, "joiningLink", LONGEST_LINK)
    if link and not re.fullmatch(r"https://[^\s<>\"]+", link):
        raise InvalidInput(FieldError("joiningLink", "Give a link that starts with https://."))


def check_parts(meeting: Slot, people: Iterable[Invitee | Guest]) -> None:
    """Errors: `PartOutside`."""
    for one in people:
        if one.part is not None:
            one.part.check_within(meeting)
