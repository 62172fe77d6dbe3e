from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import directory
from taf_service.core.errors import ConfirmationNeeded, InvalidInput, Refusal
from tests.refusals import refused
from tests.stage import Somebody, Stage

INVALID = InvalidInput.code
TODAY = date(2026, 3, 2)


async def register(
    asker: Somebody, agency_id: UUID, *acknowledged: str, key: str | None = None, **changes: Any
) -> directory.PractitionerRegistered:
    values = {
        "name": "Helen Health",
        "role_title": "Health visitor",
        "email_address": "Helen@School.Example",
    }
    return await directory.register_practitioner(
        asker.ask(key, *acknowledged), agency_id=agency_id, **(values | changes)
    )


async def affiliate(asker: Somebody, practitioner_id: UUID, agency_id: UUID, **changes: Any) -> Any:
    values = {"role_title": "Mentor", "email_address": "helen@other.example"}
    return await directory.affiliate_practitioner(
        asker.ask(), practitioner_id=practitioner_id, agency_id=agency_id, **(values | changes)
    )


async def affiliation(stage: Stage, affiliation_id: UUID | None) -> Any:
    return await stage.owner.fetchrow(
        "select f.*, e.address, b.kind, b.person_id from affiliation f"
        " join mailbox b on b.id = f.mailbox_id join email_address e on e.id = b.address_id"
        " where f.id = $1",
        affiliation_id,
    )


async def leave(
    stage: Stage, asker: Somebody, which: UUID | None, last_on: date, **changes: Any
) -> Any:
    row = await affiliation(stage, which)
    values = {
        "affiliation_id": which,
        "last_on": last_on,
        "version": row and row["version"],
    }
    return await directory.end_affiliation(asker.ask(), **(values | changes))


@pytest.fixture
async def helen(stage: Stage) -> Somebody:
    return await stage.practitioner("Helen Known")


@pytest.fixture
async def school(stage: Stage) -> UUID:
    """An agency whose addresses must lie in its domain."""
    agency_id = await stage.agency("Park Primary")
    await stage.owner.execute(
        "update agency set domain_policy = 'REQUIRED' where id = $1", agency_id
    )
    return agency_id


@pytest.fixture
async def closed(stage: Stage) -> UUID:
    agency_id = await stage.agency("Closed")
    await stage.owner.execute(
        "update agency set closed_at = $1 where id = $2", stage.now, agency_id
    )
    return agency_id


