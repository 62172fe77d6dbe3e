from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from taf_service import database
from taf_service.core import reading
from taf_service.database import OWNER, READER, SERVICE, WORKER, Urls
from taf_service.settings import Settings
from tests.stage import Connection

CHANGES = {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}
# Tables that only grow, each with one of its columns.
KEPT_FOREVER = {
    "audit_entry": "event",
    "audit_seal": "hash",
    "sealed_entry": "position",
    "settings_version": "reason",
    "reply": "answer",
}


@pytest.fixture
async def service(urls: Urls) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(urls.service)
    yield connection
    await connection.close()


@pytest.fixture
async def worker(urls: Urls) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(urls.worker)
    yield connection
    await connection.close()


async def may(owner: Connection, role: str, *privileges: str) -> set[tuple[str, str]]:
    """Which of these privileges a role has on which table, on a single column too."""
    rows = await owner.fetch(
        """
        select c.relname as name, p.privilege from pg_class c
        cross join unnest($2::text[]) as p (privilege)
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
          and (has_table_privilege($1, c.oid, p.privilege)
               or (p.privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                   and has_any_column_privilege($1, c.oid, p.privilege)))""",
        role,
        list(privileges),
    )
    return {(row["name"], row["privilege"]) for row in rows}


class TestTheRoles:
    @pytest.mark.parametrize("role", [OWNER, SERVICE, WORKER])
    async def test_are_nothing_out_of_the_ordinary(self, owner: Connection, role: str) -> None:
        found = await owner.fetchrow("select * from pg_roles where rolname = $1", role)

        assert found is not None
        assert found["rolcanlogin"]
        for power in ("super", "createrole", "createdb", "replication", "bypassrls"):
            assert not found[f"rol{power}"], power

    async def test_of_service_and_worker_own_nothing(self, owner: Connection) -> None:
        for role in (SERVICE, WORKER):
            assert (
                await owner.fetchval(
                    "select count(*) from pg_class where relowner = $1::regrole", role
                )
                == 0
            )
            assert (
                await owner.fetchval(
                    "select count(*) from pg_proc where proowner = $1::regrole", role
                )
                == 0
            )

    async def test_become_nobody_else_but_that_the_service_may_read_as_the_reader(
        self, owner: Connection
    ) -> None:
        found = await owner.fetch(
            "select member::regrole::text as member, roleid::regrole::text as role,"
            " inherit_option, admin_option from pg_auth_members"
            " where member in ($1::regrole, $2::regrole, $3::regrole)",
            SERVICE,
            WORKER,
            READER,
        )

        assert [tuple(row) for row in found] == [(SERVICE, READER, False, False)]

    async def test_of_the_reader_signs_in_nowhere_and_changes_nothing(
        self, owner: Connection
    ) -> None:
        assert not await owner.fetchval(
            "select rolcanlogin or rolsuper or rolbypassrls from pg_roles where rolname = $1",
            READER,
        )
        rights = await owner.fetch(
            "select table_name, privilege_type from information_schema.table_privileges"
            " where grantee = $1 and privilege_type <> 'SELECT'",
            READER,
        )
        assert [tuple(row) for row in rights] == [("audit_entry", "INSERT")]

    async def test_of_service_and_worker_make_nothing(
        self, service: Connection, worker: Connection
    ) -> None:
        for connection in (service, worker):
            for statement in (
                "create table mine (id uuid)",
                "create schema mine",
                "create function mine() returns int language sql as 'select 1'",
                "create view mine as select * from family",
                "create role mine",
                "set role taf_owner",
                "set session authorization taf_owner",
                "set session_replication_role = replica",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)


