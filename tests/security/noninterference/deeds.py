"""What people do in situations, through the real operations, in a line each."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from taf_service import families, handovers, meetings, plans, teams
from taf_service.core.codes import WarningCode
from taf_service.core.work import Operation
from taf_service.families import ChannelKind, FamilyRole, NewMember
from taf_service.meetings import Answer, Guest, Invitee, Roles
from tests.stage import AFamily, ATeam, Somebody, Stage, place_of
from tests.taf_service.meetings.scene import HALL, slot

EVERY_WARNING = tuple(code.value for code in WarningCode)


async def do(who: Somebody, operation: Operation[..., Any], **given: Any) -> Any:
    """With every warning acknowledged beforehand."""
    return await operation(who.ask(None, *EVERY_WARNING), **given)


async def register(stage: Stage, who: Somebody, name: str) -> AFamily:
    """A child and two parents, in the authority's first locality."""
    done = await do(
        who,
        families.register_family,
        authority_id=stage.authority_id,
        locality_id=stage.locality_id,
        name=name,
        language="Polish",
        interpreter_needs="A woman, please",
        members=(
            NewMember(f"Robin {name}", FamilyRole.CHILD, born_on=date(2015, 5, 4)),
            NewMember(f"Alex {name}", FamilyRole.PARENT),
            NewMember(f"Sam {name}", FamilyRole.PARENT),
        ),
    )
    rows = await stage.owner.fetch(
        "select f.id, f.person_id, p.name from family_member f join person p on p.id = f.person_id"
        " where f.family_id = $1",
        done.family_id,
    )
    people = {r["name"]: Somebody(r[1], r["name"], family_member_id=r["id"]) for r in rows}
    first = ("Robin", "Alex", "Sam")
    return AFamily(done.family_id, *(people[f"{each} {name}"] for each in first))


async def open_team(stage: Stage, lead: Somebody, family: AFamily) -> ATeam:
    """After the coordinator was asked, and has answered (guidance 11)."""
    asked = await do(lead, teams.ask_for_existing_lead, family_id=family.family_id)
    await do(
        stage.coordinator,
        teams.answer_lead_enquiry,
        enquiry_id=asked.enquiry_id,
        answer=teams.LeadAnswer.NONE_FOUND,
        version=await stage.version_of("lead_enquiry", asked.enquiry_id),
    )
    opened = await do(
        lead,
        teams.open_team,
        family_id=family.family_id,
        enquiry_id=asked.enquiry_id,
        agency_id=lead.agency_id,
        reason="Knows them best",
    )
    team = ATeam(opened.team_id, family, lead)
    team.memberships[lead.person_id] = await stage.owner.fetchval(
        "select id from membership where team_id = $1", opened.team_id
    )
    return team


async def join(team: ATeam, somebody: Somebody) -> None:
    """Let the lead take them into the team."""
    if somebody.practitioner_id is None:
        given = {"family_member_id": place_of(somebody)}
        done = await do(team.lead, teams.add_family_member_to_team, team_id=team.team_id, **given)
    else:
        entry = {"practitioner_id": somebody.practitioner_id, "agency_id": somebody.agency_id}
        done = await do(team.lead, teams.add_practitioner, team_id=team.team_id, **entry)
    team.memberships[somebody.person_id] = done.membership_id


async def leave(stage: Stage, team: ATeam, somebody: Somebody) -> None:
    membership_id = team.of(somebody)
    version = await stage.version_of("membership", membership_id)
    given = {"membership_id": membership_id, "reason": "Moved away", "version": version}
    await do(team.lead, handovers.remove_from_team, **given)


async def reach(who: Somebody, member: Somebody, address: str) -> UUID:
    """Record an address; returns the channel's id."""
    done = await do(
        who,
        families.add_contact_channel,
        family_member_id=place_of(member),
        kind=ChannelKind.EMAIL,
        value=address,
        preferred=True,
        read_by_others=False,
    )
    channel_id: UUID = done.contact_channel_id
    return channel_id


async def keep_apart(who: Somebody, one: Somebody, other: Somebody) -> UUID:
    done = await do(
        who,
        families.record_no_contact,
        first_id=place_of(one),
        second_id=place_of(other),
        reason="A court order",
    )
    no_contact_id: UUID = done.no_contact_id
    return no_contact_id


async def convene(
    team: ATeam, day: int, *invited: Somebody, guests: tuple[Guest, ...] = ()
) -> UUID:
    """A meeting on a day of March, by the lead, who takes the notes too."""
    done = await do(
        team.lead,
        meetings.convene_taf_meeting,
        team_id=team.team_id,
        purpose="Agree who helps with the mornings",
        slot=slot(day),
        venue=HALL,
        members=tuple(Invitee(team.of(somebody)) for somebody in invited),
        guests=guests,
        roles=Roles(note_taker_membership_id=team.of(team.lead)),
        agenda="First the mornings",
    )
    meeting_id: UUID = done.meeting_id
    return meeting_id


async def move(stage: Stage, who: Somebody, meeting_id: UUID, day: int) -> None:
    version = await stage.version_of("meeting", meeting_id)
    given = {"meeting_id": meeting_id, "slot": slot(day), "version": version}
    await do(who, meetings.reschedule_meeting, **given)


async def change_place(stage: Stage, who: Somebody, meeting_id: UUID, link: str) -> None:
    version = await stage.version_of("meeting", meeting_id)
    venue = meetings.Venue(joining_link=link)
    await do(who, meetings.change_place, meeting_id=meeting_id, venue=venue, version=version)


async def cancel(stage: Stage, who: Somebody, meeting_id: UUID) -> None:
    version = await stage.version_of("meeting", meeting_id)
    given = {"meeting_id": meeting_id, "reason": "Nobody can come", "version": version}
    await do(who, meetings.cancel_meeting, **given)


async def invitation_of(stage: Stage, meeting_id: UUID, somebody: Somebody) -> UUID:
    found: UUID = await stage.owner.fetchval(
        "select id from invitation where meeting_id = $1 and person_id = $2",
        meeting_id,
        somebody.person_id,
    )
    return found


async def answer(
    stage: Stage, somebody: Somebody, meeting_id: UUID, said: Answer = Answer.ACCEPTED
) -> None:
    await do(
        somebody,
        meetings.answer_invitation,
        invitation_id=await invitation_of(stage, meeting_id, somebody),
        answer=said,
        comment="In private words",
        by_link=False,
    )


async def raise_action(team: ATeam, owner: Somebody, **given: Any) -> UUID:
    done = await do(
        team.lead,
        plans.raise_action,
        team_id=team.team_id,
        text="Ring the school",
        owner=plans.Owner(membership_id=team.of(owner)),
        due_on=date(2026, 3, 20),
        **given,
    )
    action_id: UUID = done.action_id
    return action_id


async def report(stage: Stage, who: Somebody, action_id: UUID) -> None:
    await do(
        who,
        plans.report_progress,
        action_id=action_id,
        version=await stage.version_of("action", action_id),
        status=plans.ActionStatus.IN_PROGRESS,
        note="Rang twice",
    )
