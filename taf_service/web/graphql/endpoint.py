"""`/graphql`: one request in, one answer out, nothing unlimited."""

from __future__ import annotations

import asyncio

from graphql import GraphQLError, OperationType
from starlette.types import Receive, Scope, Send

from schema.context import Context, Letterhead
from schema.documents import Documents, kind_of
from schema.execute import OutOfTime, SignedOut, answer, mask
from taf_service import access
from taf_service.web.graphql import asked, media, reply
from taf_service.web.graphql.arriving import Arriving, text_of
from taf_service.web.graphql.asked import Asked
from taf_service.web.graphql.refused import NotRegistered, Refused
from taf_service.web.graphql.reply import Reply
from taf_service.web.graphql.signing_in import SigningIn, not_accepted

DEADLINE = 10.0
"""Seconds that a request may take, from its headers to its answer."""
_TRICKLED = "The body took too long to arrive."
_TOO_SLOW = (
    "This took too long, or cannot be answered at the moment. A change that you asked for may still"
    " be made: repeat it with the same idempotencyKey."
)


class GraphQLEndpoint:
    """An ASGI application of its own, for signed-in clients.

    `introspection` only where the API may be explored (demo mode); `only_trusted` where nothing but
    registered documents may run. `deadline`: seconds.
    """

    def __init__(
        self,
        verifier: access.Verifier,
        documents: Documents,
        letterhead: Letterhead,
        *,
        introspection: bool = False,
        only_trusted: bool = False,
        deadline: float = DEADLINE,
    ) -> None:
        self._signing_in = SigningIn(verifier)
        self._documents = documents
        self._letterhead = letterhead
        self._introspection = introspection
        self._only_trusted = only_trusted
        self._deadline = deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every refusal is a GraphQL-shaped error with a status that fits."""
        arriving = Arriving(scope, receive)
        media_type = media.negotiate(text_of(arriving.headers, b"accept"))
        try:
            if media_type is None:
                raise Refused(406, f"Accept {media.RESPONSE_JSON} or {media.JSON}.")
            async with asyncio.timeout(self._deadline):
                made = await self._reply(arriving, media_type)
        except Refused as refused:
            made = reply.refusal(refused, media_type or media.JSON)
        except (TimeoutError, OutOfTime):
            late = Refused(503, _TOO_SLOW) if arriving.has_arrived else Refused(408, _TRICKLED)
            made = reply.refusal(late, media_type or media.JSON)
        except Exception as problem:  # noqa: BLE001 - the mask: nothing of a bug leaves the service
            masked = mask(GraphQLError("", original_error=problem))
            made = reply.failure(masked, 500, media_type or media.JSON)
        await reply.deliver(made, send)

    async def _reply(self, arriving: Arriving, media_type: str) -> Reply:
        if arriving.method not in ("GET", "POST"):
            raise Refused(405, "Ask by GET or POST.", allow="GET, POST")
        arriving.refuse_foreign_pages()
        identity = await self._signing_in.identity_of(arriving.headers)
        if arriving.is_get:
            given = asked.in_url(arriving.query_string)
        else:
            given = asked.in_body(await arriving.body())
        query = self._query(given, is_get=arriving.is_get)
        return await self._answered(query, given, identity, media_type)

    async def _answered(
        self, query: str, given: Asked, identity: access.Identity, media_type: str
    ) -> Reply:
        """Out of time, a read's statement is cancelled; an operation ends by itself."""
        actor = await self._signing_in.actor_of(identity)
        try:
            done = await answer(
                query,
                given.variables,
                given.operation_name,
                context=Context(actor, letterhead=self._letterhead, identity=identity),
                introspection=self._introspection,
            )
        except SignedOut:
            self._signing_in.forget(identity)
            raise not_accepted() from None
        return reply.answered(done, media_type)

    def _query(self, given: Asked, *, is_get: bool) -> str:
        """Errors: `Refused` (405): whatever a link leads to, following it changes nothing."""
        if given.document_id is not None:
            text = self._documents.text(given.document_id)
        else:
            text = None if self._only_trusted else given.query
        if text is None:
            raise NotRegistered("Name a registered document by its documentId.")
        if is_get and kind_of(text) not in (OperationType.QUERY, None):
            raise Refused(405, "Ask for changes by POST.", allow="POST")
        return text
