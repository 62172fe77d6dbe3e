"""One class per rule of invitations.md that concerns the calendar object."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from notifications.addresses import Mailbox, Malformed
from notifications.ics import LONDON, Answer, Attendee, Invite, Method, calendar_file

FAST = settings(max_examples=50, deadline=None)
INVITE = Invite(
    method=Method.REQUEST,
    uid="7c1d9a0e-51f4-4c59-9d0e-6b7f0a7f3c11@reply.taf.example",
    sequence=3,
    stamped_at=datetime(2026, 5, 4, 8, 30, 15, tzinfo=UTC),
    starts_at=datetime(2026, 6, 10, 13, 0, tzinfo=UTC),
    ends_at=datetime(2026, 6, 10, 14, 30, tzinfo=UTC),
    summary="Meeting: Amber Lantern",
    description="Who is coming and what it is about:\nhttps://taf.example/i/abc",
    place="Room 2, Council House; Derby",
    organiser=Mailbox("t-mfrggzdf@reply.taf.example", "Jane Smith, meetings"),
    attendee=Attendee("p.jones@school.example", "Pat Jones"),
)
CANCELLED = replace(INVITE, method=Method.CANCEL, sequence=4)


def changed(**changes: Any) -> Invite:
    return replace(INVITE, **changes)


def event(invite: Invite = INVITE) -> Any:
    [only] = icalendar.Calendar.from_ical(calendar_file(invite)).walk("VEVENT")
    return only


def unfolded(invite: Invite = INVITE) -> list[str]:
    return calendar_file(invite).decode().replace("\r\n ", "").split("\r\n")


class TestTheFile:
    def test_asks(self, snapshot: SnapshotAssertion) -> None:
        assert unfolded() == snapshot

    def test_calls_off(self, snapshot: SnapshotAssertion) -> None:
        assert unfolded(CANCELLED) == snapshot

    def test_is_the_same_for_the_same_invite(self) -> None:
        assert calendar_file(INVITE) == calendar_file(replace(INVITE))

    def test_says_nothing_of_a_place_or_words_there_are_none_of(self) -> None:
        file = calendar_file(replace(INVITE, place=None, description=""))
        assert b"\r\nLOCATION" not in file
        assert b"DESCRIPTION" not in file

    def test_does_not_show_people_in_a_traceback(self) -> None:
        assert "school" not in repr(INVITE) + repr(INVITE.attendee)
        assert "Jane" not in repr(INVITE.organiser)


class TestRule2MethodIsUpperCase:
    @pytest.mark.parametrize("method", list(Method))
    def test_and_stands_in_the_calendar(self, method: Method) -> None:
        assert f"METHOD:{method.name}" in unfolded(replace(INVITE, method=method))


# Whatever may be written: everything but controls, line ends, bidi overrides and surrogates.
WRITABLE = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs"],
        exclude_characters="\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ),
    min_size=1,
    max_size=200,
).filter(str.strip)
MISCHIEF = st.lists(
    st.sampled_from(
        [
            "\\",
            ";",
            ",",
            ":",
            '"',
            "^",
            "n",
            "N",
            "=",
            " ",
            "é",
            "\U0001f600",
            "END:VEVENT",
            "a" * 60,
        ]
    ),
    min_size=1,
).map("".join)
WORDS = (WRITABLE | MISCHIEF).filter(str.strip)


class TestRule3Lines:
    @FAST
    @given(summary=WORDS, description=st.lists(WORDS).map("\n".join), name=WORDS)
    def test_are_at_most_75_octets_and_split_no_character(
        self, summary: str, description: str, name: str
    ) -> None:
        file = calendar_file(
            replace(
                INVITE,
                summary=summary,
                description=description,
                attendee=replace(INVITE.attendee, name=name),
            )
        )
        assert file.endswith(b"END:VCALENDAR\r\n")
        for line in file[:-2].split(b"\r\n"):
            assert len(line) <= 75
            assert b"\r" not in line
            assert b"\n" not in line
            line.decode()

    @FAST
    @given(summary=WORDS, description=st.lists(WORDS).map("\n".join), place=WORDS)
    def test_are_read_back_as_they_were_written(
        self, summary: str, description: str, place: str
    ) -> None:
        file = unfolded(replace(INVITE, summary=summary, description=description, place=place))
        properties = dict(line.split(":", 1) for line in file if ":" in line)
        assert _text(properties["SUMMARY"]) == summary
        assert _text(properties.get("DESCRIPTION", "")) == description
        assert _text(properties["LOCATION"]) == place

    @FAST
    @given(summary=WORDS, description=st.lists(WORDS).map("\n".join), name=WORDS)
    def test_hold_no_property_but_ours(self, summary: str, description: str, name: str) -> None:
        odd = replace(
            INVITE,
            summary=summary,
            description=description or "-",
            organiser=replace(INVITE.organiser, name=name),
            attendee=replace(INVITE.attendee, name=name),
        )
        names = [re.split("[;:]", line)[0] for line in unfolded(odd)]
        assert names == [re.split("[;:]", line)[0] for line in unfolded()]
        assert set(event(odd)["ATTENDEE"].params) == set(event()["ATTENDEE"].params)


def _text(escaped: str) -> str:
    """RFC 5545 3.3.11 read from left to right, by hand: the library reads `\\\\N` wrongly."""
    assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", escaped)
    return re.sub(r"\\(.)", lambda sign: {"n": "\n", "N": "\n"}.get(sign[1], sign[1]), escaped)


class TestRule4OneEvent:
    def test_for_one_attendee(self) -> None:
        names = [line.split(";")[0].split(":mailto")[0] for line in unfolded()]
        assert names.count("BEGIN:VCALENDAR") == names.count("BEGIN:VEVENT") == 1
        assert names.count("ATTENDEE") == names.count("ORGANIZER") == 1


class TestRule6Organiser:
    def test_is_the_service_s_mailbox_with_the_lead_s_name(self) -> None:
        organiser = event()["ORGANIZER"]
        assert organiser == "mailto:t-mfrggzdf@reply.taf.example"
        assert organiser.params["CN"] == "Jane Smith, meetings"

    @pytest.mark.parametrize("address", ["t+abc@reply.example", "t" * 51 + "@reply.example"])
    def test_with_a_plus_or_too_long_is_refused(self, address: str) -> None:
        with pytest.raises(Malformed):
            replace(INVITE, organiser=Mailbox(address, "Jane Smith"))

    def test_of_64_characters_is_not_too_long(self) -> None:
        longest = Mailbox("t" * 50 + "@reply.example", "Jane Smith")
        assert len(longest.address) == 64
        assert replace(INVITE, organiser=longest).organiser == longest


class TestRule8NoStrayProperties:
    @pytest.mark.parametrize("invite", [INVITE, CANCELLED])
    def test_sent_by_alarm_calendar_uid_nor_repetition(self, invite: Invite) -> None:
        file = calendar_file(invite)
        assert b"SENT-BY" not in file
        assert b"VALARM" not in file
        assert "UID" not in icalendar.Calendar.from_ical(file)
        assert file.count(b"\r\nUID:") == 1
        assert "RRULE" not in event(invite)
        assert "RECURRENCE-ID" not in event(invite)


class TestRule10Privacy:
    @pytest.mark.parametrize("invite", [INVITE, CANCELLED])
    def test_is_asked_of_shared_calendars(self, invite: Invite) -> None:
        assert event(invite)["CLASS"] == "PRIVATE"
        assert event(invite)["TRANSP"] == "OPAQUE"


class TestRule11Identity:
    def test_is_the_uid_and_a_stamp_in_utc(self) -> None:
        assert f"UID:{INVITE.uid}" in unfolded()
        assert "DTSTAMP:20260504T083015Z" in unfolded()

    def test_stamp_is_utc_even_from_a_london_clock_in_winter(self) -> None:
        stamped_at = datetime(2026, 1, 4, 8, 30, 15, 999, tzinfo=LONDON)
        assert "DTSTAMP:20260104T083015Z" in unfolded(replace(INVITE, stamped_at=stamped_at))

    @pytest.mark.parametrize(
        "stamped_at",
        [
            datetime(2026, 5, 4, 8, 30),  # noqa: DTZ001
            datetime(2026, 5, 4, 8, 30, tzinfo=LONDON),
        ],
    )
    def test_stamp_in_another_zone_is_refused(self, stamped_at: datetime) -> None:
        with pytest.raises(Malformed):
            replace(INVITE, stamped_at=stamped_at)

    @pytest.mark.parametrize("uid", ["", " ", "a b", "é@x.example", "a\r\nX-EVIL:1", "a" * 256])
    def test_uid_of_more_than_one_ascii_word_is_refused(self, uid: str) -> None:
        with pytest.raises(Malformed):
            replace(INVITE, uid=uid)


class TestRule13Attendee:
    def test_carries_all_that_a_reader_asks_for(self) -> None:
        attendee = event()["ATTENDEE"]
        assert attendee == "mailto:p.jones@school.example"
        assert dict(attendee.params) == {
            "CN": "Pat Jones",
            "CUTYPE": "INDIVIDUAL",
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": "NEEDS-ACTION",
            "RSVP": "TRUE",
        }

    def test_may_be_optional(self) -> None:
        optional = replace(INVITE, attendee=replace(INVITE.attendee, required=False))
        assert event(optional)["ATTENDEE"].params["ROLE"] == "OPT-PARTICIPANT"

    def test_of_a_family_has_no_name(self) -> None:
        unnamed = replace(INVITE, attendee=Attendee("mum@mail.example"))
        assert "CN" not in event(unnamed)["ATTENDEE"].params

    @pytest.mark.parametrize("address", ["Pat <p@x.example>", "a@x.example,b@x.example", "p", ""])
    def test_has_one_plain_address(self, address: str) -> None:
        with pytest.raises(Malformed):
            Attendee(address)

    def test_name_ends_where_it_ends(self) -> None:
        odd = replace(INVITE, attendee=replace(INVITE.attendee, name="COUNCIL\\"))
        assert event(odd)["ATTENDEE"].params["CN"] == "COUNCIL/"
        assert event(odd)["ATTENDEE"].params["CUTYPE"] == "INDIVIDUAL"


class TestRule14Sequence:
    def test_is_the_invitation_s(self) -> None:
        assert "SEQUENCE:3" in unfolded()

    @pytest.mark.parametrize("sequence", [-1, 2**31])
    def test_out_of_range_is_refused(self, sequence: int) -> None:
        with pytest.raises(Malformed):
            replace(INVITE, sequence=sequence)


class TestRule15KnownAnswer:
    @pytest.mark.parametrize("answer", list(Answer))
    def test_is_repeated(self, answer: Answer) -> None:
        known = replace(INVITE, attendee=replace(INVITE.attendee, answer=answer))
        assert event(known)["ATTENDEE"].params["PARTSTAT"] == answer.value


class TestRule17Cancelling:
    def test_keeps_everything_but_method_status_and_sequence(self) -> None:
        gone = {"METHOD:REQUEST", "STATUS:CONFIRMED", "SEQUENCE:3"}
        assert set(unfolded()) - set(unfolded(CANCELLED)) == gone
        assert set(unfolded(CANCELLED)) - set(unfolded()) == {
            "METHOD:CANCEL",
            "STATUS:CANCELLED",
            "SEQUENCE:4",
        }


class TestRule18HandOver:
    def test_changes_the_name_and_nothing_else_of_the_organiser(self) -> None:
        handed_over = replace(INVITE, organiser=replace(INVITE.organiser, name="Ali Khan"))
        [before] = set(unfolded()) - set(unfolded(handed_over))
        [after] = set(unfolded(handed_over)) - set(unfolded())
        assert before.replace('"Jane Smith, meetings"', "Ali Khan") == after.replace('"', "")


class TestAnImpossibleInvite:
    @pytest.mark.parametrize(
        "times",
        [
            {"starts_at": datetime(2026, 6, 10, 13)},  # noqa: DTZ001
            {"ends_at": datetime(2026, 6, 10, 14)},  # noqa: DTZ001
            {"ends_at": INVITE.starts_at},
            {"ends_at": INVITE.starts_at - timedelta(minutes=1)},
            {"starts_at": INVITE.starts_at.replace(year=1995)},
            {"ends_at": INVITE.ends_at.replace(year=2038)},
            {"starts_at": INVITE.starts_at.replace(microsecond=1)},
        ],
    )
    def test_time_is_refused(self, times: dict[str, datetime]) -> None:
        with pytest.raises(Malformed):
            changed(**times)

    def test_order_is_judged_by_instants_not_by_clocks(self) -> None:
        ends_at = datetime(2026, 6, 10, 12, 30, tzinfo=timezone(timedelta(hours=-5)))
        assert replace(INVITE, ends_at=ends_at).ends_at == ends_at

    @pytest.mark.parametrize(
        "sign",
        list("\0\a\t\r\v\x1b\x7f\x85\u2028\u2029\u202a\u202e\u2066\u2069\ud800\udfff"),
    )
    def test_sign_is_refused_wherever_it_stands(self, sign: str) -> None:
        text = f"a{sign}b"
        for field in ("summary", "description", "place", "uid"):
            with pytest.raises(Malformed):
                changed(**{field: text})
        with pytest.raises(Malformed):
            Attendee("p@school.example", text)
        with pytest.raises(Malformed):
            Mailbox("t-a@reply.example", text)
        with pytest.raises(Malformed):
            Mailbox(f"t-{sign}@reply.example", "Jane")

    def test_line_feed_is_refused_but_in_the_description(self) -> None:
        for field in ("summary", "place"):
            with pytest.raises(Malformed):
                changed(**{field: "a\nb"})
        assert event(replace(INVITE, description="a\nb"))["DESCRIPTION"] == "a\nb"

    @pytest.mark.parametrize("field", ["summary", "place"])
    def test_empty_words_are_refused(self, field: str) -> None:
        with pytest.raises(Malformed):
            changed(**{field: "  "})
