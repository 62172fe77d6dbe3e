from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from taf_service.directory import AgencyKind
from taf_service.handovers import rules

KINDS = st.sampled_from(AgencyKind)
SPECIALIST = {AgencyKind.YOUTH_OFFENDING_SERVICE, AgencyKind.DISABLED_CHILDRENS_SERVICE}


class TestSpecialistIsPassedOver:
    """guidance 7."""

    @given(KINDS, st.lists(KINDS))
    def test_only_when_one_is_there_and_another_leads(
        self, lead: AgencyKind, members: list[AgencyKind]
    ) -> None:
        expected = lead not in SPECIALIST and bool(SPECIALIST & set(members))

        assert rules.specialist_is_passed_over(lead, members) == expected
