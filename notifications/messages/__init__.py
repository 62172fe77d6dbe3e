"""What people are told: wording and calendar file for every notice there is."""

from __future__ import annotations

from notifications.messages.meetings import MEETING_WORDINGS as MEETING_WORDINGS
from notifications.messages.meetings import compose as compose
from notifications.messages.meetings import organiser_of as organiser_of
from notifications.messages.troubles import compose_trouble as compose_trouble
from notifications.messages.troubles import sender_of_trouble as sender_of_trouble
from notifications.troubles import MessageInTrouble

KINDS = frozenset({*MEETING_WORDINGS, MessageInTrouble.__name__})
