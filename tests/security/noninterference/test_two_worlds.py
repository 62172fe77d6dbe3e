"""What somebody must not know changes not one byte of what they can find out."""

from __future__ import annotations

import pytest

from tests.security.noninterference.difference import report
from tests.security.noninterference.play import Theatre
from tests.security.noninterference.situation import Scene
from tests.security.noninterference.situations import SITUATIONS

pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestTwoWorlds:
    @pytest.mark.parametrize("scene", SITUATIONS, ids=lambda scene: scene.__name__)
    async def test_are_one_to_whoever_watches(self, scene: Scene, theatre: Theatre) -> None:
        found, within = await theatre.compare(scene)

        assert not found, report(found)
        (last,) = list(within.kept.values())[-1:]
        assert scene.hides <= set(last.rows)
