from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from notifications import letters, recipients
from notifications.recipients import NotTold
from schema import ids
from taf_service.database import Urls
from tests.schema.asking import LETTERHEAD, ask, version_of
from tests.schema.test_meetings import SLOT, VENUE, convening, do, member, part
from tests.stage import ATeam, Somebody, Stage

READ = (
    "__typename ... on Problem { code message } ... on MeetingPreview { answerLink"
    " warnings { code message }"
    " messages { name startsAt howTold sends why sender to subject text calendar } }"
)
ONCE = ("UID:", "ORGANIZER", "DTSTAMP:")  # random, or later, when it really happens
INGRID = {
    "name": "Ingrid Interpreter",
    "role": "INTERPRETER",
    "basis": "FAMILY_REQUEST",
    "emailAddress": "ingrid@language.example",
}


async def foresee(somebody: Somebody, mutation: str, **given: Any) -> Any:
    capital = mutation[0].upper() + mutation[1:]
    found = await ask(
        somebody,
        f"query ($input: {capital}Input!) {{ preview{capital}(input: $input) {{ {READ} }} }}",
        input=given,
    )
    return found[f"preview{capital}"]


def by_name(preview: Any) -> dict[str, dict[str, Any]]:
    return {message["name"]: message for message in preview["messages"]}


def lasting(calendar: str) -> list[str]:
    """The lines of a calendar file that are the same each time it is made."""
    unfolded = calendar.replace("\r\n ", "").split("\r\n")
    return [line for line in unfolded if not line.startswith(ONCE)]


@pytest.fixture
async def worker(db: Urls) -> Any:
    connection = await asyncpg.connect(db.worker)
    yield connection
    await connection.close()


async def sent(stage: Stage, worker: Any, viewer: Somebody) -> dict[str, dict[str, Any]]:
    """What the worker would write for everything that is queued, by name.

    Without what `viewer` may not read: the tokens of links, and the words by which others know the
    case.
    """
    found = {}
    for entry in await worker.fetch("select id, kind from outbox_entry where state = 'QUEUED'"):
        row = await worker.fetchrow("select * from standing_of($1, $2)", entry["id"], stage.now)
        told = recipients.judge(row)
        assert not isinstance(told, NotTold)
        token = None if told.link_id is None else "secret"
        sender, email = letters.composed(entry["kind"], told, LETTERHEAD, token=token)
        secrets = ["secret", *([told.label] if told.name != viewer.name and told.label else [])]
        found[told.name] = {
            "sender": sender.name,
            "to": told.address,
            "subject": without(secrets, email.subject),
            "text": without(secrets, email.text),
            "calendar": without(secrets, (email.calendar or b"").decode()) or None,
        }
    return found


