"""Answering an invitation by the link in a mail, without an account and without case content.

GET and HEAD change nothing: mail scanners follow links (invitations rule 35). The page gets its
data as every client does, from the schema, with the link's holder as the viewer.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import jinja2
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from schema.context import Context
from schema.execute import answer
from schema.ids import encode
from schema.scalars import LONGEST_COMMENT
from taf_service import access

_HERE = Path(__file__).parent
_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_SHOW = (_HERE / "documents" / "reply.graphql").read_text()
_ANSWER = (_HERE / "documents" / "answer.graphql").read_text()
_ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED")
_FORM_SECONDS = 24 * 3600
_BODY = 32 * 1024


def reply_routes(key: str) -> list[Route]:
    """The pages under `/r/`; `key` signs their forms."""
    pages = ReplyPages(URLSafeTimedSerializer(key, salt="reply-form"))
    return [
        Route("/r/{token}", pages.show, methods=["GET", "HEAD"]),
        Route("/r/{token}", pages.answer, methods=["POST"]),
    ]


class ReplyPages:
    """One page, shown and answered."""

    def __init__(self, forms: URLSafeTimedSerializer) -> None:
        self._forms = forms

    async def show(self, request: Request) -> Response:
        """Who asks and when, with three buttons; nothing is changed by looking."""
        token = request.path_params["token"]
        holder = await access.holder_of(token)
        invitation = holder and await _invitation(holder)
        if not holder or not invitation:
            return _ended()
        return _page("reply.html", form=self._forms.dumps(_digest(token)), **invitation)

    async def answer(self, request: Request) -> Response:
        """Record the answer of whoever holds the link, if they were shown the form."""
        token = request.path_params["token"]
        holder = await access.holder_of(token)
        if holder is None:
            return _ended()
        given = await _form(request)
        if given is None or not self._shown(token, given.get("form", "")):
            return _page("again.html", status=400)
        problem = await _record(holder, given)
        invitation = await _invitation(holder)
        if invitation is None:
            return _ended()
        if problem:
            form = self._forms.dumps(_digest(token))
            return _page("reply.html", status=422, form=form, **invitation | {"problem": problem})
        return _page("answered.html", **invitation)

    def _shown(self, token: str, form: str) -> bool:
        try:
            signed: object = self._forms.loads(form, max_age=_FORM_SECONDS)
        except BadSignature:
            return False
        return signed == _digest(token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


async def _form(request: Request) -> dict[str, str] | None:
    """The form's fields, or None when it is not a form of a sensible size."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY:
            return None
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=10))
    except ValueError:
        return None


async def _invitation(holder: access.LinkHolder) -> dict[str, Any] | None:
    """What the page may say: who asks, when, and the answer so far."""
    data = await _run(_SHOW, {"id": encode("Invitation", holder.invitation_id)}, holder)
    found = data["invitation"]
    if found is None or found["meeting"] is None or found["meeting"]["cancelledAt"]:
        return None
    meeting = found["meeting"]
    return {
        "asks": meeting["convener"],
        "when": _when(meeting),
        "answer": found["answer"],
        "comment": found["comment"],
        "problem": None,
        "longest": LONGEST_COMMENT,
    }


def _when(meeting: dict[str, Any]) -> str:
    zone = ZoneInfo(meeting["zone"])
    start, end = (
        datetime.fromisoformat(meeting[name]).astimezone(zone) for name in ("startsAt", "endsAt")
    )
    return f"{start:%A %-d %B %Y}, {start:%H:%M} to {end:%H:%M}"


async def _record(holder: access.LinkHolder, given: dict[str, str]) -> str | None:
    """Answer through the API; returns the words of a refusal, if there is one."""
    if given.get("answer") not in _ANSWERS:
        return "Choose one of the three answers."
    data = await _run(
        _ANSWER,
        {
            "input": {
                "invitationId": encode("Invitation", holder.invitation_id),
                "answer": given["answer"],
                "comment": given.get("comment", ""),
            }
        },
        holder,
    )
    if data is None:
        return "Use fewer characters, and no unusual ones, in your message."
    words: str | None = data["answerInvitation"].get("message")
    return words


async def _run(document: str, variables: dict[str, Any], holder: access.LinkHolder) -> Any:
    context = Context(access.Actor(holder.person_id), by_link=True)
    done = await answer(document, variables, None, context=context, introspection=False)
    return done.body.get("data")


def _page(template: str, *, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(_PAGES.get_template(template).render(**values), status)


def _ended() -> Response:
    """The same page whether the link expired, was revoked or never existed."""
    return _page("ended.html", status=404)
