"""The `taf` command: real processes where several meet, or where starting is what matters."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
import structlog
from typer.testing import CliRunner

from schema.build import sdl
from taf_service import access, database, logs
from taf_service.cli import main
from taf_service.core import sealing
from taf_service.database import OWNER, SERVICE, WORKER, Urls
from tests.stage import Connection, Stage

KEY = "k" * 32
DERBY = ["establish-authority", "derby", "Derby", "--administrator", "Ada Brand"]
ADA = ["--issuer", "https://sign-in.example", "--subject", "ada"]


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


def environment(urls: Urls | None = None, **settings: str) -> dict[str, str]:
    """Nothing of this machine's but what a process needs to run at all."""
    named = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    if urls is not None:
        named |= {
            "TAF_DATABASE_URL": urls.service,
            "TAF_WORKER_DATABASE_URL": urls.worker,
            "TAF_OWNER_DATABASE_URL": urls.owner,
        }
    return named | settings


async def process(*arguments: str, env: dict[str, str]) -> Outcome:
    """`taf` as anybody starts it."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "taf_service.cli", *arguments),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await running.communicate()
    assert running.returncode is not None
    return Outcome(running.returncode, out.decode(), err.decode())


async def taf(*arguments: str, env: dict[str, str]) -> Outcome:
    """The same within this process, in a thread of its own: it brings its own event loop."""
    changes: dict[str, str | None] = {name: None for name in os.environ if name[:4] == "TAF_"}
    changes |= env
    done = await asyncio.to_thread(CliRunner().invoke, main, list(arguments), env=changes)
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return Outcome(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(autouse=True)
def _logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command run in this process must not take over how the whole process logs."""
    monkeypatch.setattr(logs, "_QUIET", ())
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def one_sentence(outcome: Outcome) -> str:
    assert outcome.status == 2
    (line,) = outcome.err.splitlines()
    assert line.endswith(".")
    return line


@pytest.fixture
async def empty(server: str) -> AsyncIterator[Urls]:
    """A database with nothing in it."""
    name = f"empty_{uuid4().hex}"
    await database.establish(server, database=name)
    yield Urls(*(database.at(server, role, name) for role in (OWNER, SERVICE, WORKER)))
    superuser = await asyncpg.connect(server)
    await superuser.execute(f'drop database "{name}" with (force)')
    await superuser.close()


async def tables(connection: Connection) -> set[tuple[str, str]]:
    rows = await connection.fetch(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public'"
    )
    return {(row["table_name"], row["column_name"]) for row in rows}


class TestMigrate:
    async def test_by_four_at_once_happens_once(self, empty: Urls, owner: Connection) -> None:
        done, _ = await asyncio.gather(
            process("migrate", env=environment(empty)),
            asyncio.gather(*(database.migrate(empty.owner) for _ in range(3))),
        )

        assert (done.status, done.err) == (0, "")
        connection = await asyncpg.connect(empty.owner)
        assert await tables(connection) == await tables(owner)
        applied = await connection.fetch("select * from tortoise_migrations")
        assert len(applied) == len(await owner.fetch("select * from tortoise_migrations"))
        await connection.close()

    async def test_wants_the_owner(self, empty: Urls) -> None:
        env = environment(empty)
        del env["TAF_OWNER_DATABASE_URL"]

        done = await taf("migrate", env=env)

        assert one_sentence(done) == "Set TAF_OWNER_DATABASE_URL: only the owner may do this."

    async def test_says_when_there_is_no_database(self, empty: Urls) -> None:
        env = environment(empty, TAF_OWNER_DATABASE_URL="postgresql://taf_owner:pw-1@127.0.0.1:1/x")

        done = await taf("migrate", env=env)

        assert "cannot be reached" in one_sentence(done)
        assert "pw-1" not in done.err


