"""How often the plan is reviewed, and whether the family takes part."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from taf_service import visibility
from taf_service.core.codes import WarningCode
from taf_service.core.work import Work, operation
from taf_service.teams import policies, rules
from taf_service.teams.models import Engagement, Team
from taf_service.teams.queries import settings_for, team_for

_WEEK = 7


@dataclass(frozen=True, slots=True)
class ReviewIntervalChanged:
    team_id: UUID


@dataclass(frozen=True, slots=True)
class EngagementRecorded:
    team_id: UUID


@operation(policies.change_review_interval)
async def change_review_interval(
    work: Work, *, team_id: UUID, days: int, reason: str = "", version: UUID
) -> ReviewIntervalChanged:
    """Change how often the plan is reviewed: usually six-weekly (guidance 22).

    Errors: `Stale`, `ReviewIntervalOutOfRange`, `ReviewReasonRequired`. Warnings:
    `LONG_REVIEW_INTERVAL`.
    """
    team = await visibility.to_change(
        work, policies.change_review_interval, team_for, team_id, version=version
    )
    reviews = (await settings_for(work, team)).reviews
    rules.check_review_interval(
        days,
        reason,
        usual=reviews.interval_days,
        shortest=reviews.shortest_weeks * _WEEK,
        longest=reviews.longest_weeks * _WEEK,
    )
    if days > rules.LONG_INTERVAL_DAYS:
        work.warn(
            WarningCode.LONG_REVIEW_INTERVAL,
            "That is longer than twelve weeks: things may drift unnoticed.",
        )
    await Team.filter(id=team.id).update(
        review_interval_days=days, review_interval_reason=reason.strip(), version=work.new_id()
    )
    await work.record(
        "team.review_interval_changed", subject_id=team.id, family_id=team.family_id, days=days
    )
    return ReviewIntervalChanged(team.id)


@operation(policies.record_engagement)
async def record_engagement(
    work: Work, *, team_id: UUID, engagement: Engagement, note: str, version: UUID
) -> EngagementRecorded:
    """Record whether the family takes part (guidance 13).

    Errors: `Stale`, `EngagementNoteRequired`.
    """
    team = await visibility.to_change(
        work, policies.record_engagement, team_for, team_id, version=version
    )
    rules.check_engagement(engagement, note, "note")
    await Team.filter(id=team.id).update(
        engagement=engagement, engagement_note=note.strip(), version=work.new_id()
    )
    await work.record(
        "team.engagement_recorded",
        subject_id=team.id,
        family_id=team.family_id,
        engagement=engagement.value,
    )
    return EngagementRecorded(team.id)
