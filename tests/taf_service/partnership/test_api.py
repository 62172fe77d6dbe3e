from __future__ import annotations

from typing import Any

from schema import ids
from tests.schema.asking import ask
from tests.stage import Somebody, Stage

READ = """
query ($id: ID!) {
  authority(id: $id) {
    code
    name
    localities { name }
    settings { number values reason changedAt version }
    officeHolders { office name locality { name } fromAt endedAt }
    can { changeSettings addLocality appointToOffice endOffice }
  }
}
"""
CHANGE = """
mutation ($input: ChangeSettingsInput!) {
  changeSettings(input: $input) {
    __typename
    ... on SettingsChanged { authority { settings { number values reason version } } }
    ... on Problem { code message }
    ... on InvalidInput { fieldErrors { field message } }
    ... on Stale { current { id ... on Authority { settings { number } } } }
  }
}
"""
ADD = """
mutation ($input: AddLocalityInput!) {
  addLocality(input: $input) {
    __typename
    ... on LocalityAdded { locality { id name } authority { localities { name } } }
    ... on Problem { code }
  }
}
"""


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


MISSHAPEN: list[Any] = [
    7,
    "zone",
    [],
    {"zone": "a\0b"},
    {"\0": 1},
    {"zone": "x" * 200_000},
    {"outcome_headlines": ["a"] * 100_000},
    {"screening_hours": 2**64},
    {"screening_hours": 1e300},
    {"zone": nested(5)},
    nested(250),
    nested(900),
]


async def read(stage: Stage, somebody: Somebody) -> Any:
    found = await ask(somebody, READ, id=ids.encode("Authority", stage.authority_id))
    return found["authority"]


async def change(stage: Stage, somebody: Somebody, changes: Any, **given: Any) -> Any:
    if "version" not in given:
        given["version"] = (await read(stage, stage.administrator))["settings"]["version"]
    done = await ask(
        somebody,
        CHANGE,
        input={
            "authorityId": ids.encode("Authority", stage.authority_id),
            "changes": changes,
            "reason": "The board decided.",
            **given,
        },
    )
    return done["changeSettings"]


class TestAnAuthority:
    async def test_shows_its_administrator_everything(self, stage: Stage) -> None:
        found = await read(stage, stage.administrator)

        assert (found["code"], found["name"]) == ("derby", "Derby")
        assert found["localities"] == [{"name": "North"}]
        assert found["settings"]["number"] == 1
        assert found["settings"]["values"]["reviews"]["interval_days"] == 42
        assert found["settings"]["changedAt"] == "2026-03-02T09:00:00+00:00"
        assert [(each["office"], each["name"]) for each in found["officeHolders"]] == [
            ("ADMINISTRATOR", "Ada Administrator"),
            ("COORDINATOR", "Cora Coordinator"),
        ]
        assert set(found["can"].values()) == {True}

    async def test_shows_people_at_work_who_to_turn_to(self, stage: Stage) -> None:
        helen = await stage.practitioner("Helen Health")
        narrow = await stage.practitioner("Nora North")
        await stage.office(narrow, "COORDINATOR", locality_id=stage.locality_id)
        await stage.office(helen, "COORDINATOR", ended_at=stage.now)

        found = await read(stage, helen)

        assert set(found["can"].values()) == {False}
        assert {each["name"]: each["locality"] for each in found["officeHolders"]} == {
            "Ada Administrator": None,
            "Cora Coordinator": None,
            "Nora North": {"name": "North"},
        }

    async def test_shows_a_family_its_name_alone(self, stage: Stage) -> None:
        team = await stage.team()

        found = await read(stage, team.family.parent)

        assert found["name"] == "Derby"
        assert (found["settings"], found["officeHolders"]) == (None, [])

    async def test_is_one_of_a_list_by_name(self, stage: Stage) -> None:
        await stage.authority("amber", "Amber Valley")

        found = await ask(
            stage.administrator,
            "{ authorities(first: 1) { nodes { name } pageInfo { hasNextPage endCursor } } }",
        )
        page = found["authorities"]
        rest = await ask(
            stage.administrator,
            "query ($after: String) { authorities(after: $after) { nodes { name id } } }",
            after=page["pageInfo"]["endCursor"],
        )

        assert page["nodes"] == [{"name": "Amber Valley"}]
        assert page["pageInfo"]["hasNextPage"] is True
        assert rest["authorities"]["nodes"] == [
            {"name": "Derby", "id": ids.encode("Authority", stage.authority_id)}
        ]

    async def test_is_a_node(self, stage: Stage) -> None:
        found = await ask(
            stage.administrator,
            "query ($id: ID!) { node(id: $id) { ... on Authority { code } } }",
            id=ids.encode("Authority", stage.authority_id),
        )

        assert found == {"node": {"code": "derby"}}


