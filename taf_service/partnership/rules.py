"""What an authority can set: every duration, threshold, stage and closed set (domain, section 6).

Derby and Derbyshire differ only by these. Pure: no database, no clock, no framework but pydantic,
which refuses values out of range with a sentence.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from taf_service.core.errors import FieldError, InvalidInput, RuleBroken

LONGEST_NAME = 120


class SettingsUnchanged(RuleBroken):
    """A change of settings changes something."""

    code = "SETTINGS_UNCHANGED"


class LocalityNameTaken(RuleBroken):
    """An authority has one locality of each name."""

    code = "LOCALITY_NAME_TAKEN"


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Choice = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Days = Annotated[int, Field(ge=0, le=366)]
WorkingDays = Annotated[int, Field(ge=0, le=60)]
Hours = Annotated[int, Field(ge=0, le=240)]
Weeks = Annotated[int, Field(ge=1, le=13)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("Use an IANA time zone such as Europe/London.")
    return name


def _each_once(names: Collection[str]) -> None:
    if len({name.casefold() for name in names}) != len(names):
        raise ValueError("List each one once.")


def _choices(values: tuple[str, ...]) -> tuple[str, ...]:
    _each_once(values)
    return values


def _stages(stages: tuple[DisputeStage, ...]) -> tuple[DisputeStage, ...]:
    _each_once([stage.name for stage in stages])
    return stages


Zone = Annotated[str, AfterValidator(_known_zone)]
Choices = Annotated[
    tuple[Choice, ...], Field(min_length=1, max_length=50), AfterValidator(_choices)
]

HEADLINES = (
    "Getting a good education",
    "Good early years development",
    "Improved mental and physical health",
    "Better managed substance use",
    "Improved family relationships",
    "Children safe from abuse and exploitation",
    "Families diverted from crime",
    "Safe from domestic abuse",
    "Secure housing",
    "Financial stability",
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MeetingSettings(_Part):
    """Invitations and the hours in which a meeting raises no eyebrow."""

    first_taf_working_days: WorkingDays = 15
    notice_working_days: WorkingDays = 10
    minimum_notice_working_days: WorkingDays = 2
    reminder_working_days: Annotated[tuple[WorkingDays, ...], Field(max_length=5)] = (5, 1)
    earliest_hour: Annotated[int, Field(ge=0, le=23)] = 8
    latest_hour: Annotated[int, Field(ge=1, le=24)] = 19
    longest_hours: Annotated[int, Field(ge=1, le=12)] = 4
    report_working_days_before: WorkingDays = 2
    actions_circulated_working_days: WorkingDays = 1
    record_circulated_working_days: WorkingDays = 5
    link_days_after_meeting: Days = 1

    @model_validator(mode="after")
    def _fits_together(self) -> MeetingSettings:
        if self.latest_hour <= self.earliest_hour:
            raise ValueError("The latest hour must come after the earliest.")
        if self.minimum_notice_working_days > self.notice_working_days:
            raise ValueError("The minimum notice cannot be longer than the usual notice.")
        return self


class ReviewSettings(_Part):
    """guidance 22: usually six-weekly, more or less often according to need."""

    interval_days: Annotated[int, Field(ge=7, le=91)] = 42
    shortest_weeks: Weeks = 1
    longest_weeks: Weeks = 13
    amber_days_before: Days = 7
    drift_extensions: Annotated[int, Field(ge=1, le=10)] = 3
    drift_reviews_without_progress: Annotated[int, Field(ge=1, le=10)] = 2

    @model_validator(mode="after")
    def _interval_in_range(self) -> ReviewSettings:
        if not self.shortest_weeks * 7 <= self.interval_days <= self.longest_weeks * 7:
            raise ValueError("The usual interval must lie between the shortest and the longest.")
        return self


class ActionSettings(_Part):
    """Chasing falls to the service, not the lead practitioner; never to a child or a family."""

    reminder_days: Annotated[tuple[Days, ...], Field(max_length=5)] = (7, 1)
    overdue_owner_working_days: Annotated[tuple[WorkingDays, ...], Field(max_length=5)] = (1, 5)
    overdue_lead_working_days: WorkingDays = 5
    overdue_manager_working_days: WorkingDays = 10


class HandoverSettings(_Part):
    acceptance_working_days: WorkingDays = 5
    urgent_acceptance_working_days: WorkingDays = 1
    meeting_working_days: WorkingDays = 10
    lead_changes_on_step_up: bool = True


class ProfessionalMeetingSettings(_Part):
    tell_family_working_days: WorkingDays = 2
    secrecy_review_working_days: WorkingDays = 5


class DisputeStage(_Part):
    name: Title
    working_days: WorkingDays


Stages = Annotated[
    tuple[DisputeStage, ...], Field(min_length=1, max_length=10), AfterValidator(_stages)
]


class RetentionSettings(_Part):
    years_from_youngest_birth: Annotated[int, Field(ge=1, le=100)] = 25
    years_from_closure: Annotated[int, Field(ge=1, le=100)] = 6


class AuthoritySettings(_Part):
    """The whole of it, as stored with each version."""

    zone: Zone = "Europe/London"
    coordinator_title: Title = "Early help co-ordinator"
    screening_hours: Hours = 24
    assessment_working_days: WorkingDays = 10
    consent_review_months: Annotated[int, Field(ge=1, le=36)] = 12
    outcome_headlines: Choices = HEADLINES
    meetings: MeetingSettings = MeetingSettings()
    reviews: ReviewSettings = ReviewSettings()
    actions: ActionSettings = ActionSettings()
    handovers: HandoverSettings = HandoverSettings()
    professional_meetings: ProfessionalMeetingSettings = ProfessionalMeetingSettings()
    dispute_stages: Stages = (
        DisputeStage(name="Practitioner to practitioner", working_days=2),
        DisputeStage(name="Line managers and safeguarding leads", working_days=5),
        DisputeStage(name="Senior managers", working_days=5),
        DisputeStage(name="Partnership", working_days=10),
    )
    retention: RetentionSettings = RetentionSettings()

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


DEFAULTS = AuthoritySettings()


def check_locality_name(name: str) -> None:
    """Errors: `InvalidInput`."""
    fault = fault_of_name(name)
    if fault:
        raise InvalidInput(FieldError("name", fault))


def fault_of_name(name: str) -> str | None:
    """What is wrong with the name of an authority, a locality or a person, as a sentence."""
    if not name.strip():
        return "Give a name."
    if len(name) > LONGEST_NAME:
        return f"Use at most {LONGEST_NAME} characters."
    return None if name.isprintable() else "Use printable characters only, on one line."
