from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from schema import scalars
from schema.scalars import SCALARS

HOSTILE = [
    "a\x00b",
    "a\x07b",
    "a\x1bb",
    "a\x7fb",
    "a\x85b",
    "a\ud800b",
    "a\u202eb",
    "a\u2066b",
    "a\u2028b",
    "a\u200fb",
]
NOT_TEXT: list[Any] = [None, 5, 2**63, 1.5, True, [], {}, ["a"]]
EVERY = [
    scalars.Line,
    scalars.Text,
    scalars.Mail,
    date,
    scalars.LocalTime,
    scalars.Zone,
    scalars.Link,
    scalars.Version,
    scalars.Key,
]


def read(scalar: object, value: Any) -> Any:
    parse = SCALARS[scalar].parse_value
    assert parse is not None
    return parse(value)


class TestEveryScalar:
    @pytest.mark.parametrize("scalar", EVERY)
    @pytest.mark.parametrize("value", [*HOSTILE, *NOT_TEXT, "x" * 100_000])
    def test_refuses_what_no_honest_client_sends(self, scalar: object, value: Any) -> None:
        with pytest.raises(GraphQLError) as refusal:
            read(scalar, value)
        assert refusal.value.message.endswith(".")

    @pytest.mark.parametrize("scalar", EVERY)
    @given(value=st.text() | st.integers() | st.none() | st.lists(st.text()))
    def test_refuses_in_words_whatever_it_does_not_take(self, scalar: object, value: Any) -> None:
        with suppress(GraphQLError):
            read(scalar, value)

    def test_says_what_it_is(self) -> None:
        assert all(
            definition.description for definition in SCALARS.values() if not _ours(definition)
        )


def _ours(definition: Any) -> bool:
    return definition.name in {"ID", "JSON", "Void", "Upload"} or definition.name.isupper()


class TestText:
    def test_keeps_lines_and_loses_edges(self) -> None:
        assert read(scalars.Text, " one\r\ntwo\rthree\t. ") == "one\ntwo\nthree\t."

    def test_is_composed(self) -> None:
        assert read(scalars.Line, "Zoe\u0308") == "Zo\xeb"

    def test_is_measured_as_it_will_be_stored(self) -> None:
        """Composing can make a text longer: U+0958 becomes two characters."""
        with pytest.raises(GraphQLError, match="at most 300"):
            read(scalars.Line, "\u0958" * 200)

    def test_of_one_line_has_none_more(self) -> None:
        for value in ("a\nb", "a\rb", "a\tb", "\n"):
            with pytest.raises(GraphQLError):
                read(scalars.Line, value)

    def test_may_be_in_any_language(self) -> None:
        for name in ("Siân O'Brien", "مريم", "Łukasz", "👩‍👧 family", "張偉"):
            assert read(scalars.Line, name) == name


class TestEmailAddress:
    @pytest.mark.parametrize(
        "value", ["jo@school.example", " jo.b+x@a.b.example ", "j'o@x.example"]
    )
    def test_is_one_plain_address(self, value: str) -> None:
        assert read(scalars.Mail, value) == value.strip()

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "jo",
            "jo@",
            "@school.example",
            "jo@localhost",
            "jo@school.example, al@school.example",
            "jo@school.example al@school.example",
            "Jo <jo@school.example>",
            "<jo@school.example>",
            "jo@school.example> RCPT TO:<al@school.example",
            "jo@school.example\nBcc: al@school.example",
            "jo@school.example\r\nBcc: al@school.example",
            "jo@school.example%0aBcc:al@school.example",
            '"jo"@school.example',
            "jo@[127.0.0.1]",
            "jo@sch\xf6ol.example",
            "jö@school.example",
            "jo..b@school.example",
            "jo@-school.example",
            f"{'j' * 65}@school.example",
            f"jo@{'s' * 64}.example",
            f"jo@{'school.' * 40}example",
        ],
    )
    def test_is_nothing_else(self, value: str) -> None:
        with pytest.raises(GraphQLError):
            read(scalars.Mail, value)


class TestDateAndTime:
    def test_are_what_a_calendar_and_a_clock_say(self) -> None:
        assert read(date, "2026-03-02") == date(2026, 3, 2)
        assert read(scalars.LocalTime, "2026-03-02T14:30") == datetime(2026, 3, 2, 14, 30)  # noqa: DTZ001
        assert read(scalars.LocalTime, "2026-03-02T14:30:15").second == 15

    @pytest.mark.parametrize(
        "value",
        [
            "2026-02-30",
            "9999-01-01",
            "0001-01-01",
            "2026-3-2",
            "20260302",
            "2026-W10-1",
            "٢٠٢٦-03-02",
        ],
    )
    def test_refuse_days_that_are_none(self, value: str) -> None:
        with pytest.raises(GraphQLError):
            read(date, value)

    @pytest.mark.parametrize(
        "value",
        [
            "2026-03-02",
            "2026-03-02T24:30",
            "2026-03-02T14:30Z",
            "2026-03-02T14:30+01:00",
            "2026-03-02 14:30",
            "9999-12-31T23:59",
            "1066-10-14T09:00",
        ],
    )
    def test_refuse_times_that_are_none(self, value: str) -> None:
        with pytest.raises(GraphQLError):
            read(scalars.LocalTime, value)

    def test_an_instant_is_never_typed(self) -> None:
        with pytest.raises(GraphQLError):
            read(datetime, "2026-03-02T14:30:00Z")

    def test_leave_in_iso_8601(self) -> None:
        write = SCALARS[date].serialize
        assert write is not None
        assert write(date(2026, 3, 2)) == "2026-03-02"
        assert write("2026-03-02") == "2026-03-02"


class TestTimeZone:
    def test_is_one_of_iana(self) -> None:
        assert read(scalars.Zone, "Europe/London") == "Europe/London"
        for value in ("", "London", "GMT Standard Time", "../etc/passwd", "+01:00"):
            with pytest.raises(GraphQLError):
                read(scalars.Zone, value)


class TestLink:
    @pytest.mark.parametrize(
        "value",
        [
            "",
            "https://meet.example",
            "https://meet.example?pwd=1",
            "https://meet.example#room",
            "https://meet.example:8443/j/12?pwd=a%20b#x",
        ],
    )
    def test_is_safe_to_follow(self, value: str) -> None:
        assert read(scalars.Link, value) == value

    @pytest.mark.parametrize(
        "value",
        [
            "http://meet.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://jo@meet.example/",
            "https://meet.example/a b",
            'https://meet.example/"><script>',
            "//meet.example/",
            "https://meet.example\\@evil.example/",
        ],
    )
    def test_is_nothing_else(self, value: str) -> None:
        with pytest.raises(GraphQLError):
            read(scalars.Link, value)


class TestVersionAndKey:
    def test_a_version_is_32_digits(self) -> None:
        assert read(scalars.Version, "0" * 31 + "f") == UUID(int=15)
        for value in ("", "f" * 31, "g" * 32, "9223372036854775808", "f" * 33):
            with pytest.raises(GraphQLError):
                read(scalars.Version, value)

    def test_a_key_is_long_enough_to_be_ones_own(self) -> None:
        assert read(scalars.Key, "meeting:1-2_3.4") == "meeting:1-2_3.4"
        for value in ("", "short", "spaces are not", "x" * 101, "schlüssel"):
            with pytest.raises(GraphQLError):
                read(scalars.Key, value)
