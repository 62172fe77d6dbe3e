"""From a verified identity to the person behind it, and who signs in as whom."""

from __future__ import annotations

from uuid import UUID

from tortoise import connections

from taf_service import visibility
from taf_service.access.models import Account
from taf_service.access.tokens import Identity, InvalidToken
from taf_service.core.actors import Actor
from taf_service.core.work import Work


async def actor_for(identity: Identity) -> Actor:
    """The person whose account this is.

    Errors: `InvalidToken` when nobody's is, or it was disabled: the two are never told apart.
    """
    rows = await connections.get("default").execute_query_dict(
        "select person_signed_in_as($1, $2) as person_id", [identity.issuer, identity.subject]
    )
    person_id = rows[0]["person_id"]
    if person_id is None:
        raise InvalidToken("Nobody signs in with this.")
    return Actor(person_id)


async def account_of(
    work: Work, issuer: str, subject: str, *, lock: bool = False
) -> Account | None:
    """The account of an identity, if the actor may know of it."""
    found = await visibility.rows(
        work, Account, "r.issuer = $2 and r.subject = $3", issuer, subject, lock=lock
    )
    return found[0] if found else None


async def can_sign_in(work: Work, person_id: UUID) -> bool:
    found = await visibility.rows(
        work, Account, "r.person_id = $2 and r.disabled_at is null", person_id
    )
    return bool(found)


async def works_for_actor(work: Work, practitioner_id: UUID) -> bool:
    """Whether the practitioner works now in authorities that the actor administers, and no others.

    An agency that belongs to no one authority is everybody's. A post in one's own authority does
    not open the cases that somebody has in another: anybody may be given one.
    """
    rows = await connections.get("default").execute_query_dict(
        "select 1 from affiliation f join agency a on a.id = f.agency_id"
        " join my_office o on o.authority_id = coalesce(a.authority_id, o.authority_id)"
        " where f.practitioner_id = $2 and (f.until_on is null or f.until_on > $3)"
        " and o.person_id = $1 and o.office = 'ADMINISTRATOR'"
        " and not exists (select 1 from affiliation g join agency b on b.id = g.agency_id"
        " where g.practitioner_id = f.practitioner_id and (g.until_on is null or g.until_on > $3)"
        " and b.authority_id not in (select m.authority_id from my_office m"
        " where m.person_id = $1 and m.office = 'ADMINISTRATOR')) limit 1",
        [work.actor.person_id, practitioner_id, work.today()],
    )
    return bool(rows)


async def leaves_no_administrator(
    *, account_id: UUID | None = None, office_holder_id: UUID | None = None
) -> bool:
    """Whether some authority would have nobody left to let people in, were one of these to end.

    The authorities concerned stay locked until the commit, so that of two acts at once the second
    counts without the first.
    """
    rows = await connections.get("default").execute_query_dict(
        "select leaves_no_administrator($1, $2) as answer", [account_id, office_holder_id]
    )
    answer: bool = rows[0]["answer"]
    return answer
