from __future__ import annotations

import hashlib
import re
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from notifications.links import LinkKey, hash_of, reply_token, reply_url

KEY = LinkKey("1", "an invented key of thirty-two signs")
INVITATION = UUID("7c1d9a0e-51f4-4c59-9d0e-6b7f0a7f3c11")
NONCE = UUID("0b8f4c55-8a3e-4f0e-a2a1-5f0c9d1e2b3a")

parts = st.tuples(
    st.builds(LinkKey, st.text(max_size=3), st.text(min_size=32, max_size=40)),
    st.uuids(),
    st.uuids(),
)


def token(key: LinkKey = KEY, invitation_id: UUID = INVITATION, nonce: UUID = NONCE) -> str:
    return reply_token(key, invitation_id=invitation_id, nonce=nonce)


class TestReplyToken:
    def test_is_the_same_in_every_update_and_process(self) -> None:
        assert token() == token() == "42xfyebpvz6tnnr76pqo273tdvzeiai3"

    @settings(deadline=None)
    @given(parts, parts)
    def test_differs_with_each_of_its_parts(
        self, one: tuple[LinkKey, UUID, UUID], other: tuple[LinkKey, UUID, UUID]
    ) -> None:
        assume(one != other)

        assert token(*one) != token(*other)

    @given(st.uuids())
    def test_has_160_bits_in_signs_that_no_mail_program_breaks(self, nonce: UUID) -> None:
        assert re.fullmatch("[a-z2-7]{32}", token(nonce=nonce))

    def test_is_kept_as_a_hash_alone(self) -> None:
        assert hash_of(token()) == hashlib.sha256(token().encode()).hexdigest()

    def test_makes_a_link(self) -> None:
        assert reply_url("https://taf.example/", "abc") == "https://taf.example/r/abc"


class TestLinkKey:
    def test_is_long(self) -> None:
        with pytest.raises(ValueError, match="at least 32"):
            LinkKey("1", "x" * 31)

    def test_does_not_show(self) -> None:
        assert KEY.secret not in repr(KEY)
