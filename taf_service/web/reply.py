"""Answering an invitation by the link in a mail, without an account and without case content.

GET and HEAD change nothing: mail scanners follow links (invitations rule 35). The page gets its
data as every client does, from the schema, with the link's holder as the viewer. It never shows a
message that was sent with an earlier answer: mail is passed on, and mailboxes are shared.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from schema.context import Context
from schema.execute import OutOfTime, answer
from schema.ids import encode
from schema.scalars import LONGEST_COMMENT
from taf_service import access
from taf_service.web.pages import HERE, page
from taf_service.web.times import in_words

_SHOW = (HERE / "documents" / "reply.graphql").read_text()
_ANSWER = (HERE / "documents" / "answer.graphql").read_text()
_ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED")
_FORM_SECONDS = 24 * 3600
_BODY = 32 * 1024

_TOO_MUCH = "Your answer was not recorded, because your message is too long. Use fewer words."
_TOO_OLD = "Your answer was not recorded, because this page was open for too long. Choose it again."
_NO_CHOICE = "Choose one of the three answers."
_UNUSUAL = (
    f"Use at most {LONGEST_COMMENT:,} characters, and no unusual ones, in your message. Your"
    " answer was not recorded yet."
)


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
        try:
            holder = await access.holder_of(token)
            invitation = holder and await _invitation(holder)
        except _OutOfOrder:
            return page("trouble.html", status=503)
        return self._asked(token, invitation) if invitation else _ended()

    async def answer(self, request: Request) -> Response:
        """Record the answer of whoever holds the link, if they were shown the form."""
        token = request.path_params["token"]
        holder = await access.holder_of(token)
        if holder is None:
            return _ended()
        given = await _form(request)
        try:
            problem = await self._answered(token, holder, given)
            invitation = await _invitation(holder)
        except _OutOfOrder:
            return page("trouble.html", status=503)
        if invitation is None:
            return _ended()
        if problem is None:
            return page("answered.html", **invitation)
        return self._asked(token, invitation, problem, (given or {}).get("comment", ""))

    async def _answered(
        self, token: str, holder: access.LinkHolder, given: dict[str, str] | None
    ) -> str | None:
        """None when the answer was recorded; else why not, in words."""
        if given is None:
            return _TOO_MUCH
        if not self._shown(token, given.get("form", "")):
            return _TOO_OLD
        return await _record(holder, given)

    def _asked(
        self,
        token: str,
        invitation: dict[str, Any],
        problem: str | None = None,
        comment: str = "",
    ) -> Response:
        return page(
            "reply.html",
            status=200 if problem is None else 422,
            form=self._forms.dumps(_digest(token)),
            problem=problem,
            comment=comment,
            longest=LONGEST_COMMENT,
            **invitation,
        )

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
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _BODY:
                return None
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=10))
    except (ClientDisconnect, ValueError):
        return None


async def _invitation(holder: access.LinkHolder) -> dict[str, Any] | None:
    """What the page may say: who asks, when, and the answer so far."""
    body = await _run(_SHOW, {"id": encode("Invitation", holder.invitation_id)}, holder)
    found = body["data"]["invitation"]
    if found is None or found["meeting"] is None or found["meeting"]["cancelledAt"]:
        return None
    meeting = found["meeting"]
    starts_at = found["partStartsAt"] or meeting["startsAt"]
    ends_at = found["partEndsAt"] or meeting["endsAt"]
    return {
        "asks": meeting["convener"],
        "when": in_words(starts_at, ends_at, meeting["zone"]),
        "answer": found["answer"],
    }


async def _record(holder: access.LinkHolder, given: dict[str, str]) -> str | None:
    """Answer through the API; returns the words of a refusal, if there is one."""
    if given.get("answer") not in _ANSWERS:
        return _NO_CHOICE
    chosen = {
        "invitationId": encode("Invitation", holder.invitation_id),
        "answer": given["answer"],
        "comment": given.get("comment", ""),
    }
    body = await _run(_ANSWER, {"input": chosen}, holder)
    if body.get("data") is None:
        return _UNUSUAL
    words: str | None = body["data"]["answerInvitation"].get("message")
    return words


class _OutOfOrder(Exception):
    """The service cannot answer at the moment."""


async def _run(
    document: str, variables: dict[str, Any], holder: access.LinkHolder
) -> dict[str, Any]:
    """The body of the API's answer. Errors: `_OutOfOrder`."""
    context = Context(access.Actor(holder.person_id), link_invitation_id=holder.invitation_id)
    try:
        done = await answer(document, variables, None, context=context, introspection=False)
    except OutOfTime:
        raise _OutOfOrder from None
    body = done.read()
    if any("errorId" in error.get("extensions", {}) for error in body.get("errors", ())):
        raise _OutOfOrder
    return body


def _ended() -> Response:
    """The same page whether the link expired, was revoked or never existed."""
    return page("ended.html", status=404)
