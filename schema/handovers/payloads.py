"""What the mutations about who leads and who leaves answer."""

from __future__ import annotations

from schema.sources import loaded, payload
from schema.teams.types import LeadTenure, Membership, Team


@payload
class LeadAppointed:
    """The team has another lead practitioner, or its interim one is confirmed."""

    team: Team | None = loaded("The team, as it is now.")
    lead_tenure: LeadTenure | None = loaded("Who leads it, since when and why.")


@payload
class LeftTeam:
    """Somebody left the team and sees nothing of it any more."""

    team: Team | None = loaded("The team; null if it was you who left.")
    membership: Membership | None = loaded("The place they had; null if it was yours.")