class TestServe:
    async def test_refuses_to_start_open_or_with_guessable_links(self, empty: Urls) -> None:
        signing = {"TAF_JWKS": "keys.json", "TAF_JWT_ISSUER": "i", "TAF_JWT_AUDIENCE": "taf"}

        open_to_all = await process("serve", env=environment(empty, TAF_LINK_KEY=KEY))
        no_keys = await taf("serve", env=environment(empty, TAF_LINK_KEY=KEY, **signing))
        no_link_key = await taf("serve", env=environment(empty, TAF_DEMO="1", TAF_LINK_KEY="short"))

        assert one_sentence(open_to_all).startswith("Set TAF_JWKS, TAF_JWT_ISSUER and")
        assert no_keys.status == 2
        assert no_keys.err.startswith("TAF_JWKS cannot be used: ")
        assert one_sentence(no_link_key) == ("Set TAF_LINK_KEY to at least 32 random characters.")

    async def test_starts_no_database_before_it_refuses(self, tmp_path: Path) -> None:
        done = await taf("serve", env=environment(TAF_DEMO="1", TAF_VAR=str(tmp_path / "var")))

        assert "TAF_LINK_KEY" in one_sentence(done)
        assert not (tmp_path / "var").exists()

    async def test_has_no_invented_tokens_outside_demo_mode(self, empty: Urls) -> None:
        env = environment(empty, TAF_LINK_KEY=KEY, TAF_DEMO_TOKENS='{"demo-lead": "lead"}')

        done = await taf("serve", env=env)

        assert one_sentence(done) == "Invented sign-in tokens are for demo mode only."

    async def test_refuses_registered_documents_that_cannot_be_answered(
        self, empty: Urls, tmp_path: Path
    ) -> None:
        (tmp_path / "0.graphql").write_text("{ me { name } }")
        env = environment(
            empty, TAF_DEMO="1", TAF_LINK_KEY=KEY, TAF_DOCUMENTS=str(tmp_path), TAF_PROCESSES="2"
        )

        done = await taf("serve", env=env)

        assert "0.graphql: It was changed after it was registered" in one_sentence(done)


class TestRegisterDocuments:
    async def test_keeps_them_and_says_their_names(self, tmp_path: Path) -> None:
        given, kept = tmp_path / "me.graphql", tmp_path / "kept"
        given.write_text("{ me { name } }")

        done = await taf("register-documents", str(given), env=environment(TAF_DOCUMENTS=str(kept)))

        (path,) = kept.iterdir()
        assert (done.status, done.err) == (0, "")
        assert done.out == f"sha256:{path.stem}  {given}\n"
        assert path.read_bytes() == given.read_bytes()

    async def test_keeps_nothing_of_what_cannot_be_answered(self, tmp_path: Path) -> None:
        given, kept = tmp_path / "me.graphql", tmp_path / "kept"
        given.write_text("{ me { nothing } }")

        done = await taf("register-documents", str(given), env=environment(TAF_DOCUMENTS=str(kept)))

        assert "me.graphql: Cannot query field 'nothing' on type 'Me'." in one_sentence(done)
        assert not kept.exists()

    async def test_wants_a_folder(self, tmp_path: Path) -> None:
        done = await taf("register-documents", str(tmp_path / "x"), env=environment())

        assert "Set TAF_DOCUMENTS" in one_sentence(done)


class TestASettingThatCannotWork:
    @pytest.mark.parametrize("command", ["serve", "worker", "migrate", "verify-audit"])
    async def test_is_named_without_its_value(self, command: str) -> None:
        env = environment(TAF_PORT="pw-1", TAF_POOL="pw-2")

        done = await taf(command, env=env)

        assert done.status == 2
        assert sorted(line.partition(":")[0] for line in done.err.splitlines()) == [
            "TAF_POOL",
            "TAF_PORT",
        ]
        assert "pw-" not in done.err

    async def test_hides_the_password_of_the_database(self) -> None:
        done = await taf("migrate", env=environment(TAF_DATABASE_URL="postgresql://u:pw-1@h/d"))

        assert "TAF_WORKER_DATABASE_URL" in one_sentence(done)
        assert "pw-1" not in done.err

    async def test_is_no_traceback_when_it_is_not_even_json(self) -> None:
        done = await taf("worker", env=environment(TAF_DEMO_TOKENS="{pw-1"))

        assert done.status == 2
        assert "demo_tokens" in done.err
        assert "pw-1" not in done.err


class TestWorker:
    async def test_needs_the_key_of_its_links(self, empty: Urls) -> None:
        done = await taf("worker", env=environment(empty))

        assert "TAF_LINK_KEY" in one_sentence(done)


class TestExportSchema:
    async def test_prints_the_schema_and_nothing_else(self) -> None:
        done = await process("export-schema", env=environment())

        assert (done.status, done.err) == (0, "")
        assert done.out == sdl()


