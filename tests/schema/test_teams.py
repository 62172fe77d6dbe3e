from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from schema import ids
from tests.schema.asking import ask, version_of
from tests.stage import ATeam, Somebody, Stage

PROBLEM = (
    "__typename ... on Problem { code message } ... on InvalidInput { fieldErrors { field } }"
    " ... on RuleBroken { field } ... on NotFound { field }"
    " ... on ConfirmationNeeded { warnings { code } }"
    " ... on Stale { current { __typename id } }"
)


async def do(somebody: Somebody, mutation: str, read: str = "", **given: Any) -> Any:
    """Run one mutation; `read` is what is asked of its success."""
    of = mutation[0].upper() + mutation[1:]
    found = await ask(
        somebody,
        f"mutation ($input: {of}Input!) {{ {mutation}(input: $input) {{ {PROBLEM} {read} }} }}",
        input=given,
    )
    return found[mutation]


async def team_as(somebody: Somebody, team: ATeam, read: str) -> Any:
    found = await ask(
        somebody,
        f"query ($id: ID!) {{ team(id: $id) {{ {read} }} }}",
        id=ids.encode("Team", team.team_id),
    )
    return found["team"]


def place(team: ATeam, somebody: Somebody) -> str:
    return ids.encode("Membership", team.of(somebody))


def practitioner(somebody: Somebody) -> dict[str, str]:
    assert somebody.practitioner_id is not None
    assert somebody.agency_id is not None
    return {
        "practitionerId": ids.encode("Practitioner", somebody.practitioner_id),
        "agencyId": ids.encode("Agency", somebody.agency_id),
    }


def of_team(team: ATeam) -> dict[str, str]:
    return {"teamId": ids.encode("Team", team.team_id)}


async def editing(stage: Stage, team: ATeam) -> dict[str, str]:
    return {**of_team(team), "version": await version_of(stage, "team", team.team_id)}


class TestAFamilysFirstTeam:
    async def test_is_asked_about_answered_and_opened(self, stage: Stage, helen: Somebody) -> None:
        family = await stage.family(registered_by=helen)
        family_id = ids.encode("Family", family.family_id)
        asked = await do(
            helen,
            "askForExistingLead",
            "... on LeadEnquiryAsked { enquiry { id question can { answerLeadEnquiry } } }",
            familyId=family_id,
            question="The nursery may have somebody.",
        )
        enquiry = asked["enquiry"]
        assert enquiry["question"] == "The nursery may have somebody."
        assert enquiry["can"] == {"answerLeadEnquiry": False}
        waiting = await ask(
            stage.coordinator,
            "{ me { leadEnquiries { nodes { id version can { answerLeadEnquiry } } } } }",
        )
        (question,) = waiting["me"]["leadEnquiries"]["nodes"]
        assert (question["id"], question["can"]) == (enquiry["id"], {"answerLeadEnquiry": True})
        answered = await do(
            stage.coordinator,
            "answerLeadEnquiry",
            "... on LeadEnquiryAnswered { enquiry { answer answeredBy } }",
            enquiryId=enquiry["id"],
            answer="NONE_FOUND",
            version=question["version"],
        )
        assert answered["enquiry"] == {"answer": "NONE_FOUND", "answeredBy": "Cora Coordinator"}

        opened = await do(
            helen,
            "openTeam",
            "... on TeamOpened { team { reviewIntervalDays engagement members { name label }"
            " lead { interim reason membership { name } } } }",
            familyId=family_id,
            enquiryId=enquiry["id"],
            agencyId=practitioner(helen)["agencyId"],
            reason="Knows the family",
        )

        (member,) = opened["team"].pop("members")
        assert len(member["label"].split()) == 2
        assert opened["team"] == {
            "reviewIntervalDays": 42,
            "engagement": "ENGAGED",
            "lead": {
                "interim": True,
                "reason": "Knows the family",
                "membership": {"name": "Helen Health"},
            },
        }

    async def test_beside_another_lead_is_confirmed(self, stage: Stage, helen: Somebody) -> None:
        family = await stage.family(registered_by=helen)
        enquiry_id = await stage.enquiry(family, helen, "LEAD_EXISTS")
        given = {
            "familyId": ids.encode("Family", family.family_id),
            "enquiryId": ids.encode("LeadEnquiry", enquiry_id),
            "agencyId": practitioner(helen)["agencyId"],
            "reason": "Knows the family",
            "engagement": "NOT_ENGAGING",
            "engagementNote": "Nobody opened the door.",
        }

        refused = await do(helen, "openTeam", **given)
        assert (refused["code"], refused["field"]) == ("DESPITE_LEAD_REQUIRED", "despiteLead")

        given["despiteLead"] = "She leaves on Friday."
        asked = await do(helen, "openTeam", **given)
        assert asked["warnings"] == [{"code": "LEAD_EXISTS_ELSEWHERE"}]

        opened = await do(
            helen,
            "openTeam",
            "... on TeamOpened { team { engagementNote } }",
            **given,
            acknowledge=["LEAD_EXISTS_ELSEWHERE"],
        )
        assert opened["team"] == {"engagementNote": "Nobody opened the door."}


