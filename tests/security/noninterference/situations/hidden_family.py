"""A whole case of which those who watch know nothing, though they work in the same places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import ClassVar

from taf_service import families, handovers, teams
from taf_service.families import RelationshipKind, ResponsibilityBasis, StopReason
from tests.security.noninterference import deeds
from tests.security.noninterference.situation import openly, secretly
from tests.stage import Somebody, Stage, place_of
from tests.taf_service.meetings.scene import guest


class HiddenFamily:
    """Lena works with the Hartwells. Otto leads another team, in which Petra is a parent.

    Helen is in both teams. Carl co-ordinates another locality; Ada and Audrey hold an office.
    """

    watchers: ClassVar[tuple[str, ...]] = ("otto", "petra", "carl", "ada", "audrey")
    hides: ClassVar[frozenset[str]] = frozenset({
        "Action", "ActionProgress", "ContactChannel", "Cover", "Delivery", "Family",
        "FamilyMember", "Invitation", "LeadEnquiry", "LeadTenure", "Meeting", "Membership",
        "NoContact", "ParentalResponsibility", "Relationship", "SafeContact", "StopContact",
        "Team",
    })  # fmt: skip

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def set(self) -> Mapping[str, Somebody]:
        stage = self.stage
        self.lena = await stage.practitioner("Lena Lead")
        self.helen = await stage.practitioner("Helen Health")
        self.otto = await stage.practitioner("Otto Outside")
        others = await stage.family("Otterburn", registered_by=self.otto)
        self.team = await stage.team(self.helen, lead=self.otto, family=others)
        self.petra = others.parent
        return {
            "otto": self.otto,
            "petra": self.petra,
            "carl": await self._in_office("Carl Coordinator", "COORDINATOR", "South"),
            "ada": stage.administrator,
            "audrey": await self._in_office("Audrey Auditor", "AUDITOR"),
        }

    async def _in_office(self, name: str, office: str, locality: str | None = None) -> Somebody:
        somebody, where = await self.stage.person(name), {}
        if locality is not None:
            where = {"authority_id": self.stage.authority_id, "name": locality}
            where = {"locality_id": await self.stage.insert("locality", **where)}
        await self.stage.office(somebody, office, **where)
        return somebody

    @openly
    async def otto_convenes_a_meeting(self) -> None:
        self.meeting_id = await deeds.convene(self.team, 18, self.helen, self.petra)

    @secretly
    async def lena_registers_a_family(self) -> None:
        self.family = await deeds.register(self.stage, self.lena, "Hartwell")

    @secretly
    async def lena_opens_a_team(self) -> None:
        self.case = await deeds.open_team(self.stage, self.lena, self.family)
        await deeds.join(self.case, self.helen)
        await deeds.join(self.case, self.family.parent)

    @secretly
    async def lena_records_who_they_are(self) -> None:
        family = self.family
        first, second = place_of(family.parent), place_of(family.child)
        related = {"first_id": first, "kind": RelationshipKind.PARENT, "second_id": second}
        await deeds.do(self.lena, families.record_relationship, **related)
        held = {"holder_id": first, "child_id": second, "basis": ResponsibilityBasis.MOTHER}
        await deeds.do(self.lena, families.record_parental_responsibility, **held)
        await deeds.reach(self.lena, family.parent, "alex.hartwell@home.example")
        self.channel_id = await deeds.reach(self.lena, family.other_parent, "sam@home.example")

    @openly
    async def petra_answers(self) -> None:
        await deeds.answer(self.stage, self.petra, self.meeting_id)

    @secretly
    async def lena_convenes_a_meeting_at_the_same_time(self) -> None:
        interpreter = (guest("Ines Interpreter", email_address="ines@words.example"),)
        self.hidden_id = await deeds.convene(
            self.case, 18, self.helen, self.family.parent, guests=interpreter
        )
        await deeds.answer(self.stage, self.helen, self.hidden_id)

    @secretly
    async def lena_hands_out_actions(self) -> None:
        self.action_id = await deeds.raise_action(
            self.case, self.helen, child_id=place_of(self.family.child), meeting_id=self.hidden_id
        )
        await deeds.raise_action(self.case, self.family.parent)
        await deeds.report(self.stage, self.helen, self.action_id)

    @openly
    async def otto_moves_his_meeting(self) -> None:
        await deeds.move(self.stage, self.otto, self.meeting_id, 19)

    @secretly
    async def lena_protects_them(self) -> None:
        family = self.family
        await deeds.keep_apart(self.lena, family.parent, family.other_parent)
        safe = {"instructions": "Never ring", "email_allowed": False}
        given = {"family_member_id": place_of(family.other_parent), **safe}
        await deeds.do(self.lena, families.record_safe_contact, **given)
        await deeds.do(
            self.lena,
            families.stop_contact,
            contact_channel_id=self.channel_id,
            reason=StopReason.DANGER,
        )

    @secretly
    async def lena_moves_her_meeting_too(self) -> None:
        await deeds.move(self.stage, self.lena, self.hidden_id, 19)
        link = "https://meet.example/hidden"
        await deeds.change_place(self.stage, self.lena, self.hidden_id, link)

    @openly
    async def otto_raises_an_action(self) -> None:
        self.open_action_id = await deeds.raise_action(self.team, self.helen)

    @secretly
    async def lena_arranges_cover_and_hands_over(self) -> None:
        stage, place = self.stage, self.case.of(self.helen)
        cover = {"kind": teams.CoverKind.DEPUTY, "reason": "Part-time"}
        days = {"from_on": date(2026, 3, 2), "until_on": date(2026, 4, 1)}
        given = {"team_id": self.case.team_id, "membership_id": place}
        await deeds.do(self.lena, teams.arrange_cover, **given, **cover, **days)
        version = await stage.version_of("team", self.case.team_id)
        why = {"reason": "Sees them more often", "version": version}
        await deeds.do(self.lena, handovers.appoint_lead, **given, **why)

    @secretly
    async def helen_cancels_the_hidden_meeting_for_another(self) -> None:
        await deeds.cancel(self.stage, self.helen, self.hidden_id)
        await deeds.convene(replace(self.case, lead=self.helen), 20, self.lena, self.helen)

    @openly
    async def helen_reports_to_otto(self) -> None:
        await deeds.report(self.stage, self.helen, self.open_action_id)
