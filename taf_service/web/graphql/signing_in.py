"""From a request's bearer token to the person behind it."""

from __future__ import annotations

from taf_service import access
from taf_service.web.graphql.arriving import Headers, text_of
from taf_service.web.graphql.refused import Refused

MOST_KNOWN = 10_000


class SigningIn:
    """Takes an identity for whom it was last time: what is read for them looks again.

    So it costs no trip of its own, and a disabled account is still out with the next request.
    """

    def __init__(self, verifier: access.Verifier) -> None:
        self._verifier = verifier
        self._known: dict[access.Identity, access.Actor] = {}

    async def identity_of(self, headers: Headers) -> access.Identity:
        """Errors: `Refused` (401), the same whatever is wrong with the token."""
        scheme, _, token = (text_of(headers, b"authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "Send a bearer token in the Authorization header.")
        try:
            return await self._verifier.identity(token.strip())
        except access.InvalidToken:
            raise not_accepted() from None

    async def actor_of(self, identity: access.Identity) -> access.Actor:
        """Errors: `Refused` (401) when nobody signs in with it."""
        known = self._known.get(identity)
        if known is not None:
            return known
        try:
            actor = await access.actor_for(identity)
        except access.InvalidToken:
            raise not_accepted() from None
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[identity] = actor
        return actor

    def forget(self, identity: access.Identity) -> None:
        self._known.pop(identity, None)


def not_accepted() -> Refused:
    return Refused(401, "This token is not accepted.")
