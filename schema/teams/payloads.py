"""What the mutations about teams answer: a past fact, and what it changed."""

from __future__ import annotations

from schema.sources import loaded, payload
from schema.teams.types import Cover, LeadEnquiry, Membership, Team


@payload
class LeadEnquiryAsked:
    """The coordinator was asked whether the family has a lead practitioner already."""

    enquiry: LeadEnquiry | None = loaded("The question.")


@payload
class LeadEnquiryAnswered:
    """The coordinator answered."""

    enquiry: LeadEnquiry | None = loaded("The question, with its answer.")


@payload
class TeamOpened:
    """A team was opened around a family; you lead it."""

    team: Team | None = loaded("Who helps the family from now on.")


@payload
class PractitionerAdded:
    """A practitioner is in the team."""

    membership: Membership | None = loaded("Their place in it.")


@payload
class FamilyMemberAddedToTeam:
    """One of the family is in the team."""

    membership: Membership | None = loaded("Their place in it.")


@payload
class CoverArranged:
    """Somebody stands in for the lead practitioner."""

    cover: Cover | None = loaded("Who, and from when until when.")


@payload
class CoverEnded:
    """Somebody stands in no longer."""

    cover: Cover | None = loaded("Who did, and until when.")


@payload
class ReviewIntervalChanged:
    """The plan is reviewed at another interval."""

    team: Team | None = loaded("The team, as it is now.")


@payload
class EngagementRecorded:
    """Whether the family takes part was recorded."""

    team: Team | None = loaded("The team, as it is now.")
