"""What is unusual is confirmed first, and nothing hidden shows in what is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from taf_service import meetings
from taf_service.core.errors import ConfirmationNeeded
from taf_service.meetings import Invitee, Part
from tests.stage import ATeam, Somebody, Stage
from tests.taf_service.meetings.scene import SLOT, by_phone, convene, slot


async def warned(doing: Awaitable[Any]) -> dict[str, str]:
    """What had to be confirmed; nothing when it was done at once."""
    try:
        await doing
    except ConfirmationNeeded as refusal:
        return {warning.code: warning.message for warning in refusal.warnings}
    return {}


@pytest.fixture
async def other_team(stage: Stage, helen: Somebody) -> ATeam:
    """Of another family; Helen works there too, Tom does not."""
    return await stage.team(helen)


class TestConvening:
    async def test_at_an_unusual_time_is_confirmed_first(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        unusual = {
            "BANK_HOLIDAY": slot(3, month=4),
            "WEEKEND": slot(21),
            "OUT_OF_HOURS": slot(18, "18:30", "19:30"),
            "SHORT_NOTICE": slot(3),
        }
        for code, when in unusual.items():
            before = await stage.state()

            found = await warned(convene(helen, team, team.family.parent, slot=when))

            assert set(found) == {code}
            assert await stage.state() == before
            await convene(helen, team, team.family.parent, slot=when, acknowledged=[code])

    async def test_without_the_family_is_confirmed_first(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        before = await stage.state()

        assert set(await warned(convene(helen, team, tom))) == {"FAMILY_NOT_INVITED"}
        assert await stage.state() == before

    async def test_takes_several_confirmations_at_once(
        self, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        codes = {"WEEKEND", "OUT_OF_HOURS", "FAMILY_NOT_INVITED"}

        found = await warned(convene(helen, team, tom, slot=slot(21, "20:00", "21:00")))

        assert set(found) == codes
        some = ["WEEKEND", "OUT_OF_HOURS"]
        left = await warned(
            convene(helen, team, tom, slot=slot(21, "20:00", "21:00"), acknowledged=some)
        )
        assert set(left) == codes - set(some)


class TestAClash:
    async def test_is_confirmed_first(self, stage: Stage, team: ATeam, helen: Somebody) -> None:
        await convene(helen, team, team.family.parent)
        before = await stage.state()

        found = await warned(
            convene(helen, team, team.family.parent, slot=slot(18, "10:59", "12:00"))
        )

        assert set(found) == {"CLASH"}
        assert team.family.parent.name in found["CLASH"]
        assert await stage.state() == before

    async def test_is_none_one_after_the_other(self, team: ATeam, helen: Somebody) -> None:
        await convene(helen, team, team.family.parent)

        for when in (slot(18, "11:00", "12:00"), slot(18, "09:00", "10:00")):
            assert not await warned(convene(helen, team, team.family.parent, slot=when))

    async def test_with_a_meeting_in_another_team_of_the_actor_counts(
        self, stage: Stage, team: ATeam, helen: Somebody, other_team: ATeam
    ) -> None:
        await stage.meeting(other_team, helen, starts_in=SLOT.starts_at - stage.now)

        found = await warned(convene(helen, team, helen, team.family.parent))

        assert found == {"CLASH": "Another meeting at that time: Helen Health."}

    async def test_with_a_meeting_that_is_hidden_never_shows(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody, other_team: ATeam
    ) -> None:
        await stage.meeting(other_team, helen, starts_in=SLOT.starts_at - stage.now)

        meeting_id = await convene(tom, team, helen, team.family.parent)

        assert not await warned(
            meetings.reschedule_meeting(
                tom.ask(),
                meeting_id=meeting_id,
                slot=slot(18, "10:30", "11:30"),
                version=await stage.version_of("meeting", meeting_id),
            )
        )

    async def test_does_not_show_who_else_comes_to_a_meeting_one_is_only_asked_to(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        """Tom is a guest elsewhere and sees that meeting, but not that Helen comes to it."""
        elsewhere = await stage.team(helen)
        hidden = await stage.meeting(elsewhere, helen, starts_in=SLOT.starts_at - stage.now)
        await stage.invitation_of_guest(hidden, tom)

        assert not await warned(convene(tom, team, helen, team.family.parent))
        found = await warned(convene(tom, team, tom, team.family.parent, slot=SLOT))
        assert found == {
            "CLASH": f"Another meeting at that time: {team.family.parent.name} and Tom Teacher."
        }

    async def test_is_none_with_what_they_do_not_go_to(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        endings = (
            "update meeting set cancelled_at = now()",
            "update invitation set withdrawn_at = now()",
            "update invitation set answer = 'DECLINED'",
        )
        for ending in endings:
            await convene(helen, team, team.family.parent)
            await stage.owner.execute(ending)

        assert not await warned(convene(helen, team, team.family.parent))

    async def test_goes_by_the_part_somebody_is_asked_to(
        self, team: ATeam, helen: Somebody
    ) -> None:
        early, late = slot(18, "10:00", "10:30"), slot(18, "10:30", "11:00")
        parent = team.of(team.family.parent)
        await convene(helen, team, members=(Invitee(parent, part=Part(early)),))

        assert not await warned(convene(helen, team, members=(Invitee(parent, part=Part(late)),)))

    async def test_of_somebody_invited_later_is_confirmed_first(
        self, stage: Stage, team: ATeam, helen: Somebody, tom: Somebody
    ) -> None:
        await convene(helen, team, tom, team.family.parent)
        other = await convene(helen, team, team.family.other_parent)
        before = await stage.state()

        found = await warned(
            meetings.invite_to_meeting(helen.ask(), meeting_id=other, member=by_phone(team, tom))
        )

        assert set(found) == {"CLASH"}
        assert await stage.state() == before


class TestRescheduling:
    @pytest.fixture
    async def move(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> Callable[[meetings.Slot], Awaitable[Any]]:
        meeting_id = await convene(helen, team, team.family.parent)
        version: UUID = await stage.version_of("meeting", meeting_id)

        async def move(when: meetings.Slot) -> None:
            await meetings.reschedule_meeting(
                helen.ask(), meeting_id=meeting_id, slot=when, version=version
            )

        return move

    async def test_to_an_unusual_time_is_confirmed_first(self, stage: Stage, move: Any) -> None:
        before = await stage.state()
        for when, code in ((slot(21), "WEEKEND"), (slot(3), "SHORT_NOTICE")):
            assert set(await warned(move(when))) == {code}
            assert await stage.state() == before

    async def test_does_not_clash_with_itself(self, move: Any) -> None:
        assert not await warned(move(slot(18, "10:30", "11:30")))

    async def test_clashes_with_others(self, stage: Stage, team: ATeam, move: Any) -> None:
        day = timedelta(days=1)
        await stage.meeting(team, team.family.parent, starts_in=SLOT.starts_at - stage.now + day)

        assert set(await warned(move(slot(19)))) == {"CLASH"}