class TestRegisterPractitioner:
    async def test_keeps_who_they_are_and_what_they_do_where(
        self, stage: Stage, school: UUID
    ) -> None:
        registered = await register(
            stage.coordinator, school, name=" Helen  Health ", locality_id=stage.locality_id
        )

        row = await affiliation(stage, registered.affiliation_id)
        assert row["practitioner_id"] == registered.practitioner_id
        assert (row["agency_id"], row["locality_id"]) == (school, stage.locality_id)
        assert (row["role_title"], row["from_on"], row["until_on"]) == (
            "Health visitor",
            TODAY,
            None,
        )
        assert (row["address"], row["kind"]) == ("helen@school.example", "WORK")
        person = await stage.owner.fetchrow(
            "select p.* from person p join practitioner r on r.person_id = p.id where r.id = $1",
            registered.practitioner_id,
        )
        assert person is not None
        assert (person["name"], person["id"]) == ("Helen Health", row["person_id"])
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert entry["event"] == "practitioner.registered"
        assert entry["family_id"] is None
        assert "elen" not in entry["facts"]

    async def test_a_repeat_with_the_same_key_registers_one(
        self, stage: Stage, school: UUID
    ) -> None:
        first = await register(stage.coordinator, school, key="practitioner-1")

        assert await register(stage.coordinator, school, key="practitioner-1") == first
        assert (await stage.counts())["practitioner"] == 1

    async def test_may_begin_later(self, stage: Stage, school: UUID) -> None:
        registered = await register(stage.administrator, school, from_on=date(2026, 9, 1))

        row = await affiliation(stage, registered.affiliation_id)
        assert row["from_on"] == date(2026, 9, 1)

    @pytest.mark.parametrize("name", ["Helen Known", "helen  KNOWN", "Hélen Known"])
    async def test_asks_about_somebody_of_that_name_there(
        self, stage: Stage, helen: Somebody, name: str
    ) -> None:
        assert helen.agency_id is not None

        refusal = await refused(
            stage,
            register(stage.coordinator, helen.agency_id, name=name),
            ConfirmationNeeded.code,
        )

        assert isinstance(refusal, ConfirmationNeeded)
        assert [warned.code for warned in refusal.warnings] == ["POSSIBLE_DUPLICATE"]
        await register(stage.coordinator, helen.agency_id, "POSSIBLE_DUPLICATE", name=name)
        assert (await stage.counts())["practitioner"] == 2

    async def test_does_not_ask_about_one_elsewhere_or_gone(
        self, stage: Stage, helen: Somebody, school: UUID
    ) -> None:
        assert helen.agency_id is not None
        await register(stage.coordinator, school, name=helen.name)
        await stage.owner.execute(
            "update affiliation set until_on = $1 where id = $2", TODAY, helen.affiliation_id
        )
        await register(
            stage.coordinator, helen.agency_id, name=helen.name, email_address="new@work.example"
        )

        assert (await stage.counts())["practitioner"] == 3

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, helen: Somebody, school: UUID, closed: UUID
    ) -> None:
        parent = (await stage.team()).family.parent
        await directory.add_role_mailbox(
            stage.coordinator.ask(),
            agency_id=school,
            email_address="office@school.example",
            label="Office",
        )
        anywhere, keeper = await stage.agency("Anywhere"), stage.coordinator
        cases: list[tuple[Somebody, UUID, dict[str, Any], str]] = [
            (helen, school, {}, "NOT_PERMITTED"),
            (parent, school, {}, "NOT_PERMITTED"),
            (keeper, uuid4(), {}, "NOT_FOUND"),
            (keeper, school, {"locality_id": uuid4()}, "NOT_FOUND"),
            (keeper, closed, {}, "AGENCY_CLOSED"),
            (keeper, school, {"email_address": "h@home.example"}, "ADDRESS_OUTSIDE_DOMAINS"),
            (keeper, school, {"email_address": "h@myschool.example"}, "ADDRESS_OUTSIDE_DOMAINS"),
            (keeper, school, {"email_address": "office@school.example"}, "ADDRESS_OF_AN_AGENCY"),
            (keeper, anywhere, {"email_address": "OFFICE@School.example"}, "ADDRESS_OF_AN_AGENCY"),
            (keeper, anywhere, {"email_address": helen.address}, "ADDRESS_OF_SOMEBODY_ELSE"),
            (keeper, anywhere, {"email_address": "helen"}, INVALID),
            (keeper, anywhere, {"name": " "}, INVALID),
            (keeper, anywhere, {"role_title": "x" * 121}, INVALID),
            (keeper, anywhere, {"from_on": date(1899, 12, 31)}, INVALID),
            (keeper, anywhere, {"from_on": date(9999, 12, 31)}, INVALID),
        ]
        for asker, agency_id, changes, code in cases:
            await refused(stage, register(asker, agency_id, **changes), code)

    async def test_does_not_say_whose_the_address_is(
        self, stage: Stage, helen: Somebody, school: UUID
    ) -> None:
        act = register(stage.coordinator, await stage.agency("Any"), email_address=helen.address)

        refusal = await refused(stage, act, "ADDRESS_OF_SOMEBODY_ELSE")

        assert helen.name not in refusal.message
        assert refusal.field == "emailAddress"

    async def test_tells_all_that_is_wrong_together(self, stage: Stage, school: UUID) -> None:
        with pytest.raises(InvalidInput) as refusal:
            await register(
                stage.coordinator,
                school,
                name="",
                role_title="",
                email_address="",
                from_on=date.min,
            )

        assert [error.field for error in refusal.value.errors] == [
            "name",
            "roleTitle",
            "emailAddress",
            "fromOn",
        ]

    async def test_gives_one_address_to_one_of_two_at_once(
        self, stage: Stage, school: UUID
    ) -> None:
        done = await asyncio.gather(
            *(register(stage.coordinator, school, name=f"Number {n}") for n in range(4)),
            return_exceptions=True,
        )

        refusals = [each for each in done if isinstance(each, Refusal)]
        assert [refusal.code for refusal in refusals] == ["ADDRESS_OF_SOMEBODY_ELSE"] * 3
        assert (await stage.counts())["practitioner"] == 1

    async def test_tells_nothing_of_an_address_at_home(self, stage: Stage) -> None:
        """A practitioner may live with a parent of a family that the keeper knows nothing of."""
        parent = (await stage.team()).family.parent

        registered = await register(
            stage.coordinator, await stage.agency("Any"), email_address=parent.address
        )

        row = await affiliation(stage, registered.affiliation_id)
        assert row["address"] == parent.address
        assert await stage.owner.fetchval(
            "select read_by_others_since from mailbox where person_id = $1", parent.person_id
        )

    async def test_gives_a_successor_the_address_of_whoever_left(
        self, stage: Stage, helen: Somebody
    ) -> None:
        assert helen.agency_id is not None
        act = register(stage.coordinator, helen.agency_id, email_address=helen.address)
        await refused(stage, act, "ADDRESS_OF_SOMEBODY_ELSE")
        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 3, 1))

        registered = await register(stage.coordinator, helen.agency_id, email_address=helen.address)

        row = await affiliation(stage, registered.affiliation_id)
        assert row["address"] == helen.address
        former = await affiliation(stage, helen.affiliation_id)
        assert former["mailbox_id"] != row["mailbox_id"]


