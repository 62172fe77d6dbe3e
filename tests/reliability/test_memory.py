"""However many different documents arrive, nothing that is kept grows (api, "read path").

In a process of its own, so that what other tests left behind does not count. `TAF_SOAK=1`: 200,000.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from taf_service.database import Urls
from tests.stage import Somebody

DOCUMENTS = 200_000 if os.environ.get("TAF_SOAK") else 1_200
SETTLED = 0.5  # by then every cache has long been full
MOST_GROWTH = 6 * 1024  # kB over the rest of the run, in either process: for the allocator alone
RUN = Path(__file__).with_name("many_documents.py")


async def test_memory_stays_what_it_was(urls: Urls, helen: Somebody) -> None:
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        str(RUN),
        urls.service,
        str(helen.person_id),
        str(DOCUMENTS),
        cwd=RUN.parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await running.communicate()
    assert running.returncode == 0
    sizes = [tuple(map(int, line.split())) for line in told.decode().splitlines()]
    settled = sizes[int(len(sizes) * SETTLED)]

    assert len(sizes) == 20
    for ours, then in zip(sizes[-1], settled, strict=True):
        assert ours - then < MOST_GROWTH, sizes
