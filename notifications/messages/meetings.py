"""Wording of messages about meetings: when and where, never why, who else, or about whom.

Each message is for one person; what they may not read in mail they find when they sign in. The
words and the page say the same (security 9, invitations rule 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from notifications import ics
from notifications.addresses import Mailbox
from notifications.mail import Email
from notifications.messages import discretion, kept
from notifications.messages.wording import worded, written
from notifications.recipients import Audience, Invited

_CHANGES = {
    "TIME": "The time has changed.",
    "PLACE": "The place has changed.",
    "LINK": "The link to join online has changed.",
    "LEAD": "Somebody else now arranges the meeting.",
}
_ZONES = {"Europe/London": "United Kingdom time"}


@dataclass(frozen=True, slots=True)
class Wording:
    """How one kind of notice is told; `template` names a pair of files."""

    title: str
    template: str
    method: ics.Method


_INVITED = Wording("Meeting", "invited", ics.Method.REQUEST)

MEETING_WORDINGS: Mapping[str, Wording] = {
    "InvitedToMeeting": _INVITED,
    "MeetingChanged": Wording("Meeting changed", "changed", ics.Method.REQUEST),
    "InvitationWithdrawn": Wording("Invitation taken back", "withdrawn", ics.Method.CANCEL),
    "MeetingCancelled": Wording("Meeting cancelled", "cancelled", ics.Method.CANCEL),
}


def compose(kind: str, invited: Invited, *, organiser: Mailbox, reply_url: str | None) -> Email:
    """The message of this `kind` for one person.

    `reply_url` is None when they cannot answer by link. A change of a meeting they were never told
    of is told as an invitation.

    Errors: `KeyError` for a kind without wording; `Malformed` for what mail cannot carry.
    """
    wording = MEETING_WORDINGS[kind]
    if kind == "MeetingChanged" and not invited.earlier.message_ids:
        wording = _INVITED
    cancels = wording.method is ics.Method.CANCEL
    said = _said(wording, invited, reply_url=None if cancels else reply_url)
    calendar = _calendar(wording, invited, said, organiser)
    text, html = worded(wording.template, said)
    return Email(
        to=invited.address,
        subject=_titled(wording.title, invited),
        text=text,
        html=html,
        calendar=calendar,
        method=None if calendar is None else wording.method,
    )


def organiser_of(invited: Invited, *, mail_domain: str) -> Mailbox:
    """The mailbox of ours that the message comes from and is answered to (rules 5 to 7, 18).

    The address stays for the life of the invitation, though new ones be in another domain by now:
    calendars take no change from a stranger. The name is that of whoever leads now.
    """
    name = discretion.fit_lead(invited)
    if invited.audience is Audience.PRACTITIONER:
        name = f"{name}, meetings"
    address = invited.organiser
    if "@" not in address:
        address = kept.sender(invited.earlier.last_message) or f"{address}@{mail_domain}"
    return Mailbox(address, name)


def _titled(title: str, invited: Invited) -> str:
    label = _label(invited)
    return f"{title}: {label}" if label else title


def _label(invited: Invited) -> str:
    """The words by which this practitioner, and nobody else, knows the case (rule 10)."""
    if invited.audience is not Audience.PRACTITIONER:
        return ""
    return discretion.fit_label(invited.label, invited.private_words)


def _said(wording: Wording, invited: Invited, *, reply_url: str | None) -> dict[str, Any]:
    """What the templates show; every value was judged fit for mail."""
    known = _known_times(wording, invited)
    return {
        "title": _titled(wording.title, invited),
        "lead": discretion.fit_lead(invited),
        "when": known and _when(*known, invited.meeting.zone),
        "where": _where(invited),
        "joining_link": discretion.fit_link(invited),
        "has_hidden_link": _is_online(invited) and discretion.fit_link(invited) is None,
        "is_guest": invited.audience is Audience.GUEST,
        "changes": [words for change, words in _CHANGES.items() if change in invited.changed],
        "has_calendar": invited.calendar_is_safe,
        "reply_url": reply_url,
    }


def _known_times(wording: Wording, invited: Invited) -> tuple[datetime, datetime] | None:
    """When the meeting is, as far as this person may know.

    Somebody who was taken out learns no new time, so theirs come from the last message they were
    sent; None where that held no calendar file.
    """
    if wording.template != "withdrawn":
        return invited.meeting.starts_at, invited.meeting.ends_at
    return kept.times(invited.earlier.last_message)


def _when(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    start, end = (time.astimezone(ZoneInfo(zone)) for time in (starts_at, ends_at))
    clock = _ZONES.get(zone, f"{zone} time")
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{_day(end)}, {end:%H:%M}"
    return f"{_day(start)}, {start:%H:%M} to {until}, {clock}"


def _day(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def _is_online(invited: Invited) -> bool:
    """A meeting without a place is joined from afar, though this person's part has no link yet."""
    return bool(invited.meeting.joining_link) or not invited.meeting.is_somewhere


def _where(invited: Invited) -> str | None:
    """None where there is no place at all, only a link."""
    if not invited.meeting.is_somewhere:
        return None
    place = discretion.fit_place(invited)
    if place is not None:
        return place
    lead = discretion.fit_lead(invited)
    return {
        Audience.PRACTITIONER: "Sign in to see where.",
        Audience.FAMILY: f"Sign in to see where, or ask {lead}.",
        Audience.GUEST: f"Ask {lead} where it is.",
    }[invited.audience]


def _calendar(
    wording: Wording, invited: Invited, said: Mapping[str, Any], organiser: Mailbox
) -> bytes | None:
    """The calendar file, unless it could betray them (rule 39) or there is nothing to take back."""
    times = _known_times(wording, invited)
    if not invited.calendar_is_safe or times is None:
        return None
    cancels = wording.method is ics.Method.CANCEL
    is_withdrawn = wording.template == "withdrawn"
    return ics.calendar_file(
        ics.Invite(
            method=wording.method,
            uid=invited.uid,
            sequence=invited.sequence,
            stamped_at=invited.stamped_at,
            starts_at=times[0],
            ends_at=times[1],
            summary=_titled("Meeting", invited),
            description="" if cancels else _description(said),
            organiser=organiser,
            attendee=_attendee(invited),
            place=None if is_withdrawn else discretion.fit_place(invited),
        )
    )


def _description(said: Mapping[str, Any]) -> str:
    return written("description.txt", said).strip()


def _attendee(invited: Invited) -> ics.Attendee:
    """A parent's name never travels (rule 13)."""
    return ics.Attendee(
        invited.address,
        invited.name if invited.audience is Audience.PRACTITIONER else None,
        required=invited.required,
        answer=ics.Answer[invited.answer],
    )
