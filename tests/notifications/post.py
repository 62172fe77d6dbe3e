"""One meeting and the messages about it, for tests of what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.stage import ATeam, Somebody, Stage

KEY = "an invented key of thirty-two signs"


@dataclass
class Post:
    """`invitations` maps person ids to invitation ids."""

    stage: Stage
    team: ATeam
    practitioner: Somebody
    meeting_id: UUID
    starts_at: datetime
    invitations: dict[UUID, UUID]

    @classmethod
    async def of(cls, stage: Stage) -> Post:
        practitioner = await stage.practitioner("Pat Jones")
        team = await stage.team(practitioner, lead=await stage.practitioner("Jane Smith"))
        noon = stage.now.replace(hour=12, minute=0, second=0)
        starts_at = noon + timedelta(days=14)
        meeting_id = await stage.meeting(team, starts_in=starts_at - stage.now)
        return cls(stage, team, practitioner, meeting_id, starts_at, {})

    @property
    def parent(self) -> Somebody:
        return self.team.family.parent

    async def invite(self, somebody: Somebody, **values: Any) -> UUID:
        """An invitation with its link; nothing is queued."""
        invitation_id = await self.stage.invitation(self.team, self.meeting_id, somebody, **values)
        await self.stage.insert(
            "reply_link",
            invitation_id=invitation_id,
            nonce=uuid4(),
            expires_at=self.starts_at + timedelta(days=1),
        )
        self.invitations[somebody.person_id] = invitation_id
        return invitation_id

    async def guest(self, name: str, address: str, role: str = "INTERPRETER") -> Somebody:
        """Somebody outside the team, invited."""
        guest = await self.stage.person(name)
        mailbox_id = await self.stage.mailbox(guest, address, "PERSONAL")
        self.team.memberships[guest.person_id] = None  # type: ignore[assignment]
        await self.invite(guest, guest_role=role, guest_mailbox_id=mailbox_id, basis="CONSENT")
        return guest

    async def notice(
        self,
        somebody: Somebody,
        kind: str = "InvitedToMeeting",
        *,
        number: int = 0,
        changed: tuple[str, ...] = (),
        **values: Any,
    ) -> UUID:
        """A message waiting to be sent, and due."""
        invitation_id = self.invitations.get(somebody.person_id) or await self.invite(somebody)
        return await self.stage.insert(
            "outbox_entry",
            **{
                "kind": kind,
                "recipient_id": somebody.person_id,
                "subject_id": invitation_id,
                "number": number,
                "facts": {"changed": list(changed)} if changed else {},
                "state": "QUEUED",
                "state_at": self.stage.now,
                "queued_at": self.stage.now,
                "due_at": self.stage.now,
                "give_up_at": self.stage.now + timedelta(days=5),
                **values,
            },
        )

    async def change(self, table: str, row_id: UUID, **values: Any) -> None:
        sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, start=2))
        done = await self.stage.owner.execute(
            f"update {table} set {sets} where id = $1", row_id, *values.values()
        )
        assert done == "UPDATE 1"

    async def entry(self, entry_id: UUID) -> asyncpg.Record:
        row = await self.stage.owner.fetchrow("select * from outbox_entry where id = $1", entry_id)
        assert row is not None
        return row

    async def states(self) -> dict[str, int]:
        rows = await self.stage.owner.fetch(
            "select state, count(*) as n from outbox_entry group by state"
        )
        return {row["state"]: row["n"] for row in rows}
