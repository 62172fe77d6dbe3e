"""Builds the situations that tests play in, through the owner's connection.

Everything here is invented. Each method returns ids to act with; nothing asks a policy.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias, TypeVar
from uuid import UUID, uuid4

import asyncpg
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from taf_service import partnership
from taf_service.core import clock
from taf_service.core.actors import Actor, Request
from taf_service.core.work import Work

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
T = TypeVar("T")

ISSUER = "https://sign-in.example"

TABLES = [
    "audit_entry",
    "outbox_entry",
    "idempotency_key",
    "authority",
    "locality",
    "settings_version",
    "office_holder",
    "person",
    "email_address",
    "mailbox",
    "agency",
    "practitioner",
    "affiliation",
    "account",
    "family",
    "family_member",
    "relationship",
    "parental_responsibility",
    "contact_channel",
    "safe_contact",
    "no_contact",
    "stop_contact",
    "lead_enquiry",
    "team",
    "membership",
    "lead_tenure",
    "cover",
    "meeting",
    "invitation",
    "reply",
    "reply_link",
    "action",
    "action_progress",
]


READS_ASIDE = " where event not in ('case.opened', 'cases.listed')"


@dataclass(frozen=True)
class Somebody:
    """A person, as a practitioner or a family member; `ask` makes a request of theirs."""

    person_id: UUID
    name: str
    practitioner_id: UUID | None = None
    affiliation_id: UUID | None = None
    agency_id: UUID | None = None
    family_member_id: UUID | None = None
    address: str | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.person_id)

    def ask(self, key: str | None = None, *acknowledged: str) -> Request:
        return Request(self.actor, key, frozenset(acknowledged))


def place_of(somebody: Somebody) -> UUID:
    """Their place in the family, for those who have one."""
    assert somebody.family_member_id is not None
    return somebody.family_member_id


async def at_work(somebody: Somebody, act: Callable[[Work], Awaitable[T]]) -> T:
    """`act` in a transaction of theirs that commits, as inside an operation."""
    async with in_transaction():
        return await act(Work(somebody.ask(), await clock.begin(somebody.person_id)))


@dataclass(frozen=True)
class AnAuthority:
    authority_id: UUID
    locality_id: UUID
    administrator: Somebody


@dataclass(frozen=True)
class AFamily:
    family_id: UUID
    child: Somebody
    parent: Somebody
    other_parent: Somebody


@dataclass(frozen=True)
class ATeam:
    """A team whose lead is `lead`; `memberships` maps person ids to membership ids."""

    team_id: UUID
    family: AFamily
    lead: Somebody
    memberships: dict[UUID, UUID] = field(default_factory=dict)

    def of(self, somebody: Somebody) -> UUID:
        return self.memberships[somebody.person_id]


def _defaults(table: str) -> dict[str, Any]:
    """What the model fills in by itself; the database has no defaults of its own."""
    assert Tortoise.apps is not None
    models = {model._meta.db_table: model for model in Tortoise.apps["taf"].values()}
    fields = models[table]._meta.fields_map.items()
    return {n: f.default for n, f in fields if f.default is not None and not callable(f.default)}


class Stage:
    """Situations in one invented authority."""

    def __init__(self, owner: Connection, now: datetime) -> None:
        self.owner = owner
        self.now = now
        self._people = 0

    async def set(self) -> None:
        self.authority_id = await self.insert("authority", code="derby", name="Derby")
        self.locality_id = await self.insert(
            "locality", authority_id=self.authority_id, name="North"
        )
        self.administrator = await self.person("Ada Administrator")
        self.coordinator = await self.person("Cora Coordinator")
        for somebody, office in (
            (self.administrator, "ADMINISTRATOR"),
            (self.coordinator, "COORDINATOR"),
        ):
            await self.insert(
                "office_holder",
                authority_id=self.authority_id,
                person_id=somebody.person_id,
                office=office,
                from_at=self.now,
            )
        await self.insert(
            "settings_version",
            authority_id=self.authority_id,
            number=1,
            version=uuid4(),
            settings=json.loads(partnership.DEFAULTS.model_dump_json()),
            reason="The partnership's defaults.",
            changed_at=self.now,
        )

    async def authority(self, code: str, name: str) -> AnAuthority:
        """Another authority, set up as the command line does it."""
        made = await partnership.establish_authority(
            self.owner,
            code=code,
            name=name,
            administrator=f"Ari of {name}",
            issuer=ISSUER,
            subject=f"administrator-{code}",
            localities=("North",),
        )
        return AnAuthority(
            made.authority_id,
            await self.owner.fetchval(
                "select id from locality where authority_id = $1", made.authority_id
            ),
            Somebody(made.administrator_id, f"Ari of {name}"),
        )

    async def office(self, somebody: Somebody, office: str, **values: Any) -> UUID:
        """`somebody` holds this office in the stage's own authority."""
        return await self.insert(
            "office_holder",
            authority_id=self.authority_id,
            person_id=somebody.person_id,
            office=office,
            from_at=self.now,
            **values,
        )

    async def account(self, somebody: Somebody, subject: str, **values: Any) -> UUID:
        """`somebody` signs in as `subject`."""
        return await self.insert(
            "account", issuer=ISSUER, subject=subject, person_id=somebody.person_id, **values
        )

    async def insert(self, table: str, **values: Any) -> UUID:
        """Add one row as the owner; returns its id."""
        values = {"id": uuid4(), **_defaults(table), **values}
        columns = ", ".join(values)
        marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        await self.owner.execute(
            f"insert into {table} ({columns}) values ({marks})",
            *(json.dumps(v) if isinstance(v, dict | list) else v for v in values.values()),
        )
        row_id: UUID = values["id"]
        return row_id

    async def person(self, name: str) -> Somebody:
        person_id = await self.insert("person", name=name, version=uuid4())
        return Somebody(person_id, name)

    async def mailbox(self, somebody: Somebody, address: str, kind: str) -> UUID:
        address_id = await self.owner.fetchval(
            "select claim_address($1, $2)", address.lower(), uuid4()
        )
        return await self.insert(
            "mailbox",
            address_id=address_id,
            kind=kind,
            person_id=somebody.person_id,
            from_at=self.now,
        )

    async def agency(
        self,
        name: str = "Park Primary",
        kind: str = "SCHOOL_OR_COLLEGE",
        domain: str = "school.example",
    ) -> UUID:
        return await self.insert(
            "agency",
            name=name,
            kind=kind,
            authority_id=self.authority_id,
            domain_policy="ANY",
            email_domains=[domain],
            version=uuid4(),
        )

    async def practitioner(self, name: str, *, agency_id: UUID | None = None) -> Somebody:
        """Somebody at work, with a work mailbox of their own."""
        self._people += 1
        agency_id = agency_id or await self.agency(f"Agency {self._people}")
        person = await self.person(name)
        address = f"{name.lower().replace(' ', '.')}.{self._people}@work.example"
        practitioner_id = await self.insert(
            "practitioner", person_id=person.person_id, version=uuid4()
        )
        affiliation_id = await self.insert(
            "affiliation",
            practitioner_id=practitioner_id,
            agency_id=agency_id,
            role_title="Worker",
            mailbox_id=await self.mailbox(person, address, "WORK"),
            from_on=date(2020, 1, 1),
            version=uuid4(),
        )
        return Somebody(
            person.person_id, name, practitioner_id, affiliation_id, agency_id, address=address
        )

    async def family_member(
        self, family_id: UUID, name: str, role: str, *, email: str | None = None, **values: Any
    ) -> Somebody:
        person = await self.person(name)
        member_id = await self.insert(
            "family_member",
            family_id=family_id,
            person_id=person.person_id,
            role=role,
            joined_at=self.now,
            version=uuid4(),
            **values,
        )
        if email:
            await self.insert(
                "contact_channel",
                family_id=family_id,
                family_member_id=member_id,
                kind="EMAIL",
                mailbox_id=await self.mailbox(person, email, "PERSONAL"),
                preferred_since=self.now,
                added_at=self.now,
            )
        return Somebody(person.person_id, name, family_member_id=member_id, address=email)

    async def family(self, name: str = "Hartwell", *, registered_by: Somebody) -> AFamily:
        """A child and two parents, each with a mailbox of their own."""
        self._people += 1
        family_id = await self.insert(
            "family",
            reference=f"FAM-{self._people:05d}",
            name=name,
            authority_id=self.authority_id,
            locality_id=self.locality_id,
            language="English",
            registered_by_id=registered_by.person_id,
            registered_at=self.now,
            version=uuid4(),
        )
        n = self._people
        return AFamily(
            family_id,
            await self.family_member(family_id, f"Robin {name}", "CHILD", born_on=date(2015, 5, 4)),
            await self.family_member(
                family_id, f"Alex {name}", "PARENT", email=f"alex{n}@home.example"
            ),
            await self.family_member(
                family_id, f"Sam {name}", "PARENT", email=f"sam{n}@home.example"
            ),
        )

    async def enquiry(
        self, family: AFamily, asked_by: Somebody, answer: str = "NONE_FOUND"
    ) -> UUID:
        return await self.insert(
            "lead_enquiry",
            family_id=family.family_id,
            authority_id=self.authority_id,
            locality_id=self.locality_id,
            asked_by_id=asked_by.person_id,
            asked_at=self.now,
            answer=answer,
            answered_by_id=self.coordinator.person_id,
            answered_at=self.now,
            version=uuid4(),
        )

    async def team(
        self,
        *practitioners: Somebody,
        lead: Somebody | None = None,
        family: AFamily | None = None,
        include_family: bool = True,
    ) -> ATeam:
        """An open team led by `lead`, with these practitioners and (by default) both parents."""
        lead = lead or await self.practitioner("Lena Lead")
        family = family or await self.family(registered_by=lead)
        team = ATeam(uuid4(), family, lead)
        async with self.owner.transaction():
            await self.insert(
                "team",
                id=team.team_id,
                family_id=family.family_id,
                enquiry_id=await self.enquiry(family, lead),
                engagement="ENGAGED",
                review_interval_days=42,
                opened_at=self.now,
                version=uuid4(),
            )
            people = [lead, *practitioners]
            people += [family.parent, family.other_parent] if include_family else []
            for somebody in people:
                team.memberships[somebody.person_id] = await self.membership(team, somebody)
            await self.insert(
                "lead_tenure",
                team_id=team.team_id,
                membership_id=team.of(lead),
                interim=False,
                reason="Knows the family.",
                appointed_by_id=lead.person_id,
                from_at=self.now,
            )
        return team

    async def membership(self, team: ATeam, somebody: Somebody) -> UUID:
        return await self.insert(
            "membership",
            team_id=team.team_id,
            person_id=somebody.person_id,
            kind="FAMILY" if somebody.family_member_id else "PRACTITIONER",
            practitioner_id=somebody.practitioner_id,
            agency_id=somebody.agency_id,
            family_member_id=somebody.family_member_id,
            label="" if somebody.family_member_id else "Amber Lantern",
            joined_at=self.now,
            added_by_id=team.lead.person_id,
            version=uuid4(),
        )

    async def meeting(
        self,
        team: ATeam,
        *invited: Somebody,
        starts_in: timedelta = timedelta(days=14),
        **values: Any,
    ) -> UUID:
        """A convened TAF meeting run by the lead, with an invitation for each of `invited`."""
        starts_at = self.now + starts_in
        meeting_id = await self.insert(
            "meeting",
            **{
                "team_id": team.team_id,
                "kind": "TAF",
                "purpose": "Review the plan",
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(hours=1),
                "zone": "Europe/London",
                "place": "Town Hall",
                "place_kind": "PUBLIC_VENUE",
                "convener_id": team.lead.person_id,
                "chair_id": team.lead.person_id,
                "note_taker_id": team.lead.person_id,
                "convened_at": self.now,
                "version": uuid4(),
                **values,
            },
        )
        for somebody in invited:
            await self.invitation(team, meeting_id, somebody)
        return meeting_id

    async def invitation(
        self, team: ATeam, meeting_id: UUID, somebody: Somebody, **values: Any
    ) -> UUID:
        return await self.insert(
            "invitation",
            **{
                "meeting_id": meeting_id,
                "person_id": somebody.person_id,
                "membership_id": team.of(somebody),
                "required": True,
                "invited_by": "EMAIL",
                "uid": f"{uuid4()}@taf.example",
                "organiser": f"t-{uuid4().hex}@reply.taf.example",
                "sequence": 0,
                "reschedule_sequence": 0,
                "answer": "NEEDS_ACTION",
                "invited_at": self.now,
                "version": uuid4(),
                **values,
            },
        )

    async def invitation_of_guest(self, meeting_id: UUID, guest: Somebody) -> UUID:
        """A practitioner outside the team, asked with the family's consent."""
        return await self.insert(
            "invitation",
            meeting_id=meeting_id,
            person_id=guest.person_id,
            guest_role="PRACTITIONER",
            basis="CONSENT",
            required=False,
            invited_by="EMAIL",
            uid=str(uuid4()),
            organiser=f"t-{uuid4().hex}",
            sequence=0,
            reschedule_sequence=0,
            answer="NEEDS_ACTION",
            invited_at=self.now,
            version=uuid4(),
        )

    async def action(self, team: ATeam, owner: Somebody, **values: Any) -> UUID:
        return await self.insert(
            "action",
            **{
                "team_id": team.team_id,
                "text": "Ring the school",
                "owner_membership_id": team.of(owner),
                "due_on": date(2026, 3, 20),
                "original_due_on": date(2026, 3, 20),
                "status": "ACCEPTED",
                "raised_by_id": team.lead.person_id,
                "raised_at": self.now,
                "version": uuid4(),
                **values,
            },
        )

    async def no_contact(self, family: AFamily, one: Somebody, other: Somebody) -> UUID:
        first, second = sorted((one.person_id, other.person_id))
        return await self.insert(
            "no_contact",
            family_id=family.family_id,
            person_a_id=first,
            person_b_id=second,
            reason="A court order",
            recorded_by_id=family.parent.person_id,
            recorded_at=self.now,
        )

    async def version_of(self, table: str, row_id: UUID | None) -> UUID:
        """What somebody who reads the row now would send back with an edit."""
        found: UUID = await self.owner.fetchval(
            f"select version from {table} where id = $1", row_id
        )
        return found

    async def counts(self) -> dict[str, int]:
        """How many rows each table holds: equal before and after means nothing was written."""
        query = " union all ".join(f"select '{t}' as t, count(*) as n from {t}" for t in TABLES)
        return {row["t"]: row["n"] for row in await self.owner.fetch(query)}

    async def state(self) -> dict[str, str]:
        """A digest of each table's content: equal before and after means nothing changed at all.

        That somebody read is on record too, and changes nothing.
        """
        query = " union all ".join(
            f"select '{t}' as t, md5(coalesce(string_agg(x::text, '|' order by x::text), '')) as d"
            f" from {t} x{READS_ASIDE if t == 'audit_entry' else ''}"
            for t in TABLES
        )
        return {row["t"]: row["d"] for row in await self.owner.fetch(query)}
