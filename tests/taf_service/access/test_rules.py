from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taf_service.access import Identity
from taf_service.access.rules import OfficeWithoutLocality, check_identity, check_may_be_narrowed
from taf_service.core.errors import InvalidInput
from taf_service.partnership import Office


class TestIdentity:
    @given(st.text(max_size=210), st.text(max_size=210))
    def test_is_what_a_token_could_say(self, issuer: str, subject: str) -> None:
        try:
            Identity(issuer, subject)
        except ValueError:
            with pytest.raises(InvalidInput):
                check_identity(issuer, subject)
        else:
            check_identity(issuer, subject)

    def test_is_refused_field_by_field(self) -> None:
        with pytest.raises(InvalidInput) as refusal:
            check_identity("", "a\0b")
        assert [error.field for error in refusal.value.errors] == ["issuer", "subject"]


class TestALocality:
    @pytest.mark.parametrize("office", [Office.ADMINISTRATOR, Office.AUDITOR])
    def test_narrows_no_other_office(self, office: Office) -> None:
        with pytest.raises(OfficeWithoutLocality):
            check_may_be_narrowed(office)

    def test_narrows_a_coordinator(self) -> None:
        check_may_be_narrowed(Office.COORDINATOR)