def without(secrets: list[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "…")
    return text


class TestAPreviewOfConvening:
    def given(self, team: ATeam, helen: Somebody, **changes: Any) -> dict[str, Any]:
        return convening(
            team,
            member(team, team.lead),
            member(team, helen),
            member(team, team.family.parent),
            member(team, team.family.other_parent, invitedBy="POST"),
            guests=[INGRID | {"part": part("14:30", "15:00")}],
            **changes,
        )

    async def test_shows_what_the_worker_will_write_to_each(
        self, stage: Stage, team: ATeam, helen: Somebody, worker: Any
    ) -> None:
        preview = await foresee(team.lead, "conveneTafMeeting", **self.given(team, helen))
        await do(team.lead, "conveneTafMeeting", "", **self.given(team, helen))
        real = await sent(stage, worker, team.lead)

        shown = {name: m for name, m in by_name(preview).items() if m["sends"]}
        assert set(shown) == set(real)
        for name, message in shown.items():
            for part_of_it in ("sender", "to", "subject", "text"):
                assert message[part_of_it] == real[name][part_of_it], (name, part_of_it)
            assert lasting(message["calendar"]) == lasting(real[name]["calendar"])
            assert message["why"] is None

    async def test_leaves_nothing_behind(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        before = await stage.state()

        preview = await foresee(
            team.lead, "conveneTafMeeting", **self.given(team, helen, idempotencyKey="preview-1")
        )

        assert preview["__typename"] == "MeetingPreview"
        assert await stage.state() == before

    async def test_names_everybody_and_how_they_are_told(
        self, team: ATeam, helen: Somebody
    ) -> None:
        preview = await foresee(team.lead, "conveneTafMeeting", **self.given(team, helen))
        messages = by_name(preview)
        parent, other = team.family.parent, team.family.other_parent

        assert set(messages) == {
            team.lead.name,
            helen.name,
            parent.name,
            other.name,
            "Ingrid Interpreter",
        }
        assert messages[other.name] == {
            "name": other.name,
            "startsAt": "2026-03-16T14:00:00+00:00",
            "howTold": "POST",
            "sends": False,
            "why": "Nothing is sent: write them a letter, then record that they were told.",
            "sender": None,
            "to": None,
            "subject": None,
            "text": None,
            "calendar": None,
        }
        assert messages[helen.name]["to"] == helen.address
        assert messages[parent.name]["to"] == parent.address
        assert messages["Ingrid Interpreter"]["to"] == "ingrid@language.example"

    async def test_shows_each_their_own_times(self, team: ATeam, helen: Somebody) -> None:
        messages = by_name(await foresee(team.lead, "conveneTafMeeting", **self.given(team, helen)))

        assert "14:00 to 15:30, United Kingdom time" in messages[helen.name]["text"]
        assert "14:30 to 15:00, United Kingdom time" in messages["Ingrid Interpreter"]["text"]
        assert "T143000" in messages["Ingrid Interpreter"]["calendar"]
        assert "15:30" not in messages["Ingrid Interpreter"]["text"]

    async def test_keeps_the_link_of_each_to_themselves(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        preview = await foresee(team.lead, "conveneTafMeeting", **self.given(team, helen))

        assert "shown to nobody but them" in preview["answerLink"]
        for message in preview["messages"]:
            if message["sends"]:
                links = re.findall(r"https://taf\.example/r/\S*", message["text"])
                assert links == ["https://taf.example/r/…"]
                assert "/r/…" in message["calendar"].replace("\r\n ", "")

    async def test_names_nobody_of_the_family_in_what_leaves(
        self, team: ATeam, helen: Somebody
    ) -> None:
        preview = await foresee(team.lead, "conveneTafMeeting", **self.given(team, helen))

        for message in preview["messages"]:
            leaves = " ".join(str(message[part]) for part in ("subject", "text", "calendar"))
            for secret in ("Hartwell", "Robin", "Alex", "Sam", "Look at the plan"):
                assert secret not in leaves

    async def test_shows_warnings_instead_of_stopping_at_them(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        sunday = {"startsAt": "2026-03-15T14:00", "endsAt": "2026-03-15T15:30"}
        before = await stage.state()

        preview = await foresee(
            team.lead,
            "conveneTafMeeting",
            **convening(team, member(team, helen), slot=sunday, acknowledge=None),
        )

        codes = [warning["code"] for warning in preview["warnings"]]
        assert {"WEEKEND", "FAMILY_NOT_INVITED", "LEAD_TAKES_NOTES"} <= set(codes)
        assert len(preview["messages"]) == 1
        assert await stage.state() == before

    async def test_that_asks_people_together_who_must_not_meet_stays_on_record(
        self, stage: Stage, team: ATeam
    ) -> None:
        """Nobody finds out by previews, unseen, who must not meet (security)."""
        parent, other = team.family.parent, team.family.other_parent
        await stage.no_contact(team.family, parent, other)
        before = await stage.state()

        refused = await foresee(
            team.lead,
            "conveneTafMeeting",
            **convening(team, member(team, parent), member(team, other)),
        )

        after = await stage.state()
        assert refused["code"] == "CANNOT_BE_INVITED_TOGETHER"
        assert {table for table in after if after[table] != before[table]} == {"audit_entry"}

    async def test_shows_a_family_member_with_safe_contact_no_calendar_file(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        """Invitations rule 39."""
        await stage.insert(
            "safe_contact",
            family_id=team.family.family_id,
            family_member_id=team.family.parent.family_member_id,
            instructions="Only on weekdays",
            email_allowed=True,
            recorded_by_id=team.lead.person_id,
            recorded_at=stage.now,
        )

        messages = by_name(await foresee(team.lead, "conveneTafMeeting", **self.given(team, helen)))

        assert messages[team.family.parent.name]["sends"]
        assert messages[team.family.parent.name]["calendar"] is None
        assert messages[helen.name]["calendar"]

    async def test_is_refused_as_the_act_would_be(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider = await stage.practitioner("Otto Outside")
        before = await stage.state()
        past = {"startsAt": "2026-02-02T14:00", "endsAt": "2026-02-02T15:30"}
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (outsider, {}, "NOT_FOUND"),
            (team.family.parent, {}, "NOT_PERMITTED"),
            (team.lead, {"slot": past}, "PAST_TIME"),
            (team.lead, {"venue": {}}, "INVALID_INPUT"),
            (team.lead, {"teamId": "AAAA"}, "NOT_FOUND"),
        ]
        for asker, changes, code in cases:
            given = convening(team, member(team, helen)) | changes
            refused = await foresee(asker, "conveneTafMeeting", **given)
            acted = await do(asker, "conveneTafMeeting", "", **given)
            assert refused["code"] == acted["code"] == code
            assert refused["message"] == acted["message"]
        assert await stage.state() == before


class TestAPreviewOfAChange:
    """Of a meeting that helen and a parent were told of by mail, and the other by telephone."""

    @pytest.fixture
    async def meeting_id(self, stage: Stage, team: ATeam, helen: Somebody) -> UUID:
        parent, other = team.family.parent, team.family.other_parent
        done = await do(
            team.lead,
            "conveneTafMeeting",
            "... on MeetingConvened { meeting { id } }",
            **convening(
                team,
                member(team, helen),
                member(team, parent),
                member(team, other, invitedBy="PHONE"),
            ),
        )
        await stage.owner.execute(
            "update outbox_entry set state = 'ACCEPTED', address = 'x@work.example',"
            " message = 'x', message_id = '<1@taf.example>', stamped_at = queued_at"
        )
        return ids.row_id(done["meeting"]["id"], "Meeting")

    async def given(self, stage: Stage, meeting_id: UUID, **more: Any) -> dict[str, Any]:
        version = await version_of(stage, "meeting", meeting_id)
        return {"meetingId": ids.encode("Meeting", meeting_id), "version": version, **more}

    async def unchanged(self, stage: Stage, lead: Somebody, act: str, **given: Any) -> Any:
        before = await stage.state()
        preview = await foresee(lead, act, **given)
        assert await stage.state() == before
        assert preview["__typename"] == "MeetingPreview", preview
        return by_name(preview)

    async def test_of_time_tells_everybody(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID, worker: Any
    ) -> None:
        slot = {"startsAt": "2026-03-17T10:00", "endsAt": "2026-03-17T11:00"}
        given = await self.given(stage, meeting_id, slot=slot, acknowledge=["SHORT_NOTICE"])

        told = await self.unchanged(stage, team.lead, "rescheduleMeeting", **given)
        await do(team.lead, "rescheduleMeeting", "", **given)
        real = await sent(stage, worker, team.lead)

        assert set(told) == {helen.name, team.family.parent.name, team.family.other_parent.name}
        assert "telephone" in told[team.family.other_parent.name]["why"]
        assert set(real) == {name for name, message in told.items() if message["sends"]}
        for name, message in real.items():
            assert told[name]["text"] == message["text"]
            assert lasting(told[name]["calendar"]) == lasting(message["calendar"])
        assert "Tuesday 17 March 2026" in told[helen.name]["text"]
        assert "SEQUENCE:1" in told[helen.name]["calendar"]

    async def test_says_who_may_not_be_written_to_but_not_why(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        await stage.insert(
            "stop_contact",
            family_id=team.family.family_id,
            person_id=helen.person_id,
            reason="DANGER",
            stopped_by_id=stage.administrator.person_id,
            stopped_at=stage.now,
        )
        given = await self.given(
            stage, meeting_id, venue={"place": "Library", "placeKind": "PUBLIC_VENUE"}
        )

        told = await self.unchanged(stage, team.lead, "changePlace", **given)

        assert told[team.family.parent.name]["sends"]
        assert not told[helen.name]["sends"]
        assert "may not be told by email" in told[helen.name]["why"]
        assert told[helen.name]["to"] is None
        assert "danger" not in str(told).lower()

    async def test_of_place_says_nothing_of_a_place_that_is_not_public(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        home = {"place": "7 Elm Grove", "placeKind": "FAMILY_HOME"}

        told = await self.unchanged(
            stage, team.lead, "changePlace", **await self.given(stage, meeting_id, venue=home)
        )

        assert told[helen.name]["sends"]
        assert "Elm Grove" not in str(told)

    async def test_of_nothing_is_refused(self, stage: Stage, team: ATeam, meeting_id: UUID) -> None:
        refused = await foresee(
            team.lead, "changePlace", **await self.given(stage, meeting_id, venue=VENUE)
        )

        assert refused["code"] == "NOTHING_CHANGED"

    async def test_by_inviting_tells_one(self, stage: Stage, team: ATeam, meeting_id: UUID) -> None:
        told = await self.unchanged(
            stage,
            team.lead,
            "inviteToMeeting",
            meetingId=ids.encode("Meeting", meeting_id),
            invitee={"guest": INGRID},
        )

        assert list(told) == ["Ingrid Interpreter"]
        assert told["Ingrid Interpreter"]["to"] == "ingrid@language.example"

    async def test_by_taking_back_tells_one(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        invitation_id = await stage.owner.fetchval(
            "select id from invitation where person_id = $1", helen.person_id
        )

        told = await self.unchanged(
            stage,
            team.lead,
            "withdrawInvitation",
            invitationId=ids.encode("Invitation", invitation_id),
            version=await version_of(stage, "invitation", invitation_id),
        )

        assert list(told) == [helen.name]

    async def test_by_cancelling_tells_everybody_but_not_why(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        told = await self.unchanged(
            stage,
            team.lead,
            "cancelMeeting",
            **await self.given(stage, meeting_id, reason="The father found the address"),
        )

        assert set(told) == {helen.name, team.family.parent.name, team.family.other_parent.name}
        assert "METHOD:CANCEL" in told[helen.name]["calendar"]
        assert "/r/" not in told[helen.name]["text"]
        assert "father" not in str(told)

    async def test_is_refused_when_somebody_was_quicker(
        self, stage: Stage, team: ATeam, meeting_id: UUID
    ) -> None:
        given = await self.given(stage, meeting_id, slot=SLOT)

        stale = await foresee(team.lead, "rescheduleMeeting", **given | {"version": "0" * 32})

        assert stale["code"] == "STALE"

    async def test_is_for_whoever_may_make_it(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        outsider = await stage.practitioner("Otto Outside")
        given = await self.given(stage, meeting_id, reason="x")
        before = await stage.state()

        assert (await foresee(helen, "cancelMeeting", **given))["code"] == "NOT_PERMITTED"
        assert (await foresee(outsider, "cancelMeeting", **given))["code"] == "NOT_FOUND"
        assert await stage.state() == before


class TestAPreviewOfWhoLeads:
    async def test_shows_who_would_read_another_name_on_which_meeting(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await stage.meeting(team, helen, team.family.parent)
        await stage.meeting(team, helen, starts_in=timedelta(days=40))
        before = await stage.state()

        preview = await foresee(
            team.lead,
            "appointLead",
            teamId=ids.encode("Team", team.team_id),
            membershipId=ids.encode("Membership", team.of(helen)),
            reason="Sees the children every week",
            version=await version_of(stage, "team", team.team_id),
        )

        told = [(m["name"], m["startsAt"], m["sends"]) for m in preview["messages"]]
        first, second = [(stage.now + timedelta(days=n)).isoformat() for n in (14, 40)]
        assert told == [
            (team.family.parent.name, first, True),
            (helen.name, first, True),
            (helen.name, second, True),
        ]
        assert all(message["sender"].startswith(helen.name) for message in preview["messages"])
        assert await stage.state() == before

    async def test_shows_what_somebody_who_is_taken_out_would_be_sent(
        self, stage: Stage, team: ATeam, helen: Somebody, worker: Any
    ) -> None:
        await stage.meeting(team, helen, team.family.parent)
        before = await stage.state()

        preview = await foresee(
            team.lead,
            "removeFromTeam",
            membershipId=ids.encode("Membership", team.of(helen)),
            reason="Moved to another area",
            version=await version_of(stage, "membership", team.of(helen)),
        )

        (message,) = preview["messages"]
        assert message["name"] == helen.name
        assert not message["sends"]  # nothing was ever sent to them, so nothing is taken back
        assert await stage.state() == before
