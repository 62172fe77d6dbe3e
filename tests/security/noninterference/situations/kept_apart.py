"""Two parents who must not meet: one watches, while the other is in the team, meets and acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from taf_service import families
from taf_service.families import RelationshipKind, StopReason
from tests.security.noninterference import deeds
from tests.security.noninterference.situation import openly, secretly
from tests.stage import Somebody, Stage, place_of


class KeptApart:
    """Alex is in the team around Robin, and knows no more of Sam than the order to keep apart."""

    watchers: ClassVar[tuple[str, ...]] = ("alex",)
    hides: ClassVar[frozenset[str]] = frozenset({
        "Action", "ActionProgress", "ContactChannel", "Delivery", "Invitation", "Meeting",
        "Membership", "Relationship", "SafeContact", "StopContact",
    })  # fmt: skip

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def set(self) -> Mapping[str, Somebody]:
        stage = self.stage
        self.lena = await stage.practitioner("Lena Lead")
        self.helen = await stage.practitioner("Helen Health")
        family = await stage.family(registered_by=self.lena)
        self.alex, self.sam, self.robin = family.parent, family.other_parent, family.child
        self.team = await stage.team(
            self.helen, lead=self.lena, family=family, include_family=False
        )
        self.team.memberships[self.alex.person_id] = await stage.membership(self.team, self.alex)
        await stage.no_contact(family, self.alex, self.sam)
        return {"alex": self.alex}

    @openly
    async def lena_convenes_with_alex(self) -> None:
        self.meeting_id = await deeds.convene(self.team, 18, self.helen, self.alex)

    @secretly
    async def sam_joins_the_team(self) -> None:
        await deeds.join(self.team, self.sam)
        await deeds.reach(self.lena, self.sam, "another.of.sam@home.example")
        related = {"first_id": place_of(self.sam), "second_id": place_of(self.robin)}
        kind = RelationshipKind.PARENT
        await deeds.do(self.lena, families.record_relationship, kind=kind, **related)

    @secretly
    async def lena_convenes_with_sam(self) -> None:
        self.hidden_id = await deeds.convene(self.team, 18, self.helen, self.sam)
        await deeds.answer(self.stage, self.sam, self.hidden_id)

    @openly
    async def alex_answers(self) -> None:
        await deeds.answer(self.stage, self.alex, self.meeting_id)

    @secretly
    async def sam_takes_on_an_action(self) -> None:
        given = {"child_id": place_of(self.robin), "meeting_id": self.hidden_id}
        self.hidden_action_id = await deeds.raise_action(self.team, self.sam, **given)
        await deeds.report(self.stage, self.sam, self.hidden_action_id)

    @openly
    async def alex_takes_on_an_action(self) -> None:
        self.action_id = await deeds.raise_action(self.team, self.alex)
        await deeds.report(self.stage, self.alex, self.action_id)

    @secretly
    async def sam_is_protected(self) -> None:
        place = {"family_member_id": place_of(self.sam)}
        safe = {"instructions": "Never ring", "email_allowed": False}
        await deeds.do(self.lena, families.record_safe_contact, **place, **safe)
        danger = StopReason.DANGER
        await deeds.do(self.lena, families.stop_contact, **place, reason=danger)

    @openly
    async def lena_moves_the_meeting_with_alex(self) -> None:
        await deeds.move(self.stage, self.lena, self.meeting_id, 19)

    @secretly
    async def sam_leaves(self) -> None:
        await deeds.cancel(self.stage, self.lena, self.hidden_id)
        await deeds.leave(self.stage, self.team, self.sam)

    @openly
    async def lena_cancels_the_meeting_with_alex(self) -> None:
        await deeds.cancel(self.stage, self.lena, self.meeting_id)
