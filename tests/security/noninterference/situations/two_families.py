"""People who have a place in two families: whoever works with one learns nothing of the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from taf_service import families
from taf_service.families import FamilyRole, NewMember
from tests.security.noninterference import deeds
from tests.security.noninterference.situation import openly, secretly
from tests.stage import Somebody, Stage


class TwoFamilies:
    """Otto leads the team around the Otterburns: Dana works in it, Petra is the mother.

    In secret both are of a family that Lena works with, and that meets at the same times.
    """

    watchers: ClassVar[tuple[str, ...]] = ("otto", "sol")
    hides: ClassVar[frozenset[str]] = frozenset({
        "Action", "ContactChannel", "Family", "FamilyMember", "Invitation", "Meeting",
        "Membership", "NoContact", "Team",
    })  # fmt: skip

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def set(self) -> Mapping[str, Somebody]:
        stage = self.stage
        self.lena = await stage.practitioner("Lena Lead")
        self.helen = await stage.practitioner("Helen Health")
        self.dana = await stage.practitioner("Dana Double")
        self.otto = await stage.practitioner("Otto Outside")
        family = await stage.family("Otterburn", registered_by=self.otto)
        self.petra = family.parent
        self.team = await stage.team(
            self.helen, self.dana, self.lena, lead=self.otto, family=family
        )
        return {"otto": self.otto, "sol": family.other_parent}

    @openly
    async def otto_convenes_a_meeting(self) -> None:
        self.meeting_id = await deeds.convene(self.team, 18, self.helen, self.dana, self.petra)

    @secretly
    async def dana_and_petra_are_of_another_family(self) -> None:
        self.family = await deeds.register(self.stage, self.lena, "Hartwell")
        self.case = await deeds.open_team(self.stage, self.lena, self.family)
        for somebody, known in (
            (self.dana, {"practitioner_id": self.dana.practitioner_id}),
            (self.petra, {"same_person_as_id": self.petra.family_member_id}),
        ):
            there = await self._enter(somebody, **known)
            await deeds.join(self.case, there)
            assert self.petra.address is not None
            address = self.petra.address if somebody is self.petra else "dana@home.example"
            await deeds.reach(self.lena, there, address)

    async def _enter(self, somebody: Somebody, **known: object) -> Somebody:
        done = await deeds.do(
            self.lena,
            families.add_family_member,
            family_id=self.family.family_id,
            member=NewMember(somebody.name, FamilyRole.PARENT),
            **known,
        )
        return Somebody(somebody.person_id, somebody.name, family_member_id=done.family_member_id)

    @secretly
    async def they_meet_there_at_the_same_time(self) -> None:
        self.hidden_id = await deeds.convene(self.case, 18, self.dana, self.petra)
        await deeds.answer(self.stage, self.dana, self.hidden_id)

    @openly
    async def they_answer_otto(self) -> None:
        await deeds.answer(self.stage, self.dana, self.meeting_id)
        await deeds.answer(self.stage, self.petra, self.meeting_id)

    @secretly
    async def they_act_there(self) -> None:
        await deeds.raise_action(self.case, self.dana)
        await deeds.raise_action(self.case, self.petra)
        await deeds.keep_apart(self.lena, self.family.parent, self.family.other_parent)

    @openly
    async def otto_hands_out_actions(self) -> None:
        await deeds.raise_action(self.team, self.petra)
        self.action_id = await deeds.raise_action(self.team, self.dana)

    @secretly
    async def they_move_their_meeting_there(self) -> None:
        await deeds.move(self.stage, self.lena, self.hidden_id, 19)

    @openly
    async def otto_moves_his_meeting(self) -> None:
        await deeds.move(self.stage, self.otto, self.meeting_id, 19)

    @secretly
    async def petra_leaves_that_family_which_meets_again(self) -> None:
        await deeds.cancel(self.stage, self.lena, self.hidden_id)
        await deeds.leave(self.stage, self.case, self.petra)
        await deeds.convene(self.case, 20, self.dana)

    @openly
    async def dana_reports_to_otto(self) -> None:
        await deeds.report(self.stage, self.dana, self.action_id)
