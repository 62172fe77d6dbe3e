"""A meeting of their own team to which those who watch are not asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from taf_service import meetings
from taf_service.meetings import Attendance, Attendee, Guest, GuestRole, InviteBasis
from tests.security.noninterference import deeds
from tests.security.noninterference.situation import openly, secretly
from tests.stage import Somebody, Stage
from tests.taf_service.meetings.scene import guest, slot


class Uninvited:
    """Alex is a parent, Gina and Ines are guests. Ines only ever gets mail."""

    watchers: ClassVar[tuple[str, ...]] = ("alex", "gina")
    hides: ClassVar[frozenset[str]] = frozenset({"Delivery", "Invitation", "Meeting"})

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.hidden_id: UUID | None = None

    async def set(self) -> Mapping[str, Somebody]:
        stage = self.stage
        self.lena = await stage.practitioner("Lena Lead")
        self.helen = await stage.practitioner("Helen Health")
        self.gina = await stage.practitioner("Gina Guest")
        self.team = await stage.team(self.helen, lead=self.lena)
        self.alex, self.sam = self.team.family.parent, self.team.family.other_parent
        ines = Somebody(UUID(int=0), "Ines Interpreter", address="ines@words.example")
        return {"alex": self.alex, "gina": self.gina, "ines": ines}

    def _guests(self) -> tuple[Guest, ...]:
        entry = {"practitioner_id": self.gina.practitioner_id, "email_address": None}
        asked = {"role": GuestRole.PRACTITIONER, "basis": InviteBasis.CONSENT}
        return (guest(), guest("Gina Guest", **asked, **entry))

    @openly
    async def lena_convenes_with_them(self) -> None:
        self.meeting_id = await deeds.convene(
            self.team, 18, self.helen, self.alex, guests=self._guests()
        )

    @secretly
    async def lena_convenes_without_them(self) -> None:
        self.hidden_id = await deeds.convene(self.team, 18, self.helen, self.sam)

    @secretly
    async def the_others_answer(self) -> None:
        assert self.hidden_id is not None
        await deeds.answer(self.stage, self.helen, self.hidden_id)
        await deeds.answer(self.stage, self.sam, self.hidden_id)

    @openly
    async def they_answer(self) -> None:
        await deeds.answer(self.stage, self.alex, self.meeting_id)
        await deeds.answer(self.stage, self.gina, self.meeting_id)

    @openly
    async def lena_raises_an_action_that_came_of_it(self) -> None:
        """Wherever it came from: in the one world there is no such meeting."""
        await deeds.raise_action(self.team, self.helen, meeting_id=self.hidden_id)

    @secretly
    async def lena_moves_that_meeting(self) -> None:
        assert self.hidden_id is not None
        await deeds.move(self.stage, self.lena, self.hidden_id, 19)
        link = "https://meet.example/hidden"
        await deeds.change_place(self.stage, self.lena, self.hidden_id, link)

    @openly
    async def lena_moves_theirs(self) -> None:
        await deeds.move(self.stage, self.lena, self.meeting_id, 19)

    @secretly
    async def lena_records_one_that_was_held(self) -> None:
        await deeds.do(
            self.lena,
            meetings.record_past_meeting,
            team_id=self.team.team_id,
            purpose="A quick word",
            slot=slot(2, "08:00", "08:30"),
            venue=None,
            members=(Attendee(self.team.of(self.helen), Attendance.ATTENDED),),
        )

    @secretly
    async def lena_cancels_that_meeting(self) -> None:
        assert self.hidden_id is not None
        await deeds.cancel(self.stage, self.lena, self.hidden_id)

    @openly
    async def lena_cancels_theirs(self) -> None:
        await deeds.cancel(self.stage, self.lena, self.meeting_id)
