"""Who convenes, chairs and takes the notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from taf_service import teams
from taf_service.core.codes import WarningCode
from taf_service.core.work import Work
from taf_service.meetings import rules
from taf_service.meetings.models import Meeting
from taf_service.meetings.operations.asking import Asked
from taf_service.meetings.rules import Roles


@dataclass(frozen=True, slots=True)
class Held:
    """The people who hold the roles of a meeting."""

    convener_id: UUID
    chair_id: UUID
    note_taker_id: UUID

    @property
    def people(self) -> tuple[UUID, UUID, UUID]:
        return self.convener_id, self.chair_id, self.note_taker_id


async def roles_held(work: Work, team: teams.Team, asked: Sequence[Asked], roles: Roles) -> Held:
    """The actor convenes, and chairs unless somebody else is named.

    The lead practitioner takes the notes only when named for it (domain 2.1).

    Errors: `RoleNotInvited`, `NoteTakerRequired`, `NotFound`.
    """
    convener = work.actor.person_id
    chair = await _named(work, team, asked, roles.chair_membership_id, "chairMembershipId")
    notes = await _named(work, team, asked, roles.note_taker_membership_id, "noteTakerMembershipId")
    lead = await teams.leader_of(work, team)
    if notes == lead:
        work.warn(
            WarningCode.LEAD_TAKES_NOTES,
            "The lead practitioner would take the notes while leading the meeting.",
        )
    if notes is None and convener == lead:
        raise rules.NoteTakerRequired("Name who takes the notes.", field="noteTakerMembershipId")
    return Held(convener, chair or convener, notes or convener)


async def _named(
    work: Work, team: teams.Team, asked: Sequence[Asked], membership_id: UUID | None, field: str
) -> UUID | None:
    if membership_id is None:
        return None
    member = await teams.membership_for(work, membership_id)
    is_here = member.team_id == team.id and member.left_at is None
    comes = {work.actor.person_id} | {one.person_id for one in asked if one.membership}
    if (
        not is_here
        or member.kind is not teams.MemberKind.PRACTITIONER
        or (member.person_id not in comes)
    ):
        raise rules.RoleNotInvited(
            "Name yourself, or a practitioner of the team whom you invite.", field=field
        )
    return member.person_id


async def pass_on(work: Work, meeting: Meeting, *, from_id: UUID, to_id: UUID) -> None:
    """Whatever `from_id` does at the meeting, `to_id` does from now on."""
    passed = {
        role: to_id
        for role in ("convener_id", "chair_id", "note_taker_id")
        if getattr(meeting, role) == from_id
    }
    if passed:
        await Meeting.filter(id=meeting.id).update(version=work.new_id(), **passed)
