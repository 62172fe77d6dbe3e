"""Which family a row belongs to: per table, an SQL expression over `{row}`.

Whoever opens such a row reads a case, and that is logged (security, "who may see what"). Tables
that are not named here hold no case: the directory, authorities, one's own entry.
"""

from __future__ import annotations

_OF_FAMILY = "{row}.family_id"
_OF_TEAM = "(select t.family_id from team t where t.id = {row}.team_id)"
_OF_ACTION = (
    "(select t.family_id from action a join team t on t.id = a.team_id"
    " where a.id = {row}.action_id)"
)


def _of_invitation(column: str) -> str:
    """Guests see no team, so a function of the owner's is asked."""
    return (
        f"(select family_of_meeting(i.meeting_id) from invitation i where i.id = {{row}}.{column})"
    )


FAMILY_OF: dict[str, str] = {
    "family": "{row}.id",
    "family_member": _OF_FAMILY,
    "relationship": _OF_FAMILY,
    "parental_responsibility": _OF_FAMILY,
    "contact_channel": _OF_FAMILY,
    "safe_contact": _OF_FAMILY,
    "no_contact": _OF_FAMILY,
    "stop_contact": _OF_FAMILY,
    "lead_enquiry": _OF_FAMILY,
    "team": _OF_FAMILY,
    "membership": _OF_TEAM,
    "lead_tenure": _OF_TEAM,
    "cover": _OF_TEAM,
    "action": _OF_TEAM,
    "action_progress": _OF_ACTION,
    "meeting": f"coalesce({_OF_TEAM}, family_of_meeting({{row}}.id))",
    "invitation": "family_of_meeting({row}.meeting_id)",
    "reply": _of_invitation("invitation_id"),
    "delivery": _of_invitation("subject_id"),
}
NO_CASE = frozenset(
    {
        "authority",
        "locality",
        "settings_version",
        "agency",
        "practitioner",
        "affiliation",
        "mailbox",
        "office_holder",
        "account",
        "person",
    }
)
