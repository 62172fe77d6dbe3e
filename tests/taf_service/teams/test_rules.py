from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taf_service.core.errors import InvalidInput
from taf_service.teams import rules
from taf_service.teams.models import CoverKind, Engagement, LeadAnswer

days = st.dates(date(2020, 1, 1), date(2090, 1, 1))
blank = st.text(" \t\n", max_size=4)


class TestCheckAnswer:
    @given(blank)
    def test_wants_to_know_who_leads(self, note: str) -> None:
        with pytest.raises(rules.LeadAnswerNoteRequired):
            rules.check_answer(LeadAnswer.LEAD_EXISTS, note)

    def test_takes_none_found_without_a_note(self) -> None:
        rules.check_answer(LeadAnswer.NONE_FOUND, "")
        rules.check_answer(LeadAnswer.LEAD_EXISTS, "A health visitor, at North clinic.")


class TestCheckEngagement:
    @given(blank)
    def test_wants_a_note_where_a_family_does_not_engage(self, note: str) -> None:
        rules.check_engagement(Engagement.ENGAGED, note, "note")
        with pytest.raises(rules.EngagementNoteRequired) as refusal:
            rules.check_engagement(Engagement.NOT_ENGAGING, note, "engagementNote")
        assert refusal.value.field == "engagementNote"


class TestCheckDespite:
    def test_waits_for_the_answer(self) -> None:
        with pytest.raises(rules.LeadEnquiryUnanswered):
            rules.check_despite(None, "In a hurry")

    @given(blank)
    def test_wants_a_reason_beside_another_lead(self, said: str) -> None:
        rules.check_despite(LeadAnswer.NONE_FOUND, said)
        rules.check_despite(LeadAnswer.LEAD_EXISTS, "She leaves on Friday.")
        with pytest.raises(rules.DespiteLeadRequired):
            rules.check_despite(LeadAnswer.LEAD_EXISTS, said)


class TestCheckCover:
    @given(days, days, days, st.sampled_from(CoverKind))
    def test_passes_only_days_to_come_in_their_order(
        self, today: date, from_on: date, until_on: date, kind: CoverKind
    ) -> None:
        if today <= from_on < until_on:
            rules.check_cover(kind, from_on, until_on, today)
            return
        with pytest.raises(InvalidInput):
            rules.check_cover(kind, from_on, until_on, today)

    def test_wants_to_know_when_an_absence_ends(self) -> None:
        today = date(2026, 3, 2)
        rules.check_cover(CoverKind.DEPUTY, today, None, today)
        with pytest.raises(InvalidInput):
            rules.check_cover(CoverKind.COVER, today, None, today)

    def test_says_all_that_is_wrong_at_once(self) -> None:
        today = date(2026, 3, 2)
        with pytest.raises(InvalidInput) as refusal:
            rules.check_cover(CoverKind.COVER, today - timedelta(1), None, today)
        assert [error.field for error in refusal.value.errors] == ["fromOn", "untilOn"]


class TestCheckReviewInterval:
    @given(st.integers(-(2**31), 2**31), st.text(max_size=20))
    def test_keeps_to_what_the_authority_set(self, asked: int, reason: str) -> None:
        """guidance 22."""

        def check() -> None:
            rules.check_review_interval(asked, reason, usual=42, shortest=14, longest=70)

        if not 14 <= asked <= 70:
            with pytest.raises(rules.ReviewIntervalOutOfRange):
                check()
        elif asked != 42 and not reason.strip():
            with pytest.raises(rules.ReviewReasonRequired):
                check()
        else:
            check()
