"""Reads that are one statement: of their own, or in the world of a preview."""

from __future__ import annotations

from typing import Any

from tortoise import connections


async def scalar(sql: str, values: list[object]) -> str | None:
    """The single text value of a query; the statement binds its own actor."""
    rows = await connections.get("default").execute_query_dict(sql, values)
    value: str | None = next(iter(rows[0].values())) if rows else None
    return value


async def rows(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    """The rows of a query in the transaction that is open, for the actor bound to it."""
    found: list[dict[str, Any]] = await connections.get("default").execute_query_dict(sql, values)
    return found
