"""What people typed gives nobody away, however it is written, and poses as nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import messages
from notifications.messages import discretion
from notifications.recipients import Invited
from tests.notifications.test_messages import MEETING, PRACTITIONER, compose, event, shown

PRIVATE = (
    "Hartwell",
    "Robin Hartwell",
    "\u0141ukasz N\u00fa\u00f1ez-O'Brien",
    "Li Wu",
    "Flat 2, 4 Elm Row, Derby DE1 2AB",
    "Rose Cottage, Mill Lane, Derby",
    "19, Oak Street\nDerby",
    "07700 900123",
)


def at(place: str, private: tuple[str, ...] = PRIVATE) -> Invited:
    meeting = replace(MEETING, public_place=place)
    return replace(PRACTITIONER, meeting=meeting, private_words=private)


def joined_by(link: str, private: tuple[str, ...] = PRIVATE) -> Invited:
    return replace(PRACTITIONER, meeting=replace(MEETING, joining_link=link), private_words=private)


class TestAPlaceThatNamesSomebody:
    @pytest.mark.parametrize(
        "place",
        [
            "HARTWELL Hall",
            "the Hartwells",
            "the Hartwells' house",
            "Hartwell\u2019s",
            "H\u00e4rtwell Hall",
            "Hart\u00adwell Hall",  # soft hyphen
            "Hart\u200bwell Hall",  # no width at all
            "Hart\u2060well Hall",
            "Hart-well Hall",
            "\uff28\uff41\uff52\uff54\uff57\uff45\uff4c\uff4c Hall",  # full width
            "\U0001d407artwell Hall",  # mathematical
            "H\u0430rtwell Hall",  # a Cyrillic letter
            "Hartwe\u217cl Hall",  # a Roman numeral
            "\u041d\u0430rtw\u0435ll Hall",
            "Hart\u3164well Hall",  # a filler that nobody sees
            "at Lukasz's",
            "Nunez centre",
            "OBrien Hall",
            "O\u2019Brien Hall",
            "Nu\u0301n\u0303ez Hall",
            "NunezOBrien Hall",
            "at Li's",
        ],
    )
    def test_is_left_out(self, place: str) -> None:
        assert discretion.fit_place(at(place)) is None

    @pytest.mark.parametrize(
        "place",
        [
            "4 Elm Row",
            "4  Elm Rd.",
            "No. 4, Elm Row",
            "Hall, 4 ELM ROW",
            "DE1 2AB",
            "de1-2ab",
            "(D E 1 2 A B)",
            "Rose Cottage",
            "the rose-cottage",
            "19 Oak St",
            "Ring 07700 900 123",
            "Ring +44 7700 900123",
            "Ring 0044 (0)7700-900123",
        ],
    )
    def test_is_left_out_where_it_is_their_home_or_number(self, place: str) -> None:
        assert discretion.fit_place(at(place)) is None

    @pytest.mark.parametrize(
        "place",
        [
            "Robinson Library",
            "Derby Town Hall",
            "14 Elm Row",
            "Elm Row Centre",
            "Mill Lane Surgery",
            "Flat 3 Centre",
            "St Mary\u2019s Caf\u00e9 \u2013 room 2",
            "The Family Centre",
            "Oak Street School",
            "Wulfric Centre",
            "Hall 19",
        ],
    )
    def test_is_named_where_it_only_sounds_alike(self, place: str) -> None:
        assert discretion.fit_place(at(place)) == place

    @given(st.text(max_size=20), st.sampled_from(["Hartwell", "Robin"]), st.text(max_size=20))
    def test_is_left_out_whatever_stands_around_it(
        self, before: str, name: str, after: str
    ) -> None:
        assert discretion.fit_place(at(f"{before} {name} {after}")) is None

    @given(st.lists(st.sampled_from("\u00ad\u200b\u200c\u200d\u2060\ufeff\u034f"), min_size=1))
    def test_is_left_out_whatever_nobody_sees_within_it(self, hidden: list[str]) -> None:
        name = "Hart" + "".join(hidden) + "well"

        assert discretion.fit_place(at(f"{name} Hall")) is None


class TestALinkThatNamesSomebody:
    @pytest.mark.parametrize(
        "path",
        [
            "hartwell",
            "Hartwell-review",
            "hartwell_review",
            "HartwellReview",
            "tafhartwell2026",
            "h%61rtwell",
            "h%2561rtwell",
            "h%C3%A4rtwell",
            "h%D0%B0rtwell",  # a Cyrillic letter
            "room?topic=Hartwell",
            "room#hartwell",
            "4-elm-row",
            "4elmrow",
            "de12ab",
            "%44%45%31%32AB",
            "rosecottage",
            "447700900123",
            "lukasz",
            "nunez",
            "nunez-obrien",
        ],
    )
    def test_is_left_out(self, path: str) -> None:
        assert discretion.fit_link(joined_by(f"https://meet.example/{path}")) is None

    def test_is_left_out_when_its_host_does(self) -> None:
        assert discretion.fit_link(joined_by("https://hartwell.meet.example/1")) is None

    @pytest.mark.parametrize(
        "link",
        [
            "https://meet.example/1",
            "https://meet.example/l/meetup-join/19%3ameeting_OGY2Li4zWu@thread.v2/0?context=%7b%7d",
            "https://meet.example/robins0n",
            "http://meet.example:8443/j/98765432101?pwd=a1B2",
        ],
    )
    def test_is_sent_where_it_only_looks_alike(self, link: str) -> None:
        private = ("Hartwell", "Li Wu", "Flat 2, 4 Elm Row, Derby DE1 2AB", "07700 900123")

        assert discretion.fit_link(joined_by(link, private)) == link


class TestALinkThatHarms:
    @pytest.mark.parametrize(
        "link",
        [
            "javascript:alert(1)",
            "JAVASCRIPT://meet.example/%0aalert(1)",
            "data:text/html,x",
            "ftp://meet.example/1",
            "//meet.example/1",
            "https:meet.example",
            "https:///1",
            "https://[::1/",
            "https://[::1]/",
            "https://teams.example@evil.example/1",
            "https://teams.example%40evil.example/1",
            "https://teams.example\\@evil.example/1",
            "https://t\u0435ams.example/1",  # a Cyrillic letter
            "https://teams.example\u2044evil.example/1",  # a stroke that is none
            "https://meet.example/1 2",
            "https://meet.example/1\n",
            "https://meet.example/1\nWhere: 4 Elm Row",
            "https://meet.example/1\r\nBcc: x@y.example",
            "https://meet.example/\u202etxt.exe",
            " https://meet.example/1",
            "",
        ],
    )
    def test_is_left_out(self, link: str) -> None:
        assert discretion.fit_link(joined_by(link)) is None

    @given(st.text())
    def test_is_judged_whatever_it_is(self, text: str) -> None:
        for link in (text, f"https://{text}", f"https://meet.example/{text}"):
            found = discretion.fit_link(joined_by(link))
            assert found is None or (found.isascii() and found.isprintable() and " " not in found)


class TestTheLeadsName:
    @pytest.mark.parametrize(
        "name",
        [
            "Derby Council <help@council.example>",
            "help@council.example",
            "Jane Smith via https://evil.example",
            "Jane \\ Smith",
            "Evil.example/login",
            "WWW.evil.example",
            '"Jane" <j@x.example>, "Pat"',
        ],
    )
    def test_that_reads_like_an_address_is_not_shown(self, name: str) -> None:
        posing = replace(PRACTITIONER, lead=name)
        sender = messages.organiser_of(posing, mail_domain="reply.taf.example")
        email = compose("InvitedToMeeting", posing)

        assert sender.name == "The lead practitioner, meetings"
        assert name not in shown(email)
        assert "The lead practitioner invites you" in email.text
        assert event(email)["ORGANIZER"].params["CN"] == "The lead practitioner, meetings"

    @pytest.mark.parametrize(
        "name", ["Jane Smith", "Se\u00e1n \u00d3 Briain", "Dr Smith-Jones (SENCo)", "\u674e \u5a1c"]
    )
    def test_is_shown_as_it_is_written(self, name: str) -> None:
        sender = messages.organiser_of(replace(PRACTITIONER, lead=name), mail_domain="t.example")

        assert sender.name == f"{name}, meetings"


class TestTheWordsOfACase:
    def test_are_left_out_when_chance_made_them_a_name(self) -> None:
        """Rule 10: two random words, of which one may be somebody's surname."""
        lantern = replace(PRACTITIONER, private_words=("Hartwell", "Kit Lantern"))
        email = compose("InvitedToMeeting", lantern)

        assert email.subject == event(email)["SUMMARY"] == "Meeting"
        assert "Lantern" not in shown(email)
