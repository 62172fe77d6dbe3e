from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from schema import ids
from tests.schema.asking import ask, body_of, guest_of, version_of
from tests.stage import ATeam, Somebody, Stage

PROBLEM = (
    "__typename ... on Problem { code message } ... on InvalidInput { fieldErrors { field } }"
    " ... on RuleBroken { field } ... on NotFound { field }"
    " ... on ConfirmationNeeded { warnings { code } }"
)
SLOT = {"startsAt": "2026-03-16T14:00", "endsAt": "2026-03-16T15:30"}
VENUE = {"place": "Town Hall", "placeKind": "PUBLIC_VENUE"}
EVERY_WARNING = ["FAMILY_NOT_INVITED", "SHORT_NOTICE", "OUT_OF_HOURS", "CLASH", "WEEKEND"]


async def do(
    somebody: Somebody, mutation: str, read: str, *, link: UUID | None = None, **given: Any
) -> Any:
    """Run one mutation; `read` is what is asked of its success."""
    of = mutation[0].upper() + mutation[1:]
    found = await ask(
        somebody,
        f"mutation ($input: {of}Input!) {{ {mutation}(input: $input) {{ {PROBLEM} {read} }} }}",
        link=link,
        input=given,
    )
    return found[mutation]


def member(team: ATeam, somebody: Somebody, **more: Any) -> dict[str, Any]:
    return {"membershipId": ids.encode("Membership", team.of(somebody)), **more}


def convening(team: ATeam, *members: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "teamId": ids.encode("Team", team.team_id),
        "purpose": "Look at the plan",
        "slot": SLOT,
        "venue": VENUE,
        "members": list(members),
        "noteTakerMembershipId": ids.encode("Membership", team.of(team.lead)),
        "acknowledge": [*EVERY_WARNING, "LEAD_TAKES_NOTES"],
        **changes,
    }


def part(starts: str, ends: str, **more: Any) -> dict[str, Any]:
    return {"startsAt": f"2026-03-16T{starts}", "endsAt": f"2026-03-16T{ends}", **more}


