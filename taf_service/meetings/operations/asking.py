"""Who is to be asked: members of the team and guests, each as one person."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from taf_service import directory, teams, visibility
from taf_service.core.errors import FieldError, InvalidInput
from taf_service.core.work import Work
from taf_service.meetings import rules
from taf_service.meetings.models import Invitation, Meeting
from taf_service.meetings.queries import guest_at, mailbox_at_work, people_around, readers_among
from taf_service.meetings.rules import Guest, InvitedBy, Invitee, Part, Slot


@dataclass(frozen=True, slots=True)
class Asked:
    """One person, who is either in the team or comes as a guest."""

    person_id: UUID
    how: Invitee | Guest
    membership: teams.Membership | None = None
    mailbox_id: UUID | None = None

    @property
    def is_by_email(self) -> bool:
        return self.how.invited_by is InvitedBy.EMAIL

    @property
    def is_of_family(self) -> bool:
        return self.membership is not None and self.membership.kind is teams.MemberKind.FAMILY

    @property
    def field(self) -> str:
        return "guests" if self.membership is None else "members"

    def time_in(self, meeting: Slot) -> Slot:
        return meeting if self.how.part is None else self.how.part.slot

    def columns(self) -> dict[str, Any]:
        """What an invitation says of how they are asked."""
        return {
            "person_id": self.person_id,
            "required": self.how.required,
            "invited_by": self.how.invited_by,
            **_part_columns(self.how.part),
            **self._place(),
        }

    def _place(self) -> dict[str, Any]:
        if isinstance(self.how, Guest):
            return {
                "membership_id": None,
                "guest_role": self.how.role,
                "guest_mailbox_id": self.mailbox_id,
                "basis": self.how.basis,
                "basis_note": self.how.basis_note.strip(),
            }
        return {
            "membership_id": self.how.membership_id,
            "guest_role": None,
            "guest_mailbox_id": None,
        }


def _part_columns(part: Part | None) -> dict[str, Any]:
    return {
        "part_starts_at": None if part is None else part.slot.starts_at,
        "part_ends_at": None if part is None else part.slot.ends_at,
        "part_joining_link": "" if part is None else part.joining_link,
    }


def own_time(meeting: Meeting, invitation: Invitation) -> Slot:
    """When this person is asked for (invitations rule 40)."""
    return Slot(
        invitation.part_starts_at or meeting.starts_at,
        invitation.part_ends_at or meeting.ends_at,
        meeting.zone,
    )


async def people_asked(
    work: Work, team: teams.Team, members: Sequence[Invitee], guests: Sequence[Guest]
) -> list[Asked]:
    """Everybody to be asked to a new meeting.

    Errors: `NobodyInvited`, `InvitedTwice`, `NotInTeam`, `GuestIsMember`, `NotFound`.
    """
    if not members and not guests:
        raise rules.NobodyInvited("Invite somebody.", field="members")
    asked = await members_asked(work, team, members)
    asked += [await guest_asked(work, team, guest) for guest in guests]
    if _has_double([one.person_id for one in asked]) or _has_double(_known_guests(guests)):
        raise rules.InvitedTwice("Invite each person once.", field="members")
    return asked


def _known_guests(guests: Sequence[Guest]) -> list[tuple[str, str]]:
    """A name at an address is one person; a name alone may be two."""
    return [
        (guest.email_address.lower(), guest.name.strip().casefold())
        for guest in guests
        if guest.email_address is not None
    ]


def _has_double(listed: Sequence[Hashable]) -> bool:
    return len(set(listed)) < len(listed)


async def members_asked(work: Work, team: teams.Team, invitees: Sequence[Invitee]) -> list[Asked]:
    """Their memberships are kept until the commit, so that nobody leaves meanwhile.

    Errors: `NotInTeam`, `NotFound`.
    """
    ids = [invitee.membership_id for invitee in invitees]
    found = await visibility.each(work, teams.Membership, ids, lock=True)
    if any(row.team_id != team.id or row.left_at is not None for row in found.values()):
        raise rules.NotInTeam("Invite people who are in this team now.", field="members")
    return [
        Asked(found[invitee.membership_id].person_id, invitee, found[invitee.membership_id])
        for invitee in invitees
    ]


async def guest_asked(
    work: Work, team: teams.Team, guest: Guest, meeting: Meeting | None = None
) -> Asked:
    """A guest is a person of their own, or the practitioner they are in the directory.

    Errors: `GuestIsMember`, `NotFound`, `InvalidInput`.
    """
    insiders = await people_around(work, team)
    if guest.practitioner_id is not None:
        return await _practitioner_asked(work, guest, guest.practitioner_id, insiders)
    if guest.email_address is None:
        return Asked(await _new_person(work, guest), guest)
    if await readers_among(work, guest.email_address, insiders):
        _refuse_member()
    person_id = meeting and await guest_at(work, meeting, guest.name.strip(), guest.email_address)
    person_id = person_id or await _new_person(work, guest)
    mailbox = await directory.claim_mailbox(
        work,
        guest.email_address,
        kind=directory.MailboxKind.PERSONAL,
        person_id=person_id,
    )
    return Asked(person_id, guest, mailbox_id=mailbox.id)


async def _practitioner_asked(
    work: Work, guest: Guest, practitioner_id: UUID, insiders: frozenset[UUID]
) -> Asked:
    practitioner = await directory.practitioner_for(work, practitioner_id)
    if practitioner.person_id in insiders:
        _refuse_member()
    mailbox_id = await mailbox_at_work(
        work, practitioner, agency_id=None, address=guest.email_address
    )
    if mailbox_id is None and guest.email_address is not None:
        raise InvalidInput(
            FieldError("emailAddress", "Leave the address out: the directory knows theirs.")
        )
    return Asked(practitioner.person_id, guest, mailbox_id=mailbox_id)


def _refuse_member() -> None:
    raise rules.GuestIsMember(
        "This person is in the team or the family: invite them as a member.", field="guests"
    )


async def _new_person(work: Work, guest: Guest) -> UUID:
    person = await directory.Person.create(
        id=work.new_id(), name=guest.name.strip(), version=work.new_id()
    )
    return person.id
