from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from taf_service import families
from taf_service.core.errors import ConfirmationNeeded
from taf_service.families import FamilyRole, NewMember
from tests.refusals import all_refused
from tests.stage import AFamily, ATeam, Somebody, Stage

CHILD = NewMember("Noor Whitlock", FamilyRole.CHILD, born_on=date(2014, 9, 1))
PARENT = NewMember("Gwen Whitlock", FamilyRole.PARENT)


def details(stage: Stage, **changes: Any) -> dict[str, Any]:
    return {
        "authority_id": stage.authority_id,
        "locality_id": stage.locality_id,
        "name": " Whitlock ",
        "language": "Welsh",
        "interpreter_needs": "A woman, please",
        "members": (CHILD, PARENT),
    } | changes


class TestRegisterFamily:
    async def test_enters_its_first_members_under_a_random_reference(
        self, stage: Stage, helen: Somebody
    ) -> None:
        registered = await families.register_family(helen.ask(), **details(stage))

        family = await stage.owner.fetchrow(
            "select * from family where id = $1", registered.family_id
        )
        assert family is not None
        assert (family["name"], family["language"]) == ("Whitlock", "Welsh")
        assert family["registered_by_id"] == helen.person_id
        assert len(family["reference"]) == 9
        members = await stage.owner.fetch(
            "select p.name, m.role, m.born_on from family_member m"
            " join person p on p.id = m.person_id where m.family_id = $1 order by m.role",
            registered.family_id,
        )
        assert [tuple(row) for row in members] == [
            ("Noor Whitlock", "CHILD", date(2014, 9, 1)),
            ("Gwen Whitlock", "PARENT", None),
        ]

    async def test_is_on_record_without_a_name(self, stage: Stage, helen: Somebody) -> None:
        registered = await families.register_family(helen.ask(), **details(stage))

        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == (
            "family.registered",
            registered.family_id,
        )
        assert entry["facts"] == "{}"

    async def test_may_be_done_by_a_coordinator_for_a_child_to_come(self, stage: Stage) -> None:
        unborn = NewMember("Baby", FamilyRole.CHILD, expected_on=stage.now.date() - timedelta(9))

        await families.register_family(
            stage.coordinator.ask(), **details(stage, members=(unborn,), locality_id=None)
        )

        assert (await stage.counts())["family"] == 1

    async def test_lets_whoever_did_it_work_with_the_family(
        self, stage: Stage, helen: Somebody
    ) -> None:
        registered = await families.register_family(helen.ask(), **details(stage))

        added = await families.add_family_member(
            helen.ask(), family_id=registered.family_id, member=NewMember("Jo", FamilyRole.OTHER)
        )

        assert added.family_member_id

    async def test_warns_of_a_child_who_is_in_a_family_that_the_actor_sees(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        robin = NewMember("robin hartwell", FamilyRole.CHILD, born_on=date(2015, 5, 4))
        before = await stage.state()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await families.register_family(helen.ask(), **details(stage, members=(robin,)))

        assert [warning.code for warning in refusal.value.warnings] == ["POSSIBLE_DUPLICATE"]
        assert await stage.state() == before
        await families.register_family(
            helen.ask(None, "POSSIBLE_DUPLICATE"), **details(stage, members=(robin,))
        )
        assert (await stage.counts())["family"] == 2

    async def test_says_nothing_of_a_child_in_a_hidden_family(
        self, stage: Stage, family: AFamily
    ) -> None:
        ann = await stage.practitioner("Ann Elsewhere")
        robin = NewMember("Robin Hartwell", FamilyRole.CHILD, born_on=date(2015, 5, 4))

        await families.register_family(ann.ask(), **details(stage, members=(robin,)))

        assert (await stage.counts())["family"] == 2

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        elsewhere = await stage.insert(
            "locality",
            authority_id=await stage.insert("authority", code="other", name="Other"),
            name="West",
        )
        future = NewMember("Noor", FamilyRole.CHILD, born_on=stage.now.date() + timedelta(1))
        await all_refused(
            stage,
            families.register_family,
            details(stage),
            [
                (family.parent, {}, "NOT_PERMITTED"),
                (stage.administrator, {}, "NOT_PERMITTED"),
                (helen, {"members": ()}, "CHILD_REQUIRED"),
                (helen, {"members": (PARENT,)}, "CHILD_REQUIRED"),
                (helen, {"members": (CHILD,) * 41}, "INVALID_INPUT"),
                (helen, {"members": (future,)}, "INVALID_INPUT"),
                (helen, {"name": "  "}, "INVALID_INPUT"),
                (helen, {"name": "x" * 121}, "INVALID_INPUT"),
                (helen, {"language": "x" * 61}, "INVALID_INPUT"),
                (helen, {"interpreter_needs": "x" * 4_001}, "INVALID_INPUT"),
                (helen, {"authority_id": uuid4()}, "NOT_FOUND"),
                (helen, {"locality_id": uuid4()}, "NOT_FOUND"),
                (helen, {"locality_id": elsewhere}, "LOCALITY_OF_ANOTHER_AUTHORITY"),
            ],
        )

    async def test_a_repeat_with_the_same_key_registers_one(
        self, stage: Stage, helen: Somebody
    ) -> None:
        first = await families.register_family(helen.ask("register-1"), **details(stage))
        again = await families.register_family(helen.ask("register-1"), **details(stage))

        assert first == again
        assert (await stage.counts())["family"] == 1


class TestReferencesThatAreTaken:
    async def test_are_drawn_again(
        self, stage: Stage, helen: Somebody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drawn = iter(["BCDF-GHJK", "BCDF-GHJK", "KTRM-WXQP"])
        monkeypatch.setattr("taf_service.families.rules.reference", lambda _: next(drawn))

        await families.register_family(helen.ask(), **details(stage))
        await families.register_family(helen.ask(None, "POSSIBLE_DUPLICATE"), **details(stage))

        rows = await stage.owner.fetch("select reference from family order by reference")
        assert [row["reference"] for row in rows] == ["BCDF-GHJK", "KTRM-WXQP"]

    async def test_are_not_drawn_for_ever(
        self, stage: Stage, helen: Somebody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("taf_service.families.rules.reference", lambda _: "BCDF-GHJK")
        await families.register_family(helen.ask(), **details(stage))

        await all_refused(
            stage,
            families.register_family,
            details(stage, members=(NewMember("Ivo", FamilyRole.CHILD, born_on=date(2024, 1, 1)),)),
            [(helen, {}, "BUSY")],
        )


class TestChangeFamily:
    async def version(self, stage: Stage, family: AFamily) -> Any:
        return await stage.owner.fetchval(
            "select version from family where id = $1", family.family_id
        )

    async def test_changes_what_was_said_and_nothing_else(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        south = await stage.insert("locality", authority_id=stage.authority_id, name="South")
        version = await self.version(stage, family)

        await families.change_family(
            helen.ask(),
            family_id=family.family_id,
            version=version,
            language="Polish",
            locality_id=south,
        )

        row = await stage.owner.fetchrow("select * from family where id = $1", family.family_id)
        assert row is not None
        assert (row["name"], row["language"], row["locality_id"]) == ("Hartwell", "Polish", south)
        assert row["version"] != version
        facts = await stage.owner.fetchval("select facts from audit_entry")
        assert "Polish" not in facts
        assert "language" in facts

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        family = team.family
        given = {
            "family_id": family.family_id,
            "version": await self.version(stage, family),
            "name": "Hartwell-Reed",
        }
        await all_refused(
            stage,
            families.change_family,
            given,
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"family_id": uuid4()}, "NOT_FOUND"),
                (family.parent, {}, "NOT_PERMITTED"),
                (stage.coordinator, {}, "NOT_PERMITTED"),
                (helen, {"version": uuid4()}, "STALE"),
                (helen, {"name": " "}, "INVALID_INPUT"),
                (helen, {"name": None}, "INVALID_INPUT"),
                (helen, {"locality_id": uuid4()}, "NOT_FOUND"),
            ],
        )
