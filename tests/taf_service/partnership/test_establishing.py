from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from taf_service import access, partnership
from taf_service.core.actors import Request
from taf_service.database import Urls
from tests.stage import Connection, Stage

GOOD = {
    "code": "derby",
    "name": "Derby",
    "administrator": "Ada Brand",
    "issuer": "https://sign-in.example",
    "subject": "ada",
    "localities": ("North", "South"),
}


async def establish(owner: Connection, **changes: Any) -> partnership.AuthorityEstablished:
    return await partnership.establish_authority(owner, **(GOOD | changes))


async def written(owner: Connection) -> list[int]:
    return [
        await owner.fetchval(f"select count(*) from {table}")
        for table in (
            "authority", "locality", "settings_version", "person", "office_holder", "account",
            "audit_entry",
        )
    ]  # fmt: skip


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"code": "derbyshire"}, "This issuer and subject sign somebody in already."),
    ({"subject": "somebody-else"}, "There is an authority with this code already."),
    ({"code": "a", "subject": "b", "localities": ("x", "X")}, "Name each locality once."),
    ({"code": "Derby"}, "Use a code of at most 40 small letters"),
    ({"code": ""}, "Use a code"),
    ({"code": "d" * 41}, "Use a code"),
    ({"code": "derby\n"}, "Use a code"),
    ({"name": ""}, "The name of the authority cannot be used. Give a name."),
    ({"name": "a\x00b"}, "Use printable characters only"),
    ({"administrator": " "}, "The name of the administrator cannot be used."),
    ({"administrator": "x" * 121}, "Use at most 120 characters."),
    ({"localities": ("North", "")}, "The name of the locality cannot be used."),
    ({"localities": ("\u202eNorth",)}, "The name of the locality cannot be used."),
    ({"issuer": ""}, "The issuer must have 1 to 200 printable characters."),
    ({"subject": "a\nb"}, "The subject must have 1 to 200 printable characters."),
    ({"subject": "x" * 201}, "The subject must have"),
]


class TestEstablishAuthority:
    async def test_sets_up_all_that_somebody_needs_to_begin(
        self, db: Urls, owner: Connection
    ) -> None:
        made = await establish(owner)

        assert await written(owner) == [1, 2, 1, 1, 1, 1, 1]
        settings = await owner.fetchrow("select number, settings from settings_version")
        assert settings is not None
        assert settings["number"] == 1
        assert partnership.AuthoritySettings.model_validate_json(settings["settings"]) == (
            partnership.DEFAULTS
        )
        actor = await access.actor_for(access.Identity("https://sign-in.example", "ada"))
        assert actor.person_id == made.administrator_id

    async def test_lets_the_administrator_begin(self, db: Urls, owner: Connection) -> None:
        made = await establish(owner)
        actor = await access.actor_for(access.Identity("https://sign-in.example", "ada"))

        await partnership.add_locality(Request(actor), authority_id=made.authority_id, name="East")

    async def test_is_on_record_without_words(self, db: Urls, owner: Connection) -> None:
        made = await establish(owner)

        entry = await owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == (
            "authority.established",
            made.authority_id,
        )
        assert (entry["actor_id"], entry["family_id"]) == (None, None)
        assert json.loads(entry["facts"]) == {"administrator_id": str(made.administrator_id)}

    async def test_needs_no_locality_yet(self, db: Urls, owner: Connection) -> None:
        await establish(owner, localities=())

        assert (await written(owner))[1] == 0

    async def test_is_refused_with_a_sentence_and_writes_nothing(
        self, db: Urls, owner: Connection
    ) -> None:
        await establish(owner)
        before = await written(owner)

        for changes, words in REFUSED:
            with pytest.raises(partnership.EstablishmentRefused) as refusal:
                await establish(owner, **changes)
            assert words in str(refusal.value)
            assert str(refusal.value).endswith(".")
            assert await written(owner) == before

    async def test_is_not_for_the_service_role(self, stage: Stage, db: Urls) -> None:
        connection = await asyncpg.connect(db.service)
        before = await stage.state()

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await establish(connection, code="another")

        assert await stage.state() == before
        await connection.close()
