"""Families through the API: each mutation, who may, and what two who must not meet can find out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from schema import ids
from tests.schema.asking import ask, body_of, version_of
from tests.stage import AFamily, ATeam, Somebody, Stage

PROBLEM = (
    "... on Problem { code message } ... on InvalidInput { fieldErrors { field message } }"
    " ... on ConfirmationNeeded { warnings { code } } ... on Stale { current { id } }"
)


@pytest.fixture
def family(team: ATeam) -> AFamily:
    return team.family


async def do(asker: Somebody, mutation: str, selection: str, **given: Any) -> Any:
    """What a mutation answered: its own payload's fields, or a problem's."""
    of = mutation[0].upper() + mutation[1:] + "Input"
    document = (
        f"mutation ($input: {of}!) {{ done: {mutation}(input: $input)"
        f" {{ __typename {selection} {PROBLEM} }} }}"
    )
    return (await ask(asker, document, input=given))["done"]


def member_id(somebody: Somebody) -> str:
    assert somebody.family_member_id is not None
    return ids.encode("FamilyMember", somebody.family_member_id)


def family_id(family: AFamily) -> str:
    return ids.encode("Family", family.family_id)


class TestRegisterFamily:
    def given(self, stage: Stage, **changes: Any) -> dict[str, Any]:
        return {
            "name": "Whitlock",
            "authorityId": ids.encode("Authority", stage.authority_id),
            "localityId": ids.encode("Locality", stage.locality_id),
            "language": "Welsh",
            "members": [
                {"name": "Noor Whitlock", "role": "CHILD", "bornOn": "2014-09-01"},
                {"name": "Gwen Whitlock", "role": "PARENT"},
            ],
        } | changes

    async def test_answers_with_the_family(self, stage: Stage, helen: Somebody) -> None:
        done = await do(
            helen,
            "registerFamily",
            "... on FamilyRegistered { family { name reference language interpreterNeeds"
            " members { name role bornOn } locality { name }"
            " can { changeFamily addFamilyMember } } }",
            **self.given(stage),
        )

        family = done["family"]
        assert len(family.pop("reference")) == 9
        assert family == {
            "name": "Whitlock",
            "language": "Welsh",
            "interpreterNeeds": "",
            "members": [
                {"name": "Noor Whitlock", "role": "CHILD", "bornOn": "2014-09-01"},
                {"name": "Gwen Whitlock", "role": "PARENT", "bornOn": None},
            ],
            "locality": {"name": "North"},
            "can": {"changeFamily": True, "addFamilyMember": True},
        }

    async def test_asks_about_a_possible_duplicate(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        robin = [{"name": "Robin Hartwell", "role": "CHILD", "bornOn": "2015-05-04"}]

        asked = await do(helen, "registerFamily", "", **self.given(stage, members=robin))
        done = await do(
            helen,
            "registerFamily",
            "",
            **self.given(stage, members=robin, acknowledge=["POSSIBLE_DUPLICATE"]),
        )

        assert asked["warnings"] == [{"code": "POSSIBLE_DUPLICATE"}]
        assert done["__typename"] == "FamilyRegistered"

    async def test_explains_what_cannot_be(self, stage: Stage, helen: Somebody) -> None:
        before = await stage.state()

        wrong = await do(
            helen,
            "registerFamily",
            "",
            **self.given(stage, members=[{"name": "Noor", "role": "CHILD"}]),
        )
        childless = await do(helen, "registerFamily", "", **self.given(stage, members=[]))

        assert [error["field"] for error in wrong["fieldErrors"]] == ["bornOn"]
        assert childless["code"] == "CHILD_REQUIRED"
        assert await stage.state() == before


class TestTheFamilyField:
    ASKED = "query ($id: ID!) { family(id: $id) { name } }"

    async def test_is_for_those_who_may_know_it(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        for somebody in (helen, team.family.parent, stage.coordinator):
            found = await ask(somebody, self.ASKED, id=family_id(team.family))
            assert found["family"] == {"name": "Hartwell"}, somebody.name

    async def test_is_null_for_others_and_for_what_is_no_family(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        otto = await stage.practitioner("Otto Outside")
        for somebody, asked in (
            (otto, family_id(family)),
            (stage.administrator, family_id(family)),
            (helen, member_id(family.parent)),
            (helen, "AAAA"),
        ):
            assert await ask(somebody, self.ASKED, id=asked) == {"family": None}

    async def test_says_what_the_viewer_may_do(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        asked = """query ($id: ID!) { family(id: $id) {
            can { changeFamily addFamilyMember recordRelationship recordParentalResponsibility
                recordNoContact }
            members { can { recordBirth removeFamilyMember addContactChannel recordSafeContact
                stopContact } }
        } }"""
        for somebody, may in ((helen, True), (family.parent, False), (stage.coordinator, False)):
            found = (await ask(somebody, asked, id=family_id(family)))["family"]
            assert set(found["can"].values()) == {may}, somebody.name
            assert {v for m in found["members"] for v in m["can"].values()} == {may}


class TestChangesToAFamily:
    async def test_are_shown_as_they_are_now(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        version = await version_of(stage, "family", family.family_id)

        done = await do(
            helen,
            "changeFamily",
            "... on FamilyChanged { family { name language version } }",
            familyId=family_id(family),
            language="Polish",
            version=version,
        )
        stale = await do(
            helen, "changeFamily", "", familyId=family_id(family), name="Reed", version=version
        )

        assert done["family"]["language"] == "Polish"
        assert done["family"]["name"] == "Hartwell"
        assert done["family"]["version"] != version
        assert stale["current"] == {"id": family_id(family)}

    async def test_add_remove_and_bring_back_the_same_person(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        sam = family.other_parent
        assert sam.family_member_id is not None
        removed = await do(
            helen,
            "removeFamilyMember",
            "... on FamilyMemberRemoved { familyMember { id leftAt }"
            " family { members { name } formerMembers { id name } } }",
            familyMemberId=member_id(sam),
            version=await version_of(stage, "family_member", sam.family_member_id),
        )
        again = {"name": "Sam Hartwell", "role": "PARENT"}
        asked = await do(helen, "addFamilyMember", "", familyId=family_id(family), member=again)
        added = await do(
            helen,
            "addFamilyMember",
            "... on FamilyMemberAdded { familyMember { name role leftAt } }",
            familyId=family_id(family),
            member=again,
            samePersonAsId=removed["familyMember"]["id"],
        )

        assert removed["familyMember"]["leftAt"]
        assert [m["name"] for m in removed["family"]["members"]] == [
            "Robin Hartwell",
            "Alex Hartwell",
        ]
        assert [m["name"] for m in removed["family"]["formerMembers"]] == ["Sam Hartwell"]
        assert asked["warnings"] == [{"code": "POSSIBLE_DUPLICATE"}]
        assert added["familyMember"] == {"name": "Sam Hartwell", "role": "PARENT", "leftAt": None}

    async def test_record_a_birth(self, stage: Stage, helen: Somebody, family: AFamily) -> None:
        baby = await stage.family_member(
            family.family_id, "Baby", "CHILD", expected_on=date(2026, 3, 1)
        )
        assert baby.family_member_id is not None

        done = await do(
            helen,
            "recordBirth",
            "... on BirthRecorded { familyMember { name bornOn expectedOn } }",
            familyMemberId=member_id(baby),
            version=await version_of(stage, "family_member", baby.family_member_id),
            bornOn="2026-03-02",
            name="Wren Hartwell",
        )

        assert done["familyMember"] == {
            "name": "Wren Hartwell",
            "bornOn": "2026-03-02",
            "expectedOn": None,
        }

    async def test_record_who_is_what_to_whom(self, helen: Somebody, family: AFamily) -> None:
        parent, child = member_id(family.parent), member_id(family.child)
        related = await do(
            helen,
            "recordRelationship",
            "... on RelationshipRecorded { relationship { kind first { name } second { name } } }",
            firstId=parent,
            kind="PARENT",
            secondId=child,
        )
        held = await do(
            helen,
            "recordParentalResponsibility",
            "... on ParentalResponsibilityRecorded { parentalResponsibility"
            " { id basis holder { name } child { name } } }",
            holderId=parent,
            childId=child,
            basis="MOTHER",
        )
        found = await ask(
            helen,
            "query ($id: ID!) { family(id: $id) { relationships { kind }"
            " parentalResponsibility { basis } } }",
            id=family_id(family),
        )
        ended = await do(
            helen,
            "endParentalResponsibility",
            "... on ParentalResponsibilityEnded { parentalResponsibility { endedOn } }",
            parentalResponsibilityId=held["parentalResponsibility"]["id"],
            endedOn="2026-03-01",
        )

        assert related["relationship"] == {
            "kind": "PARENT",
            "first": {"name": "Alex Hartwell"},
            "second": {"name": "Robin Hartwell"},
        }
        assert found["family"] == {
            "relationships": [{"kind": "PARENT"}],
            "parentalResponsibility": [{"basis": "MOTHER"}],
        }
        assert ended["parentalResponsibility"] == {"endedOn": "2026-03-01"}


class TestContactChannels:
    ADDED = "... on ContactChannelAdded { contactChannel { id kind value preferred } }"

    async def test_are_added_preferred_shared_and_ended(
        self, helen: Somebody, family: AFamily
    ) -> None:
        mail = await do(
            helen,
            "addContactChannel",
            self.ADDED,
            familyMemberId=member_id(family.child),
            kind="EMAIL",
            value="Robin@Home.Example",
        )
        phone = await do(
            helen,
            "addContactChannel",
            self.ADDED,
            familyMemberId=member_id(family.child),
            kind="PHONE",
            value="01632 960123",
            preferred=True,
        )
        channel = {"contactChannelId": mail["contactChannel"]["id"]}
        preferred = await do(
            helen,
            "preferContactChannel",
            "... on ContactChannelPreferred { contactChannel { preferred } }",
            **channel,
        )
        shared = await do(
            helen,
            "recordSharedMailbox",
            "... on SharedMailboxRecorded { contactChannel { readByOthersSince } }",
            **channel,
        )
        ended = await do(
            helen,
            "endContactChannel",
            "... on ContactChannelEnded { contactChannel { endedAt } }",
            **channel,
        )

        assert mail["contactChannel"]["value"] == "robin@home.example"
        assert phone["contactChannel"]["preferred"]
        assert preferred["contactChannel"] == {"preferred": True}
        assert shared["contactChannel"]["readByOthersSince"]
        assert ended["contactChannel"]["endedAt"]

    async def test_do_not_show_that_somebody_unknown_reads_the_same_address(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        hidden = await stage.team()

        done = await do(
            helen,
            "addContactChannel",
            "... on ContactChannelAdded { contactChannel { value readByOthersSince } }",
            familyMemberId=member_id(family.parent),
            kind="EMAIL",
            value=hidden.family.parent.address,
        )

        assert done["contactChannel"] == {
            "value": hidden.family.parent.address,
            "readByOthersSince": None,
        }


class TestKeepingSomebodySafe:
    async def test_is_recorded_stopped_and_resumed(self, helen: Somebody, family: AFamily) -> None:
        alex = {"familyMemberId": member_id(family.parent)}
        safe = await do(
            helen,
            "recordSafeContact",
            "... on SafeContactRecorded { safeContact { instructions emailAllowed } }",
            **alex,
            instructions="Ring before ten",
            emailAllowed=False,
        )
        stopped = await do(
            helen,
            "stopContact",
            "... on ContactStopped { stopContact { id reason note familyMember { name }"
            " contactChannel { value } } }",
            contact=alex,
            reason="DANGER",
            note="He has the telephone",
        )
        resumed = await do(
            helen,
            "resumeContact",
            "... on ContactResumed { stopContact { liftedAt } }",
            stopContactId=stopped["stopContact"].pop("id"),
            reason="She moved",
        )

        assert safe["safeContact"] == {"instructions": "Ring before ten", "emailAllowed": False}
        assert stopped["stopContact"] == {
            "reason": "DANGER",
            "note": "He has the telephone",
            "familyMember": {"name": "Alex Hartwell"},
            "contactChannel": None,
        }
        assert resumed["stopContact"]["liftedAt"]

    async def test_may_stop_an_address(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        channel_id = await stage.owner.fetchval(
            "select id from contact_channel where family_member_id = $1",
            family.parent.family_member_id,
        )

        done = await do(
            helen,
            "stopContact",
            "... on ContactStopped { stopContact { familyMember { name }"
            " contactChannel { value } } }",
            contact={"contactChannelId": ids.encode("ContactChannel", channel_id)},
            reason="BEREAVEMENT",
        )

        assert done["stopContact"] == {
            "familyMember": None,
            "contactChannel": {"value": family.parent.address},
        }

    async def test_keeps_two_people_apart_until_it_is_ended(
        self, helen: Somebody, family: AFamily
    ) -> None:
        recorded = await do(
            helen,
            "recordNoContact",
            "... on NoContactRecorded { noContact { id names reason } }",
            firstId=member_id(family.parent),
            secondId=member_id(family.other_parent),
            reason="A court order",
        )
        ended = await do(
            helen,
            "endNoContact",
            "... on NoContactEnded { noContact { endedAt } }",
            noContactId=recorded["noContact"].pop("id"),
            reason="It was lifted",
        )

        assert recorded["noContact"] == {
            "names": ["Alex Hartwell", "Sam Hartwell"],
            "reason": "A court order",
        }
        assert ended["noContact"]["endedAt"]

    async def test_shows_the_meetings_that_both_are_still_asked_to(
        self, stage: Stage, helen: Somebody
    ) -> None:
        team = await stage.team(helen)
        parent, other = team.family.parent, team.family.other_parent
        later = timedelta(days=1_000)
        together = await stage.meeting(team, helen, parent, other, starts_in=later)
        await stage.meeting(team, helen, parent, starts_in=later)
        await stage.meeting(team, parent, other, starts_in=-later)

        recorded = await do(
            helen,
            "recordNoContact",
            "... on NoContactRecorded { noContact { meetings { id } } }",
            firstId=member_id(parent),
            secondId=member_id(other),
            reason="A court order",
        )

        assert recorded["noContact"]["meetings"] == [{"id": ids.encode("Meeting", together)}]


EVERYTHING = """
query ($family: ID!, $team: ID!, $other: [ID!]!) {
  me { name meetings { nodes { invitations { name comment } team { members { name } } } } }
  myFamilies { nodes { name members { name } } }
  family(id: $family) {
    members { name contactChannels { value } safeContact { instructions } }
    formerMembers { name }
    relationships { first { name } second { name } }
    parentalResponsibility { holder { name } child { name } }
    noContacts { names reason }
    stopContacts { note }
    leadEnquiries { askedBy }
    team { members { name familyMember { name } } formerMembers { name } }
  }
  team(id: $team) {
    members { name } formerMembers { name }
    lead { membership { name } }
    actions { nodes { text owner { name } child { name } progress { note reportedBy } } }
    meetings { nodes {
      convener chair noteTaker
      invitations { name comment membership { name } deliveries { state } }
      myInvitation { name }
    } }
  }
  nodes(ids: $other) { __typename id }
}
"""


class TestTwoWhoMustNotMeet:
    """Both are in the team, invited to the same meeting, and own an action each."""

    async def test_find_nothing_of_one_another(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await self.entangle(stage, team, helen)
        for one, other in (
            (family.parent, family.other_parent),
            (family.other_parent, family.parent),
        ):
            body = await body_of(
                one,
                EVERYTHING,
                family=family_id(family),
                team=ids.encode("Team", team.team_id),
                other=await self.ids_about(stage, team, other),
            )

            assert "errors" not in body
            text = str(body)
            for word in (*other.name.split()[:1], str(other.address), "07700 900123", "court"):
                assert word not in text, (one.name, word)
            assert one.name in text
            assert body["data"]["nodes"] == [None] * 6

    async def test_cannot_act_on_one_another(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        family = team.family
        await self.entangle(stage, team, helen)
        before = await stage.state()

        for one, other in (
            (family.parent, family.other_parent),
            (family.other_parent, family.parent),
        ):
            whom = {"familyMemberId": member_id(other)}
            for mutation, given in (
                ("stopContact", {"contact": whom, "reason": "DANGER"}),
                ("recordSafeContact", whom | {"instructions": "Mail", "emailAllowed": True}),
                ("addContactChannel", whom | {"kind": "PHONE", "value": "01632 960123"}),
            ):
                done = await do(one, mutation, "", **given)
                assert done["code"] == "NOT_FOUND", mutation
        assert await stage.state() == before

    async def entangle(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        family = team.family
        pair = (family.parent, family.other_parent)
        meeting_id = await stage.meeting(team, *pair)
        for somebody in pair:
            action_id = await stage.action(team, somebody)
            await stage.insert(
                "action_progress",
                action_id=action_id,
                status="IN_PROGRESS",
                note="Begun",
                reported_by_id=somebody.person_id,
                reported_at=stage.now,
            )
            whom = {"familyMemberId": member_id(somebody)}
            for mutation, given in (
                ("recordSafeContact", whom | {"instructions": "court", "emailAllowed": True}),
                ("addContactChannel", whom | {"kind": "TEXT", "value": "07700 900123"}),
                ("stopContact", {"contact": whom, "reason": "DANGER", "note": "court"}),
            ):
                done = await do(helen, mutation, "", **given)
                assert "code" not in done, done
        assert meeting_id
        done = await do(
            helen,
            "recordNoContact",
            "",
            firstId=member_id(family.parent),
            secondId=member_id(family.other_parent),
            reason="A court order",
        )
        assert done["__typename"] == "NoContactRecorded"

    async def ids_about(self, stage: Stage, team: ATeam, other: Somebody) -> list[str]:
        """Every id the other has, were it to be guessed or remembered."""
        member = other.family_member_id
        found = {
            "FamilyMember": member,
            "Membership": team.of(other),
            "ContactChannel": await stage.owner.fetchval(
                "select id from contact_channel where family_member_id = $1", member
            ),
            "SafeContact": await stage.owner.fetchval(
                "select id from safe_contact where family_member_id = $1", member
            ),
            "NoContact": await stage.owner.fetchval("select id from no_contact"),
            "Invitation": await stage.owner.fetchval(
                "select id from invitation where person_id = $1", other.person_id
            ),
        }
        return [ids.encode(name, row) for name, row in found.items() if row is not None]
