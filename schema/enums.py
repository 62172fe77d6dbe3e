"""Closed sets of the domain, published under the names they are stored by, each value in words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import strawberry

from notifications.outbox import DeliveryState as DeliveryState
from taf_service.directory import AgencyKind as AgencyKind
from taf_service.directory import DomainPolicy as DomainPolicy
from taf_service.families import ChannelKind as ChannelKind
from taf_service.families import FamilyRole as FamilyRole
from taf_service.families import RelationshipKind as RelationshipKind
from taf_service.families import ResponsibilityBasis as ResponsibilityBasis
from taf_service.families import StopReason as StopReason
from taf_service.meetings import Answer as Answer
from taf_service.meetings import AnswerSource as AnswerSource
from taf_service.meetings import Attendance as Attendance
from taf_service.meetings import GuestRole as GuestRole
from taf_service.meetings import InviteBasis as InviteBasis
from taf_service.meetings import InvitedBy as InvitedBy
from taf_service.meetings import MeetingKind as MeetingKind
from taf_service.meetings import PlaceKind as PlaceKind
from taf_service.partnership import Office as Office
from taf_service.plans import ActionStatus as ActionStatus
from taf_service.teams import CoverKind as CoverKind
from taf_service.teams import Engagement as Engagement
from taf_service.teams import LeadAnswer as LeadAnswer
from taf_service.teams import MemberKind as MemberKind

# Each set and each of its values in the order they are declared.
_WORDS: dict[type[StrEnum], tuple[str, tuple[str, ...]]] = {
    Office: (
        "What somebody does for an authority, apart from any team.",
        (
            "Answers whether a lead practitioner exists already; knows who leads.",
            "Keeps the directory and the settings; sees no case.",
            "Reads the log, by reference; sees no case.",
        ),
    ),
    AgencyKind: (
        "What an agency does (guidance 15).",
        (
            "General practice.",
            "Midwives.",
            "Health visiting: babies and small children at home.",
            "The health of schoolchildren: school nursing.",
            "Childcare before school: a nursery or playgroup.",
            "Where somebody learns: a school or college.",
            "A children's centre.",
            "Sport and leisure.",
            "Homes: a council's housing or a landlord.",
            "Play or youth work.",
            "Child and adolescent mental health services.",
            "An early help or multi-agency team.",
            "Young people who broke the law, or may: a youth offending service.",
            "A service for disabled children.",
            "A charity or community organisation.",
            "Specialist education, beyond what a school has itself.",
            "A police force.",
            "Careers advice.",
            "Education welfare: attendance at school.",
            "Children's social care.",
        ),
    ),
    DomainPolicy: (
        "Where an agency's work addresses may lie.",
        ("Only in the agency's own domains.", "Anywhere."),
    ),
    FamilyRole: (
        "Somebody's place in a family.",
        (
            "A child or young person, born or expected.",
            "A mother or father.",
            "A carer who is not a parent.",
            "Somebody else who matters to the children.",
        ),
    ),
    RelationshipKind: (
        "What the first person is to the second.",
        (
            "Mother or father.",
            "Married to, or partner of, a parent.",
            "Mother or father of a parent.",
            "Brother or sister.",
            "Half-brother or half-sister.",
            "Married, or living as a couple.",
            "Was their partner once.",
            "Looks after them in place of a parent.",
            "Something else.",
        ),
    ),
    ResponsibilityBasis: (
        "How somebody came by parental responsibility.",
        (
            "Gave birth to the child.",
            "By marriage to the child's mother.",
            "Father registered on the birth certificate.",
            "By agreement.",
            "By an order of the court.",
            "By adoption.",
            "As a guardian.",
        ),
    ),
    ChannelKind: (
        "A way to reach somebody.",
        ("By email.", "By telephone.", "By text message.", "By letter.", "Face to face."),
    ),
    StopReason: ("Why nothing is sent any more.", ("Somebody is in danger.", "Somebody died.")),
    MemberKind: (
        "How somebody belongs to a team.",
        ("On behalf of an agency.", "As one of the family."),
    ),
    CoverKind: (
        "How somebody stands in for the lead practitioner.",
        ("Always at their side.", "While they are away."),
    ),
    Engagement: (
        "Whether the family takes part (guidance 13).",
        ("It does.", "It will not, so far."),
    ),
    LeadAnswer: (
        "Whether a lead practitioner exists already (guidance 11).",
        ("None was found.", "There is one."),
    ),
    MeetingKind: (
        "Who a meeting is for.",
        ("Family and practitioners together.", "Practitioners alone."),
    ),
    PlaceKind: (
        "What sort of place it is.",
        (
            "Open to everybody; may be named in mail.",
            "An agency's own office; not named in mail.",
            "The family's home; never named in mail.",
            "A refuge or another place to be kept quiet; never named in mail.",
        ),
    ),
    Answer: (
        "An answer to an invitation (RFC 5545 3.2.12).",
        ("None yet.", "Will come.", "May come.", "Cannot come."),
    ),
    AnswerSource: (
        "Where an answer came from.",
        (
            "The link in a mail.",
            "The person, signed in.",
            "Told to the practitioner who runs the meeting.",
            "A reply by mail.",
        ),
    ),
    InvitedBy: (
        "How somebody is asked to a meeting.",
        ("By email.", "By letter.", "By telephone.", "By text message.", "Face to face."),
    ),
    GuestRole: (
        "What somebody outside the team comes as.",
        (
            "Carries what is said into another language.",
            "Speaks for somebody of the family.",
            "A friend of the family.",
            "A practitioner who is not in the team yet.",
            "Something else.",
        ),
    ),
    InviteBasis: (
        "Why somebody outside the team may be invited.",
        (
            "The family consented.",
            "The family asked for it.",
            "The law requires it.",
            "A child's safety requires it.",
        ),
    ),
    Attendance: (
        "Whether somebody came.",
        ("Came.", "Sent apologies.", "Did not come.", "Sent somebody else."),
    ),
    ActionStatus: (
        "How an action stands.",
        (
            "Its owner has yet to accept it.",
            "Its owner accepted it.",
            "Being done.",
            "Some of it is done.",
            "Its owner did all of it.",
            "Something stands in the way.",
            "Its owner will not do it.",
            "No longer wanted.",
            "Somebody else owns it now.",
        ),
    ),
    DeliveryState: (
        "What became of a message.",
        (
            "Waiting to be sent.",
            "Being sent.",
            "Accepted by their mail server; whether they got it, nobody knows.",
            "Perhaps delivered: nobody confirmed it.",
            "Their mail server refused the address.",
            "Not sent: they may not be told this way, or have no need to hear it any more.",
            "Could not be sent.",
            "Stopped, or replaced by a newer message.",
        ),
    ),
}


def _publish(values: type[StrEnum], description: str, words: tuple[str, ...]) -> None:
    strawberry.enum(values, description=description)
    definition: Any = values.__strawberry_definition__  # type: ignore[attr-defined]
    for value, described in zip(definition.values, words, strict=True):
        value.description = described


for _set, (_description, _values) in _WORDS.items():
    _publish(_set, _description, _values)
