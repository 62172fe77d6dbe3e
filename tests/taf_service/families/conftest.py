"""A family with its team: Helen is a plain practitioner in it, Otto works elsewhere."""

from __future__ import annotations

import pytest

from tests.stage import AFamily, ATeam, Somebody, Stage


@pytest.fixture
def family(team: ATeam) -> AFamily:
    return team.family


@pytest.fixture
async def otto(stage: Stage) -> Somebody:
    """In the directory, and the lead of another family's team."""
    otto = await stage.practitioner("Otto Outside")
    await stage.team(lead=otto)
    return otto
