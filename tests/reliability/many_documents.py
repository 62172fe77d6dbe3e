"""Asks different documents and prints twenty times what our process and PostgreSQL's take.

`many_documents.py URL PERSON_ID DOCUMENTS`: kB of each, a line for every twentieth.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from schema.context import Context
from schema.execute import answer
from taf_service import database
from taf_service.core import reading
from taf_service.core.actors import Actor


async def main(url: str, person_id: UUID, documents: int) -> None:
    """Each document has names of its own, so each is parsed, validated, planned and prepared."""
    context = Context(Actor(person_id))
    async with database.orm(url, pool=1):
        for number in range(documents):
            document = f"query Q{number} {{ a{number}: me {{ n{number}: name }} }}"
            done = await answer(document, None, None, context=context, introspection=False)
            assert b'"data"' in done.body
            assert b'"errors"' not in done.body
            if (number + 1) % (documents // 20) == 0:
                found = await reading.answer("select pg_backend_pid()", [])
                assert found is not None  # now and then the pool takes another connection
                print(_size("self"), _size(found[0]), flush=True)  # noqa: T201 - its one output


def _size(process: object) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], UUID(sys.argv[2]), int(sys.argv[3])))