class TestRenamePractitioner:
    async def rename(self, stage: Stage, asker: Somebody, helen: Somebody, **changes: Any) -> Any:
        version = await stage.owner.fetchval(
            "select version from practitioner where id = $1", helen.practitioner_id
        )
        values = {
            "practitioner_id": helen.practitioner_id,
            "name": "Helen  Married",
            "version": version,
        }
        return await directory.rename_practitioner(asker.ask(), **(values | changes))

    async def test_is_found_by_the_new_name(self, stage: Stage, helen: Somebody) -> None:
        await self.rename(stage, stage.coordinator, helen)

        row = await stage.owner.fetchrow(
            "select p.name, r.sort_name from practitioner r join person p on p.id = r.person_id"
            " where r.id = $1",
            helen.practitioner_id,
        )
        assert row is not None
        assert tuple(row) == ("Helen Married", "helen married")
        assert "Married" not in await stage.owner.fetchval("select facts from audit_entry")

    async def test_refusals_leave_nothing_behind(self, stage: Stage, helen: Somebody) -> None:
        otto, parent = await stage.practitioner("Otto"), (await stage.team()).family.parent
        keeper = stage.coordinator
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (otto, {}, "NOT_PERMITTED"),
            (helen, {}, "NOT_PERMITTED"),
            (parent, {}, "NOT_FOUND"),
            (keeper, {"practitioner_id": uuid4()}, "NOT_FOUND"),
            (keeper, {"version": uuid4()}, "STALE"),
            (keeper, {"name": "\t"}, INVALID),
            (keeper, {"name": "x" * 121}, INVALID),
        ]
        for asker, changes, code in cases:
            await refused(stage, self.rename(stage, asker, helen, **changes), code)


