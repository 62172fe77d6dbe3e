"""The numbered rules of invitations, each shown on the bytes that left.

Every message here went through a real worker to a real SMTP server. Rows are changed as the
operations of `taf_service.meetings` change them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest

from notifications.claims import Pool
from tests.notifications.delivered import Delivered, deliver, delivered
from tests.notifications.mail_server import Server, serving
from tests.notifications.post import Post
from tests.notifications.working import LETTERS, until, working
from tests.stage import Somebody

LONDON = ZoneInfo("Europe/London")
WHOLE, OWN = "https://meet.example/whole", "https://meet.example/own"


async def to_everybody(post: Post, pool: Pool, **invitation: Any) -> list[Delivered]:
    """The first invitation to a practitioner, a parent and a guest."""
    guest = await post.guest("Ines Interpreter", "ines@words.example")
    entries = [await post.notice(each) for each in (post.practitioner, post.parent, guest)]
    for invitation_id in post.invitations.values():
        if invitation:
            await post.change("invitation", invitation_id, **invitation)
    messages = await deliver(post, pool, *entries)
    assert len(messages) == len(entries)
    return messages


async def invited(post: Post, pool: Pool, somebody: Somebody | None = None) -> Delivered:
    """The first invitation, by default to a parent."""
    return await delivered(post, pool, await post.notice(somebody or post.parent))


async def changed(
    post: Post, pool: Pool, somebody: Somebody, number: int, *what: str, **invitation: Any
) -> Delivered:
    """The message about a change to somebody who was told before."""
    invitation_id = post.invitations[somebody.person_id]
    await post.change("invitation", invitation_id, sequence=number, **invitation)
    entry_id = await post.notice(somebody, "MeetingChanged", number=number, changed=what)
    return await delivered(post, pool, entry_id)


async def cancelled(post: Post, pool: Pool, somebody: Somebody, number: int = 1) -> Delivered:
    await post.change("meeting", post.meeting_id, cancelled_at=post.stage.now)
    return await delivered(
        post, pool, await post.notice(somebody, "MeetingCancelled", number=number)
    )


async def moved(post: Post, starts_at: datetime) -> None:
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    await post.change("meeting", post.meeting_id, **times)


async def test_rule_01_the_first_child_holds_the_alternatives(post: Post, pool: Pool) -> None:
    for sent in await to_everybody(post, pool):
        assert sent.message.get_content_type() == "multipart/mixed"
        first, second = sent.message.iter_parts()
        assert first.get_content_type() == "multipart/alternative"
        kinds = [part.get_content_type() for part in first.iter_parts()]
        assert kinds == ["text/plain", "text/html", "text/calendar"]
        assert second.get_content_type() == "application/ics"
        assert (second.get_content_disposition(), second.get_filename()) == (
            "attachment",
            "invite.ics",
        )
        assert sent.decoded("application/ics") == sent.calendar


async def test_rule_02_the_content_type_names_the_method_in_upper_case(
    post: Post, pool: Pool
) -> None:
    messages = [await invited(post, pool), await cancelled(post, pool, post.parent)]

    for sent, method in zip(messages, ("REQUEST", "CANCEL"), strict=True):
        wanted = f"text/calendar; charset=utf-8; method={method}; component=VEVENT"
        unfolded = sent.raw.decode("ascii").replace("\r\n ", " ")
        assert re.findall(r"(?m)^Content-Type: (text/calendar.*?)\r$", unfolded) == [wanted]
        assert sent.lines.count(f"METHOD:{method}") == 1


@pytest.mark.parametrize(
    ("place", "encoding"), [("Town Hall", "7bit"), ("Zoë's Café, Straße; " * 6, "base64")]
)
async def test_rule_03_the_calendar_survives_every_server(
    post: Post, pool: Pool, place: str, encoding: str
) -> None:
    await post.change("meeting", post.meeting_id, place=place)
    sent = await invited(post, pool)

    (part,) = sent.parts("text/calendar")
    assert part["Content-Transfer-Encoding"] == encoding
    assert sent.raw.isascii()
    assert not re.search(rb"(?i)transfer-encoding: (8bit|binary)", sent.raw)
    for written in (sent.raw, sent.calendar):
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\r\r", written)
    for line in sent.calendar.split(b"\r\n"):
        assert len(line) <= 75
        assert line.decode() is not None  # no character is split between two lines
    assert str(sent.event["LOCATION"]) == place


async def test_rule_04_one_calendar_one_event_one_recipient(post: Post, pool: Pool) -> None:
    messages = await to_everybody(post, pool)

    assert len({sent.to for sent in messages}) == len(messages) == 3
    for sent in messages:
        for begun in ("BEGIN:VCALENDAR", "BEGIN:VEVENT"):
            assert sent.lines.count(begun) == 1
        assert sum(line.startswith("ATTENDEE") for line in sent.lines) == 1
        assert sent.header("To") == sent.to
        assert not {"Cc", "Bcc", "Resent-To"} & set(sent.message.keys())


async def test_rule_05_the_sender_is_ours_under_a_name_that_says_little(
    post: Post, pool: Pool
) -> None:
    messages = await to_everybody(post, pool)

    names = {sent.to: sent.message["From"].addresses[0].display_name for sent in messages}
    assert names.pop(str(post.practitioner.address)) == "Jane Smith, meetings"
    assert set(names.values()) == {"Jane Smith"}
    bounces = {str(sent.envelope.mail_from) for sent in messages}
    assert len(bounces) == len(messages)
    for sent in messages:
        # Aligned, so that SPF and DKIM of our domain both satisfy DMARC (RFC 7489 3.1).
        assert sent.message["From"].addresses[0].domain == LETTERS.letterhead.mail_domain
        assert re.fullmatch(r"b-[a-z2-7]{26}@reply\.taf\.example", str(sent.envelope.mail_from))
        assert str(post.team.lead.address).encode() not in sent.raw + sent.calendar


async def test_rule_06_the_organiser_is_ours_and_stays(post: Post, pool: Pool) -> None:
    messages = [
        await invited(post, pool),
        await changed(post, pool, post.parent, 1, "LEAD"),
        await cancelled(post, pool, post.parent, 2),
    ]

    (organiser,) = {str(sent.event["ORGANIZER"]) for sent in messages}
    address = organiser.removeprefix("mailto:")
    assert re.fullmatch(r"t-[a-z0-9]+@reply\.taf\.example", address)
    assert len(address) <= 64


async def test_rule_07_organiser_from_and_reply_to_are_one_address(post: Post, pool: Pool) -> None:
    for sent in await to_everybody(post, pool):
        (sender,) = sent.message["From"].addresses
        assert sent.message["Reply-To"].addresses == (sender,)
        assert str(sent.event["ORGANIZER"]) == f"mailto:{sender.addr_spec}"


async def test_rule_08_nothing_that_misdirects_or_rings(post: Post, pool: Pool) -> None:
    sent = await invited(post, pool)

    assert b"SENT-BY" not in sent.calendar
    calendar = icalendar.Calendar.from_ical(sent.calendar)
    assert [each.name for each in calendar.walk()] == [
        *("VCALENDAR", "VTIMEZONE", "DAYLIGHT", "STANDARD", "VEVENT")
    ]
    assert "UID" not in calendar


async def test_rule_09_messages_are_machine_made_unique_and_threaded(
    post: Post, pool: Pool
) -> None:
    first = await invited(post, pool)
    second = await changed(post, pool, post.parent, 1, "PLACE")
    third = await cancelled(post, pool, post.parent, 2)

    ids = [sent.header("Message-ID") for sent in (first, second, third)]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"<[0-9a-f]{32}@reply\.taf\.example>", each) for each in ids)
    assert not {"In-Reply-To", "References"} & set(first.message.keys())
    assert [sent.header("In-Reply-To") for sent in (second, third)] == ids[:2]
    assert [sent.header("References") for sent in (second, third)] == [ids[0], " ".join(ids[:2])]
    for sent in (first, second, third):
        assert sent.header("Auto-Submitted") == "auto-generated"
        assert "List-Unsubscribe" not in sent.message


async def test_rule_10_titles_name_nobody_and_say_which_case_only_to_its_practitioner(
    post: Post, pool: Pool
) -> None:
    await post.change("meeting", post.meeting_id, purpose="Robin Hartwell", agenda="Robin's home")
    for sent in await to_everybody(post, pool):
        is_practitioner = sent.to == post.practitioner.address
        title = "Meeting: Amber Lantern" if is_practitioner else "Meeting"
        assert sent.message["Subject"] == str(sent.event["SUMMARY"]) == title
        assert sent.event["CLASS"] == "PRIVATE"
        assert re.fullmatch(
            r"Tell us if you can come: https://taf\.example/r/[a-z2-7]{32}\s+"
            r"There may be notices about meetings for you to read when you sign in\.",
            str(sent.event["DESCRIPTION"]),
        )
        assert not re.search(rb"(?i)robin|hartwell", sent.raw + sent.calendar)


async def test_rule_11_the_uid_is_the_invitations_and_stamps_only_rise(
    post: Post, pool: Pool
) -> None:
    first = await invited(post, pool)
    second = await changed(post, pool, post.parent, 1, "PLACE")
    third = await cancelled(post, pool, post.parent, 2)
    uids = {str(sent.event["UID"]) for sent in (first, second, third)}
    invitation_id = post.invitations[post.parent.person_id]
    uid = await post.stage.owner.fetchval("select uid from invitation where id = $1", invitation_id)
    assert uids == {uid}
    stamps = [sent.event.decoded("DTSTAMP") for sent in (first, second, third)]
    assert stamps == sorted(set(stamps))
    for sent, stamp in zip((first, second, third), stamps, strict=True):
        assert f"DTSTAMP:{stamp:%Y%m%dT%H%M%S}Z" in sent.lines


@pytest.mark.parametrize(("month", "offset"), [(1, 0), (7, 1)])
async def test_rule_12_times_are_londons_by_the_fixed_rule(
    post: Post, pool: Pool, month: int, offset: int
) -> None:
    starts_at = datetime(post.stage.now.year + 1, month, 15, 9, 0, tzinfo=UTC)
    await moved(post, starts_at)
    sent = await invited(post, pool)

    day = f"{starts_at:%Y%m%d}"
    assert f"DTSTART;TZID=Europe/London:{day}T{9 + offset:02}0000" in sent.lines
    assert f"DTEND;TZID=Europe/London:{day}T{10 + offset:02}0000" in sent.lines
    zone = sent.lines[sent.lines.index("BEGIN:VTIMEZONE") : sent.lines.index("END:VTIMEZONE")]
    assert zone[1:] == [
        "TZID:Europe/London",
        "X-LIC-LOCATION:Europe/London",
        "BEGIN:DAYLIGHT",
        "TZNAME:BST",
        "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0100",
        "DTSTART:19700329T010000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "TZNAME:GMT",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0000",
        "DTSTART:19701025T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "END:STANDARD",
    ]
    assert "RDATE" not in sent.calendar.decode()
    assert f"{9 + offset:02}:00 to {10 + offset:02}:00, United Kingdom time" in sent.text


@pytest.mark.parametrize(("required", "role"), [(True, "REQ"), (False, "OPT")])
async def test_rule_13_the_attendee_is_the_recipient_and_a_parents_name_never_travels(
    post: Post, pool: Pool, required: bool, role: str
) -> None:
    for sent in await to_everybody(post, pool, required=required):
        attendee = sent.event["ATTENDEE"]
        assert str(attendee) == f"mailto:{sent.header('To')}"
        assert attendee.params == {
            **({"CN": "Pat Jones"} if sent.to == post.practitioner.address else {}),
            "CUTYPE": "INDIVIDUAL",
            "ROLE": f"{role}-PARTICIPANT",
            "PARTSTAT": "NEEDS-ACTION",
            "RSVP": "TRUE",
        }


async def test_rule_14_each_person_has_a_count_of_their_own_and_trifles_send_nothing(
    post: Post, pool: Pool
) -> None:
    both = [await post.notice(each) for each in (post.parent, post.practitioner)]
    await deliver(post, pool, *both)
    # One more link for the parent alone, then a place for both; the agenda is nobody's news.
    await changed(post, pool, post.parent, 1, "LINK")
    await post.change("meeting", post.meeting_id, place="Library", agenda="Biscuits")
    last = [
        await changed(post, pool, post.parent, 2, "PLACE"),
        await changed(post, pool, post.practitioner, 1, "PLACE"),
    ]
    await post.change("meeting", post.meeting_id, agenda="More biscuits", version=UUID(int=7))

    assert [sent.event["SEQUENCE"] for sent in last] == [2, 1]
    assert await deliver(post, pool) == []


async def test_rule_15_a_move_asks_again_and_anything_else_repeats_the_answer(
    post: Post, pool: Pool
) -> None:
    await invited(post, pool)
    yes = {"answer": "ACCEPTED", "answered_at": post.stage.now - timedelta(seconds=1)}
    placed = await changed(post, pool, post.parent, 1, "PLACE", **yes)
    asked = {"answer": "NEEDS_ACTION", "answered_at": None, "reschedule_sequence": 2}
    await moved(post, post.starts_at + timedelta(days=1))
    rescheduled = await changed(post, pool, post.parent, 2, "TIME", **asked)
    maybe = {"answer": "TENTATIVE", "answered_at": post.stage.now}
    led = await changed(post, pool, post.parent, 3, "LEAD", **maybe)

    assert [sent.partstat for sent in (placed, rescheduled, led)] == [
        *("ACCEPTED", "NEEDS-ACTION", "TENTATIVE")
    ]
    assert rescheduled.event.decoded("DTSTART") == post.starts_at + timedelta(days=1)
    assert "The time has changed." in rescheduled.text


async def test_rule_15_an_answer_to_the_old_time_is_not_repeated(post: Post, pool: Pool) -> None:
    """Even where a change of place overtook the message about the new time."""
    await invited(post, pool)
    await moved(post, post.starts_at + timedelta(days=1))
    invitation_id = post.invitations[post.parent.person_id]
    await post.change(
        "invitation", invitation_id, sequence=1, reschedule_sequence=1, answer="NEEDS_ACTION"
    )
    await post.notice(post.parent, "MeetingChanged", number=1, changed=("TIME",))
    sent = await changed(post, pool, post.parent, 2, "PLACE")

    assert sent.partstat == "NEEDS-ACTION"
    assert "The time has changed.\r\nThe place has changed." in sent.text


async def test_rule_16_taking_one_person_out_is_told_to_them_alone(post: Post, pool: Pool) -> None:
    both = [await post.notice(each) for each in (post.parent, post.practitioner)]
    await deliver(post, pool, *both)
    invitation_id = post.invitations[post.parent.person_id]
    await post.change("invitation", invitation_id, withdrawn_at=post.stage.now, sequence=1)
    entry_id = await post.notice(post.parent, "InvitationWithdrawn", number=1)
    (sent,) = await deliver(post, pool, entry_id)

    assert (sent.to, sent.event["SEQUENCE"]) == (post.parent.address, 1)
    assert "METHOD:CANCEL" in sent.lines
    (attendee,) = [line for line in sent.lines if line.startswith("ATTENDEE")]
    assert attendee.endswith(f":mailto:{post.parent.address}")


async def test_rule_17_a_cancellation_keeps_what_identifies_the_meeting(
    post: Post, pool: Pool
) -> None:
    first = await invited(post, pool, post.practitioner)
    sent = await cancelled(post, pool, post.practitioner)

    for name in ("UID", "ORGANIZER", "SUMMARY", "DTSTART", "DTEND"):
        assert sent.event[name] == first.event[name]
    assert (sent.event["STATUS"], sent.event["SEQUENCE"]) == ("CANCELLED", 1)
    assert "METHOD:CANCEL" in sent.lines
    assert b"/r/" not in sent.raw + sent.calendar + sent.decoded("text/html")
    assert sent.message["Subject"] == "Meeting cancelled: Amber Lantern"


async def test_rule_18_a_new_lead_changes_a_name_and_nothing_else(post: Post, pool: Pool) -> None:
    first = await invited(post, pool)
    omar = await post.stage.practitioner("Omar Khan")
    async with post.stage.owner.transaction():
        await post.stage.owner.execute("update lead_tenure set until_at = $1", post.stage.now)
        await post.stage.insert(
            "lead_tenure",
            team_id=post.team.team_id,
            membership_id=await post.stage.membership(post.team, omar),
            interim=False,
            reason="Takes over.",
            appointed_by_id=post.team.lead.person_id,
            from_at=post.stage.now,
        )
    yes = {"answer": "ACCEPTED", "answered_at": post.stage.now}
    sent = await changed(post, pool, post.parent, 1, "LEAD", **yes)

    assert sent.event["UID"] == first.event["UID"]
    assert str(sent.event["ORGANIZER"]) == str(first.event["ORGANIZER"])
    assert first.event["ORGANIZER"].params["CN"] == "Jane Smith"
    assert sent.event["ORGANIZER"].params["CN"] == "Omar Khan"
    assert sent.message["From"].addresses[0].display_name == "Omar Khan"
    assert (sent.partstat, sent.event["SEQUENCE"]) == ("ACCEPTED", 1)


async def test_rule_19_each_meeting_of_a_series_is_an_event_of_its_own(
    post: Post, pool: Pool
) -> None:
    first = await invited(post, pool)
    post.meeting_id = await post.stage.meeting(post.team, starts_in=timedelta(days=56))
    post.invitations.clear()
    second = await invited(post, pool)

    assert first.event["UID"] != second.event["UID"]
    assert str(first.event["ORGANIZER"]) != str(second.event["ORGANIZER"])
    for sent in (first, second):
        event = sent.lines[sent.lines.index("BEGIN:VEVENT") :]
        assert not re.search("RRULE|RECURRENCE-ID|RDATE|RELATED-TO", "".join(event))


async def test_rule_20_messages_leave_one_at_a_time_in_order_and_as_they_were_frozen(
    post: Post, pool: Pool
) -> None:
    first = await post.notice(post.parent)
    server = Server(data="451 4.7.1 Later")

    async def was_tried() -> bool:
        return (await post.entry(first))["last_reply"] is not None

    async with serving(server) as relay, working(pool, relay):
        await until(was_tried)
    frozen = await post.entry(first)
    await post.change("meeting", post.meeting_id, place="Library")
    await post.change("outbox_entry", first, due_at=post.stage.now)
    sent = await delivered(post, pool, first)
    second = await changed(post, pool, post.parent, 1, "PLACE")

    assert sent.raw == frozen["message"]
    assert sent.event["LOCATION"] == "Town Hall"
    assert second.event["LOCATION"] == "Library"


@pytest.mark.parametrize("kind", ["InvitedToMeeting", "MeetingChanged", "MeetingCancelled"])
async def test_rule_21_nobody_is_told_of_what_is_past(post: Post, pool: Pool, kind: str) -> None:
    if kind != "InvitedToMeeting":
        await invited(post, pool)
    if kind == "MeetingCancelled":
        await post.change("meeting", post.meeting_id, cancelled_at=post.stage.now)
    entry_id = await post.notice(post.parent, kind, number=1)
    await moved(post, post.stage.now - timedelta(hours=2))

    assert await deliver(post, pool, entry_id) == []
    row = await post.entry(entry_id)
    assert (row["state"], row["last_reply"], row["message"]) == ("WITHHELD", "MEETING_PAST", None)


async def _safely(post: Post, *, email_allowed: bool) -> None:
    await post.stage.insert(
        "safe_contact",
        family_id=post.team.family.family_id,
        family_member_id=post.parent.family_member_id,
        instructions="Her phone is shared",
        email_allowed=email_allowed,
        recorded_by_id=post.team.lead.person_id,
        recorded_at=post.stage.now,
    )


async def test_rule_39_no_calendar_file_where_a_phone_may_be_shared(post: Post, pool: Pool) -> None:
    await _safely(post, email_allowed=True)
    messages = [
        await invited(post, pool),
        await changed(post, pool, post.parent, 1, "PLACE"),
        await cancelled(post, pool, post.parent, 2),
    ]

    starts_at = post.starts_at.astimezone(LONDON)
    for sent in messages:
        kinds = [part.get_content_type() for part in sent.message.walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]
        assert not re.search(rb"(?i)calendar|vevent|\.ics", sent.raw)
        assert f"{starts_at.day} {starts_at:%B %Y, %H:%M}" in sent.text


async def test_rule_39_nothing_at_all_where_mail_itself_is_not_safe(post: Post, pool: Pool) -> None:
    """Recorded after the message was queued: it is stopped all the same."""
    entry_id = await post.notice(post.parent)
    await _safely(post, email_allowed=False)

    assert await deliver(post, pool, entry_id) == []
    assert (await post.entry(entry_id))["last_reply"] == "EMAIL_NOT_SAFE"


async def test_rule_40_a_part_has_its_own_times_and_link(post: Post, pool: Pool) -> None:
    await post.change("meeting", post.meeting_id, joining_link=WHOLE)
    both = [await post.notice(each) for each in (post.parent, post.practitioner)]
    from_, until_ = (post.starts_at + timedelta(minutes=minutes) for minutes in (20, 40))
    part = {"part_starts_at": from_, "part_ends_at": until_, "part_joining_link": OWN}
    await post.change("invitation", post.invitations[post.parent.person_id], **part)
    messages = {sent.to: sent for sent in await deliver(post, pool, *both)}
    theirs, whole = messages[str(post.parent.address)], messages[str(post.practitioner.address)]

    for sent, starts_at, ends_at, link in (
        (theirs, from_, until_, OWN),
        (whole, post.starts_at, post.starts_at + timedelta(hours=1), WHOLE),
    ):
        assert (sent.event.decoded("DTSTART"), sent.event.decoded("DTEND")) == (starts_at, ends_at)
        said = f"{starts_at.astimezone(LONDON):%H:%M} to {ends_at.astimezone(LONDON):%H:%M}"
        for written in (sent.text, sent.decoded("text/html").decode()):
            assert said in written
            assert re.findall(r"https://meet\.example/\w+", written)[0] == link
        assert f"Join online: {link}" in str(sent.event["DESCRIPTION"])
    everything = theirs.raw + theirs.calendar + theirs.decoded("text/html")
    assert WHOLE.encode() not in everything


async def test_rule_40_a_part_without_a_link_does_not_borrow_the_whole_meetings(
    post: Post, pool: Pool
) -> None:
    await post.change("meeting", post.meeting_id, joining_link=WHOLE, place="", place_kind=None)
    entry_id = await post.notice(post.parent)
    part = {
        "part_starts_at": post.starts_at,
        "part_ends_at": post.starts_at + timedelta(minutes=10),
    }
    await post.change("invitation", post.invitations[post.parent.person_id], **part)
    sent = await delivered(post, pool, entry_id)

    assert WHOLE.encode() not in sent.raw + sent.calendar + sent.decoded("text/html")
    assert "Join online: Sign in to see how." in sent.text
