"""Meetings and invitations an actor may see, and what must be known before people are invited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from tortoise import connections

from taf_service import directory, families, teams, visibility
from taf_service.core.work import Work
from taf_service.meetings.models import Invitation, Meeting
from taf_service.meetings.rules import Slot


async def meeting_for(work: Work, meeting_id: UUID, *, lock: bool = False) -> Meeting:
    """Errors: `NotFound`."""
    return await visibility.one(work, Meeting, meeting_id, lock=lock)


async def invitation_for(work: Work, invitation_id: UUID, *, lock: bool = False) -> Invitation:
    """Errors: `NotFound`."""
    return await visibility.one(work, Invitation, invitation_id, lock=lock)


async def standing_invitations(work: Work, meeting: Meeting) -> list[Invitation]:
    """Those not withdrawn, locked."""
    return await visibility.rows(
        work, Invitation, "r.meeting_id = $2 and r.withdrawn_at is null", meeting.id, lock=True
    )


async def invitation_of(work: Work, meeting: Meeting, person_id: UUID) -> Invitation | None:
    """Their invitation to this meeting, standing or taken back, locked."""
    rows = await visibility.rows(
        work, Invitation, "r.meeting_id = $2 and r.person_id = $3", meeting.id, person_id, lock=True
    )
    return rows[0] if rows else None


async def family_of(_work: Work, meeting: Meeting) -> UUID:
    """Whose meeting it is, for the audit: a guest may not see the family, yet acts in its case."""
    rows = await connections.get("default").execute_query_dict(
        "select family_of_meeting($1) as id", [meeting.id]
    )
    family_id: UUID = rows[0]["id"]
    return family_id


async def people_around(work: Work, team: teams.Team) -> frozenset[UUID]:
    """The people in the team and in the family, as far as the actor may see."""
    members = await teams.members_of(work, team)
    relatives = await families.members_of(work, team.family_id)
    return frozenset([m.person_id for m in members] + [r.person_id for r in relatives])


async def asked_elsewhere(
    work: Work, times: Mapping[UUID, Slot], *, apart_from: UUID | None
) -> frozenset[UUID]:
    """Those among the people of `times` whom another meeting asks for at that time.

    Only by meetings and invitations that the actor may see, so that a hidden one never shows
    (security, "suggestions and warnings use only what the asker may see").
    """
    rows = await visibility.rows(
        work,
        Invitation,
        "r.withdrawn_at is null and r.answer <> 'DECLINED'"  # noqa: S608 - ours
        " and r.meeting_id is distinct from $5::uuid and exists ("
        "select 1 from meeting m join unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[])"
        " as w (person_id, starts_at, ends_at) on w.person_id = r.person_id"
        " where m.id = r.meeting_id and m.cancelled_at is null"
        f" and {visibility.predicate('meeting', row='m', actor='$1::uuid')}"
        " and coalesce(r.part_starts_at, m.starts_at) < w.ends_at"
        " and coalesce(r.part_ends_at, m.ends_at) > w.starts_at)",
        list(times),
        [slot.starts_at for slot in times.values()],
        [slot.ends_at for slot in times.values()],
        apart_from,
    )
    return frozenset(row.person_id for row in rows)


async def readers_among(_work: Work, address: str, people: Collection[UUID]) -> frozenset[UUID]:
    """Those among `people` who read `address`, as far as the actor may know."""
    rows = await connections.get("default").execute_query_dict(
        "select b.person_id from mailbox b join email_address a on a.id = b.address_id"
        " where a.address = $1 and b.ended_at is null and b.person_id = any($2::uuid[])",
        [address.lower(), list(people)],
    )
    return frozenset(row["person_id"] for row in rows)


async def is_known_to_share(_work: Work, one: UUID, other: UUID) -> bool:
    """Whether the actor may know that two people read the same address: row security decides."""
    rows = await connections.get("default").execute_query_dict(
        "select exists (select 1 from mailbox a join mailbox b on b.address_id = a.address_id"
        " where a.ended_at is null and b.ended_at is null"
        " and a.person_id = $1 and b.person_id = $2) as is_known",
        [one, other],
    )
    return bool(rows[0]["is_known"])


async def mailbox_at_work(
    work: Work, practitioner: directory.Practitioner, *, agency_id: UUID | None, address: str | None
) -> UUID | None:
    """Where a practitioner is written to: a mailbox of their own at an agency they work for now.

    A role mailbox is nobody's own, so it does not count (domain, edge case 12). Without an agency
    or an address any will do, the newest post first.
    """
    rows = await connections.get("default").execute_query_dict(
        "select f.mailbox_id from affiliation f join mailbox b on b.id = f.mailbox_id"
        " join email_address a on a.id = b.address_id"
        " where f.practitioner_id = $1 and f.from_on <= $2"
        " and (f.until_on is null or f.until_on > $2)"
        " and ($3::uuid is null or f.agency_id = $3) and ($4::text is null or a.address = $4)"
        " and b.ended_at is null and b.person_id = $5 order by f.from_on desc, f.id limit 1",
        [
            practitioner.id,
            work.today(),
            agency_id,
            None if address is None else address.lower(),
            practitioner.person_id,
        ],
    )
    return rows[0]["mailbox_id"] if rows else None


async def guest_at(_work: Work, meeting: Meeting, name: str, address: str) -> UUID | None:
    """The person of an earlier invitation of the same guest to this meeting."""
    rows = await connections.get("default").execute_query_dict(
        "select i.person_id from invitation i join mailbox b on b.id = i.guest_mailbox_id"
        " join email_address a on a.id = b.address_id join person p on p.id = i.person_id"
        " where i.meeting_id = $1 and i.guest_role is not null"
        " and a.address = $2 and lower(p.name) = lower($3)",
        [meeting.id, address.lower(), name],
    )
    return rows[0]["person_id"] if rows else None
