from __future__ import annotations

from typing import Any
from uuid import uuid4

from schema import ids
from tests.schema.asking import ask
from tests.stage import ISSUER, Somebody, Stage

LINK = """
mutation ($input: LinkAccountInput!) {
  linkAccount(input: $input) {
    __typename
    ... on AccountLinked { practitioner { id } account { id issuer subject disabledAt } }
    ... on ConfirmationNeeded { warnings { code } }
    ... on Problem { code }
  }
}
"""
DISABLE = """
mutation ($input: DisableAccountInput!) {
  disableAccount(input: $input) {
    __typename
    ... on AccountDisabled { account { subject disabledAt practitioner { id } } }
    ... on Problem { code message }
  }
}
"""
APPOINT = """
mutation ($input: AppointToOfficeInput!) {
  appointToOffice(input: $input) {
    __typename
    ... on AppointedToOffice {
      officeHolder { id office name locality { name } }
      authority { officeHolders { name } }
    }
    ... on Problem { code }
  }
}
"""
END = """
mutation ($input: EndOfficeInput!) {
  endOffice(input: $input) {
    __typename
    ... on OfficeEnded { officeHolder { endedAt } authority { officeHolders { name } } }
    ... on Problem { code }
  }
}
"""
# Everything about a case that a document can ask for, starting where an administrator can start.
CASE = """
{
  me { practitioner { id } meetings { nodes { id } } actions { nodes { id } }
       leadEnquiries { nodes { id } } }
  myFamilies { nodes { id name } }
}
"""


def practitioner_id(somebody: Somebody) -> str:
    assert somebody.practitioner_id is not None
    return ids.encode("Practitioner", somebody.practitioner_id)


class TestAccounts:
    async def test_are_linked_listed_and_disabled(self, stage: Stage, helen: Somebody) -> None:
        given = {"practitionerId": practitioner_id(helen), "issuer": ISSUER, "subject": "helen"}

        linked = (await ask(stage.administrator, LINK, input=given))["linkAccount"]
        listed = await ask(helen, "{ accounts { nodes { issuer subject } } }")
        disabled = await ask(
            stage.administrator, DISABLE, input={"issuer": ISSUER, "subject": "helen"}
        )

        assert linked["practitioner"] == {"id": practitioner_id(helen)}
        assert linked["account"]["subject"] == "helen"
        assert linked["account"]["disabledAt"] is None
        assert listed["accounts"]["nodes"] == [{"issuer": ISSUER, "subject": "helen"}]
        account = disabled["disableAccount"]["account"]
        assert account["disabledAt"].startswith("2026-03-02T09:00:00")
        assert account["practitioner"] == {"id": practitioner_id(helen)}

    async def test_of_somebody_who_signs_in_already_are_confirmed(
        self, stage: Stage, helen: Somebody
    ) -> None:
        await stage.account(helen, "helen")
        given: dict[str, Any] = {
            "practitionerId": practitioner_id(helen),
            "issuer": ISSUER,
            "subject": "helen-2",
        }

        first = (await ask(stage.administrator, LINK, input=given))["linkAccount"]
        codes = [warning["code"] for warning in first["warnings"]]
        second = await ask(stage.administrator, LINK, input=given | {"acknowledge": codes})

        assert codes == ["SIGNS_IN_ALREADY"]
        assert second["linkAccount"]["__typename"] == "AccountLinked"

    async def test_unknown_and_out_of_reach_are_the_same(
        self, stage: Stage, helen: Somebody
    ) -> None:
        await stage.account(helen, "helen")
        other = await stage.authority("derbyshire", "Derbyshire")

        hidden, unknown = [
            (await ask(other.administrator, DISABLE, input={"issuer": ISSUER, "subject": subject}))[
                "disableAccount"
            ]
            for subject in ("helen", "nobody")
        ]

        assert hidden == unknown
        assert hidden["code"] == "NOT_FOUND"


class TestOffices:
    async def test_are_given_and_ended(self, stage: Stage, helen: Somebody) -> None:
        appointed = await ask(
            stage.administrator,
            APPOINT,
            input={
                "authorityId": ids.encode("Authority", stage.authority_id),
                "practitionerId": practitioner_id(helen),
                "office": "COORDINATOR",
                "localityId": ids.encode("Locality", stage.locality_id),
            },
        )
        holder = appointed["appointToOffice"]["officeHolder"]
        ended = await ask(stage.administrator, END, input={"officeHolderId": holder["id"]})

        assert (holder["name"], holder["locality"]) == ("Helen Health", {"name": "North"})
        names = [
            each["name"] for each in appointed["appointToOffice"]["authority"]["officeHolders"]
        ]
        assert "Helen Health" in names
        assert ended["endOffice"]["officeHolder"]["endedAt"].startswith("2026-03-02")
        names = [each["name"] for each in ended["endOffice"]["authority"]["officeHolders"]]
        assert "Helen Health" not in names

    async def test_are_not_found_under_an_invented_id(self, stage: Stage) -> None:
        done = await ask(
            stage.administrator,
            END,
            input={"officeHolderId": ids.encode("OfficeHolder", uuid4())},
        )

        assert done["endOffice"] == {"__typename": "NotFound", "code": "NOT_FOUND"}


class TestAnAdministrator:
    async def test_sees_no_case(self, stage: Stage, helen: Somebody) -> None:
        team = await stage.team(helen)
        meeting_id = await stage.meeting(team, helen)
        await stage.action(team, helen)

        seen = await ask(stage.administrator, CASE)
        nodes = await ask(
            stage.administrator,
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            ids=[
                ids.encode("Family", team.family.family_id),
                ids.encode("Team", team.team_id),
                ids.encode("Membership", team.of(helen)),
                ids.encode("Meeting", meeting_id),
            ],
        )

        assert seen["myFamilies"]["nodes"] == []
        assert {name: each["nodes"] for name, each in seen["me"].items() if each} == {
            "meetings": [],
            "actions": [],
            "leadEnquiries": [],
        }
        assert nodes["nodes"] == [None, None, None, None]
