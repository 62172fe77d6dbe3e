"""Publishing operations: one mutation each, its refusals as data, its words from the domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.union import StrawberryUnion

from schema.problems import PROBLEMS, explain
from schema.sources import KIND
from taf_service.core.errors import Refusal
from taf_service.core.work import Operation


def mutation(operation: Operation[..., Any], success: type[Any]) -> Callable[[Any], Any]:
    """Publish `operation` under the resolver's name; what it did is answered as `success`.

    The resolver returns the operation's fact; the payload's fields are its references, each named
    without `_id` and read again through visibility.
    """

    def publish(resolver: Callable[..., Any]) -> Any:
        return strawberry.mutation(
            _explained(resolver, success),
            description=f"{operation.summary} {operation.policy.words}",
            graphql_type=_result(resolver.__name__, success),
        )

    return publish


def preview(operation: Operation[..., Any], success: type[Any]) -> Callable[[Any], Any]:
    """Publish what `operation` would do. The resolver returns `success`'s own values as a dict."""

    def publish(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(
            _explained(resolver, success),
            description=f"What this would send, before anything is sent: {operation.summary}",
            graphql_type=_result(resolver.__name__, success),
        )

    return publish


def _explained(resolver: Callable[..., Any], success: type[Any]) -> Callable[..., Any]:
    typename = success.__name__

    @wraps(resolver)
    async def answering(self: Any, info: Any, **arguments: Any) -> Any:
        try:
            done = await resolver(self, info, **arguments)
        except Refusal as refusal:
            return explain(refusal)
        return {KIND: typename, **(done if isinstance(done, dict) else _references(done))}

    return answering


def _references(fact: Any) -> dict[str, Any]:
    return {name.removesuffix("_id"): value for name, value in asdict(fact).items()}


def _result(resolver_name: str, success: type[Any]) -> StrawberryUnion:
    name = "".join(word.capitalize() for word in resolver_name.split("_"))
    return StrawberryUnion(
        name=f"{name}Result",
        type_annotations=tuple(StrawberryAnnotation(t) for t in (success, *PROBLEMS)),
        description=f"{success.__name__}, or why not.",
    )
