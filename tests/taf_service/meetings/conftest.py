"""A team with two practitioners besides its lead, and both parents."""

from __future__ import annotations

import pytest

from tests.stage import ATeam, Somebody, Stage


@pytest.fixture
async def tom(stage: Stage) -> Somebody:
    return await stage.practitioner("Tom Teacher")


@pytest.fixture
async def team(stage: Stage, helen: Somebody, tom: Somebody) -> ATeam:
    return await stage.team(helen, tom)
