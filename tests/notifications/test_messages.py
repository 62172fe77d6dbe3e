"""What each person reads. The snapshots are the mails, for a reader to review."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from notifications import mail, messages
from notifications.addresses import Malformed
from notifications.mail import Email
from notifications.messages import MEETING_WORDINGS
from notifications.messages.wording import NOTICES
from notifications.recipients import Audience, Earlier, Gathering, Invited

LINK = "https://taf.example/r/42xfyebpvz6tnnr76pqo273tdvzeiai3"
MEETING = Gathering(
    starts_at=datetime(2026, 7, 7, 9, 0, tzinfo=UTC),
    ends_at=datetime(2026, 7, 7, 10, 0, tzinfo=UTC),
    zone="Europe/London",
    public_place="Town Hall",
    is_somewhere=True,
    joining_link="",
)
PRACTITIONER = Invited(
    invitation_id=UUID("7c1d9a0e-51f4-4c59-9d0e-6b7f0a7f3c11"),
    audience=Audience.PRACTITIONER,
    address="pat.jones@work.example",
    name="Pat Jones",
    label="Amber Lantern",
    lead="Jane Smith",
    required=True,
    uid="3f0c7f2a5b@reply.taf.example",
    organiser="t-mfrggzdf",
    sequence=0,
    answer="NEEDS_ACTION",
    meeting=MEETING,
    calendar_is_safe=True,
    changed=frozenset(),
    stamped_at=datetime(2026, 6, 1, 8, 30, 15, tzinfo=UTC),
    private_words=("Hartwell", "Robin Hartwell", "Alex Hartwell", "4 Elm Row, Derby DE1 2AB"),
)
PARENT = replace(
    PRACTITIONER,
    audience=Audience.FAMILY,
    address="a@home.example",
    name="Alex Hartwell",
    label="",
    uid="9d2e@reply.taf.example",
)
GUEST = replace(PARENT, audience=Audience.GUEST, address="i@words.example", name="Ines Interpreter")
YEARS = (datetime(2026, 1, 1), datetime(2036, 1, 1))  # noqa: DTZ001 - hypothesis adds the zone
EVERYBODY = {"practitioner": PRACTITIONER, "parent": PARENT, "guest": GUEST}


def compose(kind: str, invited: Invited, reply_url: str | None = LINK) -> Email:
    organiser = messages.organiser_of(invited, mail_domain="reply.taf.example")
    return messages.compose(kind, invited, organiser=organiser, reply_url=reply_url)


def sent(kind: str, invited: Invited, message_id: str = "<0@reply.taf.example>") -> bytes:
    """As it goes over the wire."""
    organiser = messages.organiser_of(invited, mail_domain="reply.taf.example")
    envelope = mail.Envelope(sender=organiser, message_id=message_id, date=invited.stamped_at)
    return mail.build(compose(kind, invited), envelope)


def following(invited: Invited, **values: Any) -> Invited:
    """The next message to somebody who was sent an invitation."""
    earlier = Earlier(
        message_ids=("<0@reply.taf.example>",), last_message=sent("InvitedToMeeting", invited)
    )
    stamped_at = invited.stamped_at + timedelta(days=1)
    return replace(
        invited, **{"earlier": earlier, "sequence": 1, "stamped_at": stamped_at, **values}
    )


def event(email: Email) -> icalendar.Event:
    assert email.calendar is not None
    (found,) = icalendar.Calendar.from_ical(email.calendar).walk("VEVENT")
    assert isinstance(found, icalendar.Event)
    return found


def shown(email: Email) -> str:
    calendar = (email.calendar or b"-\n").decode().replace("\r\n", "\n")
    return f"{email.subject}\n\n{email.text}\n{email.html}\n{calendar}"


def words_of(page: str) -> list[str]:
    return re.sub("<style.*?</style>|<title.*?</title>|<[^>]+>", " ", page).split()


class TestEveryMessage:
    @pytest.mark.parametrize("who", EVERYBODY)
    @pytest.mark.parametrize("kind", MEETING_WORDINGS)
    def test_reads_well(self, kind: str, who: str, snapshot: SnapshotAssertion) -> None:
        invited = EVERYBODY[who]
        if kind != "InvitedToMeeting":
            invited = following(invited, changed=frozenset({"TIME", "PLACE"}))

        assert shown(compose(kind, invited)) == snapshot

    @pytest.mark.parametrize("who", EVERYBODY)
    @pytest.mark.parametrize("kind", MEETING_WORDINGS)
    def test_says_the_same_in_words_and_on_the_page(self, kind: str, who: str) -> None:
        email = compose(kind, following(EVERYBODY[who]))

        page = [word for word in words_of(email.html) if word not in email.subject.split()]
        text = [word for word in email.text.split() if word not in email.subject.split()]
        assert page == text

    @pytest.mark.parametrize("who", EVERYBODY)
    @pytest.mark.parametrize("kind", MEETING_WORDINGS)
    def test_carries_the_sentence_about_notices(self, kind: str, who: str) -> None:
        email = compose(kind, following(EVERYBODY[who]))

        assert email.text.count(NOTICES) == 1
        assert email.html.count(f"<p>{NOTICES}</p>") == 1

    @pytest.mark.parametrize("kind", MEETING_WORDINGS)
    def test_brings_nothing_from_elsewhere(self, kind: str) -> None:
        page = compose(kind, following(PARENT)).html

        assert not re.search(r"<(img|link|script|iframe)|src=|url\(|@import", page)
        assert set(re.findall(r'href="([^"]*)"', page)) <= {LINK}

    def test_has_short_words_and_sentences(self) -> None:
        for kind in MEETING_WORDINGS:
            text = compose(kind, following(PARENT, changed=frozenset({"LINK"}))).text
            plain = text.replace(LINK, "").replace("When: ", "")
            for sentence in re.split(r"[.:\n]\s", plain):
                assert len(sentence.split()) <= 20, sentence

    def test_of_an_unknown_kind_is_a_fault(self) -> None:
        with pytest.raises(KeyError):
            compose("ActionOverdue", PARENT)

    def test_escapes_what_people_typed(self) -> None:
        meeting = replace(
            MEETING, public_place="Hall <b>&</b>", joining_link='https://x.example/"<'
        )
        page = compose("InvitedToMeeting", replace(PARENT, lead="J <i>", meeting=meeting)).html

        assert "Hall &lt;b&gt;&amp;&lt;/b&gt;" in page
        assert "<b>" not in page
        assert "<i>" not in page
        assert 'href="https://x.example/&#34;&lt;"' in page

    @pytest.mark.parametrize("field", ["lead", "label"])
    def test_refuses_a_second_line_in_its_subject(self, field: str) -> None:
        two_lines: dict[str, Any] = {field: "x\r\nBcc: y@z.example"}
        with pytest.raises(Malformed):
            sent("InvitedToMeeting", replace(PRACTITIONER, **two_lines))


class TestTheSender:
    def test_is_the_lead_whose_meetings_a_practitioner_knows_apart(self) -> None:
        sender = messages.organiser_of(PRACTITIONER, mail_domain="reply.taf.example")

        assert (sender.name, sender.address) == (
            "Jane Smith, meetings",
            "t-mfrggzdf@reply.taf.example",
        )

    @pytest.mark.parametrize("invited", [PARENT, GUEST])
    def test_is_a_name_alone_for_anybody_else(self, invited: Invited) -> None:
        assert messages.organiser_of(invited, mail_domain="x.example").name == "Jane Smith"

    def test_keeps_its_address_when_the_domain_of_new_ones_changes(self) -> None:
        """Rule 6: as it is written in the database, or in the message they have."""
        settled = replace(PARENT, organiser="t-abc@old.example")
        told = following(PARENT)

        new = {"mail_domain": "new.example"}
        assert messages.organiser_of(settled, **new).address == "t-abc@old.example"
        assert messages.organiser_of(told, **new).address == "t-mfrggzdf@reply.taf.example"
        assert messages.organiser_of(PARENT, **new).address == "t-mfrggzdf@new.example"


class TestRule10:
    def test_tells_cases_apart_by_words_only_this_practitioner_knows(self) -> None:
        email = compose("InvitedToMeeting", PRACTITIONER)

        assert email.subject == event(email)["SUMMARY"] == "Meeting: Amber Lantern"

    @pytest.mark.parametrize("invited", [PARENT, GUEST])
    def test_gives_others_no_words_at_all(self, invited: Invited) -> None:
        email = compose("InvitedToMeeting", replace(invited, label="Amber Lantern"))

        assert email.subject == event(email)["SUMMARY"] == "Meeting"


class TestRule11:
    def test_keeps_the_uid_and_stamps_as_told(self) -> None:
        first, second = (
            event(compose("InvitedToMeeting", PARENT)),
            event(compose("MeetingChanged", following(PARENT))),
        )

        assert first["UID"] == second["UID"] == PARENT.uid
        assert second.decoded("DTSTAMP") - first.decoded("DTSTAMP") == timedelta(days=1)


class TestRule13:
    def test_names_a_practitioner_to_themselves(self) -> None:
        attendee = event(compose("InvitedToMeeting", replace(PRACTITIONER, required=False)))[
            "ATTENDEE"
        ]

        assert str(attendee) == "mailto:pat.jones@work.example"
        assert attendee.params["CN"] == "Pat Jones"
        assert attendee.params["ROLE"] == "OPT-PARTICIPANT"
        assert attendee.params["RSVP"] == "TRUE"

    @pytest.mark.parametrize("invited", [PARENT, GUEST])
    def test_names_nobody_else(self, invited: Invited) -> None:
        attendee = event(compose("InvitedToMeeting", invited))["ATTENDEE"]

        assert str(attendee) == f"mailto:{invited.address}"
        assert "CN" not in attendee.params


class TestRules14And15:
    @pytest.mark.parametrize("answer", ["NEEDS_ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"])
    @pytest.mark.parametrize("sequence", [1, 7])
    def test_write_the_invitations_own_count_and_answer(self, answer: str, sequence: int) -> None:
        changed = following(PARENT, answer=answer, sequence=sequence)

        written = event(compose("MeetingChanged", changed))

        assert written["SEQUENCE"] == sequence
        assert written["ATTENDEE"].params["PARTSTAT"] == answer.replace("_", "-")


class TestRule16:
    def test_takes_one_person_out_and_lists_only_them(self) -> None:
        email = compose("InvitationWithdrawn", following(PARENT))

        written = event(email)
        assert email.method == "CANCEL"
        assert written["STATUS"] == "CANCELLED"
        assert str(written["ATTENDEE"]) == "mailto:a@home.example"

    def test_tells_them_no_time_or_place_they_did_not_know(self) -> None:
        moved = replace(
            MEETING,
            starts_at=MEETING.starts_at + timedelta(days=3, hours=2),
            ends_at=MEETING.ends_at + timedelta(days=3, hours=2),
            public_place="Library",
            joining_link="https://meet.example/new",
        )

        email = compose("InvitationWithdrawn", following(PARENT, meeting=moved))

        assert "Tuesday 7 July 2026, 10:00 to 11:00" in email.text
        assert event(email).decoded("DTSTART") == MEETING.starts_at
        assert not re.search("Library|10 July|meet.example|\nLOCATION", shown(email))

    def test_says_no_time_when_none_is_known_for_certain(self) -> None:
        invited = replace(PARENT, calendar_is_safe=False)

        email = compose("InvitationWithdrawn", following(invited))

        assert email.calendar is None
        assert "July" not in shown(email)


class TestRule17:
    @pytest.mark.parametrize("invited", EVERYBODY.values())
    def test_cancels_with_the_same_start_and_title_and_no_link(self, invited: Invited) -> None:
        first = event(compose("InvitedToMeeting", invited))
        email = compose("MeetingCancelled", following(invited))

        written = event(email)
        assert email.method == "CANCEL"
        for name in ("UID", "SUMMARY", "DTSTART", "DTEND", "ORGANIZER"):
            assert written[name] == first[name]
        assert (written["STATUS"], written["SEQUENCE"]) == ("CANCELLED", 1)
        assert LINK not in shown(email)


class TestRule18:
    def test_shows_the_new_lead_at_the_same_address(self) -> None:
        handed_over = following(PARENT, lead="Omar Khan", changed=frozenset({"LEAD"}))
        handed_over = replace(handed_over, answer="ACCEPTED")

        email = compose("MeetingChanged", handed_over)

        organiser = event(email)["ORGANIZER"]
        assert str(organiser) == "mailto:t-mfrggzdf@reply.taf.example"
        assert organiser.params["CN"] == "Omar Khan"
        assert event(email)["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
        assert "Jane Smith" not in shown(email)


class TestRule39:
    @pytest.mark.parametrize("kind", ["InvitedToMeeting", "MeetingChanged", "MeetingCancelled"])
    def test_says_when_in_words_and_sends_no_calendar_file(self, kind: str) -> None:
        email = compose(kind, following(replace(PARENT, calendar_is_safe=False)))

        assert email.calendar is None
        assert email.method is None
        assert "Tuesday 7 July 2026, 10:00 to 11:00, United Kingdom time" in email.text
        assert "calendar" not in email.text


class TestRule40:
    def test_gives_the_link_that_is_theirs(self) -> None:
        online = replace(
            MEETING, public_place=None, is_somewhere=False, joining_link="https://meet.example/1"
        )

        email = compose("InvitedToMeeting", replace(PARENT, meeting=online))

        assert "Join online: https://meet.example/1" in email.text
        assert "Join online: https://meet.example/1" in str(event(email)["DESCRIPTION"])
        assert "Where" not in email.text


class TestTheTime:
    def test_is_told_in_the_zone_it_was_set_in(self) -> None:
        winter = replace(
            MEETING,
            starts_at=datetime(2026, 12, 1, 9, 5, tzinfo=UTC),
            ends_at=datetime(2026, 12, 1, 23, 30, tzinfo=UTC),
        )

        def when(meeting: Gathering) -> str:
            text = compose("InvitedToMeeting", replace(PARENT, meeting=meeting)).text
            return next(line for line in text.splitlines() if line.startswith("When"))

        assert when(winter) == (
            "When: Tuesday 1 December 2026, 09:05 to 23:30, United Kingdom time"
        )
        assert when(replace(winter, zone="Europe/Paris")) == (
            "When: Tuesday 1 December 2026, 10:05 to Wednesday 2 December 2026, 00:30,"
            " Europe/Paris time"
        )

    @settings(deadline=None, max_examples=50)
    @given(
        st.datetimes(*YEARS, timezones=st.just(UTC)).filter(
            lambda time: not time.astimezone(ZoneInfo("Europe/London")).fold
        )
    )
    def test_is_the_same_in_words_and_in_the_calendar(self, starts_at: datetime) -> None:
        starts_at = starts_at.replace(microsecond=0)
        meeting = replace(MEETING, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=1))
        try:
            email = compose("InvitedToMeeting", replace(PARENT, meeting=meeting))
        except Malformed:  # it ends in the hour that comes twice
            assert meeting.ends_at.astimezone(ZoneInfo("Europe/London")).fold
            return

        start = event(email).decoded("DTSTART")
        assert start == starts_at
        assert f"{start:%A} {start.day} {start:%B %Y, %H:%M}" in email.text


class TestThePlace:
    @pytest.mark.parametrize("who", EVERYBODY)
    def test_is_not_named_unless_it_is_a_public_venue(
        self, who: str, snapshot: SnapshotAssertion
    ) -> None:
        hidden = replace(MEETING, public_place=None, joining_link="https://x.example/robin")

        email = compose("InvitedToMeeting", replace(EVERYBODY[who], meeting=hidden))

        assert "\nLOCATION" not in shown(email)
        assert email.text == snapshot

    @pytest.mark.parametrize(
        "place",
        [
            "Hartwell Hall",
            "at ROBIN's",
            "Community hall, 4 Elm Row",
            "The flat, DE12AB",
            "de1 2ab",
        ],
    )
    def test_is_not_named_when_it_names_somebody(self, place: str) -> None:
        email = compose(
            "InvitedToMeeting",
            replace(PARENT, meeting=replace(MEETING, public_place=place)),
        )

        assert place not in shown(email)
        assert "Where: Sign in to see where, or ask Jane Smith." in email.text

    @pytest.mark.parametrize("place", ["Robinson Library", "Derby Town Hall", "Elm Centre", "A1"])
    def test_is_named_when_it_only_sounds_alike(self, place: str) -> None:
        meeting = replace(MEETING, public_place=place)

        assert place in compose("InvitedToMeeting", replace(PARENT, meeting=meeting)).text

    @given(st.text(), st.text())
    def test_never_holds_a_whole_name(self, before: str, after: str) -> None:
        place = f"{before} Hartwell {after}"
        meeting = replace(MEETING, public_place=place)

        assert "Hartwell" not in compose("InvitedToMeeting", replace(PARENT, meeting=meeting)).text

    @pytest.mark.parametrize(
        "link", ["javascript:alert(1)", "data:text/html,x", "https://x.example/Alex%20H", "ftp://x"]
    )
    def test_is_no_link_that_harms_or_names_somebody(self, link: str) -> None:
        meeting = replace(MEETING, joining_link=link)

        email = compose("InvitedToMeeting", replace(PARENT, meeting=meeting))

        assert link not in shown(email)
        assert "Join online: Sign in to see how." in email.text


class TestTheAnswer:
    def test_is_given_by_link_or_to_the_lead(self) -> None:
        with_link, without = (
            compose("InvitedToMeeting", PARENT, reply_url) for reply_url in (LINK, None)
        )

        assert with_link.text.count(LINK) == 1
        assert LINK in str(event(with_link)["DESCRIPTION"])
        assert "Please tell Jane Smith if you can come." in without.text
        assert "choose" not in without.text


class TestAChange:
    def test_of_a_meeting_they_never_heard_of_is_an_invitation(self) -> None:
        email = compose("MeetingChanged", replace(PARENT, changed=frozenset({"TIME"}), sequence=1))

        assert email.subject == "Meeting"
        assert email.text.startswith("Jane Smith invites you")
        assert event(email)["SEQUENCE"] == 1

    def test_says_what_changed(self) -> None:
        changed = following(PARENT, changed=frozenset({"TIME", "PLACE", "LINK", "LEAD"}))

        text = compose("MeetingChanged", changed).text

        assert re.findall("^(?:The|Somebody).*(?:has changed|arranges).*$", text, re.MULTILINE) == [
            "The time has changed.",
            "The place has changed.",
            "The link to join online has changed.",
            "Somebody else now arranges the meeting.",
        ]


class TestOnTheWire:
    def test_both_alternatives_and_the_file_survive(self) -> None:
        message = message_from_bytes(sent("InvitedToMeeting", PARENT), policy=default)

        kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
        assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
        assert (
            message["From"] == message["Reply-To"] == ("Jane Smith <t-mfrggzdf@reply.taf.example>")
        )
