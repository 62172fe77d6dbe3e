"""One class per rule of invitations.md that concerns the message around the calendar file."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications import ics
from notifications.addresses import Mailbox, Malformed
from notifications.mail import Email, Envelope, build

FAST = settings(max_examples=50, deadline=None)
SENDER = Mailbox("t-mfrggzdf@reply.taf.example", "Jane Smith, meetings")
TO = "p.jones@school.example"
INVITE = ics.Invite(
    method=ics.Method.REQUEST,
    uid="7c1d9a0e-51f4-4c59-9d0e-6b7f0a7f3c11@reply.taf.example",
    sequence=3,
    stamped_at=datetime(2026, 5, 4, 8, 30, 15, tzinfo=UTC),
    starts_at=datetime(2026, 6, 10, 13, 0, tzinfo=UTC),
    ends_at=datetime(2026, 6, 10, 14, 30, tzinfo=UTC),
    summary="Meeting: Amber Lantern",
    description="https://taf.example/i/abc",
    organiser=SENDER,
    attendee=ics.Attendee(TO, "Pat Jones"),
)
INVITATION = Email(
    to=TO,
    subject="Meeting on 10 June 2026",
    text="You are invited to a meeting.\n.\nFrom 14:00 to 15:30.\n",
    html="<p>You are invited to a meeting.</p>\n",
    calendar=ics.calendar_file(INVITE),
    method=ics.Method.REQUEST,
)
REMINDER = replace(INVITATION, calendar=None, method=None)
ENVELOPE = Envelope(
    sender=SENDER,
    message_id="<1f0c3a@reply.taf.example>",
    date=datetime(2026, 5, 4, 8, 30, 15, tzinfo=UTC),
)


def read(email_: Email = INVITATION, envelope: Envelope = ENVELOPE) -> EmailMessage:
    return email.message_from_bytes(build(email_, envelope), policy=default)


def parts(message: EmailMessage) -> list[EmailMessage]:
    return cast("list[EmailMessage]", list(message.iter_parts()))


def calendar_part(message: EmailMessage) -> EmailMessage:
    return parts(parts(message)[0])[2]


def with_summary(summary: str) -> Email:
    return replace(INVITATION, calendar=ics.calendar_file(replace(INVITE, summary=summary)))


class TestRule1Structure:
    def test_has_the_alternatives_first_and_the_file_second(self) -> None:
        message = read()
        assert message.get_content_type() == "multipart/mixed"
        first, second = parts(message)
        assert first.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in parts(first)] == [
            "text/plain",
            "text/html",
            "text/calendar",
        ]
        assert second.get_content_type() == "application/ics"
        assert second.get_content_disposition() == "attachment"
        assert second.get_filename() == "invite.ics"

    @pytest.mark.parametrize("summary", ["Meeting", "Meeting é \U0001f600"])
    def test_carries_the_same_bytes_twice(self, summary: str) -> None:
        given_ = with_summary(summary)
        message = read(given_)
        assert calendar_part(message).get_payload(decode=True) == given_.calendar
        assert parts(message)[1].get_payload(decode=True) == given_.calendar

    def test_without_a_file_is_two_alternatives(self) -> None:
        message = read(REMINDER)
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in parts(message)] == ["text/plain", "text/html"]

    def test_is_the_same_for_the_same_values(self) -> None:
        assert build(INVITATION, ENVELOPE) == build(replace(INVITATION), replace(ENVELOPE))


class TestRule2CalendarPart:
    @pytest.mark.parametrize("method", list(ics.Method))
    def test_names_its_method_in_upper_case(self, method: ics.Method) -> None:
        file = ics.calendar_file(replace(INVITE, method=method))
        raw = build(replace(INVITATION, calendar=file, method=method), ENVELOPE)
        line = f"Content-Type: text/calendar; charset=utf-8; method={method}; component=VEVENT"
        assert line.encode() in raw.replace(b"\r\n ", b" ").split(b"\r\n")

    @pytest.mark.parametrize("method", ["CANCEL", "request", "PUBLISH", "", None])
    def test_with_another_method_than_the_file_s_is_refused(self, method: str | None) -> None:
        with pytest.raises(Malformed):
            replace(INVITATION, method=method)

    def test_without_a_file_has_no_method(self) -> None:
        with pytest.raises(Malformed):
            replace(INVITATION, calendar=None)


class TestRule3Encoding:
    def test_of_the_calendar_is_7bit_when_it_is_ascii(self) -> None:
        assert calendar_part(read())["Content-Transfer-Encoding"] == "7bit"

    def test_of_the_calendar_is_base64_when_it_is_not(self) -> None:
        part = calendar_part(read(with_summary("Meeting é")))
        assert part["Content-Transfer-Encoding"] == "base64"

    @FAST
    @given(words=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
    def test_of_words_survives_a_server_of_seven_bits(self, words: str) -> None:
        words = re.sub("[\u2028\u2029\u202a-\u202e\u2066-\u2069]", "", words)
        text = f"{words}\n.\nFrom {words}\n"
        html = f"<p>{words}</p>"
        raw = build(replace(INVITATION, text=text, html=html), ENVELOPE)
        assert raw.isascii()
        assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        plain, page, _ = parts(parts(email.message_from_bytes(raw, policy=default))[0])
        assert _content(plain) == text
        assert _content(page).rstrip("\n") == html


def _content(part: EmailMessage) -> str:
    return cast("bytes", part.get_payload(decode=True)).decode().replace("\r\n", "\n")


class TestRule4OneRecipient:
    def test_is_in_the_headers(self) -> None:
        message = read()
        assert message["To"].addresses == (Address("", addr_spec=TO),)
        assert not {"Cc", "Bcc"} & set(message.keys())

    @pytest.mark.parametrize(
        "to",
        [
            "a@x.example, b@x.example",
            "Pat <p@x.example>",
            "c@d.example> RCPT TO:<e@f.example",
            "a@x.example\r\nBcc: b@x.example",
            "",
        ],
    )
    def test_more_or_less_than_one_is_refused(self, to: str) -> None:
        with pytest.raises(Malformed):
            replace(REMINDER, to=to)

    def test_other_than_the_file_s_is_refused(self) -> None:
        with pytest.raises(Malformed):
            replace(INVITATION, to="somebody@else.example")


class TestRule7OneMailbox:
    def test_is_from_reply_to_and_organiser(self) -> None:
        message = read()
        [sender] = message["From"].addresses
        assert (sender.addr_spec, sender.display_name) == (SENDER.address, SENDER.name)
        assert message["Reply-To"] == message["From"]

    def test_other_than_the_file_s_organiser_is_refused(self) -> None:
        other = Mailbox("t-other@reply.taf.example", SENDER.name)
        with pytest.raises(Malformed):
            build(INVITATION, replace(ENVELOPE, sender=other))

    def test_is_found_beyond_a_name_that_looks_like_one(self) -> None:
        name = 'A: mailto:x@y.example, "B" <z@y.example>; CN=q'
        sender = replace(SENDER, name=name)
        file = ics.calendar_file(replace(INVITE, organiser=sender))
        message = read(replace(INVITATION, calendar=file), replace(ENVELOPE, sender=sender))
        assert message["From"].addresses == (Address(name, addr_spec=SENDER.address),)

    @FAST
    @given(
        name=st.text(
            st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]),
            min_size=1,
            max_size=90,
        ).filter(str.strip)
        | st.lists(st.sampled_from(['"', "\\", ",", "<", ">", "@", "=?", "é", " ", "a" * 40]))
        .map("".join)
        .filter(str.strip)
    )
    def test_is_read_back_as_written_and_alone(self, name: str) -> None:
        raw = build(REMINDER, replace(ENVELOPE, sender=Mailbox(SENDER.address, name)))
        [address] = email.message_from_bytes(raw, policy=default)["From"].addresses
        assert address.addr_spec == SENDER.address
        written = email.message_from_bytes(raw)["From"].replace("\r\n", "")
        shown, found = parseaddr(written)
        assert (str(make_header(decode_header(shown))), found) == (name, SENDER.address)


class TestRule9Headers:
    def test_say_that_a_machine_wrote_it(self) -> None:
        assert read()["Auto-Submitted"] == "auto-generated"

    def test_carry_the_given_identifier_and_date(self) -> None:
        message = read()
        assert message["Message-ID"] == ENVELOPE.message_id
        assert message["Date"].datetime == ENVELOPE.date
        assert not {"In-Reply-To", "References"} & set(message.keys())

    def test_of_an_update_name_what_it_follows_however_long(self) -> None:
        thread = tuple(f"<{n}{'x' * 120}@reply.taf.example>" for n in range(12))
        update = replace(ENVELOPE, in_reply_to=thread[-1], references=thread)
        message = read(envelope=update)
        assert message["In-Reply-To"] == thread[-1]
        assert tuple(message["References"].split()) == thread
        assert b"=?" not in build(INVITATION, update)

    def test_are_each_there_once(self) -> None:
        names = read().keys()
        assert sorted(names) == sorted(set(names))
        assert "List-Unsubscribe" not in names

    @pytest.mark.parametrize(
        "identifier", ["", "a@b", "<a b@c>", "<a@b> <c@d>", "<a@b>\r\nBcc: x@y", "<é@b>", "<a@b\n>"]
    )
    def test_refuse_an_identifier_of_another_shape(self, identifier: str) -> None:
        with pytest.raises(Malformed):
            replace(ENVELOPE, message_id=identifier)
        with pytest.raises(Malformed):
            replace(ENVELOPE, in_reply_to=identifier)
        with pytest.raises(Malformed):
            replace(ENVELOPE, references=("<a@b>", identifier))

    def test_refuse_a_date_without_a_zone(self) -> None:
        with pytest.raises(Malformed):
            replace(ENVELOPE, date=datetime(2026, 5, 4))  # noqa: DTZ001


class TestTheSubject:
    @FAST
    @given(
        subject=st.text(
            st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf", "Zs"]),
            min_size=1,
            max_size=120,
        )
        | st.lists(st.sampled_from(["=?utf-8?q?x?=", "  ", "é", "a", "b" * 90, ": "]))
        .map("".join)
        .map(str.strip)
        .filter(bool)
    )
    def test_is_read_back_as_written_and_folded_short(self, subject: str) -> None:
        raw = build(replace(REMINDER, subject=subject), ENVELOPE)
        assert email.message_from_bytes(raw, policy=default)["Subject"] == subject
        head = raw.partition(b"\r\n\r\n")[0]
        assert max(map(len, head.split(b"\r\n"))) <= 78

    def test_stays_readable_when_it_is_plain(self) -> None:
        assert b"\r\nSubject: Meeting on 10 June 2026\r\n" in build(INVITATION, ENVELOPE)

    @pytest.mark.parametrize(
        "sign",
        ["\r\nBcc: x@y.example", *"\n\r\0\t\x7f\x85\u2028\u202e\ud800"],
    )
    def test_with_a_control_character_is_refused(self, sign: str) -> None:
        with pytest.raises(Malformed):
            replace(REMINDER, subject=f"Meeting{sign}")
        with pytest.raises(Malformed):
            replace(SENDER, name=f"Jane{sign}")

    def test_that_is_empty_is_refused(self) -> None:
        with pytest.raises(Malformed):
            replace(REMINDER, subject=" ")


class TestTheWords:
    @pytest.mark.parametrize("sign", ["\0", "\r", "\x1b", "\u202e", "\udc80"])
    @pytest.mark.parametrize("field", ["text", "html"])
    def test_with_a_control_character_are_refused(self, field: str, sign: str) -> None:
        changes: dict[str, Any] = {field: f"a{sign}b"}
        with pytest.raises(Malformed):
            replace(REMINDER, **changes)

    def test_may_have_lines_and_tabs(self) -> None:
        message = read(replace(REMINDER, text="a\tb\nc\n"))
        assert _content(parts(message)[0]) == "a\tb\nc\n"

    def test_do_not_show_in_a_traceback(self) -> None:
        assert "school" not in repr(INVITATION)
        assert "Jane" not in repr(ENVELOPE)
