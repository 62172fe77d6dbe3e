"""Who may be invited together, and who may be told by mail (domain, edge cases 1 to 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from taf_service import directory, families, teams
from taf_service.core.errors import Attempt
from taf_service.core.work import Work
from taf_service.families import Pair
from taf_service.meetings import rules
from taf_service.meetings.models import Meeting
from taf_service.meetings.operations.asking import Asked
from taf_service.meetings.queries import (
    is_known_to_share,
    mailbox_at_work,
    people_around,
    standing_invitations,
)
from taf_service.meetings.rules import Guest, InvitedBy

_UNEXPLAINED = "These people cannot be invited together. Ask the lead practitioner."


@dataclass(frozen=True, slots=True)
class Gathering:
    """Who will be there, and who of them is told of it by mail."""

    coming: frozenset[UUID]
    by_email: frozenset[UUID]


def gathering_of(asked: Iterable[Asked], *others: UUID) -> Gathering:
    everybody = list(asked)
    return Gathering(
        frozenset({one.person_id for one in everybody} | set(others)),
        frozenset(one.person_id for one in everybody if one.is_by_email),
    )


async def gathering_at(work: Work, meeting: Meeting) -> Gathering:
    """As the meeting stands."""
    invitations = await standing_invitations(work, meeting)
    roles = {meeting.convener_id, meeting.chair_id, meeting.note_taker_id}
    return Gathering(
        frozenset({row.person_id for row in invitations} | roles),
        frozenset(r.person_id for r in invitations if r.invited_by is InvitedBy.EMAIL),
    )


async def check_together(
    work: Work, team: teams.Team, gathering: Gathering, *, because_of: frozenset[UUID] | None = None
) -> None:
    """Refuse people who must not meet, and mail that somebody they must not meet would read.

    `because_of` leaves out what does not concern these people. The attempt stays on record.

    Errors: `KeptApart`, explained only to those who may know of every pair.
    """
    around = gathering.coming | await people_around(work, team)
    # Somebody who has left the family may still read a mailbox there.
    around |= await families.kept_apart_from(work, gathering.coming)
    apart = await families.pairs_kept_apart(work, around)
    if not apart:
        return
    reasons = _meetings(apart, gathering, because_of)
    reasons += await _readings(work, around, apart, gathering, because_of)
    if reasons:
        refusal = rules.KeptApart(await _explained(work, reasons), field="members")
        refusal.attempt = Attempt("meeting.kept_apart", team.id, team.family_id)
        raise refusal


@dataclass(frozen=True, slots=True)
class _Reason:
    """A pair that would meet; with `through`, one of them reads the mail of that person."""

    pair: Pair
    reader: UUID | None = None
    through: UUID | None = None


def _meetings(
    apart: Iterable[Pair], gathering: Gathering, because_of: frozenset[UUID] | None
) -> list[_Reason]:
    return [
        _Reason(pair)
        for pair in apart
        if {pair.person_a_id, pair.person_b_id} <= gathering.coming
        and _concerns(because_of, pair.person_a_id, pair.person_b_id)
    ]


async def _readings(
    work: Work,
    around: frozenset[UUID],
    apart: Sequence[Pair],
    gathering: Gathering,
    because_of: frozenset[UUID] | None,
) -> list[_Reason]:
    """Who would learn, from somebody else's mail, where somebody they must not meet will be."""
    shared = await families.pairs_sharing_a_mailbox(work, around)
    return [
        _Reason(pair, reader, through)
        for one, other in shared
        for through, reader in ((one, other), (other, one))
        if through in gathering.by_email
        for pair in apart
        for met in _others(pair, reader)
        if met in gathering.coming and _concerns(because_of, through, met)
    ]


def _concerns(because_of: frozenset[UUID] | None, *people: UUID) -> bool:
    return because_of is None or not because_of.isdisjoint(people)


def _others(pair: Pair, reader: UUID) -> set[UUID]:
    ids = {pair.person_a_id, pair.person_b_id}
    return ids - {reader} if reader in ids else set()


async def _explained(work: Work, reasons: Sequence[_Reason]) -> str:
    if not all([await _is_known(work, reason) for reason in reasons]):
        return _UNEXPLAINED
    return " ".join(dict.fromkeys([await _said(work, reason) for reason in reasons]))


async def _is_known(work: Work, reason: _Reason) -> bool:
    if reason.reader is None or reason.through is None:
        return reason.pair.is_known
    return reason.pair.is_known and await is_known_to_share(work, reason.through, reason.reader)


async def _said(work: Work, reason: _Reason) -> str:
    together = await names_of(work, [reason.pair.person_a_id, reason.pair.person_b_id])
    if reason.reader is None or reason.through is None:
        return f"{together} must not meet: invite one of them, or hold two meetings."
    reader, through = [await names_of(work, [p]) for p in (reason.reader, reason.through)]
    return (
        f"{together} must not meet, and {reader} may read mail to {through}:"
        f" choose how {through} is told instead."
    )


async def check_reached(work: Work, asked: Iterable[Asked]) -> None:
    """Refuse mail to those whom it cannot or must not reach, without saying which of the two.

    Errors: `NotByEmail`.
    """
    by_email = [one for one in asked if one.is_by_email]
    stopped = await families.people_stopped(work, {one.person_id for one in by_email})
    missed = [
        one for one in by_email if one.person_id in stopped or not await _is_reached(work, one)
    ]
    if missed:
        names = _listed([await _name_of(work, one) for one in missed])
        raise rules.NotByEmail(
            f"{names} cannot be told by email. Choose how they are told instead.",
            field=missed[0].field,
        )


async def _is_reached(work: Work, asked: Asked) -> bool:
    membership = asked.membership
    if membership is None:
        return asked.mailbox_id is not None
    if membership.family_member_id is not None:
        member = await families.family_member_for(work, membership.family_member_id)
        reach = await families.email_reach_of(work, member)
        return member.left_at is None and reach is families.EmailReach.REACHED
    assert membership.practitioner_id is not None, "a practitioner's membership names them"
    practitioner = await directory.practitioner_for(work, membership.practitioner_id)
    mailbox_id = await mailbox_at_work(
        work, practitioner, agency_id=membership.agency_id, address=None
    )
    return mailbox_id is not None


async def _name_of(work: Work, asked: Asked) -> str:
    """A guest is known by the name in the request: nobody knows the person behind it yet."""
    if isinstance(asked.how, Guest) and asked.how.practitioner_id is None:
        return asked.how.name.strip()
    return await names_of(work, [asked.person_id])


async def names_of(work: Work, people: Iterable[UUID]) -> str:
    """`A, B and C`, in the order of their names."""
    return _listed([await directory.name_of(work, person) or "Somebody" for person in people])


def _listed(names: Iterable[str]) -> str:
    *most, last = sorted(names)
    return f"{', '.join(most)} and {last}" if most else last
