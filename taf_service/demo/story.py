"""The story of one TAF meeting, told through the public endpoint; every step is checked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from schema import ids
from taf_service import directory
from taf_service.core.clock import LONDON
from taf_service.core.ids import new_id
from taf_service.demo import documents
from taf_service.demo.catcher import Catcher, CaughtMessage
from taf_service.demo.client import Api, answer_by_link
from taf_service.demo.seeds import Cast
from taf_service.demo.telling import StepFailed, Steps, say
from taf_service.web import graphiql

WAIT_SECONDS = 30
NOTICE_DAYS = 16
_HEADERS = ("From", "Reply-To", "To", "Subject", "Message-ID", "Auto-Submitted")


@dataclass(frozen=True, slots=True)
class Signposts:
    """Where to look and what to try while the demo keeps serving."""

    web: str
    mail: str
    cast: Cast

    def text(self) -> str:
        tokens = "\n".join(
            f"  {token:<20} {self.cast.words[token]}"
            for token in sorted(self.cast.tokens)
            if token in self.cast.words
        )
        return (
            f"\nGraphQL      {self.web}/graphql\nGraphiQL     {self._graphiql()}\n"
            f"Caught mail  {self.mail}/mail/\n\n"
            f"Sign-in tokens (invented):\n{tokens}\n\nTry:\n"
            f"  curl -s {self.web}/graphql -H 'authorization: Bearer demo-lead'"
            " -H 'content-type: application/json' \\\n"
            '    -d \'{"query": "{ me { name meetings { nodes { startsAt invitations { name'
            " answer deliveries { words } } } } } }\"}'\n\nStop with Ctrl-C."
        )

    def _graphiql(self) -> str:
        if graphiql.is_installed():
            return f"{self.web}/graphiql"
        return "not installed: run make node"


async def tell(web: str, catcher: Catcher, cast: Cast) -> None:
    """Play it from beginning to end. Errors: `StepFailed` at the first step that fails."""
    story = _Story(web, catcher, cast)
    for step in (
        story.meet_the_team,
        story.be_refused,
        story.preview,
        story.convene,
        story.read_the_mail,
        story.answer,
        story.see_the_answer,
        story.raise_an_action,
        story.be_an_outsider,
        story.find_no_name,
    ):
        await step()


class _Story:
    def __init__(self, web: str, catcher: Catcher, cast: Cast) -> None:
        self._web = web
        self._catcher = catcher
        self._cast = cast
        self._steps = Steps()
        self._lead = Api(web, "demo-lead")

    async def meet_the_team(self) -> None:
        data = await self._lead.ask(documents.FAMILY)
        self._me = data["me"]["name"]
        self._family = data["myFamilies"]["nodes"][0]
        self._team = self._family["team"]
        self._members = {member["name"]: member for member in self._team["members"]}
        self._steps.tell(f"{self._me} signs in and sees the team around the {self._name} family:")
        for name, member in self._members.items():
            where = member["agency"]["name"] if member["agency"] else "family"
            say(f"     {name} ({where}){', lead practitioner' if member['isLead'] else ''}")

    async def be_refused(self) -> None:
        self._steps.tell("She asks both parents, who must not meet. The service refuses:")
        given = self._meeting("Sunita Verma", "Dana Marlowe")
        given["members"].append(self._invitee("Chris Marlowe", "POST"))
        done = (await self._lead.ask(documents.CONVENE, input=given))["done"]
        _check(done.get("code") == "CANNOT_BE_INVITED_TOGETHER", f"expected a refusal, got {done}")
        _check(not self._catcher.messages(), "a refused meeting sent mail")
        say(f"     {done['code']}: {done['message']}")

    async def preview(self) -> None:
        self._steps.tell("She looks at what would be sent before anything is:")
        done = await self._lead.act(documents.PREVIEW, "MeetingPreview", **self._invitation())
        for message in done["messages"]:
            what = message["subject"] if message["sends"] else message["why"]
            say(f"     {message['name']}: {what}")
        for warning in done["warnings"]:
            say(f"     Warning {warning['code']}: {warning['message']}")
        _check(not self._catcher.messages(), "a preview sent mail")

    async def convene(self) -> None:
        done = await self._lead.act(documents.CONVENE, "MeetingConvened", **self._invitation())
        self._meeting_id = done["meeting"]["id"]
        again = await self._lead.act(documents.CONVENE, "MeetingConvened", **self._invitation())
        _check(again["meeting"]["id"] == self._meeting_id, "a repeat convened a second meeting")
        starts_at = datetime.fromisoformat(done["meeting"]["startsAt"]).astimezone(LONDON)
        self._steps.tell(
            f"She convenes the TAF meeting, for {starts_at:%A %-d %B %Y at %H:%M}. Her client sends"
            " the request twice; it happens once."
        )

    async def read_the_mail(self) -> None:
        expected = 4
        caught = await _eventually(
            lambda: _after(self._catcher.messages, lambda found: len(found) >= expected),
            f"{expected} invitations to arrive",
        )
        self._steps.tell(f"{len(caught)} invitations leave by SMTP, one for each person:")
        for message in caught:
            say(f"     to {message.recipient}: {message.subject} ({message.method})")
        self._to_school = _to(caught, "sunita.verma@")
        say(f"\n   One of them, as it arrived ({self._to_school.path}):\n")
        view = self._to_school.view()
        for name, value in view.headers:
            if name in _HEADERS:
                say(f"     {name}: {value}")
        for line in (view.calendar or "").splitlines():
            say(f"     | {line}")
        _check(view.calendar is not None, "the invitation has no calendar part")

    async def answer(self) -> None:
        text = self._to_school.view().text or ""
        link = re.search(rf"{re.escape(self._web)}/r/\S+", text)
        if link is None:
            raise StepFailed("the invitation has no link to answer by")
        heading = await answer_by_link(link[0], "ACCEPTED", "I can bring the reading scores.")
        _check(heading == "Thank you", f"the page says {heading}")
        self._steps.tell("Sunita Verma opens the link in her mail and presses “Yes, I will come”.")

    async def see_the_answer(self) -> None:
        async def accepted() -> Any:
            meeting = (await self._lead.ask(documents.MEETING, id=self._meeting_id))["meeting"]
            sent = [d["state"] for i in meeting["invitations"] for d in i["deliveries"]]
            return meeting if sent and set(sent) == {"ACCEPTED"} else None

        meeting = await _eventually(accepted, "every message to be accepted")
        self._steps.tell(f"{self._me} sees who was reached and who has answered:")
        for invitation in meeting["invitations"]:
            delivery = (
                invitation["deliveries"][-1]["words"]
                if invitation["deliveries"]
                else (f"To be told: {invitation['invitedBy'].lower().replace('_', ' ')}.")
            )
            said = f" “{invitation['comment']}”" if invitation["comment"] else ""
            say(f"     {invitation['name']}: {invitation['answer']}{said}. {delivery}")
        answers = {i["name"]: i["answer"] for i in meeting["invitations"]}
        _check(answers["Sunita Verma"] == "ACCEPTED", "the answer did not arrive")

    async def raise_an_action(self) -> None:
        raised = await self._lead.act(
            documents.RAISE,
            "ActionRaised",
            teamId=self._team["id"],
            text="Ask for a place in the breakfast club",
            dueOn=str(_weekday_after(NOTICE_DAYS)),
            owner={"membershipId": self._members["Sunita Verma"]["id"]},
            meetingId=self._meeting_id,
        )
        action = raised["action"]
        done = await Api(self._web, "demo-school").act(
            documents.REPORT,
            "ProgressReported",
            actionId=action["id"],
            status="IN_PROGRESS",
            note="Rang them; they have a place from Monday.",
            version=action["version"],
        )
        self._steps.tell(
            f"An action is raised for {action['owner']['name']}, due {action['dueOn']}; she reports"
            f" it {done['action']['status']}."
        )

    async def be_an_outsider(self) -> None:
        outsider = Api(self._web, "demo-outsider")
        invented = ids.encode("Family", new_id())
        hidden = await outsider.ask(documents.LOOK, id=self._family["id"])
        _check(hidden == await outsider.ask(documents.LOOK, id=invented), "the two answers differ")
        _check(hidden == {"node": None, "family": None}, f"an outsider saw {hidden}")
        self._steps.tell(
            "A housing officer outside the team asks for the family by its id, and for an invented"
            f" id: the same answer, {hidden}."
        )

    async def find_no_name(self) -> None:
        for message in self._catcher.messages():
            view = message.view()
            written = " ".join(
                [str(view.headers), view.text or "", view.html or "", view.calendar or ""]
            )
            named = self._cast.names & set(re.findall(r"\w+", written))
            _check(not named, f"{message.path.name} names somebody of a family")
        self._steps.tell("No message names a child or a family.")

    @property
    def _name(self) -> str:
        name: str = self._family["name"]
        return name

    def _invitation(self) -> dict[str, Any]:
        given = self._meeting("Lena Quist", "Sunita Verma", "Helen Achebe", "Dana Marlowe")
        given["members"].append(self._invitee("Harvey Stone", "PHONE"))
        return {**given, "idempotencyKey": f"the-story-of-{self._team['id']}"}

    def _meeting(self, *names: str) -> dict[str, Any]:
        day = _weekday_after(NOTICE_DAYS)
        return {
            "teamId": self._team["id"],
            "purpose": "Agree the plan for the new term",
            "slot": {"startsAt": f"{day}T14:00", "endsAt": f"{day}T15:00"},
            "venue": {"place": "Riverside Library, room 2", "placeKind": "PUBLIC_VENUE"},
            "members": [self._invitee(name, "EMAIL") for name in names],
            "noteTakerMembershipId": self._members["Sunita Verma"]["id"],
        }

    def _invitee(self, name: str, invited_by: str) -> dict[str, Any]:
        return {"membershipId": self._members[name]["id"], "invitedBy": invited_by}


def _check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise StepFailed(otherwise)


def _to(caught: list[CaughtMessage], start: str) -> CaughtMessage:
    found = [message for message in caught if message.recipient.startswith(start)]
    _check(len(found) == 1, f"{len(found)} messages went to {start}")
    return found[0]


def _weekday_after(days: int) -> date:
    today = datetime.now(LONDON).date()  # noqa: TID251 - a client of the service has its own clock
    later = (today + timedelta(days + more) for more in range(14))
    return next(day for day in later if directory.is_working_day(day))


async def _after(read: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
    found = await asyncio.to_thread(read)
    return found if enough(found) else None


async def _eventually(look: Callable[[], Awaitable[Any]], what: str) -> Any:
    """What `look` finds, once it finds something."""
    for _ in range(WAIT_SECONDS * 10):
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(0.1)
    raise StepFailed(f"waited {WAIT_SECONDS} seconds for {what}")
