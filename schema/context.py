"""What a resolver knows of its request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import strawberry

from taf_service.core.actors import Actor, Request


@dataclass(frozen=True, slots=True)
class Context:
    """`actor` is the person signed in, or (`by_link`) whoever holds a link from a mail."""

    actor: Actor
    by_link: bool = False


Info = strawberry.Info[Context, None]


def request_of(info: Info, given: Any) -> Request:
    """One act of the viewer: with the key and the acknowledgements that came in the input."""
    return Request(
        actor=info.context.actor,
        idempotency_key=getattr(given, "idempotency_key", None),
        acknowledged=frozenset(code.value for code in getattr(given, "acknowledge", None) or ()),
    )
