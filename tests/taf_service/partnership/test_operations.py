from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import partnership
from taf_service.core.errors import NotFound, NotPermitted, Refusal, Stale
from taf_service.core.work import operation
from taf_service.partnership import policies
from taf_service.partnership.operations import SettingsChanged
from tests.stage import Somebody, Stage

WEEKLY = {"reviews": {"interval_days": 7}}


async def in_force(stage: Stage, authority_id: UUID) -> dict[str, Any]:
    row = await stage.owner.fetchrow(
        "select * from settings_version where authority_id = $1 order by number desc limit 1",
        authority_id,
    )
    assert row is not None
    return {**row, "settings": json.loads(row["settings"])}


async def change(stage: Stage, asker: Somebody, **given: Any) -> SettingsChanged:
    values = {
        "authority_id": stage.authority_id,
        "changes": WEEKLY,
        "reason": "The board decided.",
        **given,
    }
    if "version" not in values:
        values["version"] = (await in_force(stage, stage.authority_id))["version"]
    return await partnership.change_settings(asker.ask(), **values)


class TestChangeSettings:
    async def test_puts_a_new_version_in_force_and_keeps_the_old(self, stage: Stage) -> None:
        before = await in_force(stage, stage.authority_id)

        done = await change(stage, stage.administrator)

        assert done == SettingsChanged(stage.authority_id)
        after = await in_force(stage, stage.authority_id)
        assert (before["number"], after["number"]) == (1, 2)
        assert after["version"] != before["version"]
        assert after["settings"]["reviews"] == before["settings"]["reviews"] | {"interval_days": 7}
        assert after["reason"] == "The board decided."
        assert after["changed_by_id"] == stage.administrator.person_id
        assert (await stage.counts())["settings_version"] == 2

    async def test_is_on_record_by_the_names_of_the_settings(self, stage: Stage) -> None:
        await change(stage, stage.administrator, changes={**WEEKLY, "coordinator_title": "Guide"})

        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("settings.changed", stage.authority_id)
        assert entry["actor_id"] == stage.administrator.person_id
        assert json.loads(entry["facts"]) == {
            "number": 2,
            "settings": ["coordinator_title", "reviews.interval_days"],
        }

    async def test_counts_for_whoever_acts_next(self, stage: Stage) -> None:
        await change(stage, stage.administrator)

        @operation(policies.change_settings)
        async def look(work: Any) -> SettingsChanged:
            authority = await partnership.authority_for(work, stage.authority_id)
            work.require(policies.change_settings, authority)
            settings = await partnership.settings_of(work, authority.id)
            assert settings.reviews.interval_days == 7
            return SettingsChanged(authority.id)

        await look(stage.administrator.ask())

    async def test_of_two_at_once_takes_one(self, stage: Stage) -> None:
        version = (await in_force(stage, stage.authority_id))["version"]

        done = await asyncio.gather(
            *(
                change(
                    stage,
                    stage.administrator,
                    version=version,
                    changes={"reviews": {"interval_days": days}},
                )
                for days in (14, 21, 28, 35)
            ),
            return_exceptions=True,
        )

        assert [type(each) for each in done].count(SettingsChanged) == 1
        assert [type(each) for each in done].count(Stale) == 3
        assert (await stage.counts())["settings_version"] == 2

    async def test_refusals_leave_nothing_behind(self, stage: Stage) -> None:
        helen = await stage.practitioner("Helen Health")
        other = await stage.authority("derbyshire", "Derbyshire")
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (helen, {}, NotPermitted.code),
            (stage.coordinator, {}, NotPermitted.code),
            (other.administrator, {}, NotPermitted.code),
            (stage.administrator, {"authority_id": uuid4()}, NotFound.code),
            (stage.administrator, {"version": uuid4()}, Stale.code),
            (stage.administrator, {"reason": " "}, "INVALID_INPUT"),
            (stage.administrator, {"changes": {"zone": "Mars/Base"}}, "INVALID_INPUT"),
            (stage.administrator, {"changes": {}}, "SETTINGS_UNCHANGED"),
            (
                stage.administrator,
                {"changes": {"reviews": {"interval_days": 42}}},
                "SETTINGS_UNCHANGED",
            ),
        ]
        before = await stage.state()
        for asker, given, code in cases:
            with pytest.raises(Refusal) as refusal:
                await change(stage, asker, **given)
            assert refusal.value.code == code, given
            assert await stage.state() == before


class TestTwoAuthorities:
    async def test_differ_only_by_their_settings(self, stage: Stage) -> None:
        other = await stage.authority("derbyshire", "Derbyshire")
        derby = await in_force(stage, stage.authority_id)
        derbyshire = await in_force(stage, other.authority_id)
        assert derby["settings"] == derbyshire["settings"]

        await change(stage, stage.administrator)

        assert (await in_force(stage, stage.authority_id))["settings"] != derby["settings"]
        assert await in_force(stage, other.authority_id) == derbyshire


class TestAddLocality:
    async def test_divides_the_authority_further(self, stage: Stage) -> None:
        added = await partnership.add_locality(
            stage.administrator.ask(), authority_id=stage.authority_id, name=" South "
        )

        row = await stage.owner.fetchrow("select * from locality where id = $1", added.locality_id)
        assert row is not None
        assert (row["authority_id"], row["name"]) == (stage.authority_id, "South")
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("locality.added", added.locality_id)
        assert "South" not in entry["facts"]

    async def test_may_bear_the_name_of_one_elsewhere(self, stage: Stage) -> None:
        other = await stage.authority("derbyshire", "Derbyshire")

        for administrator, authority_id in (
            (stage.administrator, stage.authority_id),
            (other.administrator, other.authority_id),
        ):
            await partnership.add_locality(
                administrator.ask(), authority_id=authority_id, name="South"
            )

    async def test_of_two_at_once_adds_one(self, stage: Stage) -> None:
        done = await asyncio.gather(
            *(
                partnership.add_locality(
                    stage.administrator.ask(), authority_id=stage.authority_id, name=name
                )
                for name in ("South", "SOUTH")
            ),
            return_exceptions=True,
        )

        codes = [each.code for each in done if isinstance(each, Refusal)]
        assert codes == ["LOCALITY_NAME_TAKEN"]

    async def test_refusals_leave_nothing_behind(self, stage: Stage) -> None:
        helen = await stage.practitioner("Helen Health")
        other = await stage.authority("derbyshire", "Derbyshire")
        cases = [
            (helen, stage.authority_id, "South", NotPermitted.code),
            (other.administrator, stage.authority_id, "South", NotPermitted.code),
            (stage.administrator, uuid4(), "South", NotFound.code),
            (stage.administrator, stage.authority_id, " ", "INVALID_INPUT"),
            (stage.administrator, stage.authority_id, "x" * 121, "INVALID_INPUT"),
            (stage.administrator, stage.authority_id, "NORTH", "LOCALITY_NAME_TAKEN"),
        ]
        before = await stage.state()
        for asker, authority_id, name, code in cases:
            with pytest.raises(Refusal) as refusal:
                await partnership.add_locality(asker.ask(), authority_id=authority_id, name=name)
            assert refusal.value.code == code, name
            assert await stage.state() == before