class TestTheServicesRole:
    async def test_cannot_take_down_the_second_wall(self, service: Connection) -> None:
        for statement in (
            "alter table family disable row level security",
            "alter table family no force row level security",
            "alter table family owner to taf_service",
            "alter table audit_entry disable trigger all",
            "drop policy service_sees on family",
            "alter policy service_sees on family using (true)",
            "create policy mine on family using (true)",
            "alter function visible_families(text[]) security invoker",
            "create or replace view my_team as select * from membership",
            "drop table family",
            "alter role taf_service bypassrls",
        ):
            with pytest.raises(
                (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidObjectDefinitionError)
            ):
                await service.execute(statement)

    async def test_cannot_look_past_it(self, service: Connection) -> None:
        await service.execute("set row_security = off")

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.fetch("select * from family")

    async def test_removes_nothing_and_empties_nothing(self, owner: Connection) -> None:
        assert await may(owner, SERVICE, "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER") == set()

    async def test_cannot_rewrite_what_is_kept_forever(
        self, owner: Connection, service: Connection
    ) -> None:
        changeable = {name for name, _ in await may(owner, SERVICE, "UPDATE")}
        assert not changeable & KEPT_FOREVER.keys()

        for statement in (
            "update audit_entry set event = 'x'",
            "delete from audit_entry",
            "truncate audit_entry",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(statement)

    async def test_reads_no_address_of_a_message(self, service: Connection) -> None:
        for column in ("address", "message", "*"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.fetch(f"select {column} from outbox_entry")


class TestTheWorkersRole:
    async def test_writes_its_own_books_and_nothing_of_a_family(self, owner: Connection) -> None:
        assert await may(owner, WORKER, *CHANGES) == {
            ("outbox_entry", "INSERT"),
            ("outbox_entry", "UPDATE"),
            ("reply_link", "UPDATE"),
            ("audit_seal", "INSERT"),
            ("sealed_entry", "INSERT"),
            ("idempotency_key", "DELETE"),
        }

    async def test_is_refused_when_it_tries(self, worker: Connection) -> None:
        for table in ("family", "family_member", "membership", "meeting", "invitation", "account"):
            for statement in (f"delete from {table}", f"update {table} set id = id"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await worker.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await worker.execute("update audit_entry set event = 'x'")

    async def test_does_not_know_who_signs_in(self, owner: Connection) -> None:
        readable = {name for name, _ in await may(owner, WORKER, "SELECT")}

        assert not readable & {"account", "office_holder", "reply"}


class TestTheOwner:
    async def test_cannot_rewrite_what_is_kept_forever_either(self, owner: Connection) -> None:
        for table, column in KEPT_FOREVER.items():
            for statement in (
                f"update {table} set {column} = {column}",
                f"delete from {table}",
                f"truncate {table} cascade",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await owner.execute(statement)


class TestMigrate:
    async def test_done_again_changes_nothing(self, urls: Urls, owner: Connection) -> None:
        migrations = "select * from tortoise_migrations order by 1"
        before = await owner.fetch(migrations)

        await database.migrate(urls.owner)

        assert await owner.fetch(migrations) == before

    async def test_wants_the_owner(self) -> None:
        with pytest.raises(database.DatabaseNotConfigured, match="TAF_OWNER_DATABASE_URL"):
            await database.migrate("")


class TestConnect:
    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://taf_owner:secret@127.0.0.1:1/taf",
            "postgresql://taf_owner:secret@/taf?host=/nowhere",
            "nonsense secret",
            "postgresql://taf_owner:secret@127.0.0.1:port/taf",
        ],
    )
    async def test_is_refused_without_repeating_a_password(self, url: str) -> None:
        with pytest.raises(database.DatabaseUnreachable) as refusal:
            await database.connect(url)
        assert "secret" not in str(refusal.value)
        assert refusal.value.__cause__ is None

    async def test_names_a_database_that_is_not_there(self, server: str) -> None:
        with pytest.raises(database.DatabaseUnreachable, match="InvalidCatalogName"):
            await database.connect(database.at(server, OWNER, "never_made"))


class TestUrls:
    async def test_are_those_of_a_server_of_ones_own(self) -> None:
        settings = Settings(
            database_url="postgresql://taf_service@db/taf",
            worker_database_url="postgresql://taf_worker@db/taf",
        )

        urls = await database.urls_for(settings)

        assert (urls.service, urls.worker, urls.owner) == (
            "postgresql://taf_service@db/taf",
            "postgresql://taf_worker@db/taf",
            "",
        )

    @pytest.mark.parametrize(
        ("superuser", "expected"),
        [
            ("postgresql://postgres:@/postgres?host=/run/x", "postgresql://r@/d?host=/run/x"),
            ("postgresql://postgres@db:5433/postgres", "postgresql://r@db:5433/d"),
        ],
    )
    def test_differ_by_role_and_database(self, superuser: str, expected: str) -> None:
        assert database.at(superuser, "r", "d") == expected


class TestConnections:
    async def test_bear_the_servers_own_deadlines(self, urls: Urls) -> None:
        show = "select current_setting($1)"

        async with database.orm(urls.service, pool=1):
            kept = await reading.answer(show, ["statement_timeout"])
        async with database.pool(urls.service, size=1) as pool:
            waited = await pool.fetchval(show, "lock_timeout")

        assert (kept and kept[0], waited) == ("10s", "5s")
