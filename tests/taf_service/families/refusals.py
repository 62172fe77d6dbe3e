"""One way to try what must be refused: nothing written, nothing queued, each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from taf_service.core.errors import Refusal
from taf_service.core.work import Operation
from tests.stage import Somebody, Stage

Case: TypeAlias = tuple[Somebody, dict[str, Any], str]


async def all_refused(
    stage: Stage, operation: Operation[..., Any], given: dict[str, Any], cases: Sequence[Case]
) -> None:
    """Each case is who asks, what they ask differently from `given`, and the code they get."""
    before = await stage.state()
    for asker, changes, code in cases:
        with pytest.raises(Refusal) as refusal:
            await operation(asker.ask(), **(given | changes))
        assert refusal.value.code == code, (asker.name, changes, refusal.value.message)
        assert await stage.state() == before, (asker.name, changes)


def place_of(somebody: Somebody) -> UUID:
    """Their place in the family, for those who have one."""
    assert somebody.family_member_id is not None
    return somebody.family_member_id
