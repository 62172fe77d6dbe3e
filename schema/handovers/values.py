"""From inputs to what the domain takes: one place for each act and its preview."""

from __future__ import annotations

from typing import Any

from schema.handovers.inputs import AppointLeadInput, RemoveFromTeamInput
from schema.ids import row_id


def appointing(given: AppointLeadInput) -> dict[str, Any]:
    return {
        "team_id": row_id(given.team_id, "Team", field="teamId"),
        "membership_id": row_id(given.membership_id, "Membership", field="membershipId"),
        "reason": given.reason,
        "family_preference": given.family_preference or "",
        "version": given.version,
    }


def removing(given: RemoveFromTeamInput) -> dict[str, Any]:
    return {
        "membership_id": row_id(given.membership_id, "Membership", field="membershipId"),
        "reason": given.reason,
        "version": given.version,
    }
