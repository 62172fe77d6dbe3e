"""What a query leaves behind, and whom it believes: one statement, whatever it asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLObjectType, is_non_null_type

from schema import ids
from schema.build import schema
from schema.compiler import execution
from schema.compiler.declared import source_of, table_of
from schema.context import Context
from schema.execute import SignedOut, answer
from schema.sources import SOURCE, Column
from taf_service import access, visibility
from taf_service.core import reading
from tests.schema.asking import ask, body_of, version_of
from tests.stage import ATeam, Somebody, Stage

FAMILY = "query ($id: ID!) { family(id: $id) { name team { members { name } } } }"


async def log(stage: Stage) -> list[tuple[Any, ...]]:
    rows = await stage.owner.fetch(
        "select event, family_id, actor_id, subject_id, facts from audit_entry order by event"
    )
    return [tuple(row) for row in rows]


class TestTheLogOfReads:
    async def test_names_who_opened_which_row_of_which_family(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await stage.meeting(team, helen)
        for type_name, row_id in (("Team", team.team_id), ("Meeting", meeting_id)):
            field = type_name.lower()
            await ask(
                helen,
                f"query ($id: ID!) {{ {field}(id: $id) {{ id }} }}",
                id=ids.encode(type_name, row_id),
            )

        family_id = team.family.family_id
        assert await log(stage) == [
            ("case.opened", family_id, helen.person_id, team.team_id, "{}"),
            ("case.opened", family_id, helen.person_id, meeting_id, "{}"),
        ]

    async def test_says_nothing_where_nothing_was_seen(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider = await stage.practitioner("Otto Outside")

        await ask(outsider, FAMILY, id=ids.encode("Family", team.family.family_id))
        await ask(helen, FAMILY, id=ids.encode("Family", uuid4()))
        await ask(helen, FAMILY, id="nothing")

        assert await log(stage) == []

    async def test_names_every_case_that_ids_open(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        other = await stage.team(helen)
        opened = [ids.encode("Team", team.team_id), ids.encode("Family", other.family.family_id)]

        document = "query ($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } node(id: $id) { id } }"
        await ask(helen, document, ids=[*opened, "x", ids.encode("Team", uuid4())], id=opened[0])

        entries = await log(stage)  # the same row is opened once, however often it is named
        assert {entry[1] for entry in entries} == {team.family.family_id, other.family.family_id}
        assert len(entries) == 2

    async def test_names_lists_of_cases_and_never_what_was_sought(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await ask(
            helen,
            "{ myFamilies { nodes { name } } me { name actions(status: DONE) { nodes { id } } }"
            ' practitioners(search: "Hele") { nodes { id } } }',
        )

        ((_, _, _, _, one), (_, _, _, _, two)) = await log(stage)
        assert {one, two} == {'{"lists": ["myFamilies"]}', '{"lists": ["me.actions(status)"]}'}

    async def test_is_silent_about_the_directory(self, stage: Stage, helen: Somebody) -> None:
        await ask(helen, "{ me { name } agencies { nodes { name } } authorities { nodes { id } } }")

        assert await log(stage) == []

    def test_knows_of_every_table_whether_it_holds_a_case(self) -> None:
        cases = set(visibility.FAMILY_OF)

        assert cases.isdisjoint(visibility.NO_CASE)
        assert cases | visibility.NO_CASE == set(visibility.PREDICATES)

    async def test_finds_the_family_of_a_row_of_every_table(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """For a guest too, who sees neither team nor family."""
        guest = await stage.person("Gina Guest")
        meeting_id = await stage.meeting(team, helen)
        await stage.invitation_of_guest(meeting_id, guest)

        await ask(
            guest,
            "query ($id: ID!) { meeting(id: $id) { id myInvitation { id } } }",
            id=ids.encode("Meeting", meeting_id),
        )

        ((_, family_id, actor_id, subject_id, _),) = await log(stage)
        assert (family_id, actor_id, subject_id) == (
            team.family.family_id,
            guest.person_id,
            meeting_id,
        )


class TestOneStatement:
    async def test_answers_a_whole_query(
        self,
        team: ATeam,
        helen: Somebody,
        sent: list[str],
    ) -> None:
        await ask(
            helen,
            "query ($id: ID!) { a: family(id: $id) { name team { members { name } } }"
            " me { name meetings { nodes { id } } } node(id: $id) { id }"
            " myFamilies { nodes { id } } }",
            id=ids.encode("Family", team.family.family_id),
        )

        assert len(sent) == 1

    async def test_holds_no_value_of_a_request(
        self, team: ATeam, helen: Somebody, sent: list[str]
    ) -> None:
        """Values are parameters, literals in the document too."""
        mark = ids.encode("Family", team.family.family_id)
        await ask(
            helen,
            f'{{ family(id: "{mark}") {{ name }}'
            ' practitioners(search: "Qxz\'") { nodes { id } }'
            " me { actions(first: 77) { nodes { id } } } }",
        )

        (statement,) = sent
        for value in (mark, str(team.family.family_id), "Qxz", "77", str(helen.person_id)):
            assert value not in statement


class TestAnIdentity:
    async def test_is_believed_only_while_it_is_that_persons(
        self, stage: Stage, helen: Somebody
    ) -> None:
        other = await stage.practitioner("Otto Other")
        await stage.insert(
            "account", issuer="i", subject="helen", person_id=helen.person_id, disabled_at=None
        )
        mine = access.Identity("i", "helen")

        async def me(somebody: Somebody, identity: access.Identity) -> Any:
            context = Context(somebody.actor, identity=identity)
            done = await answer("{ me { name } }", None, None, context=context, introspection=False)
            return done.read()

        assert await me(helen, mine) == {"data": {"me": {"name": "Helen Health"}}}
        for somebody, identity in ((other, mine), (helen, access.Identity("i", "nobody"))):
            with pytest.raises(SignedOut):
                await me(somebody, identity)
        await stage.owner.execute("update account set disabled_at = now()")
        with pytest.raises(SignedOut):
            await me(helen, mine)

    async def test_is_asked_for_before_an_operation_runs(
        self, stage: Stage, helen: Somebody
    ) -> None:
        before = await stage.state()
        context = Context(helen.actor, identity=access.Identity("i", "nobody"))

        with pytest.raises(SignedOut):
            await answer(
                'mutation { endCover(input: {coverId: "x"}) { __typename } }',
                None,
                None,
                context=context,
                introspection=False,
            )

        assert await stage.state() == before


class TestNull:
    async def test_where_none_may_be_is_an_error_in_its_place(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """Whatever may be null above it is, and the rest of the answer stands."""
        await stage.owner.execute("alter table team disable trigger user")
        await stage.owner.execute("alter table lead_tenure disable trigger user")
        await stage.owner.execute("update lead_tenure set until_at = now()")

        done = await answer(
            "query ($id: ID!) { me { name } family(id: $id) { name team { id lead { id } } } }",
            {"id": ids.encode("Family", team.family.family_id)},
            None,
            context=Context(helen.actor),
            introspection=False,
        )

        body = done.read()
        assert body["data"] == {
            "me": {"name": "Helen Health"},
            "family": {"name": "Hartwell", "team": None},
        }
        (error,) = body["errors"]
        assert error["path"] == ["family", "team", "lead"]
        assert len(await log(stage)) == 1  # read twice, and told once
        assert error["extensions"]["code"] == "INTERNAL"

    async def test_comes_of_a_bad_argument_where_it_was_given(
        self, team: ATeam, helen: Somebody
    ) -> None:
        body = await body_of(
            helen,
            "query ($id: ID!) { team(id: $id) { id ok: meetings { nodes { id } }"
            ' bad: meetings(after: "nothing") { nodes { id } } } }',
            id=ids.encode("Team", team.team_id),
        )

        assert body["data"] == {"team": None}
        (error,) = body["errors"]
        assert error["path"] == ["team", "bad"]
        assert error["extensions"] == {"code": "INVALID_INPUT", "field": "after"}


class TestPlans:
    async def test_are_kept_up_to_a_bound(self, helen: Somebody) -> None:
        for number in range(execution.plans.kept + 20):
            await ask(helen, f"{{ me {{ a{number}: name }} }}")

        assert len(execution.plans) == execution.plans.kept

    async def test_are_told_apart_by_what_the_variables_steer(self, helen: Somebody) -> None:
        document = "query ($yes: Boolean!) { me { name @include(if: $yes) practitioner { id } } }"

        with_name = await ask(helen, document, yes=True)
        without = await ask(helen, document, yes=False)

        assert set(with_name["me"]) == {"name", "practitioner"}
        assert set(without["me"]) == {"practitioner"}


class TestATypeWithoutAPredicate:
    async def test_cannot_be_read(
        self, monkeypatch: pytest.MonkeyPatch, team: ATeam, helen: Somebody
    ) -> None:
        """Wherever it is reached: as a root, by its id, and through another type."""
        monkeypatch.delitem(visibility.PREDICATES, "family")
        given = ids.encode("Family", team.family.family_id)

        through = f'team(id: "{ids.encode("Team", team.team_id)}") {{ family {{ reference }} }}'
        for read in (
            f'family(id: "{given}") {{ id }}',
            f'node(id: "{given}") {{ id }}',
            through,
        ):
            context = Context(helen.actor)
            done = await answer(f"{{ {read} }}", None, None, context=context, introspection=False)
            assert done.read()["data"] is None
            assert done.read()["errors"][0]["extensions"]["code"] == "INTERNAL"

    def test_does_not_exist(self) -> None:
        """Every table behind a type has somebody who decided who sees its rows."""
        tables = {
            table_of(each)
            for each in schema()._schema.type_map.values()
            if isinstance(each, GraphQLObjectType)
            and any(
                SOURCE in f.extensions["strawberry-definition"].metadata
                for f in getattr(each, "fields", {}).values()
                if "strawberry-definition" in f.extensions
            )
            and hasattr(each.extensions["strawberry-definition"].origin, "__table__")
        }

        assert tables
        assert tables <= set(visibility.PREDICATES)


class TestThePayloadOfAMutation:
    DOCUMENT = (
        "mutation ($input: ReportProgressInput!, $after: String) { reportProgress(input: $input) {"
        " ... on ProgressReported { action { status"
        " team { meetings(after: $after) { nodes { id } } } } } } }"
    )

    async def test_tells_of_a_bad_argument_each_time(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """Plans are kept by what the variables steer, and this error by what they hold."""
        action_id = await stage.action(team, helen)

        async def report(after: str | None) -> dict[str, Any]:
            given = {
                "actionId": ids.encode("Action", action_id),
                "status": "IN_PROGRESS",
                "note": "x",
                "version": await version_of(stage, "action", action_id),
            }
            return await body_of(helen, self.DOCUMENT, input=given, after=after)

        meeting_id = await stage.meeting(team, helen)
        read = "query ($id: ID!) { team(id: $id) { meetings { pageInfo { endCursor } } } }"
        found = await ask(helen, read, id=ids.encode("Team", team.team_id))
        cursor = found["team"]["meetings"]["pageInfo"]["endCursor"]
        assert meeting_id
        assert "errors" not in await report(cursor)
        for _ in range(2):
            (error,) = (await report("nothing"))["errors"]
            assert error["path"] == ["reportProgress", "action", "team", "meetings"]
        assert "errors" not in await report(None)
        (error,) = (await report("nothing"))["errors"]
        assert error["extensions"]["code"] == "INVALID_INPUT"

    async def test_never_says_that_nothing_was_changed(
        self, stage: Stage, team: ATeam, helen: Somebody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It was: what failed came after, when PostgreSQL was gone for a moment."""
        action_id = await stage.action(team, helen)

        async def gone(_sql: str, _values: Sequence[object]) -> None:
            raise reading.Unanswered

        monkeypatch.setattr(reading, "answer", gone)
        given = {
            "actionId": ids.encode("Action", action_id),
            "status": "IN_PROGRESS",
            "note": "x",
            "version": await version_of(stage, "action", action_id),
        }
        done = await answer(
            self.DOCUMENT,
            {"input": given},
            None,
            context=Context(helen.actor),
            introspection=False,
        )

        (error,) = done.read()["errors"]
        assert "This was done" in error["message"]
        assert "Nothing" not in error["message"]
        status = "select status from action where id = $1"
        assert await stage.owner.fetchval(status, action_id) == "IN_PROGRESS"


