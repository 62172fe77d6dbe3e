"""What somebody is asked to confirm before a meeting is convened, moved or joined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from taf_service.core.codes import WarningCode
from taf_service.core.work import Work
from taf_service.meetings import rules
from taf_service.meetings.operations.safety import names_of
from taf_service.meetings.queries import asked_elsewhere
from taf_service.meetings.rules import Slot
from taf_service.partnership import AuthoritySettings


def warn_of_time(work: Work, slot: Slot, settings: AuthoritySettings) -> None:
    _warn(work, rules.unusual(slot, work.today(slot.clocks), settings))


def warn_of_short_notice(work: Work, slot: Slot, settings: AuthoritySettings) -> None:
    _warn(work, rules.short_notice(slot, work.today(slot.clocks), settings))


def _warn(work: Work, warnings: Iterable[tuple[WarningCode, str]]) -> None:
    for code, message in warnings:
        work.warn(code, message)


async def warn_of_clashes(
    work: Work, times: Mapping[UUID, Slot], *, apart_from: UUID | None = None
) -> None:
    """A meeting the actor may not see is not among those that clash."""
    busy = await asked_elsewhere(work, times, apart_from=apart_from)
    if busy:
        names = await names_of(work, busy)
        work.warn(WarningCode.CLASH, f"Another meeting at that time: {names}.")
