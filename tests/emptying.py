"""A copy of the template database that is as good as new for each test.

A database made for each test costs more than most tests. So what a test wrote is deleted, whoever
it left connected is thrown out, and a test that changed the schema has the copy made anew.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg

from taf_service.database import OWNER

_SCHEMA = """
select md5(string_agg(x, '|' order by x)) from (
    select concat('class', relname, relkind, relrowsecurity, relforcerowsecurity, relowner, relacl)
    from pg_class where relnamespace = 'public'::regnamespace
    union all select concat('column', attrelid, attname, atttypid, attnotnull)
    from pg_attribute where attrelid in
        (select oid from pg_class where relnamespace = 'public'::regnamespace)
    union all select concat('trigger', tgrelid, tgname, tgenabled) from pg_trigger
    union all select concat('policy', polrelid, polname, polcmd) from pg_policy
    union all select concat('function', proname, proowner, proacl, md5(prosrc))
    from pg_proc where pronamespace = 'public'::regnamespace
) s (x)
"""
_WRITTEN = """
select c.relname from pg_class c
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  and c.relname <> 'tortoise_migrations'
"""


class EmptyCopy:
    """`name` at `server`, the superuser's URL."""

    def __init__(self, server: str, template: str, name: str) -> None:
        self.server = server
        self.name = name
        self._template = template
        self._schema: str | None = None

    async def make(self) -> None:
        connection = await asyncpg.connect(self.server)
        await connection.execute(f'drop database if exists "{self.name}" with (force)')
        await connection.execute(
            f'create database "{self.name}" template "{self._template}" owner "{OWNER}"'
        )
        await connection.close()
        inside = await self._inside()
        self._schema = await inside.fetchval(_SCHEMA)
        await inside.close()

    async def clear(self) -> None:
        """Nobody is connected and nothing is written any more."""
        inside = await self._inside()
        await inside.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        is_changed = await inside.fetchval(_SCHEMA) != self._schema
        if not is_changed:
            await _delete(inside)
        await inside.close()
        if is_changed:
            await self.make()

    async def _inside(self) -> asyncpg.Connection[asyncpg.Record]:
        return await asyncpg.connect(urlsplit(self.server)._replace(path=f"/{self.name}").geturl())


async def _delete(inside: asyncpg.Connection[asyncpg.Record]) -> None:
    tables = [row["relname"] for row in await inside.fetch(_WRITTEN)]
    # As a replica, which asks no trigger: the log is append-only, and references wait for none.
    await inside.execute("set session_replication_role = replica")
    await inside.execute("; ".join(f"delete from {table}" for table in tables))