class TestPostgreSQLThatDoesNotAnswer:
    @pytest.mark.parametrize(
        "more", ["", ' team(id: "x") { meetings(after: "no") { nodes { id } } }']
    )
    async def test_is_no_fault_of_ours_whoever_completes_the_answer(
        self, helen: Somebody, monkeypatch: pytest.MonkeyPatch, more: str
    ) -> None:
        async def gone(_sql: str, _values: Sequence[object]) -> None:
            raise reading.Unanswered

        monkeypatch.setattr(reading, "answer", gone)

        with pytest.raises(reading.Unanswered):
            await answer(
                f"{{ me {{ name }}{more} }}",
                None,
                None,
                context=Context(helen.actor),
                introspection=False,
            )


class TestAColumnThatIsNeverNull:
    async def test_is_declared_so_in_the_database(self, stage: Stage) -> None:
        """A null there would leave a hole in the JSON, and no sign of it."""
        rows = await stage.owner.fetch(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and is_nullable = 'YES'"
            " and table_name not in (select viewname from pg_views)"
        )
        nullable = {tuple(row) for row in rows}

        holes = [
            (of.name, name)
            for of in schema()._schema.type_map.values()
            if isinstance(of, GraphQLObjectType) and not of.name.startswith("__")
            for name, field in of.fields.items()
            if isinstance(source := source_of(field), Column)
            and source.sql is None
            and is_non_null_type(field.type)
            and (table_of(of), field.extensions["strawberry-definition"].python_name) in nullable
        ]

        assert len(nullable) > 20
        assert not holes


class TestAnAnswer:
    async def test_that_would_be_too_long_is_refused_before_it_leaves(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        for _ in range(60):
            await stage.action(team, helen, text="x" * 4_000)
        again = " ".join(f"a{number}: text" for number in range(50))

        body = await body_of(
            helen,
            "query ($id: ID!) { team(id: $id) { actions(first: 100) { nodes {"
            f" {again} }} }} }} }}",
            id=ids.encode("Team", team.team_id),
        )

        assert set(body) == {"errors"}
        assert body["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}


class TestARepeatedAct:
    async def test_leaves_a_trace_of_what_was_read(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        action_id = await stage.action(team, helen)
        given = {
            "actionId": ids.encode("Action", action_id),
            "status": "IN_PROGRESS",
            "note": "x",
            "version": await version_of(stage, "action", action_id),
            "idempotencyKey": "the-same-key",
        }
        document = (
            "mutation ($input: ReportProgressInput!) { reportProgress(input: $input) {"
            " ... on ProgressReported { action { text team { family { name } } } } } }"
        )

        for _ in range(2):
            await ask(helen, document, input=given)

        events = [entry[0] for entry in await log(stage)]
        assert events.count("case.opened") == 2
        assert len(events) == 3
