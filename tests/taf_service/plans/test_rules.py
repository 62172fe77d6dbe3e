from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taf_service.plans import rules
from taf_service.plans.models import ActionStatus

STATUSES = st.sampled_from(ActionStatus)


class TestCheckStep:
    @given(present=STATUSES, following=STATUSES)
    def test_an_action_that_ended_stays_ended(
        self, present: ActionStatus, following: ActionStatus
    ) -> None:
        if rules.has_ended(present):
            with pytest.raises(rules.StatusUnreachable):
                rules.check_step(present, following, "a note")

    @given(present=STATUSES, following=STATUSES, note=st.sampled_from(["", "  ", "why"]))
    def test_whatever_stops_or_stalls_is_explained(
        self, present: ActionStatus, following: ActionStatus, note: str
    ) -> None:
        try:
            rules.check_step(present, following, note)
        except rules.NoteRequired:
            assert not note.strip()
            assert following in {"PARTLY_DONE", "BLOCKED", "DECLINED", "CANCELLED"}
        except rules.StatusUnreachable:
            pass
        else:
            assert note.strip() or following in {"ACCEPTED", "IN_PROGRESS", "DONE"}

    def test_every_open_action_can_still_end(self) -> None:
        for present in ActionStatus:
            if not rules.has_ended(present):
                rules.check_step(present, ActionStatus.CANCELLED, "No longer wanted")

    def test_nothing_becomes_transferred_by_a_report(self) -> None:
        for present in ActionStatus:
            with pytest.raises(rules.StatusUnreachable):
                rules.check_step(present, ActionStatus.TRANSFERRED, "a note")


class TestCheckOwner:
    @given(by_member=st.booleans(), by_agency=st.booleans(), contact=st.booleans())
    def test_there_is_exactly_one_owner(
        self, *, by_member: bool, by_agency: bool, contact: bool
    ) -> None:
        one = (by_member, by_agency, contact) in {(True, False, False), (False, True, True)}
        try:
            rules.check_owner(by_member=by_member, by_agency=by_agency, contact=contact)
        except rules.OwnerRequired:
            assert not one
        else:
            assert one


@given(st.dates(), st.integers(min_value=-400, max_value=400))
def test_a_due_date_is_past_from_the_day_after(today: date, days: int) -> None:
    try:
        due_on = today + timedelta(days=days)
    except OverflowError:
        return
    assert rules.is_past(due_on, today) == (days < 0)