class TestChangeSettings:
    async def test_answers_with_what_is_in_force(self, stage: Stage) -> None:
        done = await change(stage, stage.administrator, {"reviews": {"interval_days": 28}})

        assert done["__typename"] == "SettingsChanged"
        settings = done["authority"]["settings"]
        assert (settings["number"], settings["reason"]) == (2, "The board decided.")
        assert settings["values"]["reviews"]["interval_days"] == 28
        assert settings == {
            name: value
            for name, value in (await read(stage, stage.administrator))["settings"].items()
            if name in settings
        }

    async def test_repeated_with_one_key_happens_once(self, stage: Stage) -> None:
        version = (await read(stage, stage.administrator))["settings"]["version"]

        for _ in range(2):
            done = await change(
                stage,
                stage.administrator,
                {"screening_hours": 48},
                version=version,
                idempotencyKey="settings-1",
            )
            assert done["authority"]["settings"]["number"] == 2

    async def test_too_late_shows_what_is_in_force(self, stage: Stage) -> None:
        version = (await read(stage, stage.administrator))["settings"]["version"]
        await change(stage, stage.administrator, {"screening_hours": 48})

        done = await change(stage, stage.administrator, {"screening_hours": 4}, version=version)

        assert done["__typename"] == "Stale"
        assert done["current"]["settings"] == {"number": 2}

    async def test_names_each_setting_that_is_wrong(self, stage: Stage) -> None:
        done = await change(
            stage, stage.administrator, {"zone": "Mars", "reviews": {"interval_days": 1}}
        )

        assert done["__typename"] == "InvalidInput"
        assert done["fieldErrors"] == [
            {"field": "changes.reviews.interval_days", "message": "Use 7 or more."},
            {
                "field": "changes.zone",
                "message": "Use an IANA time zone such as Europe/London.",
            },
        ]

    async def test_of_any_shape_is_a_problem_and_nothing_else(self, stage: Stage) -> None:
        before = await stage.state()

        for changes in MISSHAPEN:
            for key in (None, "settings-1"):
                done = await change(stage, stage.administrator, changes, idempotencyKey=key)
                assert done["__typename"] == "InvalidInput", str(changes)[:80]
                assert done["fieldErrors"][0]["field"].startswith("changes")
        assert await stage.state() == before

    async def test_written_into_the_document_is_a_problem_too(self, stage: Stage) -> None:
        authority = ids.encode("Authority", stage.authority_id)
        for literal in (
            "{a: 1e999}",
            '{zone: "\\u0000"}',
            "{screening_hours: 99999999999999999999}",
            "[[[[1]]]]",
        ):
            document = f"""mutation {{ changeSettings(input: {{authorityId: "{authority}",
                changes: {literal}, reason: "x", version: "{"0" * 32}"}}) {{ __typename }} }}"""
            done = await ask(stage.administrator, document)
            assert done["changeSettings"]["__typename"] == "InvalidInput", literal

    async def test_is_refused_to_others(self, stage: Stage) -> None:
        helen = await stage.practitioner("Helen Health")

        done = await change(stage, helen, {"screening_hours": 48})

        assert (done["__typename"], done["code"]) == ("NotPermitted", "NOT_PERMITTED")


class TestAddLocality:
    async def test_answers_with_the_locality(self, stage: Stage) -> None:
        done = await ask(
            stage.administrator,
            ADD,
            input={
                "authorityId": ids.encode("Authority", stage.authority_id),
                "name": "South",
                "idempotencyKey": "locality-1",
            },
        )

        assert done["addLocality"]["__typename"] == "LocalityAdded"
        assert done["addLocality"]["locality"]["name"] == "South"
        assert done["addLocality"]["authority"]["localities"] == [
            {"name": "North"},
            {"name": "South"},
        ]

    async def test_is_refused_under_a_name_that_is_taken(self, stage: Stage) -> None:
        done = await ask(
            stage.administrator,
            ADD,
            input={"authorityId": ids.encode("Authority", stage.authority_id), "name": "north"},
        )

        assert done["addLocality"] == {"__typename": "RuleBroken", "code": "LOCALITY_NAME_TAKEN"}
