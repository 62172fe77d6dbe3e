"""What stands in two places says the same: migrations and models, SDL and types, notices, words."""

from __future__ import annotations

import importlib
from pathlib import Path

import asyncpg
from graphql import build_schema, parse, validate
from tortoise import Tortoise

from notifications.messages import KINDS
from notifications.outbox import Notice
from schema.build import schema, sdl
from taf_service.database import Urls
from tests.architecture.sources import ROOT

PUBLISHED = ROOT / "schema" / "schema.graphql"


class TestTheMigrations:
    async def test_make_the_columns_that_the_models_name(
        self, db: Urls, owner: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        assert Tortoise.apps is not None
        named = {
            (model._meta.db_table, column)
            for model in Tortoise.apps["taf"].values()
            for column in model._meta.fields_db_projection.values()
        }
        rows = await owner.fetch(
            "select c.table_name, c.column_name from information_schema.columns c"
            " join information_schema.tables t using (table_schema, table_name)"
            " where c.table_schema = 'public' and t.table_type = 'BASE TABLE'"
        )
        made = {(row["table_name"], row["column_name"]) for row in rows}

        assert named - made == set()
        assert {(table, column) for table, column in made - named if table != MIGRATIONS} == set()

    async def test_refer_from_every_id_to_its_table(
        self, db: Urls, owner: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        rows = await owner.fetch(
            "select c.table_name || '.' || c.column_name as id from information_schema.columns c"
            " join information_schema.tables t using (table_schema, table_name)"
            " where c.table_schema = 'public' and t.table_type = 'BASE TABLE'"
            " and c.data_type = 'uuid' and c.column_name like '%\\_id'"
        )
        found = {row["id"] for row in rows}
        module = importlib.import_module("taf_service.migrations.0002_constraints")

        assert found - set(module.REFERENCES) == ELSEWHERE

    async def test_put_every_table_behind_row_level_security(
        self, db: Urls, owner: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        rows = await owner.fetch(
            "select relname from pg_class where relkind = 'r' and not relrowsecurity"
            " and relnamespace = 'public'::regnamespace"
        )

        assert {row["relname"] for row in rows} == {MIGRATIONS}


MIGRATIONS = "tortoise_migrations"
# What an entry is about may be in any table, and the log outlives what it speaks of.
ELSEWHERE = {
    "audit_entry.actor_id",
    "audit_entry.family_id",
    "audit_entry.subject_id",
    "audit_seal.chain_id",
    "idempotency_key.actor_id",
    "outbox_entry.subject_id",
}


class TestThePublishedSchema:
    def test_is_the_one_that_is_served(self) -> None:
        assert PUBLISHED.read_text() == sdl(), "run `make schema`"

    def test_can_be_read_back(self) -> None:
        assert build_schema(PUBLISHED.read_text()).query_type is not None


class TestEveryDocument:
    def test_is_valid(self) -> None:
        documents = sorted((ROOT / "taf_service" / "web" / "documents").rglob("*.graphql"))

        assert documents
        assert not [fault for path in documents for fault in faults(path)]


def faults(path: Path) -> list[str]:
    found = validate(schema()._schema, parse(path.read_text()))
    return [f"{path.name}: {error.message}" for error in found]


class TestEveryNotice:
    def test_has_words(self) -> None:
        kinds = {notice.__name__ for notice in _below(Notice)}

        assert kinds == KINDS


def _below(kind: type[Notice]) -> set[type[Notice]]:
    # `slots=True` makes each class twice; the first, without slots, is not the one in use.
    ours = ("taf_service.", "notifications.")
    return {each for each in kind.__subclasses__() if each.__module__.startswith(ours)}
