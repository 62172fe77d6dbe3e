"""Who may open a team, and say who is in it and who leads it."""

from __future__ import annotations

from taf_service.core.actors import Standing
from taf_service.core.policies import Policy, Unset, policy

_WORKING = {Standing.PRACTITIONER, Standing.LEAD, Standing.DEPUTY}
_RUNNING = {Standing.LEAD, Standing.DEPUTY}

ask_for_existing_lead = policy(
    "ask_for_existing_lead",
    "Whoever registered the family, and its practitioners, ask whether it has a lead already.",
    on="family",
    to={*_WORKING, Standing.REGISTRAR},
)
answer_lead_enquiry = policy(
    "answer_lead_enquiry",
    "Coordinators of the family's locality answer.",
    on="lead_enquiry",
    to={Standing.COORDINATOR},
    when=(Unset("answered_at"),),
)
open_team = policy(
    "open_team",
    "Whoever registered the family opens its team.",
    on="family",
    to={*_WORKING, Standing.REGISTRAR},
)
add_practitioner = policy(
    "add_practitioner",
    "The lead practitioner or a deputy adds practitioners.",
    on="team",
    to=_RUNNING,
    when=(Unset("closed_at"),),
)
add_family_member_to_team = policy(
    "add_family_member_to_team",
    "The lead practitioner or a deputy adds members of the family.",
    on="team",
    to=_RUNNING,
    when=(Unset("closed_at"),),
)
remove_from_team = policy(
    "remove_from_team",
    "The lead practitioner or a deputy takes somebody out; anybody may leave.",
    on="membership",
    to={*_RUNNING, Standing.SELF},
    when=(Unset("left_at"),),
)
appoint_lead = policy(
    "appoint_lead",
    "Practitioners in the team appoint the lead practitioner.",
    on="team",
    to=_WORKING,
    when=(Unset("closed_at"),),
)
arrange_cover = policy(
    "arrange_cover",
    "The lead practitioner or a deputy arranges who stands in.",
    on="team",
    to=_RUNNING,
    when=(Unset("closed_at"),),
)
end_cover = policy(
    "end_cover",
    "The lead practitioner or a deputy ends it.",
    on="cover",
    to=_RUNNING,
    when=(Unset("ended_at"),),
)
change_review_interval = policy(
    "change_review_interval",
    "The lead practitioner or a deputy decides how often the plan is reviewed.",
    on="team",
    to=_RUNNING,
    when=(Unset("closed_at"),),
)
record_engagement = policy(
    "record_engagement",
    "Practitioners in the team record whether the family takes part.",
    on="team",
    to=_WORKING,
    when=(Unset("closed_at"),),
)


def _read_by_practitioners(name: str, what: str, *, on: str) -> Policy:
    """What is written among practitioners is no part of the family's own copy."""
    return policy(name, f"Practitioners in the team read {what}.", on=on, to=_WORKING)


see_team_notes = _read_by_practitioners("see_team_notes", "what is noted of the family", on="team")
see_lead_reason = _read_by_practitioners("see_lead_reason", "why somebody leads", on="lead_tenure")
see_cover_reason = _read_by_practitioners("see_cover_reason", "why somebody stands in", on="cover")
see_leaving_reason = _read_by_practitioners(
    "see_leaving_reason", "why somebody left", on="membership"
)
