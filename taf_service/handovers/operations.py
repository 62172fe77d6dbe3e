"""The lead passes on, or somebody leaves a team, and their meetings and actions with them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from taf_service import meetings, plans, teams, visibility
from taf_service.core import faults
from taf_service.core.codes import WarningCode
from taf_service.core.work import Work, operation
from taf_service.handovers import rules


@dataclass(frozen=True, slots=True)
class LeadAppointed:
    team_id: UUID
    lead_tenure_id: UUID


@dataclass(frozen=True, slots=True)
class LeftTeam:
    team_id: UUID
    membership_id: UUID


@operation(teams.policies.appoint_lead)
async def appoint_lead(
    work: Work,
    *,
    team_id: UUID,
    membership_id: UUID,
    reason: str,
    family_preference: str = "",
    version: UUID,
) -> LeadAppointed:
    """Appoint the lead practitioner: anybody from an agency who is in the team (guidance 5, 6, 87).

    `version` is the team's. An interim lead is confirmed by appointing them.

    Errors: `Stale`, `PractitionerElsewhere`, `AlreadyLead`, `InvalidInput`. Warnings:
    `SPECIALIST_USUALLY_LEADS`.
    """
    team = await visibility.to_change(
        work, teams.policies.appoint_lead, teams.team_for, team_id, version=version
    )
    faults.check_said(reason, "reason")
    faults.check_length(family_preference, "familyPreference")
    membership = await teams.practitioner_in(work, team, membership_id)
    before = await teams.lead_tenure_of(work, team)
    is_confirmed = before.membership_id == membership.id
    if is_confirmed and not before.interim:
        raise rules.AlreadyLead("They lead the team already.", field="membershipId")
    await _prompt_for_specialist(work, team, membership)
    tenure = await teams.seat_lead(
        work, team, membership, reason=reason, family_preference=family_preference
    )
    if not is_confirmed:
        await meetings.announce_lead(work, team)
    await work.record(
        "lead.appointed",
        subject_id=tenure.id,
        family_id=team.family_id,
        membership_id=membership.id,
        former_membership_id=before.membership_id,
    )
    return LeadAppointed(team.id, tenure.id)


async def _prompt_for_specialist(
    work: Work, team: teams.Team, membership: teams.Membership
) -> None:
    """A prompt, not a rule (guidance 7)."""
    agencies = await teams.agencies_in(work, team)
    assert membership.agency_id is not None, "a practitioner is there on behalf of an agency"
    lead = agencies[membership.agency_id].kind
    if rules.specialist_is_passed_over(lead, [agency.kind for agency in agencies.values()]):
        work.warn(
            WarningCode.SPECIALIST_USUALLY_LEADS,
            "A youth offending or disabled children's service is in the team, and usually leads.",
        )


@operation(teams.policies.remove_from_team)
async def remove_from_team(
    work: Work, *, membership_id: UUID, reason: str, version: UUID
) -> LeftTeam:
    """Take somebody out of a team, or leave it; from their next request they see nothing of it.

    Errors: `Stale`, `LeadMustBeReplaced`, `InvalidInput`. Warnings: `OPEN_ACTIONS`.
    """
    team, membership = await _leaving(work, membership_id, version)
    faults.check_said(reason, "reason")
    leader_id = await teams.leader_of(work, team)
    if membership.person_id == leader_id:
        raise rules.LeadMustBeReplaced("Appoint another lead practitioner first.")
    owed = await plans.open_actions_of(work, membership)
    if owed:
        work.warn(
            WarningCode.OPEN_ACTIONS,
            f"Open actions that they own: {len(owed)}. See first who takes them over.",
        )
    await meetings.release_member(work, membership, successor_id=leader_id)
    await teams.end_membership(work, membership, reason=reason)
    await work.record(
        "team.left",
        subject_id=membership.id,
        family_id=team.family_id,
        by_themselves=membership.person_id == work.actor.person_id,
    )
    return LeftTeam(team.id, membership.id)


async def _leaving(
    work: Work, membership_id: UUID, version: UUID
) -> tuple[teams.Team, teams.Membership]:
    """The membership, and its team, kept so that nobody appoints them lead in the meantime.

    One of the family cannot lead, and may not lock the team.
    """
    policy = teams.policies.remove_from_team
    found = await teams.membership_for(work, membership_id)
    work.require(policy, found)
    is_practitioner = found.kind is teams.MemberKind.PRACTITIONER
    team = await teams.team_for(work, found.team_id, lock=is_practitioner)
    membership = await visibility.to_change(
        work, policy, teams.membership_for, membership_id, version=version
    )
    return team, membership
