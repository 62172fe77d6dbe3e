"""From a verified identity to the person behind it."""

from __future__ import annotations

from taf_service.access.models import Account
from taf_service.access.tokens import Identity, InvalidToken
from taf_service.core.actors import Actor


async def actor_for(identity: Identity) -> Actor:
    """The person whose account this is.

    Errors: `InvalidToken` when nobody's is, or it was disabled: the two are never told apart.
    """
    account = await Account.get_or_none(
        issuer=identity.issuer, subject=identity.subject, disabled_at=None
    )
    if account is None:
        raise InvalidToken("Nobody signs in with this.")
    return Actor(account.person_id)
