"""Invented people, sown through the domain's own operations; only accounts are written bare.

Dates are relative to today, so that the demo never grows old.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from taf_service import access, database, directory, families, meetings, partnership, plans, teams
from taf_service.core.actors import Actor, Request
from taf_service.core.clock import LONDON
from taf_service.core.ids import new_id

ISSUER = "demo"

AGENCIES = {
    "school": ("Park Lane Primary", "SCHOOL_OR_COLLEGE", "parklane.example"),
    "health": ("Derwent Health Visiting", "HEALTH_VISITING", "derwent-health.example"),
    "housing": ("Northside Housing", "HOUSING", "northside.example"),
    "charity": ("Open Door Families", "VOLUNTARY_SECTOR", "opendoor.example"),
    "early help": ("Early Help North", "EARLY_HELP_TEAM", "earlyhelp.example"),
}

# key -> name, agency, what they do there
PRACTITIONERS = {
    "lead": ("Lena Quist", "early help", "Family support worker"),
    "school": ("Sunita Verma", "school", "Special needs co-ordinator"),
    "health": ("Helen Achebe", "health", "Health visitor"),
    "housing": ("Harvey Stone", "housing", "Housing officer"),
    "charity": ("Carys Pugh", "charity", "Parenting mentor"),
    "coordinator": ("Cora Lindley", "early help", "Early help co-ordinator"),
    "outsider": ("Oscar Fenn", "housing", "Housing officer"),
}


@dataclass
class Cast:
    """Who is in the demo: `tokens` sign in, `words` say as whom; `names` never stand in mail."""

    tokens: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Known:
    """A practitioner of the demo."""

    person_id: UUID
    practitioner_id: UUID
    agency_id: UUID

    def ask(self) -> Request:
        return Request(Actor(self.person_id))

    def insist(self, *codes: str) -> Request:
        return Request(Actor(self.person_id), acknowledged=frozenset(codes))


async def sow(urls: database.Urls) -> Cast:
    """Two authorities, a directory and three families; returns who may sign in, and how."""
    owner = await asyncpg.connect(urls.owner)
    try:
        async with database.orm(urls.service, pool=2):
            sowing = _Sowing(owner)
            await sowing.authorities()
            await sowing.agencies()
            await sowing.cases()
            return sowing.cast
    finally:
        await owner.close()


class _Sowing:
    def __init__(self, owner: asyncpg.Connection[asyncpg.Record]) -> None:
        self._owner = owner
        self.cast = Cast()
        self._agencies: dict[str, UUID] = {}
        self._people: dict[str, _Known] = {}

    async def authorities(self) -> None:
        """Derby and Derbyshire: the same but for their settings."""
        for code, name, administrator in (
            ("derby", "Derby (invented)", "Ada Brand"),
            ("derbyshire", "Derbyshire (invented)", "Dewi Marsh"),
        ):
            await partnership.establish_authority(
                self._owner,
                code=code,
                name=name,
                administrator=administrator,
                issuer=ISSUER,
                subject=f"administrator-{code}",
                localities=("North", "South"),
            )
        self.cast.tokens["demo-administrator"] = "administrator-derby"
        self.cast.words["demo-administrator"] = "keeps the directory, sees no case"
        self._authority_id = await self._value("select id from authority where code = 'derby'")
        self._locality_id = await self._value(
            "select id from locality where authority_id = $1 and name = 'North'",
            self._authority_id,
        )
        administrator_id = await self._value(
            "select person_id from account where subject = 'administrator-derby'"
        )
        self._administrator = Request(Actor(administrator_id))

    async def agencies(self) -> None:
        for key, (name, kind, domain) in AGENCIES.items():
            registered = await directory.register_agency(
                self._administrator,
                name=name,
                kind=directory.AgencyKind(kind),
                authority_id=self._authority_id,
                domain_policy=directory.DomainPolicy.REQUIRED,
                email_domains=(domain,),
            )
            self._agencies[key] = registered.agency_id
        for key, (name, agency, role) in PRACTITIONERS.items():
            self._people[key] = await self._practitioner(name, agency, role)
            await self._account(f"demo-{key}", self._people[key].person_id, f"{name}, {role}")
        await access.appoint_to_office(
            self._administrator,
            authority_id=self._authority_id,
            practitioner_id=self._people["coordinator"].practitioner_id,
            office=partnership.Office.COORDINATOR,
            locality_id=self._locality_id,
        )

    async def _practitioner(self, name: str, agency: str, role: str) -> _Known:
        domain = AGENCIES[agency][2]
        registered = await directory.register_practitioner(
            self._administrator,
            name=name,
            agency_id=self._agencies[agency],
            role_title=role,
            email_address=f"{name.lower().replace(' ', '.')}@{domain}",
            locality_id=self._locality_id,
        )
        person_id = await self._value(
            "select person_id from practitioner where id = $1", registered.practitioner_id
        )
        return _Known(person_id, registered.practitioner_id, self._agencies[agency])

    async def _account(self, token: str, person_id: UUID, words: str) -> None:
        """An invented sign-in: whoever sends `token` is this person."""
        await self._owner.execute(
            "insert into account (id, issuer, subject, person_id) values ($1, $2, $3, $4)",
            new_id(),
            ISSUER,
            token,
            person_id,
        )
        self.cast.tokens[token] = token
        self.cast.words[token] = words

    async def cases(self) -> None:
        await self._marlowe()
        await self._whitlock()
        await self._sedgwick()
        rows = await self._owner.fetch(
            "select p.name from family_member m join person p on p.id = m.person_id"
            " union select f.name from family f"
        )
        self.cast.names = {word for row in rows for word in row["name"].split()}

    async def _marlowe(self) -> None:
        """The family of the story: a school-age child, a baby on the way, two parents."""
        lead = self._people["lead"]
        family_id = await self._family(
            lead,
            "Marlowe",
            families.NewMember("Robin Marlowe", families.FamilyRole.CHILD, born_on=_years_ago(8)),
            families.NewMember(
                "Baby Marlowe", families.FamilyRole.CHILD, expected_on=_today() + timedelta(90)
            ),
            families.NewMember("Dana Marlowe", families.FamilyRole.PARENT),
            families.NewMember("Chris Marlowe", families.FamilyRole.PARENT),
        )
        dana, chris = await self._member("Dana Marlowe"), await self._member("Chris Marlowe")
        await self._reach(lead, dana, families.ChannelKind.EMAIL, "dana@home.example")
        await self._reach(lead, chris, families.ChannelKind.POST, "Flat 2, 7 Brook Street, Derby")
        await families.record_safe_contact(
            lead.ask(),
            family_member_id=chris,
            instructions="Letters only, in a plain envelope. Never by mail.",
            email_allowed=False,
        )
        await families.record_no_contact(
            lead.ask(), first_id=dana, second_id=chris, reason="An order of the court"
        )
        team_id = await self._team(lead, family_id, "Has known the children since nursery.")
        for key in ("school", "health", "housing"):
            await self._join(lead, team_id, key)
        for member in (dana, chris):
            await teams.add_family_member_to_team(
                lead.ask(), team_id=team_id, family_member_id=member
            )
        await self._account(
            "demo-parent", await self._person_of(dana), "Dana Marlowe, a parent of Robin's"
        )

    async def _whitlock(self) -> None:
        """A family with a meeting held last week and actions under way, one of them overdue."""
        charity = self._people["charity"]
        family_id = await self._family(
            charity,
            "Whitlock",
            families.NewMember("Noor Whitlock", families.FamilyRole.CHILD, born_on=_years_ago(13)),
            families.NewMember("Gwen Whitlock", families.FamilyRole.CARER),
        )
        gwen = await self._member("Gwen Whitlock")
        await self._reach(charity, gwen, families.ChannelKind.PHONE, "01632 960123")
        team_id = await self._team(charity, family_id, "The family asked for her.")
        await self._join(charity, team_id, "school")
        await teams.add_family_member_to_team(charity.ask(), team_id=team_id, family_member_id=gwen)
        meeting_id = await self._past_meeting(charity, team_id)
        for days, text in ((-3, "Ring the school about the phonics group"), (18, "Visit at home")):
            await plans.raise_action(
                charity.insist("DUE_IN_THE_PAST"),
                team_id=team_id,
                text=text,
                owner=plans.Owner(membership_id=await self._membership(team_id, "school")),
                due_on=_today() + timedelta(days),
                child_id=await self._member("Noor Whitlock"),
                meeting_id=meeting_id,
            )

    async def _past_meeting(self, charity: _Known, team_id: UUID) -> UUID:
        """Held by telephone last week: recorded, and nothing was sent."""
        day = datetime.combine(_today() - timedelta(7), datetime.min.time())
        came = [await self._membership(team_id, key) for key in ("charity", "school")]
        recorded = await meetings.record_past_meeting(
            charity.ask(),
            team_id=team_id,
            purpose="How the first weeks went",
            slot=meetings.Slot.at(
                day.replace(hour=15), day.replace(hour=15, minute=45), "Europe/London"
            ),
            venue=None,
            members=tuple(meetings.Attendee(one, meetings.Attendance.ATTENDED) for one in came),
        )
        return recorded.meeting_id

    async def _sedgwick(self) -> None:
        """Registered, and the question whether there is a lead already waits for an answer."""
        health = self._people["health"]
        family_id = await self._family(
            health,
            "Sedgwick",
            families.NewMember("Ivo Sedgwick", families.FamilyRole.CHILD, born_on=_years_ago(2)),
            families.NewMember("Marta Sedgwick", families.FamilyRole.PARENT),
        )
        await teams.ask_for_existing_lead(
            health.ask(), family_id=family_id, question="The nursery may have somebody."
        )

    async def _family(self, by: _Known, name: str, *members: families.NewMember) -> UUID:
        registered = await families.register_family(
            by.ask(),
            authority_id=self._authority_id,
            locality_id=self._locality_id,
            name=name,
            language="English",
            interpreter_needs="",
            members=members,
        )
        return registered.family_id

    async def _reach(
        self, by: _Known, member_id: UUID, kind: families.ChannelKind, value: str
    ) -> None:
        await families.add_contact_channel(
            by.ask(),
            family_member_id=member_id,
            kind=kind,
            value=value,
            preferred=True,
            read_by_others=False,
        )

    async def _team(self, by: _Known, family_id: UUID, reason: str) -> UUID:
        """Asked of the coordinator first (guidance 11), then opened."""
        asked = await teams.ask_for_existing_lead(by.ask(), family_id=family_id, question="")
        await teams.answer_lead_enquiry(
            self._people["coordinator"].ask(),
            enquiry_id=asked.enquiry_id,
            answer=teams.LeadAnswer.NONE_FOUND,
            note="Looked in both localities.",
            version=await self._value(
                "select version from lead_enquiry where id = $1", asked.enquiry_id
            ),
        )
        opened = await teams.open_team(
            by.ask(),
            family_id=family_id,
            enquiry_id=asked.enquiry_id,
            agency_id=by.agency_id,
            reason=reason,
            interim=False,
            family_preference="",
            engagement=teams.Engagement.ENGAGED,
            engagement_note="",
            despite_lead="",
        )
        return opened.team_id

    async def _join(self, by: _Known, team_id: UUID, key: str) -> None:
        known = self._people[key]
        await teams.add_practitioner(
            by.ask(),
            team_id=team_id,
            practitioner_id=known.practitioner_id,
            agency_id=known.agency_id,
        )

    async def _member(self, name: str) -> UUID:
        return await self._value(
            "select m.id from family_member m join person p on p.id = m.person_id"
            " where p.name = $1",
            name,
        )

    async def _person_of(self, member_id: UUID) -> UUID:
        return await self._value("select person_id from family_member where id = $1", member_id)

    async def _membership(self, team_id: UUID, key: str) -> UUID:
        return await self._value(
            "select id from membership where team_id = $1 and person_id = $2",
            team_id,
            self._people[key].person_id,
        )

    async def _value(self, query: str, *values: object) -> UUID:
        found: UUID = await self._owner.fetchval(query, *values)
        return found


def _today() -> date:
    return datetime.now(LONDON).date()  # noqa: TID251 - there is no work yet to take it from


def _years_ago(years: int) -> date:
    return _today() - timedelta(days=round(years * 365.25))
