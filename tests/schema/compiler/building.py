"""Builds a world's directory, and whatever the cases in it need of chance."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.stage import Somebody, Stage

TEXTS = [
    "Ring the school",
    'He said "no" \\ and left',
    "Zwei Zeilen\nund ein\tTab",
    "\u2028 </script> 🙂 ✓",
    "\x01\x02",
    "",
]
NAMES = ["Zoë", "O'Brien", "Ångström", "de la Cruz", 'Ann "Nan" Lee', "李", "Park School"]


@dataclass
class Builder:
    stage: Stage
    chance: random.Random
    people: dict[str, Somebody] = field(default_factory=dict)
    practitioners: list[Somebody] = field(default_factory=list)
    agencies: list[UUID] = field(default_factory=list)
    numbers: int = 0

    @property
    def now(self) -> datetime:
        return self.stage.now

    @property
    def today(self) -> date:
        return self.now.date()

    def new_id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def maybe(self, likely: float = 0.5) -> bool:
        return self.chance.random() < likely

    def text(self) -> str:
        return self.chance.choice(TEXTS)

    def day(self, earliest: int, latest: int) -> date:
        return self.today + timedelta(days=self.chance.randint(earliest, latest))

    def moment(self, earliest: int, latest: int) -> datetime:
        """So many days away, never within the hour."""
        days = self.chance.choice([n for n in range(earliest, latest + 1) if n])
        return self.now + timedelta(days=days, microseconds=self.chance.choice([0, 120_000]))

    # -- who works where

    async def directory(self) -> None:
        stage = self.stage
        self.people |= {"administrator": stage.administrator, "coordinator": stage.coordinator}
        other = await stage.authority("leeds", "Leeds")
        self.people["administrator elsewhere"] = other.administrator
        south = await stage.insert("locality", authority_id=stage.authority_id, name="South")
        await self._offices(south)
        for number in range(4):
            await self._agency(number)
        names = self.chance.sample(NAMES, 5)
        for name in names:
            await self._practitioner(name, south)
        self.people["at work"] = self.practitioners[-1]

    async def _offices(self, south: UUID) -> None:
        for label, office, values in (
            ("auditor", "AUDITOR", {}),
            ("coordinator of a locality", "COORDINATOR", {"locality_id": south}),
            ("coordinator once", "COORDINATOR", {"ended_at": self.now}),
        ):
            self.people[label] = await self.stage.person(f"{label} {self.chance.choice(NAMES)}")
            await self.stage.office(self.people[label], office, **values)
            if self.maybe():
                await self.stage.account(self.people[label], f"subject {label}")

    async def _agency(self, number: int) -> None:
        kind = self.chance.choice(["GP", "SCHOOL_OR_COLLEGE", "HOUSING"])
        agency_id = await self.stage.agency(f"{self.chance.choice(NAMES)} {number % 3}", kind)
        self.agencies.append(agency_id)
        if number == 0:
            await self.change("agency", agency_id, closed_at=self.now)
        for label in self.chance.sample(
            ["Duty", "Front desk", "Nights"], self.chance.randint(1, 2)
        ):
            address = f"{label.lower().replace(' ', '.')}.{number}@work.example"
            claimed = await self.stage.owner.fetchval(
                "select claim_address($1, $2)", address, self.new_id()
            )
            await self.stage.insert(
                "mailbox",
                address_id=claimed,
                kind="ROLE",
                agency_id=agency_id,
                label=label,
                from_at=self.now,
                ended_at=self.now if self.maybe(0.2) else None,
            )

    async def _practitioner(self, name: str, locality_id: UUID) -> None:
        somebody = await self.stage.practitioner(name, agency_id=self.chance.choice(self.agencies))
        self.practitioners.append(somebody)
        if self.maybe():
            disabled_at = self.now if self.maybe(0.3) else None
            await self.stage.account(somebody, f"subject {name}", disabled_at=disabled_at)
        if self.maybe():
            other = self.chance.choice([a for a in self.agencies if a != somebody.agency_id])
            await self.stage.insert(
                "affiliation",
                practitioner_id=somebody.practitioner_id,
                agency_id=other,
                locality_id=locality_id,
                role_title=self.text(),
                mailbox_id=await self._mailbox_of(somebody),
                from_on=self.day(-900, -500),
                until_on=self.day(-400, 400),
                version=self.new_id(),
            )

    async def _mailbox_of(self, somebody: Somebody) -> UUID:
        found: UUID = await self.stage.owner.fetchval(
            "select id from mailbox where person_id = $1 limit 1", somebody.person_id
        )
        return found

    async def change(self, table: str, row_id: UUID, **values: Any) -> None:
        placed = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, start=2))
        await self.stage.owner.execute(
            f"update {table} set {placed} where id = $1", row_id, *values.values()
        )