class TestTheTeam:
    async def test_is_read_by_its_members_and_hidden_from_others(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider = await stage.practitioner("Otto")

        assert await team_as(team.family.parent, team, "engagement") == {"engagement": "ENGAGED"}
        assert await team_as(outsider, team, "engagement") is None
        for invented in (ids.encode("Team", uuid4()), ids.encode("Family", team.team_id), "x"):
            assert await ask(helen, "query ($id: ID!) { team(id: $id) { id } }", id=invented) == {
                "team": None
            }

    async def test_says_what_each_may_do_with_it(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        read = (
            "can { addPractitioner addFamilyMemberToTeam appointLead arrangeCover"
            " changeReviewInterval recordEngagement conveneTafMeeting recordPastMeeting"
            " raiseAction }"
            " members { name can { removeFromTeam } }"
        )
        running = {
            "addPractitioner",
            "addFamilyMemberToTeam",
            "arrangeCover",
            "changeReviewInterval",
        }
        lead, practises, parent = [
            await team_as(somebody, team, read)
            for somebody in (team.lead, helen, team.family.parent)
        ]

        assert all(lead["can"].values())
        assert {name for name, may in practises["can"].items() if not may} == running
        assert not any(parent["can"].values())
        removable = [
            {member["name"] for member in seen["members"] if member["can"]["removeFromTeam"]}
            for seen in (lead, practises, parent)
        ]
        assert removable == [
            {member["name"] for member in lead["members"]},
            {"Helen Health"},
            {team.family.parent.name},
        ]

    async def test_shows_nobody_anothers_words_for_the_case(
        self, team: ATeam, helen: Somebody
    ) -> None:
        seen = await team_as(helen, team, "members { name label }")

        labels = {member["name"]: member["label"] for member in seen["members"]}
        assert labels["Helen Health"]
        assert [name for name, label in labels.items() if label] == ["Helen Health"]


class TestMembers:
    async def test_come(self, stage: Stage, team: ATeam) -> None:
        nurse = await stage.practitioner("Nora Nurse")
        added = await do(
            team.lead,
            "addPractitioner",
            "... on PractitionerAdded { membership { name kind label agency { id } } }",
            **of_team(team),
            **practitioner(nurse),
        )
        assert added["membership"] == {
            "name": "Nora Nurse",
            "kind": "PRACTITIONER",
            "label": None,
            "agency": {"id": practitioner(nurse)["agencyId"]},
        }
        child = team.family.child
        assert child.family_member_id is not None
        taken_in = await do(
            team.lead,
            "addFamilyMemberToTeam",
            "... on FamilyMemberAddedToTeam { membership { name kind } }",
            **of_team(team),
            familyMemberId=ids.encode("FamilyMember", child.family_member_id),
        )
        assert taken_in["membership"] == {"name": child.name, "kind": "FAMILY"}

    async def test_go(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        await stage.action(team, helen)
        given = {
            "membershipId": place(team, helen),
            "reason": "Moves to another town",
            "version": await version_of(stage, "membership", team.of(helen)),
        }
        read = (
            "... on LeftTeam { team { formerMembers { name } } membership { leftReason"
            " can { removeFromTeam } } }"
        )

        asked = await do(team.lead, "removeFromTeam", read, **given)
        assert asked["warnings"] == [{"code": "OPEN_ACTIONS"}]

        left = await do(team.lead, "removeFromTeam", read, **given, acknowledge=["OPEN_ACTIONS"])
        assert left["team"] == {"formerMembers": [{"name": "Helen Health"}]}
        assert left["membership"] == {
            "leftReason": "Moves to another town",
            "can": {"removeFromTeam": False},
        }

    async def test_see_nothing_of_it_once_they_left(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        left = await do(
            helen,
            "removeFromTeam",
            "... on LeftTeam { team { id } membership { id } }",
            membershipId=place(team, helen),
            reason="Moves to another town",
            version=await version_of(stage, "membership", team.of(helen)),
        )

        assert (left["team"], left["membership"]) == (None, None)
        assert await team_as(helen, team, "id") is None


class TestTheLead:
    async def test_is_appointed(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        appointed = await do(
            helen,
            "appointLead",
            "... on LeadAppointed { team { lead { membership { name } } leadHistory { untilAt } }"
            " leadTenure { reason familyPreference interim } }",
            **await editing(stage, team),
            membershipId=place(team, helen),
            reason="Visits them every week",
            familyPreference="Alex would like Helen",
        )

        assert appointed["team"]["lead"] == {"membership": {"name": "Helen Health"}}
        assert len(appointed["team"]["leadHistory"]) == 2
        assert appointed["leadTenure"] == {
            "reason": "Visits them every week",
            "familyPreference": "Alex would like Helen",
            "interim": False,
        }

    async def test_is_appointed_by_whoever_was_first(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        given = {
            **of_team(team),
            "version": uuid4().hex,
            "membershipId": place(team, helen),
            "reason": "Visits them every week",
        }

        stale = await do(helen, "appointLead", **given)

        assert (stale["__typename"], stale["code"]) == ("Stale", "STALE")
        assert stale["current"] == {"__typename": "Team", "id": given["teamId"]}

    async def test_has_somebody_to_stand_in(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        arranged = await do(
            team.lead,
            "arrangeCover",
            "... on CoverArranged { cover { id kind fromOn untilOn membership { name }"
            " can { endCover } } }",
            **of_team(team),
            membershipId=place(team, helen),
            kind="COVER",
            reason="Annual leave",
            fromOn="2026-03-09",
            untilOn="2026-03-23",
        )
        cover = arranged["cover"]
        assert (cover["fromOn"], cover["untilOn"], cover["can"]) == (
            "2026-03-09",
            "2026-03-23",
            {"endCover": True},
        )

        ended = await do(
            team.lead,
            "endCover",
            "... on CoverEnded { cover { endedAt can { endCover } } }",
            coverId=cover["id"],
        )
        assert ended["cover"]["endedAt"]
        assert ended["cover"]["can"] == {"endCover": False}


class TestWhatPractitionersWroteAmongThemselves:
    READ = (
        "engagementNote reviewIntervalReason leadHistory { reason familyPreference }"
        " formerMembers { leftReason } covers { reason }"
    )

    async def test_is_read_by_practitioners_in_the_team_alone(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await self.write(stage, team, helen)

        assert str(await team_as(team.lead, team, self.READ)).count("Sam threatened us") == 5

        family = (team.family.parent, team.family.other_parent)
        for somebody in (*family, stage.coordinator):
            seen = await team_as(somebody, team, self.READ)
            assert seen["covers"] == [{"reason": None}]
            assert "Sam" not in str(seen)

    async def write(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        why = "Sam threatened us"
        await stage.owner.execute(
            "update team set engagement_note = $1, review_interval_reason = $1", why
        )
        await stage.owner.execute(
            "update lead_tenure set reason = $1, family_preference = 'Not Sam''s cousin'", why
        )
        await stage.owner.execute(
            "update membership set left_at = $2, left_reason = $3 where id = $1",
            team.of(helen),
            stage.now,
            why,
        )
        await stage.insert(
            "cover",
            team_id=team.team_id,
            membership_id=team.of(helen),
            kind="DEPUTY",
            reason=why,
            from_on=date(2026, 1, 1),
            arranged_by_id=team.lead.person_id,
        )


class TestHowTheTeamWorks:
    async def test_reviews_come_more_or_less_often(self, stage: Stage, team: ATeam) -> None:
        given = {**await editing(stage, team), "days": 91, "reason": "All is well"}
        read = "... on ReviewIntervalChanged { team { reviewIntervalDays reviewIntervalReason } }"

        asked = await do(team.lead, "changeReviewInterval", read, **given)
        assert asked["warnings"] == [{"code": "LONG_REVIEW_INTERVAL"}]

        changed = await do(
            team.lead, "changeReviewInterval", read, **given, acknowledge=["LONG_REVIEW_INTERVAL"]
        )
        assert changed["team"] == {"reviewIntervalDays": 91, "reviewIntervalReason": "All is well"}

    async def test_the_family_takes_part_or_not(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        recorded = await do(
            helen,
            "recordEngagement",
            "... on EngagementRecorded { team { engagement engagementNote } }",
            **await editing(stage, team),
            engagement="NOT_ENGAGING",
            note="Three visits, no answer.",
        )

        assert recorded["team"] == {
            "engagement": "NOT_ENGAGING",
            "engagementNote": "Three visits, no answer.",
        }


async def test_an_id_that_leads_nowhere_names_its_field(
    stage: Stage, team: ATeam, helen: Somebody
) -> None:
    wrong = ids.encode("Meeting", UUID(int=1))
    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("askForExistingLead", "familyId", {}),
        ("addPractitioner", "agencyId", {**of_team(team), **practitioner(helen)}),
        (
            "arrangeCover",
            "membershipId",
            {**of_team(team), "kind": "DEPUTY", "reason": "Leave", "fromOn": "2026-03-09"},
        ),
        ("endCover", "coverId", {}),
    ]
    before = await stage.state()
    for mutation, field, given in cases:
        refused = await do(team.lead, mutation, **{**given, field: wrong})
        assert (refused["code"], refused["field"]) == ("NOT_FOUND", field)
    assert await stage.state() == before
