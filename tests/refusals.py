"""One way to try what must be refused: nothing written, nothing queued, each time."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, TypeAlias

import pytest

from taf_service.core.errors import Refusal
from taf_service.core.work import Operation
from tests.stage import Somebody, Stage

Case: TypeAlias = tuple[Somebody, dict[str, Any], str]


async def refused(stage: Stage, act: Awaitable[Any], code: str) -> Refusal:
    """`act` is refused with `code`, and nothing changed at all."""
    before = await stage.state()
    with pytest.raises(Refusal) as refusal:
        await act
    assert refusal.value.code == code, refusal.value
    assert await stage.state() == before
    return refusal.value


async def all_refused(
    stage: Stage, operation: Operation[..., Any], given: dict[str, Any], cases: Sequence[Case]
) -> None:
    """Each case is who asks, what they ask differently from `given`, and the code they get."""
    for asker, changes, code in cases:
        await refused(stage, operation(asker.ask(), **(given | changes)), code)