class TestConveneTafMeeting:
    READ = (
        "... on MeetingConvened { meeting { id purpose agenda startsAt endsAt zone place placeKind"
        " convener chair noteTaker invitations { name required invitedBy guestRole basis answer"
        " partStartsAt partEndsAt partJoiningLink deliveries { state words } } } }"
    )

    async def test_invites_members_and_guests_to_the_whole_or_to_a_part(
        self, team: ATeam, helen: Somebody
    ) -> None:
        parent = team.family.parent
        done = await do(
            team.lead,
            "conveneTafMeeting",
            self.READ,
            **convening(
                team,
                member(team, helen),
                member(team, parent, invitedBy="PHONE", required=False),
                agenda="Housing",
                guests=[
                    {
                        "name": "Ingrid Interpreter",
                        "role": "INTERPRETER",
                        "basis": "FAMILY_REQUEST",
                        "emailAddress": "ingrid@language.example",
                        "part": part("14:30", "15:00", joiningLink="https://meet.example/b"),
                    }
                ],
            ),
        )

        meeting = done["meeting"]
        invited = {each["name"]: each for each in meeting["invitations"]}
        assert (meeting["startsAt"], meeting["zone"]) == (
            "2026-03-16T14:00:00+00:00",
            "Europe/London",
        )
        assert (meeting["purpose"], meeting["agenda"]) == ("Look at the plan", "Housing")
        assert invited["Helen Health"]["deliveries"] == [
            {"state": "QUEUED", "words": "Waiting to be sent."}
        ]
        assert invited[parent.name]["invitedBy"] == "PHONE"
        assert invited[parent.name]["deliveries"] == []
        ingrid = invited["Ingrid Interpreter"]
        assert (ingrid["guestRole"], ingrid["basis"]) == ("INTERPRETER", "FAMILY_REQUEST")
        assert ingrid["partStartsAt"] == "2026-03-16T14:30:00+00:00"
        assert ingrid["partEndsAt"] == "2026-03-16T15:00:00+00:00"
        assert ingrid["partJoiningLink"] == "https://meet.example/b"

    async def test_happens_once_for_one_key(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        given = convening(team, member(team, helen), idempotencyKey="convene-once")

        first = await do(team.lead, "conveneTafMeeting", self.READ, **given)
        again = await do(team.lead, "conveneTafMeeting", self.READ, **given)

        assert first == again
        assert first["__typename"] == "MeetingConvened"
        assert (await stage.counts())["meeting"] == 1

    async def test_lists_warnings_before_anything_is_written(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        before = await stage.state()
        given = convening(
            team,
            member(team, helen),
            slot={"startsAt": "2026-03-15T14:00", "endsAt": "2026-03-15T15:00"},
            acknowledge=["LEAD_TAKES_NOTES"],
        )

        asked = await do(team.lead, "conveneTafMeeting", self.READ, **given)

        assert asked["__typename"] == "ConfirmationNeeded"
        assert "WEEKEND" in [warning["code"] for warning in asked["warnings"]]
        assert await stage.state() == before

    async def test_says_which_value_cannot_be_right(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        guest = {"name": "Gil", "role": "FRIEND", "basis": "CONSENT"}
        cases: list[tuple[dict[str, Any], str, str]] = [
            (
                {"slot": {"startsAt": "2026-03-29T01:30", "endsAt": "2026-03-29T03:00"}},
                "BAD_SLOT",
                "slot.startsAt",
            ),
            (
                {"slot": {"startsAt": "2026-10-25T00:30", "endsAt": "2026-10-25T01:30"}},
                "BAD_SLOT",
                "slot.endsAt",
            ),
            (
                {"slot": {"startsAt": "2026-03-16T14:00", "endsAt": "2026-03-16T14:00"}},
                "BAD_SLOT",
                "slot.endsAt",
            ),
            ({"venue": {"place": "Town Hall"}}, "INVALID_INPUT", "venue.placeKind"),
            ({"venue": {}}, "INVALID_INPUT", "venue.place"),
            (
                {"members": [member(team, helen), {"membershipId": "AAAA"}]},
                "NOT_FOUND",
                "members.1.membershipId",
            ),
            (
                {"members": [member(team, helen, part=part("15:00", "14:00"))]},
                "BAD_SLOT",
                "members.0.part.endsAt",
            ),
            ({"guests": [guest | {"name": "  "}]}, "INVALID_INPUT", "guests.0.name"),
            (
                {"guests": [guest, guest | {"practitionerId": str(2**63)}]},
                "NOT_FOUND",
                "guests.1.practitionerId",
            ),
            ({"guests": [guest] * 201}, "INVALID_INPUT", "guests"),
            (
                {"chairMembershipId": ids.encode("Team", team.team_id)},
                "NOT_FOUND",
                "chairMembershipId",
            ),
        ]
        before = await stage.state()
        for changes, code, field in cases:
            refused = await do(
                team.lead,
                "conveneTafMeeting",
                self.READ,
                **convening(team, member(team, helen), **changes),
            )
            fields = [each["field"] for each in refused.get("fieldErrors", ())]
            assert (refused["code"], *(fields or [refused["field"]])) == (code, field)
        assert await stage.state() == before

    async def test_names_every_field_that_cannot_be_right_at_once(
        self, team: ATeam, helen: Somebody
    ) -> None:
        guest = {"name": " ", "role": "FRIEND", "basis": "CONSENT"}

        refused = await do(
            team.lead,
            "conveneTafMeeting",
            self.READ,
            **convening(
                team,
                member(team, helen),
                venue={"place": "Town Hall"},
                guests=[guest, guest | {"name": "Gil"}, guest],
            ),
        )

        fields = [each["field"] for each in refused["fieldErrors"]]
        assert fields == ["venue.placeKind", "guests.0.name", "guests.2.name"]

    async def test_explains_values_that_no_client_should_send(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        guest = {"name": "Gil", "role": "FRIEND", "basis": "CONSENT"}
        before = await stage.state()
        for changes in (
            {"purpose": "NUL \0"},
            {"purpose": "x" * 100_000},
            {"agenda": "turn \u202e round"},
            {"slot": {"startsAt": "9999-12-31T23:00", "endsAt": "9999-12-31T23:59"}},
            {"slot": SLOT | {"zone": "Europe/Atlantis"}},
            {"venue": {"joiningLink": "javascript:alert(1)"}},
            {"guests": [guest | {"emailAddress": "a@b.example\nBcc: c@d.example"}]},
            {"guests": [guest | {"name": "line\nline"}]},
            {"members": 2**63},
            {"members": [{"membershipId": 2**63, "required": "yes"}]},
            {"idempotencyKey": "short"},
            {"acknowledge": ["EVERYTHING"]},
            {"surprise": True},
        ):
            body = await body_of(
                team.lead,
                "mutation ($input: ConveneTafMeetingInput!) { conveneTafMeeting(input: $input) {"
                " __typename } }",
                input=convening(team, member(team, helen), **changes),
            )
            assert body["errors"][0]["message"].strip(), changes
            assert "data" not in body
        assert await stage.state() == before


class TestAMeetingAlreadyThere:
    """One that its lead runs, with helen and a parent invited."""

    @pytest.fixture
    async def meeting_id(self, stage: Stage, team: ATeam, helen: Somebody) -> UUID:
        return await stage.meeting(team, helen, team.family.parent)

    async def given(self, stage: Stage, meeting_id: UUID, **more: Any) -> dict[str, Any]:
        version = await version_of(stage, "meeting", meeting_id)
        return {"meetingId": ids.encode("Meeting", meeting_id), "version": version, **more}

    async def test_is_rescheduled(self, stage: Stage, team: ATeam, meeting_id: UUID) -> None:
        done = await do(
            team.lead,
            "rescheduleMeeting",
            "... on MeetingRescheduled { meeting { startsAt endsAt } }",
            **await self.given(stage, meeting_id, slot=SLOT, acknowledge=EVERY_WARNING),
        )

        assert done["meeting"] == {
            "startsAt": "2026-03-16T14:00:00+00:00",
            "endsAt": "2026-03-16T15:30:00+00:00",
        }

    async def test_is_moved_elsewhere(self, stage: Stage, team: ATeam, meeting_id: UUID) -> None:
        done = await do(
            team.lead,
            "changePlace",
            "... on PlaceChanged { meeting { place placeKind joiningLink } }",
            **await self.given(stage, meeting_id, venue={"joiningLink": "https://meet.example/1"}),
        )

        assert done["meeting"] == {
            "place": "",
            "placeKind": None,
            "joiningLink": "https://meet.example/1",
        }

    async def test_gets_an_agenda(self, stage: Stage, team: ATeam, meeting_id: UUID) -> None:
        done = await do(
            team.lead,
            "setAgenda",
            "... on AgendaSet { meeting { agenda } }",
            **await self.given(stage, meeting_id, agenda="Housing\nSchool"),
        )

        assert done["meeting"] == {"agenda": "Housing\nSchool"}

    async def test_is_cancelled(self, stage: Stage, team: ATeam, meeting_id: UUID) -> None:
        done = await do(
            team.lead,
            "cancelMeeting",
            "... on MeetingCalledOff { meeting { cancelledAt cancelledReason"
            " can { cancelMeeting } } }",
            **await self.given(stage, meeting_id, reason="Everybody is ill"),
        )

        assert done["meeting"] == {
            "cancelledAt": "2026-03-02T09:00:00+00:00",
            "cancelledReason": "Everybody is ill",
            "can": {"cancelMeeting": False},
        }

    async def test_shows_its_current_state_to_whoever_was_slower(
        self, stage: Stage, team: ATeam, meeting_id: UUID
    ) -> None:
        before = await stage.state()
        for mutation, more in (
            ("cancelMeeting", {"reason": "Everybody is ill"}),
            ("setAgenda", {"agenda": "x"}),
            ("changePlace", {"venue": {"joiningLink": "https://meet.example/1"}}),
            ("rescheduleMeeting", {"slot": SLOT}),
        ):
            stale = await do(
                team.lead,
                mutation,
                "... on Stale { current { id } }",
                **await self.given(stage, meeting_id) | {"version": uuid4().hex} | more,
            )
            assert stale["code"] == "STALE"
            assert stale["current"] == {"id": ids.encode("Meeting", meeting_id)}
        assert await stage.state() == before

    async def test_takes_one_person_more(self, team: ATeam, meeting_id: UUID) -> None:
        other = team.family.other_parent
        read = "... on PersonInvited { invitation { name required } meeting { id } }"
        done = await do(
            team.lead,
            "inviteToMeeting",
            read,
            meetingId=ids.encode("Meeting", meeting_id),
            invitee={"member": member(team, other)},
            acknowledge=EVERY_WARNING,
        )

        assert done["invitation"] == {"name": other.name, "required": True}
        assert done["meeting"] == {"id": ids.encode("Meeting", meeting_id)}

    async def test_takes_a_member_or_a_guest(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> None:
        guest = {"name": "Gil", "role": "FRIEND", "basis": "CONSENT"}
        before = await stage.state()
        wrong: list[dict[str, Any]] = [{}, {"member": member(team, helen), "guest": guest}]
        document = (
            "mutation ($input: InviteToMeetingInput!) { inviteToMeeting(input: $input)"
            " { __typename } }"
        )
        meeting = ids.encode("Meeting", meeting_id)
        for invitee in wrong:
            given = {"meetingId": meeting, "invitee": invitee}
            body = await body_of(team.lead, document, input=given)
            assert "xactly one" in body["errors"][0]["message"]
        refused = await do(
            team.lead,
            "inviteToMeeting",
            "",
            meetingId=meeting,
            invitee={"guest": guest | {"part": part("15:00", "14:00")}},
        )
        assert refused["field"] == "invitee.guest.part.endsAt"
        assert await stage.state() == before

    async def test_was_held_before_it_was_recorded(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        done = await do(
            team.lead,
            "recordPastMeeting",
            "... on PastMeetingRecorded { meeting { heldBefore place"
            " invitations { attendance } } }",
            teamId=ids.encode("Team", team.team_id),
            purpose="A telephone call",
            slot={"startsAt": "2026-02-25T10:00", "endsAt": "2026-02-25T10:30"},
            members=[member(team, helen) | {"attendance": "ATTENDED"}],
        )

        assert done["meeting"] == {
            "heldBefore": True,
            "place": "",
            "invitations": [{"attendance": "ATTENDED"}],
        }
        assert (await stage.counts())["outbox_entry"] == 0


class TestAnInvitation:
    @pytest.fixture
    async def meeting_id(self, stage: Stage, team: ATeam) -> UUID:
        return await stage.meeting(team, starts_in=timedelta(days=14))

    @pytest.fixture
    async def invitation_id(
        self, stage: Stage, team: ATeam, helen: Somebody, meeting_id: UUID
    ) -> UUID:
        return await stage.invitation(team, meeting_id, helen)

    async def given(self, stage: Stage, invitation_id: UUID, **more: Any) -> dict[str, Any]:
        version = await version_of(stage, "invitation", invitation_id)
        return {"invitationId": ids.encode("Invitation", invitation_id), "version": version, **more}

    async def test_is_taken_back(self, stage: Stage, team: ATeam, invitation_id: UUID) -> None:
        done = await do(
            team.lead,
            "withdrawInvitation",
            "... on InvitationTakenBack { invitation { withdrawnAt"
            " can { answerInvitation withdrawInvitation } }"
            " meeting { invitations { id } } }",
            **await self.given(stage, invitation_id),
        )

        assert done["invitation"] == {
            "withdrawnAt": "2026-03-02T09:00:00+00:00",
            "can": {"answerInvitation": False, "withdrawInvitation": False},
        }
        assert done["meeting"] == {"invitations": []}

    async def test_is_told_by_telephone(self, stage: Stage, team: ATeam, meeting_id: UUID) -> None:
        by_phone = await stage.invitation(team, meeting_id, team.family.parent, invited_by="PHONE")

        done = await do(
            team.lead,
            "recordTold",
            "... on ToldRecorded { invitation { toldAt } }",
            **await self.given(stage, by_phone),
        )

        assert done["invitation"] == {"toldAt": "2026-03-02T09:00:00+00:00"}

    async def test_is_answered_by_whom_it_is_for(
        self, stage: Stage, helen: Somebody, invitation_id: UUID
    ) -> None:
        done = await do(
            helen,
            "answerInvitation",
            "... on InvitationAnswered { invitation { answer comment answerSource answeredAt } }",
            invitationId=ids.encode("Invitation", invitation_id),
            answer="TENTATIVE",
            comment="If the clinic ends in time",
        )

        assert done["invitation"] == {
            "answer": "TENTATIVE",
            "comment": "If the clinic ends in time",
            "answerSource": "SIGNED_IN",
            "answeredAt": "2026-03-02T09:00:00+00:00",
        }

    async def test_has_its_answer_recorded_by_who_was_told(
        self, stage: Stage, team: ATeam, invitation_id: UUID
    ) -> None:
        done = await do(
            team.lead,
            "recordAnswer",
            "... on AnswerRecorded { invitation { answer answerSource } }",
            **await self.given(stage, invitation_id, answer="DECLINED", comment="On holiday"),
        )

        assert done["invitation"] == {"answer": "DECLINED", "answerSource": "RECORDED_BY_LEAD"}

    async def test_has_its_attendance_recorded(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        held = await stage.meeting(team, starts_in=timedelta(hours=-2))
        invitation_id = await stage.invitation(team, held, helen)

        done = await do(
            team.lead,
            "recordAttendance",
            "... on AttendanceRecorded { invitation { attendance attendanceNote } }",
            **await self.given(stage, invitation_id, attendance="SUBSTITUTE", note="Hana came"),
        )

        assert done["invitation"] == {"attendance": "SUBSTITUTE", "attendanceNote": "Hana came"}


class TestTheHolderOfALink:
    async def test_answers_the_invitation_of_their_link(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await stage.meeting(team)
        invitation_id = await stage.invitation(team, meeting_id, helen)

        done = await do(
            helen,
            "answerInvitation",
            "... on InvitationAnswered { invitation { answer answerSource } }",
            link=invitation_id,
            invitationId=ids.encode("Invitation", invitation_id),
            answer="ACCEPTED",
        )

        assert done["invitation"] == {"answer": "ACCEPTED", "answerSource": "LINK"}

    async def test_answers_no_other_not_even_their_own(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        link = await stage.invitation(team, await stage.meeting(team), helen)
        mine = await stage.invitation(team, await stage.meeting(team), helen)
        theirs = await stage.invitation(team, await stage.meeting(team), team.lead)
        before = await stage.state()
        answers = [
            await do(
                helen,
                "answerInvitation",
                "",
                link=link,
                invitationId=ids.encode("Invitation", other),
                answer="ACCEPTED",
            )
            for other in (mine, theirs, uuid4())
        ]

        assert {each["code"] for each in answers} == {"NOT_FOUND"}
        assert answers[0] == answers[1] == answers[2]
        assert await stage.state() == before

    async def test_does_nothing_else_in_that_persons_name(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        meeting_id = await stage.meeting(team)
        link = await stage.invitation(team, meeting_id, team.lead)
        before = await stage.state()

        refused = [
            await do(
                team.lead,
                "cancelMeeting",
                "",
                link=link,
                meetingId=ids.encode("Meeting", meeting_id),
                reason="x",
                version=await version_of(stage, "meeting", meeting_id),
            ),
            await do(
                team.lead,
                "conveneTafMeeting",
                "",
                link=link,
                **convening(team, member(team, helen)),
            ),
        ]

        assert {each["code"] for each in refused} == {"NOT_FOUND"}
        assert await stage.state() == before


class TestWhoeverIsOutside:
    async def test_finds_nothing_to_change_or_preview(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        outsider = await stage.practitioner("Otto Outside")
        meeting_id = await stage.meeting(team)
        invitation_id = await stage.invitation(team, meeting_id, helen)
        before = await stage.state()
        for real in (True, False):
            meeting = {
                "meetingId": ids.encode("Meeting", meeting_id if real else uuid4()),
                "version": uuid4().hex,
            }
            invitation = {
                "invitationId": ids.encode("Invitation", invitation_id if real else uuid4()),
                "version": uuid4().hex,
            }
            for mutation, given in (
                ("conveneTafMeeting", convening(team, member(team, helen))),
                ("rescheduleMeeting", meeting | {"slot": SLOT}),
                ("changePlace", meeting | {"venue": VENUE}),
                ("cancelMeeting", meeting | {"reason": "x"}),
                ("setAgenda", meeting | {"agenda": "x"}),
                ("withdrawInvitation", invitation),
                ("recordTold", invitation),
                ("recordAttendance", invitation | {"attendance": "ABSENT"}),
                ("recordAnswer", invitation | {"answer": "DECLINED"}),
            ):
                refused = await do(outsider, mutation, "", **given)
                assert refused == {
                    "__typename": "NotFound",
                    "code": "NOT_FOUND",
                    "message": "There is nothing here under that id.",
                    "field": None,
                }, mutation
        assert await stage.state() == before

    async def test_a_guest_answers_and_sees_no_more(self, stage: Stage, team: ATeam) -> None:
        guest = await stage.practitioner("Ingrid Interpreter")
        meeting_id = await stage.meeting(team, team.lead)
        invitation_id = await guest_of(stage, meeting_id, guest)

        done = await do(
            guest,
            "answerInvitation",
            "... on InvitationAnswered { invitation { answer meeting { purpose invitations { name }"
            " } } }",
            invitationId=ids.encode("Invitation", invitation_id),
            answer="ACCEPTED",
        )

        assert done["invitation"] == {
            "answer": "ACCEPTED",
            "meeting": {"purpose": None, "invitations": [{"name": "Ingrid Interpreter"}]},
        }


class TestWhatIsNotForEverybody:
    READ = (
        "query ($id: ID!) { meeting(id: $id) { place cancelledReason"
        " myInvitation { basis attendanceNote } } }"
    )

    async def test_is_kept_from_the_family_and_from_guests(
        self, stage: Stage, helen: Somebody, team: ATeam
    ) -> None:
        parent, guest = team.family.parent, await stage.practitioner("Gina Guest")
        meeting_id = await stage.meeting(
            team,
            place="12 Rose Street",
            place_kind="FAMILY_HOME",
            cancelled_at=stage.now,
            cancelled_reason="The father was arrested",
        )
        await stage.invitation(team, meeting_id, parent, attendance_note="Came drunk")
        await guest_of(stage, meeting_id, guest, attendance_note="Came late")
        found = {
            somebody.name: (await ask(somebody, self.READ, id=ids.encode("Meeting", meeting_id)))[
                "meeting"
            ]
            for somebody in (helen, parent, guest)
        }

        assert found[helen.name]["cancelledReason"] == "The father was arrested"
        assert found[helen.name]["place"] == found[parent.name]["place"] == "12 Rose Street"
        assert found[guest.name]["place"] == ""
        for name in (parent.name, guest.name):
            assert found[name]["cancelledReason"] is None
            assert found[name]["myInvitation"] == {"basis": None, "attendanceNote": None}
