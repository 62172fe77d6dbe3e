"""Who may do what with meetings."""

from __future__ import annotations

from taf_service.core.actors import Standing
from taf_service.core.policies import Unset, policy

_WORKING = {Standing.PRACTITIONER, Standing.LEAD, Standing.DEPUTY}
_RUNNING = {Standing.CONVENER, Standing.CHAIR, Standing.LEAD, Standing.DEPUTY}
_RECORDING = {*_RUNNING, Standing.NOTE_TAKER}
_STANDS = (Unset("cancelled_at"),)

convene_taf_meeting = policy(
    "convene_taf_meeting",
    "Practitioners in the team convene TAF meetings.",
    on="team",
    to=_WORKING,
    when=(Unset("closed_at"),),
)
record_past_meeting = policy(
    "record_past_meeting",
    "Practitioners in the team record meetings that were held.",
    on="team",
    to=_WORKING,
)
see_purpose = policy(
    "see_purpose",
    "The team, and whoever runs the meeting, read what it is for.",
    on="meeting",
    to={*_WORKING, *_RECORDING, Standing.FAMILY_MEMBER},
)
see_why_cancelled = policy(
    "see_why_cancelled",
    "Practitioners in the team, and whoever runs the meeting, read why it was cancelled.",
    on="meeting",
    to={*_WORKING, *_RECORDING},
)
see_notes_on_invitee = policy(
    "see_notes_on_invitee",
    "Practitioners in the team, and whoever runs the meeting, read what is noted of people.",
    on="invitation",
    to={*_WORKING, *_RECORDING},
)
reschedule_meeting = policy(
    "reschedule_meeting",
    "The convener, the chair, the lead practitioner or a deputy changes the time.",
    on="meeting",
    to=_RUNNING,
    when=_STANDS,
)
change_place = policy(
    "change_place",
    "The convener, the chair, the lead practitioner or a deputy changes the place.",
    on="meeting",
    to=_RUNNING,
    when=_STANDS,
)
invite_to_meeting = policy(
    "invite_to_meeting",
    "The convener, the chair, the lead practitioner or a deputy invites.",
    on="meeting",
    to=_RUNNING,
    when=_STANDS,
)
withdraw_invitation = policy(
    "withdraw_invitation",
    "The convener, the chair, the lead practitioner or a deputy takes an invitation back.",
    on="invitation",
    to=_RUNNING,
    when=(Unset("withdrawn_at"),),
)
cancel_meeting = policy(
    "cancel_meeting",
    "The convener, the chair, the lead practitioner or a deputy cancels.",
    on="meeting",
    to=_RUNNING,
    when=_STANDS,
)
set_agenda = policy(
    "set_agenda",
    "Whoever runs the meeting or takes its notes writes the agenda.",
    on="meeting",
    to=_RECORDING,
    when=_STANDS,
)
record_attendance = policy(
    "record_attendance",
    "Whoever runs the meeting or takes its notes records who came.",
    on="meeting",
    to=_RECORDING,
    when=_STANDS,
)
record_told = policy(
    "record_told",
    "Whoever runs the meeting, and practitioners in the team, record that somebody was told.",
    on="invitation",
    to={*_RECORDING, Standing.PRACTITIONER},
    when=(Unset("withdrawn_at"),),
)
answer_invitation = policy(
    "answer_invitation",
    "Everybody answers their own invitation.",
    on="invitation",
    to={Standing.SELF},
    when=(Unset("withdrawn_at"),),
)
record_answer = policy(
    "record_answer",
    "Whoever runs the meeting records an answer that somebody gave them.",
    on="invitation",
    to=_RECORDING,
    when=(Unset("withdrawn_at"),),
)
