"""The warnings a person can be asked to read and acknowledge: one published set."""

from __future__ import annotations

from enum import StrEnum


class WarningCode(StrEnum):
    """Something unusual that is not forbidden."""

    BANK_HOLIDAY = "BANK_HOLIDAY"
    WEEKEND = "WEEKEND"
    OUT_OF_HOURS = "OUT_OF_HOURS"
    SHORT_NOTICE = "SHORT_NOTICE"
    CLASH = "CLASH"
    FAMILY_NOT_INVITED = "FAMILY_NOT_INVITED"
    LEAD_TAKES_NOTES = "LEAD_TAKES_NOTES"
    LEAD_EXISTS_ELSEWHERE = "LEAD_EXISTS_ELSEWHERE"
    SPECIALIST_USUALLY_LEADS = "SPECIALIST_USUALLY_LEADS"
    LONG_REVIEW_INTERVAL = "LONG_REVIEW_INTERVAL"
    POSSIBLE_DUPLICATE = "POSSIBLE_DUPLICATE"
    OPEN_ACTIONS = "OPEN_ACTIONS"
    DUE_IN_THE_PAST = "DUE_IN_THE_PAST"
    SIGNS_IN_ALREADY = "SIGNS_IN_ALREADY"
