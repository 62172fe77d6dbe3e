from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taf_service.core.errors import InvalidInput
from taf_service.partnership import rules


class TestNames:
    @pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\nb", "a\0b", "a\u202eb", "\ud800"])
    def test_are_refused_with_a_sentence(self, name: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            rules.check_locality_name(name)
        assert refusal.value.field == "name"
        assert refusal.value.message.endswith(".")

    @given(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=120))
    def test_are_whatever_people_call_a_place(self, name: str) -> None:
        rules.check_locality_name(name)


class TestDefaults:
    def test_are_settings_themselves(self) -> None:
        stored = rules.DEFAULTS.model_dump(mode="json")

        assert rules.AuthoritySettings.model_validate(stored) == rules.DEFAULTS
        assert rules.DEFAULTS.reviews.interval_days == 42
        assert str(rules.DEFAULTS.time_zone) == "Europe/London"