class TestEstablishAuthority:
    async def test_opens_the_service_to_its_first_administrator(
        self, db: Urls, owner: Connection
    ) -> None:
        done = await taf(
            *DERBY, *ADA, "--locality", "North", "--locality", "South", env=environment(db)
        )

        assert (done.status, done.err) == (0, "")
        names = await owner.fetch("select name from locality order by name")
        assert [row["name"] for row in names] == ["North", "South"]
        assert await access.actor_for(access.Identity("https://sign-in.example", "ada"))

    async def test_twice_is_refused_and_changes_nothing(
        self, urls: Urls, owner: Connection
    ) -> None:
        first = await taf(*DERBY, *ADA, env=environment(urls))
        again = await taf(*DERBY, *ADA, env=environment(urls))

        assert first.status == 0
        assert one_sentence(again) == "There is an authority with this code already."
        for table in ("authority", "settings_version", "person", "office_holder", "account"):
            assert await owner.fetchval(f"select count(*) from {table}") == 1

    async def test_wants_the_owner(self, urls: Urls) -> None:
        env = environment(urls, TAF_OWNER_DATABASE_URL="")

        done = await taf(*DERBY, *ADA, env=env)

        assert "TAF_OWNER_DATABASE_URL" in one_sentence(done)


async def record(stage: Stage, worker: Connection, family_id: UUID, times: int) -> None:
    for number in range(times):
        await stage.insert(
            "audit_entry",
            family_id=family_id,
            at=stage.now,
            actor_id=uuid4(),
            event="noted",
            subject_id=uuid4(),
            facts={"n": number},
        )
    await sealing.seal(worker)


@pytest.fixture
async def worker(urls: Urls) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(urls.worker)
    yield connection
    await connection.close()


@pytest.fixture
async def superuser(server: str, urls: Urls) -> AsyncIterator[Connection]:
    """Whom nothing in the database can stop: only the chain gives them away."""
    who = urlsplit(server).username
    assert who is not None
    name = urlsplit(urls.owner).path.lstrip("/")
    connection = await asyncpg.connect(database.at(server, who, name))
    await connection.execute("set session_replication_role = replica")
    yield connection
    await connection.close()


class TestVerifyAudit:
    async def test_finds_nothing_wrong_with_what_is_as_it_was(
        self, stage: Stage, urls: Urls, worker: Connection, tmp_path: Path
    ) -> None:
        await record(stage, worker, uuid4(), 3)
        heads = str(tmp_path / "heads.json")

        first = await taf("verify-audit", "--export", heads, env=environment(urls))
        await record(stage, worker, uuid4(), 1)
        again = await taf("verify-audit", "--heads", heads, env=environment(urls))

        assert (first.status, first.out) == (0, "1 chains checked, 0 broken\n")
        assert (again.status, again.out, again.err) == (0, "2 chains checked, 0 broken\n", "")

    async def test_notices_an_edited_entry(
        self, stage: Stage, urls: Urls, worker: Connection, superuser: Connection
    ) -> None:
        family_id = uuid4()
        await record(stage, worker, family_id, 3)
        await superuser.execute("update audit_entry set event = 'x' where facts ->> 'n' = '1'")

        done = await taf("verify-audit", env=environment(urls))

        assert done.status == 1
        assert done.err == f"chain {family_id}, seal 1: an entry was changed\n"
        assert done.out == "1 chains checked, 1 broken\n"

    async def test_notices_a_missing_tail_by_heads_kept_elsewhere(
        self,
        stage: Stage,
        urls: Urls,
        worker: Connection,
        superuser: Connection,
        tmp_path: Path,
    ) -> None:
        family_id, heads = uuid4(), tmp_path / "heads.json"
        await record(stage, worker, family_id, 1)
        await record(stage, worker, family_id, 2)
        await taf("verify-audit", "--export", str(heads), env=environment(urls))
        kept = heads.read_text()
        await superuser.execute(
            "delete from sealed_entry where seal_id in (select id from audit_seal where number = 2)"
        )
        await superuser.execute("delete from audit_seal where number = 2")

        alone = await taf("verify-audit", env=environment(urls))
        done = await taf(
            "verify-audit", "--heads", str(heads), "--export", str(heads), env=environment(urls)
        )

        assert alone.status == 0
        assert done.status == 1
        assert done.err == f"chain {family_id}, seal 2: the head kept elsewhere is not there\n"
        assert heads.read_text() == kept, "the proof of what is missing was written over"

    async def test_refuses_heads_it_did_not_write(self, empty: Urls, tmp_path: Path) -> None:
        heads, chain = tmp_path / "heads.json", str(UUID(int=1))

        for text in ("", "[]", "3", '{"x": [1, "a"]}', json.dumps({chain: [1]}), '{"x": 1}'):
            heads.write_text(text)
            done = await taf("verify-audit", "--heads", str(heads), env=environment(empty))
            assert "give a file that --export wrote" in one_sentence(done)

    async def test_refuses_a_file_that_is_not_there(self, empty: Urls, tmp_path: Path) -> None:
        done = await taf(
            "verify-audit", "--heads", str(tmp_path / "none.json"), env=environment(empty)
        )

        assert done.status == 2
