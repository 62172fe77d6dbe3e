"""Reads that are one statement of their own, outside any operation."""

from __future__ import annotations

from tortoise import connections


async def scalar(sql: str, values: list[object]) -> str | None:
    """The single text value of a query; the statement binds its own actor."""
    rows = await connections.get("default").execute_query_dict(sql, values)
    value: str | None = next(iter(rows[0].values())) if rows else None
    return value
