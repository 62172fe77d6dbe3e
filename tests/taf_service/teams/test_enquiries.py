from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import teams
from taf_service.core.errors import NotFound, NotPermitted, Refusal, Stale
from tests.stage import AFamily, Somebody, Stage


@pytest.fixture
async def family(stage: Stage, helen: Somebody) -> AFamily:
    return await stage.family(registered_by=helen)


async def ask(asker: Somebody, family: AFamily, key: str | None = None) -> UUID:
    asked = await teams.ask_for_existing_lead(
        asker.ask(key), family_id=family.family_id, question="  The nursery may have somebody. "
    )
    return asked.enquiry_id


async def answer(
    stage: Stage, asker: Somebody, enquiry_id: UUID, **changes: Any
) -> teams.LeadEnquiryAnswered:
    version = await stage.owner.fetchval(
        "select version from lead_enquiry where id = $1", enquiry_id
    )
    values: dict[str, Any] = {
        "enquiry_id": enquiry_id,
        "answer": teams.LeadAnswer.NONE_FOUND,
        "version": version or uuid4(),
    }
    return await teams.answer_lead_enquiry(asker.ask(), **(values | changes))


class TestAskForExistingLead:
    """guidance 11."""

    async def test_puts_the_question_to_the_coordinator(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        enquiry_id = await ask(helen, family)

        row = await stage.owner.fetchrow("select * from lead_enquiry where id = $1", enquiry_id)
        assert row is not None
        assert row["question"] == "The nursery may have somebody."
        assert (row["authority_id"], row["locality_id"]) == (stage.authority_id, stage.locality_id)
        assert row["answer"] is None
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("lead_enquiry.asked", enquiry_id)
        assert "nursery" not in entry["facts"]

    async def test_may_be_asked_again_after_an_answer(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        await answer(stage, stage.coordinator, await ask(helen, family))

        await ask(helen, family)

        assert (await stage.counts())["lead_enquiry"] == 2

    async def test_a_repeat_with_the_same_key_asks_once(
        self, family: AFamily, helen: Somebody
    ) -> None:
        assert await ask(helen, family, "asking-1") == await ask(helen, family, "asking-1")

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        outsider, around = await stage.practitioner("Otto"), await stage.team()
        await ask(helen, family)
        cases: list[tuple[Somebody, AFamily, str]] = [
            (helen, family, "LEAD_ENQUIRY_OPEN"),
            (outsider, family, NotFound.code),
            (stage.coordinator, family, NotPermitted.code),
            (around.family.parent, around.family, NotPermitted.code),
        ]
        before = await stage.state()
        for asker, asked, code in cases:
            with pytest.raises(Refusal) as refusal:
                await ask(asker, asked)
            assert refusal.value.code == code
        with pytest.raises(Refusal) as refusal:
            await teams.ask_for_existing_lead(
                around.lead.ask(), family_id=around.family.family_id, question="x" * 4_001
            )
        assert refusal.value.code == "INVALID_INPUT"
        assert await stage.state() == before


class TestAnswerLeadEnquiry:
    async def test_says_what_the_coordinator_found(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        enquiry_id = await ask(helen, family)

        await answer(
            stage,
            stage.coordinator,
            enquiry_id,
            answer=teams.LeadAnswer.LEAD_EXISTS,
            note="Mrs Low, health visitor, North clinic.",
        )

        row = await stage.owner.fetchrow("select * from lead_enquiry where id = $1", enquiry_id)
        assert row is not None
        assert row["answer"] == "LEAD_EXISTS"
        assert row["answered_by_id"] == stage.coordinator.person_id
        facts = await stage.owner.fetchval(
            "select facts from audit_entry where event = 'lead_enquiry.answered'"
        )
        assert "LEAD_EXISTS" in facts
        assert "Low" not in facts

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, family: AFamily, helen: Somebody
    ) -> None:
        outsider = await stage.practitioner("Otto")
        elsewhere = await stage.person("Cleo Coordinator")
        await stage.insert(
            "office_holder",
            authority_id=stage.authority_id,
            locality_id=await stage.insert(
                "locality", authority_id=stage.authority_id, name="South"
            ),
            person_id=elsewhere.person_id,
            office="COORDINATOR",
            from_at=stage.now,
        )
        enquiry_id = await ask(helen, family)
        exists = teams.LeadAnswer.LEAD_EXISTS
        cases: list[tuple[Somebody, UUID, dict[str, Any], str]] = [
            (outsider, enquiry_id, {}, NotFound.code),
            (elsewhere, enquiry_id, {}, NotFound.code),
            (stage.coordinator, uuid4(), {}, NotFound.code),
            (helen, enquiry_id, {}, NotPermitted.code),
            (stage.coordinator, enquiry_id, {"version": uuid4()}, Stale.code),
            (stage.coordinator, enquiry_id, {"answer": exists}, "LEAD_ANSWER_NOTE_REQUIRED"),
            (stage.coordinator, enquiry_id, {"note": "x" * 4_001}, "INVALID_INPUT"),
        ]
        before = await stage.state()
        for asker, about, changes, code in cases:
            with pytest.raises(Refusal) as refusal:
                await answer(stage, asker, about, **changes)
            assert refusal.value.code == code, changes
        assert await stage.state() == before

    async def test_is_given_once(self, stage: Stage, family: AFamily, helen: Somebody) -> None:
        enquiry_id = await ask(helen, family)
        await answer(stage, stage.coordinator, enquiry_id)
        before = await stage.state()

        with pytest.raises(NotPermitted):
            await answer(stage, stage.coordinator, enquiry_id)

        assert await stage.state() == before
