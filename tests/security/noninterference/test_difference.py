"""Two worlds differ by any byte, and it can be read where."""

from __future__ import annotations

from tests.security.noninterference.difference import MOST, differences, report
from tests.security.noninterference.watching import Note


def noted(*said: bytes) -> list[Note]:
    return [Note("step", "otto", "channel", f"what {n}", each) for n, each in enumerate(said)]


class TestADifference:
    def test_is_nothing_between_the_same(self) -> None:
        assert not differences(noted(b"a", b"b"), noted(b"a", b"b"))

    def test_is_any_byte(self) -> None:
        (found,) = differences(noted(b'200\n\n{"a": 1}'), noted(b'200\n\n{"a":  1}'))

        assert found.endswith(r"""b'200\n\n{"a": 1}'""" "\n" r"""b'200\n\n{"a":  1}'""")

    def test_is_what_was_said_in_one_world_alone(self) -> None:
        (more,) = differences(noted(b"a"), noted(b"a", b"b"))
        (less,) = differences(noted(b"a", b"b"), noted(b"a"))

        assert "what 1\nsaid only within the secret:\nb" in more
        assert "what 1\nsaid only without the secret:\nb" in less

    def test_is_the_order_too(self) -> None:
        one = noted(b"a", b"b")

        assert differences(one, one[::-1]) == ["The same was said, but in another order."]

    def test_is_told_in_full_only_so_often(self) -> None:
        found = differences(noted(), noted(*[b"a"] * (MOST + 2)))

        assert f"{MOST + 2} differences" in report(found)
        assert report(found).endswith("... and 2 more")
