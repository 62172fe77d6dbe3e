from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import pytest

from taf_service.core import reading


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Watches which statements are sent to read, and lets them pass."""
    statements: list[str] = []
    pass_on: Callable[[str, Sequence[object]], Awaitable[Any]] = reading.answer

    async def watched(sql: str, values: Sequence[object]) -> asyncpg.Record | None:
        statements.append(sql)
        found: asyncpg.Record | None = await pass_on(sql, values)
        return found

    monkeypatch.setattr(reading, "answer", watched)
    return statements
