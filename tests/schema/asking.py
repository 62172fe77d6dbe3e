"""Asking the API as somebody, without the network."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from notifications.drafts import Letterhead
from schema.context import Context
from schema.execute import answer
from tests.stage import Somebody, Stage

LETTERHEAD = Letterhead("reply.taf.example", "https://taf.example")


async def body_of(
    somebody: Somebody, document: str, *, link: UUID | None = None, **variables: Any
) -> dict[str, Any]:
    """The whole body of the answer; a fault of ours fails the test that met it."""
    context = Context(somebody.actor, link_invitation_id=link, letterhead=LETTERHEAD)
    done = await answer(document, variables, None, context=context, introspection=False)
    body = done.read()
    assert not any("errorId" in e.get("extensions", {}) for e in body.get("errors", ()))
    return body


async def ask(
    somebody: Somebody, document: str, *, link: UUID | None = None, **variables: Any
) -> Any:
    """The data of an answer without errors."""
    body = await body_of(somebody, document, link=link, **variables)
    assert "errors" not in body, body["errors"]
    return body["data"]


async def guest_of(stage: Stage, meeting_id: UUID, somebody: Somebody, **values: Any) -> UUID:
    """An invitation for somebody outside the team."""
    return await stage.insert(
        "invitation",
        **{
            "meeting_id": meeting_id,
            "person_id": somebody.person_id,
            "guest_role": "INTERPRETER",
            "basis": "CONSENT",
            "required": False,
            "invited_by": "EMAIL",
            "uid": f"{uuid4()}@taf.example",
            "organiser": f"t-{uuid4().hex}@reply.taf.example",
            "sequence": 0,
            "reschedule_sequence": 0,
            "answer": "NEEDS_ACTION",
            "invited_at": stage.now,
            "version": uuid4(),
            **values,
        },
    )


async def version_of(stage: Stage, table: str, row_id: UUID) -> str:
    """As the API shows it."""
    return (await stage.version_of(table, row_id)).hex
