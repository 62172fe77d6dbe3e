"""Everything that changes an action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from taf_service import directory, families, meetings, teams, visibility
from taf_service.core import faults
from taf_service.core.codes import WarningCode
from taf_service.core.work import Work, operation
from taf_service.plans import policies, rules
from taf_service.plans.models import Action, ActionProgress, ActionStatus
from taf_service.plans.queries import action_for


@dataclass(frozen=True, slots=True)
class Owner:
    """One member, or an agency with a named contact there (guidance 19, 93)."""

    membership_id: UUID | None = None
    agency_id: UUID | None = None
    contact_id: UUID | None = None

    def __post_init__(self) -> None:
        rules.check_owner(
            by_member=self.membership_id is not None,
            by_agency=self.agency_id is not None,
            contact=self.contact_id is not None,
        )


@dataclass(frozen=True, slots=True)
class ActionRaised:
    action_id: UUID


@dataclass(frozen=True, slots=True)
class ProgressReported:
    action_id: UUID
    progress_id: UUID


@operation(policies.raise_action)
async def raise_action(
    work: Work,
    *,
    team_id: UUID,
    text: str,
    owner: Owner,
    due_on: date,
    child_id: UUID | None = None,
    meeting_id: UUID | None = None,
    proposed: bool = False,
) -> ActionRaised:
    """Raise an action for a child or the family, with an owner and a date."""
    team = await teams.team_for(work, team_id)
    work.require(policies.raise_action, team)
    faults.check_said(text, "text", "Say what is to be done.")
    await _check_owner(work, team, owner)
    await _check_origin(work, team, child_id, meeting_id)
    if rules.is_past(due_on, work.today()):
        work.warn(WarningCode.DUE_IN_THE_PAST, "The due date has already passed.")
    action = await Action.create(
        id=work.new_id(),
        team_id=team.id,
        meeting_id=meeting_id,
        child_id=child_id,
        text=text.strip(),
        owner_membership_id=owner.membership_id,
        owner_agency_id=owner.agency_id,
        owner_contact_id=owner.contact_id,
        due_on=due_on,
        original_due_on=due_on,
        status=ActionStatus.PROPOSED if proposed else ActionStatus.ACCEPTED,
        raised_by_id=work.actor.person_id,
        raised_at=work.now,
        version=work.new_id(),
    )
    await work.record(
        "action.raised", subject_id=action.id, family_id=team.family_id, due_on=due_on
    )
    return ActionRaised(action.id)


async def _check_owner(work: Work, team: teams.Team, owner: Owner) -> None:
    """Errors: `OwnerElsewhere`, `ChildCannotOwn`, `NotFound`."""
    if owner.membership_id is not None:
        membership = await teams.membership_for(work, owner.membership_id)
        if membership.team_id != team.id or membership.left_at is not None:
            raise rules.OwnerElsewhere(
                "The owner must be in this team now.", field="owner.membershipId"
            )
        await _check_not_a_child(work, membership)
    elif owner.agency_id is not None and owner.contact_id is not None:
        await directory.agency_for(work, owner.agency_id)
        await directory.affiliation_with(work, owner.contact_id, owner.agency_id)


async def _check_not_a_child(work: Work, membership: teams.Membership) -> None:
    if membership.family_member_id is None:
        return
    member = await families.family_member_for(work, membership.family_member_id)
    if member.role is families.FamilyRole.CHILD:
        raise rules.ChildCannotOwn(
            "Ask an adult to own it; a child is never chased.", field="owner.membershipId"
        )


async def _check_origin(
    work: Work, team: teams.Team, child_id: UUID | None, meeting_id: UUID | None
) -> None:
    """Errors: `NotFound` for a child of another family, or a meeting of another team."""
    if child_id is not None:
        child = await families.family_member_for(work, child_id)
        if child.family_id != team.family_id or child.role is not families.FamilyRole.CHILD:
            raise rules.OwnerElsewhere("Name a child of this family.", field="childId")
    if meeting_id is not None:
        meeting = await meetings.meeting_for(work, meeting_id)
        if meeting.team_id != team.id:
            raise rules.OwnerElsewhere("Name a meeting of this team.", field="meetingId")


@operation(policies.report_progress)
async def report_progress(
    work: Work, *, action_id: UUID, version: UUID, status: ActionStatus, note: str
) -> ProgressReported:
    """Report how an action stands."""
    action = await visibility.to_change(
        work, policies.report_progress, action_for, action_id, version=version
    )
    rules.check_step(action.status, status, note)
    await Action.filter(id=action.id).update(status=status, version=work.new_id())
    progress = await ActionProgress.create(
        id=work.new_id(),
        action_id=action.id,
        status=status,
        note=note.strip(),
        reported_by_id=work.actor.person_id,
        reported_at=work.now,
    )
    team = await teams.team_for(work, action.team_id)
    await work.record(
        "action.progress_reported",
        subject_id=action.id,
        family_id=team.family_id,
        status=status.value,
    )
    return ProgressReported(action.id, progress.id)