class TestAffiliatePractitioner:
    async def test_adds_to_what_they_were_already(self, stage: Stage, helen: Somebody) -> None:
        assert helen.practitioner_id is not None
        agency_id = await stage.agency("Other")

        done = await affiliate(
            stage.coordinator, helen.practitioner_id, agency_id, locality_id=stage.locality_id
        )

        row = await affiliation(stage, done.affiliation_id)
        assert (row["practitioner_id"], row["agency_id"]) == (helen.practitioner_id, agency_id)
        assert (row["role_title"], row["address"]) == ("Mentor", "helen@other.example")
        assert row["person_id"] == helen.person_id
        assert (await affiliation(stage, helen.affiliation_id))["until_on"] is None

    async def test_may_use_one_address_for_both(self, stage: Stage, helen: Somebody) -> None:
        assert helen.practitioner_id is not None

        done = await affiliate(
            stage.coordinator,
            helen.practitioner_id,
            await stage.agency("Other"),
            email_address=helen.address,
        )

        first = await affiliation(stage, helen.affiliation_id)
        assert (await affiliation(stage, done.affiliation_id))["mailbox_id"] == first["mailbox_id"]

    async def test_brings_somebody_back(self, stage: Stage, helen: Somebody) -> None:
        assert helen.practitioner_id is not None
        assert helen.agency_id is not None
        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 2, 27))

        await affiliate(
            stage.coordinator, helen.practitioner_id, helen.agency_id, email_address=helen.address
        )

        assert (await stage.counts())["affiliation"] == 2

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, helen: Somebody, school: UUID, closed: UUID
    ) -> None:
        otto, parent = await stage.practitioner("Otto"), (await stage.team()).family.parent
        assert helen.practitioner_id is not None
        assert helen.agency_id is not None
        own, keeper = helen.agency_id, stage.coordinator
        inside = {"email_address": "helen@school.example"}
        cases: list[tuple[Somebody, UUID, UUID, dict[str, Any], str]] = [
            (otto, helen.practitioner_id, school, inside, "NOT_PERMITTED"),
            (helen, helen.practitioner_id, school, inside, "NOT_PERMITTED"),
            (parent, helen.practitioner_id, school, inside, "NOT_FOUND"),
            (keeper, uuid4(), school, inside, "NOT_FOUND"),
            (keeper, helen.practitioner_id, uuid4(), inside, "NOT_FOUND"),
            (keeper, helen.practitioner_id, school, inside | {"locality_id": uuid4()}, "NOT_FOUND"),
            (keeper, helen.practitioner_id, closed, inside, "AGENCY_CLOSED"),
            (keeper, helen.practitioner_id, school, {}, "ADDRESS_OUTSIDE_DOMAINS"),
            (keeper, helen.practitioner_id, own, {}, "ALREADY_AFFILIATED"),
            (
                keeper,
                helen.practitioner_id,
                own,
                {"from_on": date(1990, 1, 1)},
                "ALREADY_AFFILIATED",
            ),
            (
                keeper,
                helen.practitioner_id,
                own,
                {"email_address": otto.address},
                "ADDRESS_OF_SOMEBODY_ELSE",
            ),
            (keeper, helen.practitioner_id, school, inside | {"role_title": ""}, INVALID),
            (keeper, helen.practitioner_id, school, inside | {"from_on": date.max}, INVALID),
        ]
        for asker, practitioner_id, agency_id, changes, code in cases:
            await refused(stage, affiliate(asker, practitioner_id, agency_id, **changes), code)

    async def test_happens_once_when_asked_twice_at_once(
        self, stage: Stage, helen: Somebody
    ) -> None:
        assert helen.practitioner_id is not None
        agency_id = await stage.agency("Other")

        done = await asyncio.gather(
            *(affiliate(stage.coordinator, helen.practitioner_id, agency_id) for _ in range(4)),
            return_exceptions=True,
        )

        refusals = [each for each in done if isinstance(each, Refusal)]
        assert [refusal.code for refusal in refusals] == ["ALREADY_AFFILIATED"] * 3


