"""Closed sets, stored under the names they are published by."""

from __future__ import annotations

from enum import StrEnum


class MeetingKind(StrEnum):
    TAF = "TAF"
    PROFESSIONAL = "PROFESSIONAL"


class PlaceKind(StrEnum):
    """Only a public venue is ever named in mail; a home or refuge never (security 9)."""

    PUBLIC_VENUE = "PUBLIC_VENUE"
    AGENCY_OFFICE = "AGENCY_OFFICE"
    FAMILY_HOME = "FAMILY_HOME"
    CONFIDENTIAL = "CONFIDENTIAL"


class Answer(StrEnum):
    """RFC 5545 3.2.12."""

    NEEDS_ACTION = "NEEDS_ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


class AnswerSource(StrEnum):
    LINK = "LINK"
    SIGNED_IN = "SIGNED_IN"
    RECORDED_BY_LEAD = "RECORDED_BY_LEAD"
    MAIL = "MAIL"


class InvitedBy(StrEnum):
    """How somebody is asked. Anything but email is done by a person and recorded."""

    EMAIL = "EMAIL"
    POST = "POST"
    PHONE = "PHONE"
    TEXT = "TEXT"
    IN_PERSON = "IN_PERSON"


class GuestRole(StrEnum):
    INTERPRETER = "INTERPRETER"
    ADVOCATE = "ADVOCATE"
    FRIEND = "FRIEND"
    PRACTITIONER = "PRACTITIONER"
    OTHER = "OTHER"


class InviteBasis(StrEnum):
    """Why somebody outside the team may be invited."""

    CONSENT = "CONSENT"
    FAMILY_REQUEST = "FAMILY_REQUEST"
    LEGAL_DUTY = "LEGAL_DUTY"
    SAFEGUARDING = "SAFEGUARDING"


class Attendance(StrEnum):
    ATTENDED = "ATTENDED"
    APOLOGIES = "APOLOGIES"
    ABSENT = "ABSENT"
    SUBSTITUTE = "SUBSTITUTE"
