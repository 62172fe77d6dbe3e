"""Who must not be in a team together."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from taf_service import families
from taf_service.core.errors import Attempt
from taf_service.core.work import Work
from taf_service.teams import rules


async def check_practitioner(
    work: Work, family_id: UUID, person_id: UUID, *, team: Collection[UUID] = ()
) -> None:
    """Whether somebody may work with a family, and with the people of its `team`.

    A practitioner sees the whole family, so its members count whether they are in the team or not.

    Errors: `ConflictOfInterest`, `TeamMustNotMeet`, `AskTheLead`.
    """
    relatives = {member.person_id for member in await families.members_of(work, family_id)}
    if person_id in relatives:
        raise rules.ConflictOfInterest(
            "They belong to this family: ask their agency for somebody else."
        )
    await check_may_meet(work, family_id, person_id, {*relatives, *team})


async def check_may_meet(
    work: Work, family_id: UUID, person_id: UUID, others: Collection[UUID]
) -> None:
    """Errors: `TeamMustNotMeet`; `AskTheLead` where the actor may not know why (domain, 5.1)."""
    apart = [
        pair
        for pair in await families.pairs_kept_apart(work, {person_id, *others})
        if person_id in (pair.person_a_id, pair.person_b_id)
    ]
    if any(pair.is_known for pair in apart):
        raise rules.TeamMustNotMeet(
            "They must not meet somebody who is here: ask for somebody else."
        )
    if apart:
        refusal = rules.AskTheLead("Ask the lead practitioner.")
        refusal.attempt = Attempt("team.addition_refused", person_id, family_id)
        raise refusal
