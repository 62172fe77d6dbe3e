"""The directory through the API: who finds whom, in which order, and what keepers may change."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from graphql import GraphQLObjectType, get_named_type

from schema import ids
from schema.build import schema
from schema.context import Context
from schema.execute import answer
from tests.schema.asking import ask
from tests.stage import Somebody, Stage

FIND = """
query ($search: Line, $agencyId: ID, $first: Int, $after: String, $last: Int, $before: String) {
  practitioners(
    search: $search, agencyId: $agencyId
    first: $first, after: $after, last: $last, before: $before
  ) {
    nodes { name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
FIND_AGENCIES = """
query ($search: Line, $kind: AgencyKind, $open: Boolean, $first: Int, $after: String) {
  agencies(search: $search, kind: $kind, open: $open, first: $first, after: $after) {
    nodes { name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
PROBLEM = "... on Problem { code message } ... on InvalidInput { fieldErrors { field } }"
NOBODY = {
    "nodes": [],
    "pageInfo": {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    },
}


async def names(asker: Somebody, query: str = FIND, **variables: Any) -> list[str]:
    (page,) = (await ask(asker, query, **variables)).values()
    return [node["name"] for node in page["nodes"]]


async def do(asker: Somebody, mutation: str, selection: str, **given: Any) -> Any:
    of = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = (
        f"mutation ($input: {of}!) {{ done: {mutation}(input: $input)"
        f" {{ __typename {selection} {PROBLEM} }} }}"
    )
    return (await ask(asker, document, input=given))["done"]


async def read(asker: Somebody, type_name: str, row_id: UUID | None, selection: str) -> Any:
    assert row_id is not None
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on {type_name} {{ {selection} }} }} }}"
    return (await ask(asker, document, id=ids.encode(type_name, row_id)))["node"]


async def crowd(stage: Stage, *called: str) -> list[Somebody]:
    agency_id = await stage.agency("Park Primary")
    return [await stage.practitioner(name, agency_id=agency_id) for name in called]


class TestPractitioners:
    async def test_are_listed_by_name(self, stage: Stage) -> None:
        await crowd(stage, "beth Zeal", "Änne Young", "Adam Xu", "Zoë Adams", "Adam Brown")

        assert await names(stage.coordinator) == [
            "Adam Brown",
            "Adam Xu",
            "Änne Young",
            "beth Zeal",
            "Zoë Adams",
        ]

    async def test_are_paged_both_ways_without_a_gap_or_a_repeat(self, stage: Stage) -> None:
        """Names may be the same: their ids decide."""
        called = sorted(["Sam Same"] * 4 + [f"Person {n}" for n in range(5)])
        (asker, *_) = await crowd(stage, *called)
        forwards: list[str] = []
        backwards: list[str] = []
        page: dict[str, Any] = {"pageInfo": {"endCursor": None, "hasNextPage": True}}
        while page["pageInfo"]["hasNextPage"]:
            after = page["pageInfo"]["endCursor"]
            page = (await ask(asker, FIND, first=2, after=after))["practitioners"]
            forwards += [node["name"] for node in page["nodes"]]
        page = {"pageInfo": {"startCursor": None, "hasPreviousPage": True}}
        while page["pageInfo"]["hasPreviousPage"]:
            before = page["pageInfo"]["startCursor"]
            page = (await ask(asker, FIND, last=2, before=before))["practitioners"]
            backwards = [node["name"] for node in page["nodes"]] + backwards

        assert forwards == backwards == called

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("hel", ["Helen O'Brien-Łask"]),
            ("HELEN", ["Helen O'Brien-Łask"]),
            ("brien", ["Helen O'Brien-Łask"]),
            ("o'b", ["Helen O'Brien-Łask"]),
            ("ŁASK hel", ["Helen O'Brien-Łask"]),
            ("zoe", ["Zoë Adams"]),
            ("ZOË ada", ["Zoë Adams"]),
            ("elen", []),
            ("hel zoe", []),
            ("%", []),
            ("100%", ["100% Sure"]),
            ("_", []),
            ("h_len", []),
            ("hel%", []),
            ("\\", ["\\Slash"]),
            ("hel:*", []),
            ("! | & hel", []),
            ("'", []),
            ("nobody", []),
            ("x" * 300, []),
            ("\ufdfa" * 300, []),
            ("", ["100% Sure", "Helen O'Brien-Łask", "Zoë Adams", "\\Slash"]),
            (None, ["100% Sure", "Helen O'Brien-Łask", "Zoë Adams", "\\Slash"]),
        ],
    )
    async def test_are_found_by_the_beginning_of_any_word(
        self, stage: Stage, search: str | None, found: list[str]
    ) -> None:
        await crowd(stage, "Helen O'Brien-Łask", "Zoë Adams", "100% Sure", "\\Slash")

        assert sorted(await names(stage.coordinator, search=search)) == sorted(found)

    async def test_are_found_by_agency_while_they_work_there(self, stage: Stage) -> None:
        helen, former, future, _ = await crowd(stage, "Helen", "Former", "Future", "Ada Elsewhere")
        for somebody, from_on, until_on in (
            (former, date(2020, 1, 1), date(2026, 3, 2)),
            (future, date(2120, 1, 1), None),
        ):
            await stage.owner.execute(
                "update affiliation set from_on = $1, until_on = $2 where id = $3",
                from_on,
                until_on,
                somebody.affiliation_id,
            )
        await stage.owner.execute(
            "update affiliation set agency_id = $1 where practitioner_id in"
            " (select id from practitioner where sort_name = 'ada elsewhere')",
            await stage.agency("Another"),
        )
        assert helen.agency_id is not None
        agency_id = ids.encode("Agency", helen.agency_id)

        assert await names(stage.coordinator, agencyId=agency_id) == ["Future", "Helen"]
        assert await names(stage.coordinator, agencyId=agency_id, search="he") == ["Helen"]
        assert len(await names(stage.coordinator)) == 4

    async def test_of_an_agency_that_is_none_are_nobody(self, stage: Stage) -> None:
        (helen,) = await crowd(stage, "Helen")
        assert helen.practitioner_id is not None
        for agency_id in (
            "",
            "AAAA",
            "not an id",
            ids.encode("Agency", uuid4()),
            ids.encode("Practitioner", helen.practitioner_id),
        ):
            found = await ask(stage.coordinator, FIND, agencyId=agency_id)
            assert found["practitioners"] == NOBODY

    async def test_are_not_for_the_family(self, stage: Stage) -> None:
        team = await stage.team()
        for search in (None, "lena", "nobody"):
            found = await ask(team.family.parent, FIND, search=search)
            assert found["practitioners"] == NOBODY
        assert await names(team.lead, search="lena") == ["Lena Lead"]

    async def test_one_is_shown_by_id_to_whoever_may_know_them(self, stage: Stage) -> None:
        team = await stage.team()
        (helen,) = await crowd(stage, "Helen")
        query = "query ($id: ID!) { practitioner(id: $id) { name affiliations { roleTitle } } }"
        assert team.lead.practitioner_id is not None
        assert helen.practitioner_id is not None
        lead, other = (
            ids.encode("Practitioner", each.practitioner_id or uuid4())
            for each in (team.lead, helen)
        )

        seen = await ask(helen, query, id=lead)
        assert seen["practitioner"] == {
            "name": "Lena Lead",
            "affiliations": [{"roleTitle": "Worker"}],
        }
        seen = await ask(team.family.parent, query, id=lead)
        assert seen["practitioner"] == {"name": "Lena Lead", "affiliations": []}
        for unknown in (other, ids.encode("Practitioner", uuid4()), "x"):
            assert (await ask(team.family.parent, query, id=unknown))["practitioner"] is None

    @pytest.mark.parametrize(
        "arguments",
        [{"first": 0}, {"first": 101}, {"first": 1, "last": 1}, {"after": "x"}, {"before": ""}],
    )
    async def test_refuse_a_page_that_cannot_be(
        self, stage: Stage, arguments: dict[str, Any]
    ) -> None:
        found = await answer(
            FIND, arguments, None, context=Context(stage.coordinator.actor), introspection=False
        )

        assert found.read()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


class TestAgencies:
    async def test_are_found_by_name_kind_and_whether_they_are_open(self, stage: Stage) -> None:
        await stage.agency("St. Mary's Primary")
        await stage.agency("Derwent Health", kind="HEALTH_VISITING")
        closed_id = await stage.agency("Mary Lane Primary")
        await stage.owner.execute(
            "update agency set closed_at = $1 where id = $2", stage.now, closed_id
        )
        found = [
            await names(stage.administrator, FIND_AGENCIES, **arguments)
            for arguments in (
                {},
                {"search": "mary"},
                {"search": "primary MARY", "open": True},
                {"search": "mary", "open": False},
                {"kind": "HEALTH_VISITING"},
                {"kind": "HEALTH_VISITING", "search": "mary"},
            )
        ]

        assert found == [
            ["Derwent Health", "Mary Lane Primary", "St. Mary's Primary"],
            ["Mary Lane Primary", "St. Mary's Primary"],
            ["St. Mary's Primary"],
            ["Mary Lane Primary"],
            ["Derwent Health"],
            [],
        ]

    async def test_are_paged(self, stage: Stage) -> None:
        for name in ("C", "a", "B"):
            await stage.agency(name)
        page = (await ask(stage.administrator, FIND_AGENCIES, first=2))["agencies"]
        after = page["pageInfo"]["endCursor"]

        assert [node["name"] for node in page["nodes"]] == ["a", "B"]
        assert await names(stage.administrator, FIND_AGENCIES, first=2, after=after) == ["C"]

    async def test_are_not_listed_for_the_family(self, stage: Stage) -> None:
        parent = (await stage.team()).family.parent

        assert (await ask(parent, FIND_AGENCIES))["agencies"] == NOBODY
        assert (await ask(parent, FIND_AGENCIES, search="agency"))["agencies"] == NOBODY

    async def test_one_is_shown_by_id(self, stage: Stage) -> None:
        agency_id = await stage.agency("Park Primary")
        query = "query ($id: ID!) { agency(id: $id) { name kind domainPolicy emailDomains } }"

        seen = await ask(stage.coordinator, query, id=ids.encode("Agency", agency_id))

        assert seen["agency"] == {
            "name": "Park Primary",
            "kind": "SCHOOL_OR_COLLEGE",
            "domainPolicy": "ANY",
            "emailDomains": ["school.example"],
        }
        unknown = await ask(stage.coordinator, query, id=ids.encode("Agency", uuid4()))
        assert unknown["agency"] is None


class TestTheDirectoryApi:
    def test_leads_to_nothing_about_families(self) -> None:
        types = schema()._schema.type_map
        reached: set[str] = set()
        waiting = ["PractitionerConnection", "AgencyConnection", "Affiliation", "RoleMailbox"]
        while waiting:
            name = waiting.pop()
            reached.add(name)
            of = types[name]
            if isinstance(of, GraphQLObjectType):
                found = {get_named_type(field.type).name for field in of.fields.values()}
                waiting += found - reached

        assert {name for name in reached if isinstance(types[name], GraphQLObjectType)} == {
            *("PractitionerConnection", "PractitionerEdge", "Practitioner", "PractitionerCan"),
            *("AgencyConnection", "AgencyEdge", "Agency", "AgencyCan", "RoleMailbox"),
            *("Affiliation", "AffiliationCan", "Locality", "PageInfo"),
        }

    async def test_searches_through_an_index(self, stage: Stage) -> None:
        """Of 5,000 practitioners it looks at those who are found, and at no other."""
        await stage.owner.execute(
            "with people as (insert into person (id, name, version)"
            " select gen_random_uuid(), 'Person Number' || n, gen_random_uuid()"
            " from generate_series(1, 5000) n returning id)"
            " insert into practitioner (id, person_id, version, sort_name)"
            " select gen_random_uuid(), id, gen_random_uuid(), '' from people"
        )
        await stage.owner.execute("vacuum analyze practitioner")

        plan = await stage.owner.fetchval(
            "explain (format json) select id from practitioner where"
            " array_to_tsvector(string_to_array(sort_name, ' ')) @@ search_query('number4321')"
        )
        paged = await stage.owner.fetchval(
            "explain (format json) select id from practitioner"
            " where (sort_name, id) > ('person number4', gen_random_uuid())"
            " order by sort_name, id limit 21"
        )

        assert "Bitmap Index Scan" in plan
        assert "practitioner_sort_name_id_idx" in paged
        assert "Sort Key" not in paged
        assert await names(stage.coordinator, search="number4321 per") == ["Person Number4321"]


class TestCan:
    async def test_says_what_the_viewer_may_do(self, stage: Stage) -> None:
        (helen,) = await crowd(stage, "Helen")
        selection = {
            "Agency": "can { changeAgency closeAgency addRoleMailbox }",
            "Practitioner": "can { renamePractitioner affiliatePractitioner }",
            "Affiliation": "can { endAffiliation }",
        }
        rows = {
            "Agency": helen.agency_id,
            "Practitioner": helen.practitioner_id,
            "Affiliation": helen.affiliation_id,
        }

        async def may(asker: Somebody) -> list[str]:
            found = [await read(asker, t, rows[t], selection[t]) for t in rows]
            return sorted(name for each in found for name, can in each["can"].items() if can)

        assert len(await may(stage.administrator)) == 6
        assert await may(stage.coordinator) == [
            "addRoleMailbox",
            "affiliatePractitioner",
            "endAffiliation",
            "renamePractitioner",
        ]
        assert await may(helen) == ["endAffiliation"]
        assert await may(await stage.practitioner("Otto")) == []


class TestTheMutations:
    async def test_keep_an_agency(self, stage: Stage) -> None:
        admin = stage.administrator
        whole = "agency { id name version closedAt emailDomains roleMailboxes { label address } }"

        made = await do(
            admin,
            "registerAgency",
            f"... on AgencyRegistered {{ {whole} }}",
            name="Park Primary",
            kind="SCHOOL_OR_COLLEGE",
            authorityId=ids.encode("Authority", stage.authority_id),
            domainPolicy="REQUIRED",
            emailDomains=["Park.example"],
        )
        agency = made["agency"]
        assert made["__typename"] == "AgencyRegistered"
        assert agency["emailDomains"] == ["park.example"]

        made = await do(
            stage.coordinator,
            "addRoleMailbox",
            f"... on RoleMailboxAdded {{ {whole} roleMailbox {{ label address }} }}",
            agencyId=agency["id"],
            emailAddress="Office@park.example",
            label="Office",
        )
        office = {"label": "Office", "address": "office@park.example"}
        assert made["roleMailbox"] == office
        assert made["agency"]["roleMailboxes"] == [office]

        made = await do(
            admin,
            "changeAgency",
            f"... on AgencyChanged {{ {whole} }}",
            agencyId=agency["id"],
            version=agency["version"],
            name="Park Academy",
        )
        assert made["agency"]["name"] == "Park Academy"

        made = await do(
            admin,
            "closeAgency",
            f"... on AgencyClosed {{ {whole} }}",
            agencyId=agency["id"],
            version=made["agency"]["version"],
        )
        assert made["agency"]["closedAt"]
        assert made["agency"]["roleMailboxes"] == []

    async def test_keep_a_practitioner(self, stage: Stage) -> None:
        keeper = stage.coordinator
        agency_id, other_id = await stage.agency("Park Primary"), await stage.agency("Other")
        selection = (
            "practitioner { id name version } affiliation { id version roleTitle emailAddress"
            " fromOn untilOn agency { name } locality { name } }"
        )

        made = await do(
            keeper,
            "registerPractitioner",
            f"... on PractitionerRegistered {{ {selection} }}",
            name="Helen Health",
            agencyId=ids.encode("Agency", agency_id),
            roleTitle="Health visitor",
            emailAddress="Helen@school.example",
            localityId=ids.encode("Locality", stage.locality_id),
        )
        helen, first = made["practitioner"], made["affiliation"]
        assert helen["name"] == "Helen Health"
        assert {name: value for name, value in first.items() if name not in ("id", "version")} == {
            "roleTitle": "Health visitor",
            "emailAddress": "helen@school.example",
            "fromOn": "2026-03-02",
            "untilOn": None,
            "agency": {"name": "Park Primary"},
            "locality": {"name": "North"},
        }

        made = await do(
            keeper,
            "affiliatePractitioner",
            f"... on PractitionerAffiliated {{ {selection} }}",
            practitionerId=helen["id"],
            agencyId=ids.encode("Agency", other_id),
            roleTitle="Mentor",
            emailAddress="helen@school.example",
            fromOn="2026-09-01",
        )
        assert made["affiliation"]["agency"] == {"name": "Other"}

        made = await do(
            keeper,
            "endAffiliation",
            "... on AffiliationEnded { affiliation { untilOn } }",
            affiliationId=first["id"],
            version=first["version"],
            lastOn="2026-08-31",
        )
        assert made["affiliation"] == {"untilOn": "2026-09-01"}

        made = await do(
            keeper,
            "renamePractitioner",
            "... on PractitionerRenamed { practitioner { name } }",
            practitionerId=helen["id"],
            version=helen["version"],
            name="Helen Married",
        )
        assert made["practitioner"] == {"name": "Helen Married"}

    async def test_answer_a_refusal_as_data(self, stage: Stage) -> None:
        (helen,) = await crowd(stage, "Helen")
        assert helen.agency_id is not None
        joining: dict[str, Any] = {
            "name": "Helen",
            "agencyId": ids.encode("Agency", helen.agency_id),
            "roleTitle": "Nurse",
            "emailAddress": "new@school.example",
        }
        before = await stage.state()
        cases: list[tuple[Somebody, dict[str, Any], str, str]] = [
            (helen, {}, "NotPermitted", "NOT_PERMITTED"),
            (stage.coordinator, {}, "ConfirmationNeeded", "CONFIRMATION_NEEDED"),
            (stage.coordinator, {"agencyId": "x"}, "NotFound", "NOT_FOUND"),
            (
                stage.coordinator,
                {"name": "New", "emailAddress": helen.address},
                "RuleBroken",
                "ADDRESS_OF_SOMEBODY_ELSE",
            ),
            (stage.coordinator, {"name": "", "roleTitle": ""}, "InvalidInput", "INVALID_INPUT"),
        ]
        for asker, changes, kind, code in cases:
            done = await do(asker, "registerPractitioner", "", **(joining | changes))
            assert (done["__typename"], done["code"]) == (kind, code)
        assert await stage.state() == before

        done = await do(
            stage.coordinator,
            "registerPractitioner",
            "",
            **joining,
            acknowledge=["POSSIBLE_DUPLICATE"],
        )
        assert done["__typename"] == "PractitionerRegistered"

    async def test_show_what_somebody_else_made_of_it_first(self, stage: Stage) -> None:
        agency_id = await stage.agency("Park Primary")

        done = await do(
            stage.administrator,
            "changeAgency",
            "... on Stale { current { ... on Agency { name } } }",
            agencyId=ids.encode("Agency", agency_id),
            version=uuid4().hex,
            name="Another",
        )

        assert (done["__typename"], done["current"]) == ("Stale", {"name": "Park Primary"})