class TestEndAffiliation:
    async def test_ends_with_the_last_day(self, stage: Stage, helen: Somebody) -> None:
        before = await affiliation(stage, helen.affiliation_id)

        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 3, 31))

        row = await affiliation(stage, helen.affiliation_id)
        assert row["until_on"] == date(2026, 4, 1)
        assert row["version"] != before["version"]
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["facts"]) == (
            "affiliation.ended",
            '{"last_on": "2026-03-31"}',
        )

    async def test_is_recorded_by_whoever_leaves_too(self, stage: Stage, helen: Somebody) -> None:
        await leave(stage, helen, helen.affiliation_id, TODAY)

        row = await affiliation(stage, helen.affiliation_id)
        assert row["until_on"] == date(2026, 3, 3)

    async def test_leaves_the_person_in_the_directory(self, stage: Stage, helen: Somebody) -> None:
        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 2, 1))

        counts = await stage.counts()
        assert (counts["practitioner"], counts["affiliation"]) == (1, 1)

    async def test_can_be_put_right_while_it_lasts(self, stage: Stage, helen: Somebody) -> None:
        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 3, 31))

        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 6, 30))

        row = await affiliation(stage, helen.affiliation_id)
        assert row["until_on"] == date(2026, 7, 1)

    async def test_cannot_run_into_the_next_one(self, stage: Stage, helen: Somebody) -> None:
        assert helen.practitioner_id is not None
        assert helen.agency_id is not None
        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 3, 31))
        await affiliate(
            stage.coordinator,
            helen.practitioner_id,
            helen.agency_id,
            email_address=helen.address,
            from_on=date(2026, 9, 1),
        )

        act = leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 9, 1))
        await refused(stage, act, "ALREADY_AFFILIATED")
        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 8, 31))

    async def test_cannot_be_undone_when_it_is_over(self, stage: Stage, helen: Somebody) -> None:
        """Their address may have passed on."""
        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 2, 27))

        act = leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 3, 31))
        await refused(stage, act, "AFFILIATION_OVER")
        await leave(stage, stage.coordinator, helen.affiliation_id, date(2026, 2, 20))

    async def test_refusals_leave_nothing_behind(self, stage: Stage, helen: Somebody) -> None:
        otto, parent = await stage.practitioner("Otto"), (await stage.team()).family.parent
        keeper, which, last_on = stage.coordinator, helen.affiliation_id, date(2026, 3, 31)
        cases: list[tuple[Somebody, date, dict[str, Any], str]] = [
            (otto, last_on, {}, "NOT_PERMITTED"),
            (parent, last_on, {}, "NOT_FOUND"),
            (keeper, last_on, {"affiliation_id": uuid4()}, "NOT_FOUND"),
            (keeper, last_on, {"version": uuid4()}, "STALE"),
            (keeper, date(2019, 12, 31), {}, INVALID),
            (keeper, date.min, {}, INVALID),
            (keeper, date.max, {}, INVALID),
        ]
        for asker, day, changes, code in cases:
            await refused(stage, leave(stage, asker, which, day, **changes), code)


class TestAnotherAuthority:
    """Whoever holds an office keeps the agencies of their own authority, and everybody's."""

    async def test_neither_gives_nor_takes_a_post_here(
        self, stage: Stage, helen: Somebody, school: UUID
    ) -> None:
        """Else they would have mail about a case sent to an address of their choosing."""
        far = (await stage.authority("derbyshire", "Derbyshire")).administrator
        assert helen.practitioner_id is not None

        await refused(stage, leave(stage, far, helen.affiliation_id, TODAY), "NOT_PERMITTED")
        await refused(stage, register(far, school), "NOT_PERMITTED")
        await refused(stage, affiliate(far, helen.practitioner_id, school), "NOT_PERMITTED")

    async def test_keeps_an_agency_that_is_everybodys(self, stage: Stage, helen: Somebody) -> None:
        await stage.owner.execute("update agency set authority_id = null")
        far = (await stage.authority("derbyshire", "Derbyshire")).administrator

        await leave(stage, far, helen.affiliation_id, TODAY)

        assert (await affiliation(stage, helen.affiliation_id))["until_on"] == date(2026, 3, 3)
