from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from graphql import get_named_type

from schema import ids
from schema.build import schema
from tests.schema.asking import ask, body_of, guest_of, version_of
from tests.security.inputs import NO_SECRET
from tests.stage import ATeam, Somebody, Stage

SOON = timedelta(days=365 * 60)  # after every clock that this will run on
DAY = timedelta(days=1)


@pytest.fixture
async def meetings(stage: Stage, team: ATeam, helen: Somebody) -> list[UUID]:
    """Five meetings in the order of their time, all to come."""
    return [await stage.meeting(team, helen, starts_in=SOON + n * DAY) for n in range(5)]


def team_id(team: ATeam) -> str:
    return ids.encode("Team", team.team_id)


class TestASelection:
    async def test_may_name_a_field_twice_by_aliases(
        self, team: ATeam, helen: Somebody, meetings: list[UUID]
    ) -> None:
        found = await ask(
            helen,
            "query ($id: ID!) { one: team(id: $id) { ...Page } two: team(id: $id) { id kept: id } }"
            " fragment Page on Team { first: meetings(first: 1) { nodes { id } }"
            " rest: meetings(last: 4) { nodes { id when: startsAt } } }",
            id=team_id(team),
        )

        assert [n["id"] for n in found["one"]["first"]["nodes"]] == encoded(meetings[:1])
        assert [n["id"] for n in found["one"]["rest"]["nodes"]] == encoded(meetings[1:])
        assert found["two"] == {"id": team_id(team), "kept": team_id(team)}

    async def test_of_one_field_in_several_places_comes_together(
        self, team: ATeam, helen: Somebody
    ) -> None:
        found = await ask(
            helen,
            "query ($id: ID!) { team(id: $id) { family { name } ...More family { id } } }"
            " fragment More on Team { family { name language } ... on Team { family { reference } }"
            " ... { family { __typename } } }",
            id=team_id(team),
        )

        assert set(found["team"]["family"]) == {"name", "id", "language", "reference", "__typename"}

    async def test_opens_fragments_only_on_the_types_that_they_fit(
        self, helen: Somebody, meetings: list[UUID]
    ) -> None:
        found = await ask(
            helen,
            "query ($id: ID!) { node(id: $id) { ...N ... on Family { name } ... on Meeting { kind }"
            " } } fragment N on Node { __typename id ... on Team { openedAt } }",
            id=encoded(meetings)[0],
        )

        assert found["node"] == {
            "__typename": "Meeting",
            "id": encoded(meetings)[0],
            "kind": "TAF",
        }

    async def test_obeys_skip_and_include(self, team: ATeam, helen: Somebody) -> None:
        document = (
            "query ($id: ID!, $yes: Boolean!, $no: Boolean = false) { team(id: $id) {"
            " id openedAt @skip(if: $yes) engagement @include(if: $no)"
            " family @include(if: $yes) { name id @skip(if: $yes) }"
            " ...F @include(if: $no) ... @skip(if: $no) { reviewIntervalDays }"
            " } } fragment F on Team { closedAt }"
        )

        found = await ask(helen, document, id=team_id(team), yes=True)
        other = await ask(helen, document, id=team_id(team), yes=False, no=True)

        assert found["team"] == {
            "id": team_id(team),
            "family": {"name": "Hartwell"},
            "reviewIntervalDays": 42,
        }
        assert set(other["team"]) == {"id", "openedAt", "engagement", "closedAt"}

    async def test_may_ask_for_more_fields_than_a_function_takes_arguments(
        self, team: ATeam, helen: Somebody
    ) -> None:
        names = " ".join(f"a{n}: id" for n in range(58))

        found = await ask(
            helen,
            f"query ($id: ID!) {{ team(id: $id) {{ id openedAt {names} family {{ name }} }} }}",
            id=team_id(team),
        )

        assert len(found["team"]) == 61
        assert found["team"]["family"] == {"name": "Hartwell"}
        assert found["team"]["openedAt"] == "2026-03-02T09:00:00+00:00"

    async def test_knows_the_name_of_every_type(
        self, team: ATeam, helen: Somebody, meetings: list[UUID]
    ) -> None:
        found = await ask(
            helen,
            "query ($id: ID!) { __typename team(id: $id) { __typename can { __typename } meetings {"
            " __typename pageInfo { __typename } edges { __typename node { __typename } }"
            " nodes { __typename } } members { __typename } lead { __typename } } }",
            id=team_id(team),
        )

        page = found["team"]["meetings"]
        assert found["__typename"] == "Query"
        assert found["team"]["can"]["__typename"] == "TeamCan"
        assert page["__typename"] == "MeetingConnection"
        assert page["pageInfo"] == {"__typename": "PageInfo"}
        assert page["edges"][0] == {
            "__typename": "MeetingEdge",
            "node": {"__typename": "Meeting"},
        }

    async def test_is_refused_when_its_lists_could_hold_too_many_rows(
        self, helen: Somebody
    ) -> None:
        document = (
            "{ myFamilies(first: 100) { nodes { team { meetings(first: 100) { nodes { team {"
            " meetings(first: 100) { nodes { id } } } } } } } } }"
        )

        body = await body_of(helen, document)

        assert body["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
        assert "Too many rows" in body["errors"][0]["message"]


class TestAConnection:
    DOCUMENT = (
        "query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {"
        " team(id: $id) { meetings(first: $first, after: $after, last: $last, before: $before) {"
        " nodes { id } edges { cursor node { id } }"
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"
    )

    async def page(self, team: ATeam, helen: Somebody, **arguments: Any) -> Any:
        found = await ask(helen, self.DOCUMENT, id=team_id(team), **arguments)
        page = found["team"]["meetings"]
        nodes = [node["id"] for node in page["nodes"]]
        cursors = [edge["cursor"] for edge in page["edges"]]
        info = page["pageInfo"]
        assert [edge["node"]["id"] for edge in page["edges"]] == nodes
        assert (info["startCursor"], info["endCursor"]) == (
            (cursors[0], cursors[-1]) if cursors else (None, None)
        )
        return nodes, info

    async def test_is_read_forwards(
        self, team: ATeam, helen: Somebody, meetings: list[UUID]
    ) -> None:
        read: list[str] = []
        after, more = None, True
        while more:
            nodes, info = await self.page(team, helen, first=2, after=after)
            assert info["hasPreviousPage"] is bool(read)
            read += nodes
            after, more = info["endCursor"], info["hasNextPage"]

        assert read == encoded(meetings)

    async def test_is_read_backwards(
        self, team: ATeam, helen: Somebody, meetings: list[UUID]
    ) -> None:
        read: list[str] = []
        before, more = None, True
        while more:
            nodes, info = await self.page(team, helen, last=2, before=before)
            assert info["hasNextPage"] is bool(read)
            read = nodes + read
            before, more = info["startCursor"], info["hasPreviousPage"]

        assert read == encoded(meetings)

    async def test_ends_where_the_other_cursor_is(
        self, team: ATeam, helen: Somebody, meetings: list[UUID]
    ) -> None:
        _, info = await self.page(team, helen)
        start, end = info["startCursor"], info["endCursor"]

        forwards, _ = await self.page(team, helen, first=10, after=start, before=end)
        backwards, _ = await self.page(team, helen, last=10, after=start, before=end)

        assert forwards == backwards == encoded(meetings[1:4])

    async def test_may_be_empty(self, team: ATeam, helen: Somebody) -> None:
        nodes, info = await self.page(team, helen, first=1)

        assert nodes == []
        assert info == {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        }

    async def test_keeps_apart_rows_of_the_same_moment(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        same = {await stage.meeting(team, helen, starts_in=SOON) for _ in range(3)}
        first, info = await self.page(team, helen, first=1)
        second, _ = await self.page(team, helen, first=5, after=info["endCursor"])

        assert sorted(first + second) == sorted(encoded(list(same)))

    async def test_lies_inside_another(
        self, team: ATeam, helen: Somebody, meetings: list[UUID]
    ) -> None:
        found = await ask(
            helen,
            "{ myFamilies(first: 5) { edges { node { team { meetings(last: 2) { nodes { id team {"
            " actions(first: 1) { nodes { id } pageInfo { hasNextPage } } } } } } } } } }",
        )

        (family,) = found["myFamilies"]["edges"]
        inner = family["node"]["team"]["meetings"]["nodes"]
        assert [n["id"] for n in inner] == encoded(meetings[3:])
        assert inner[0]["team"]["actions"] == {"nodes": [], "pageInfo": {"hasNextPage": False}}

    @pytest.mark.parametrize(
        "arguments",
        [{"first": 0}, {"last": 101}, {"first": 1, "last": 1}, {"after": "AAAA"}, {"before": "\0"}],
    )
    async def test_refuses_arguments_in_words(
        self, team: ATeam, helen: Somebody, arguments: dict[str, Any]
    ) -> None:
        body = await body_of(helen, self.DOCUMENT, id=team_id(team), **arguments)

        assert body["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


class TestAFilter:
    async def test_narrows_a_list(
        self, stage: Stage, team: ATeam, helen: Somebody, meetings: list[UUID]
    ) -> None:
        past = await stage.meeting(team, helen, starts_in=-DAY)
        gone = await stage.meeting(team, helen, starts_in=SOON, cancelled_at=stage.now)
        document = (
            "query ($id: ID!, $upcoming: Boolean) { team(id: $id) {"
            " meetings(upcoming: $upcoming) { nodes { id } } } }"
        )

        async def found(upcoming: bool | None) -> set[str]:
            data = await ask(helen, document, id=team_id(team), upcoming=upcoming)
            return {node["id"] for node in data["team"]["meetings"]["nodes"]}

        assert await found(upcoming=True) == set(encoded(meetings))
        assert await found(upcoming=False) == set(encoded([past, gone]))
        assert await found(upcoming=None) == set(encoded([*meetings, past, gone]))

    async def test_takes_a_value_of_a_closed_set(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await stage.action(team, helen)
        done = await stage.action(team, helen, status="DONE")

        found = await ask(
            helen,
            "query ($s: ActionStatus) { me { actions(status: $s) { nodes { id status } }"
            " also: actions(status: DONE) { nodes { id } } } }",
            s="DONE",
        )

        assert found["me"]["actions"]["nodes"] == [
            {"id": ids.encode("Action", done), "status": "DONE"}
        ]
        assert found["me"]["also"]["nodes"] == [{"id": ids.encode("Action", done)}]


class TestWhatIsNotForEverybody:
    async def test_is_null_for_the_others(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        guest = await stage.practitioner("Ingrid Interpreter")
        meeting_id = await stage.meeting(team, helen, agenda="Housing")
        await guest_of(stage, meeting_id, guest)
        document = (
            "query ($id: ID!) { meeting(id: $id) { startsAt purpose agenda team { id }"
            " can { cancelMeeting inviteToMeeting recordAttendance } invitations { name }"
            " myInvitation { name can { answerInvitation withdrawInvitation } } } }"
        )

        for_helen = await ask(helen, document, id=ids.encode("Meeting", meeting_id))
        for_lead = await ask(team.lead, document, id=ids.encode("Meeting", meeting_id))
        for_guest = await ask(guest, document, id=ids.encode("Meeting", meeting_id))

        assert for_helen["meeting"]["purpose"] == "Review the plan"
        assert for_helen["meeting"]["can"] == {
            "cancelMeeting": False,
            "inviteToMeeting": False,
            "recordAttendance": False,
        }
        assert all(for_lead["meeting"]["can"].values())
        assert for_guest["meeting"] == {
            "startsAt": "2026-03-16T09:00:00+00:00",
            "purpose": None,
            "agenda": None,
            "team": None,
            "can": {"cancelMeeting": False, "inviteToMeeting": False, "recordAttendance": False},
            "invitations": [{"name": "Ingrid Interpreter"}],
            "myInvitation": {
                "name": "Ingrid Interpreter",
                "can": {"answerInvitation": True, "withdrawInvitation": False},
            },
        }

    async def test_shows_somebody_asked_to_a_part_the_link_of_that_part(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """Invitations rule 40: two people who must not meet may be asked to two parts."""
        meeting_id = await stage.meeting(team, helen, joining_link="https://meet.example/all")
        await stage.invitation(
            team,
            meeting_id,
            team.family.parent,
            part_starts_at=stage.now + timedelta(days=14),
            part_ends_at=stage.now + timedelta(days=14, minutes=20),
            part_joining_link="https://meet.example/second",
        )
        document = "query ($id: ID!) { meeting(id: $id) { joiningLink } }"
        asked: dict[str, Any] = {"id": ids.encode("Meeting", meeting_id)}

        assert (await ask(helen, document, **asked))["meeting"] == {
            "joiningLink": "https://meet.example/all"
        }
        assert (await ask(team.family.parent, document, **asked))["meeting"] == {
            "joiningLink": "https://meet.example/second"
        }

    async def test_hides_a_withdrawn_invitation_from_whom_it_was_for(
        self, stage: Stage, team: ATeam
    ) -> None:
        meeting_id = await stage.meeting(team)
        taken_back = await stage.invitation(
            team, meeting_id, team.family.parent, withdrawn_at=stage.now
        )
        document = "query ($id: ID!) { invitation(id: $id) { withdrawnAt } }"
        asked: dict[str, Any] = {"id": ids.encode("Invitation", taken_back)}

        assert (await ask(team.family.parent, document, **asked))["invitation"] is None
        assert (await ask(team.lead, document, **asked))["invitation"]["withdrawnAt"]


class TestEveryRootWithAnId:
    async def test_answers_alike_for_what_is_hidden_and_what_was_never_there(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        rows = await self.rows(stage, team, helen)
        outsider = await stage.practitioner("Otto Outside")
        before = await stage.state()
        for name, type_name in self.roots().items():
            document = f"query ($id: ID!) {{ {name}(id: $id) {{ __typename }} }}"
            row_id = rows[type_name]

            seen = await ask(team.lead, document, id=ids.encode(type_name, row_id))
            assert seen == {name: {"__typename": type_name}}
            if type_name not in NO_SECRET:
                hidden = await body_of(outsider, document, id=ids.encode(type_name, row_id))
                assert hidden == {"data": {name: None}}
            for strange in (
                ids.encode(type_name, uuid4()),
                "",
                "AAAA",
                str(2**63),
                "\0",
                "x" * 999,
            ):
                assert await body_of(team.lead, document, id=strange) == {"data": {name: None}}
        assert await stage.state() == before

    def roots(self) -> dict[str, str]:
        query = schema()._schema.query_type
        assert query is not None
        return {
            name: get_named_type(field.type).name
            for name, field in query.fields.items()
            if set(field.args) == {"id"} and name != "node"
        }

    async def rows(self, stage: Stage, team: ATeam, helen: Somebody) -> dict[str, UUID | Any]:
        meeting_id = await stage.meeting(team)
        return {
            "Authority": stage.authority_id,
            "Agency": helen.agency_id,
            "Practitioner": helen.practitioner_id,
            "Family": team.family.family_id,
            "Team": team.team_id,
            "Meeting": meeting_id,
            "Invitation": await stage.invitation(team, meeting_id, helen),
            "Action": await stage.action(team, helen),
            "LeadEnquiry": await stage.enquiry(team.family, team.lead),
        }


class TestAPayload:
    async def test_is_read_again_through_visibility(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """The same key once more, after helen left: the reference stands, the object is gone."""
        document = (
            "mutation ($input: RaiseActionInput!) { raiseAction(input: $input) {"
            " ... on ActionRaised { __typename action { text owner { name } } } } }"
        )
        given = {
            "teamId": team_id(team),
            "text": "Ring the school",
            "dueOn": "2026-03-20",
            "owner": {"membershipId": ids.encode("Membership", team.of(helen))},
            "idempotencyKey": "raise-action-1",
        }

        first = await ask(helen, document, input=given)
        await stage.owner.execute(
            "update membership set left_at = $2 where id = $1", team.of(helen), stage.now
        )
        again = await ask(helen, document, input=given)

        assert first["raiseAction"] == {
            "__typename": "ActionRaised",
            "action": {"text": "Ring the school", "owner": {"name": "Helen Health"}},
        }
        assert again["raiseAction"] == {"__typename": "ActionRaised", "action": None}

    async def test_of_a_stale_edit_carries_the_object_as_it_is_now(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        action_id = await stage.action(team, helen, status="IN_PROGRESS")

        found = await ask(
            helen,
            "mutation ($input: ReportProgressInput!) { reportProgress(input: $input) {"
            " ... on Problem { code message }"
            " ... on Stale { current { __typename id ... on Action { status version } } } } }",
            input={
                "actionId": ids.encode("Action", action_id),
                "status": "DONE",
                "note": "",
                "version": uuid4().hex,
            },
        )

        assert found["reportProgress"]["code"] == "STALE"
        assert found["reportProgress"]["current"] == {
            "__typename": "Action",
            "id": ids.encode("Action", action_id),
            "status": "IN_PROGRESS",
            "version": await version_of(stage, "action", action_id),
        }


def encoded(row_ids: list[UUID]) -> list[str]:
    return [ids.encode("Meeting", row_id) for row_id in row_ids]
