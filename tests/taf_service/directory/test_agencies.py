from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import directory
from taf_service.core.errors import ConfirmationNeeded, InvalidInput, Refusal
from taf_service.directory import AgencyKind, DomainPolicy
from tests.refusals import refused
from tests.stage import Somebody, Stage

INVALID = InvalidInput.code


async def register(
    asker: Somebody, *acknowledged: str, key: str | None = None, **changes: Any
) -> directory.AgencyRegistered:
    values = {
        "name": "Park Lane Primary",
        "kind": AgencyKind.SCHOOL_OR_COLLEGE,
        "domain_policy": DomainPolicy.REQUIRED,
        "email_domains": ["ParkLane.Example"],
    }
    return await directory.register_agency(asker.ask(key, *acknowledged), **(values | changes))


async def agency(stage: Stage, agency_id: UUID) -> Any:
    return await stage.owner.fetchrow("select * from agency where id = $1", agency_id)


@pytest.fixture
async def elsewhere(stage: Stage) -> Somebody:
    """An administrator of another authority."""
    somebody = await stage.person("Dewi Marsh")
    authority_id = await stage.insert("authority", code="derbyshire", name="Derbyshire")
    await stage.insert(
        "office_holder",
        authority_id=authority_id,
        person_id=somebody.person_id,
        office="ADMINISTRATOR",
        from_at=stage.now,
    )
    return somebody


class TestRegisterAgency:
    async def test_keeps_what_it_is_and_where_its_addresses_lie(self, stage: Stage) -> None:
        registered = await register(
            stage.coordinator,
            name="  Park   Lane Primary ",
            authority_id=stage.authority_id,
            email_domains=("ParkLane.Example", "bücher.example", "parklane.example"),
        )

        row = await agency(stage, registered.agency_id)
        assert (row["name"], row["kind"]) == ("Park Lane Primary", "SCHOOL_OR_COLLEGE")
        assert row["email_domains"] == '["parklane.example", "xn--bcher-kva.example"]'
        assert row["authority_id"] == stage.authority_id
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["family_id"]) == ("agency.registered", None)
        assert "Park" not in entry["facts"]

    async def test_a_repeat_with_the_same_key_registers_one(self, stage: Stage) -> None:
        first = await register(stage.administrator, key="agency-1")

        assert await register(stage.administrator, key="agency-1") == first
        assert (await stage.counts())["agency"] == 1

    @pytest.mark.parametrize(
        "name", ["Park Lane Primary", "PARK  LANE primary", "Park-Lane Prímary"]
    )
    async def test_asks_about_one_of_the_same_name_and_kind(self, stage: Stage, name: str) -> None:
        await register(stage.administrator)

        refusal = await refused(
            stage, register(stage.administrator, name=name), ConfirmationNeeded.code
        )

        assert isinstance(refusal, ConfirmationNeeded)
        assert [warned.code for warned in refusal.warnings] == ["POSSIBLE_DUPLICATE"]
        await register(stage.administrator, "POSSIBLE_DUPLICATE", name=name)
        assert (await stage.counts())["agency"] == 2

    async def test_does_not_ask_about_another_kind_or_a_closed_one(self, stage: Stage) -> None:
        await register(stage.administrator)

        await register(stage.administrator, kind=AgencyKind.LEISURE)
        await stage.owner.execute("update agency set closed_at = $1", stage.now)
        await register(stage.administrator)

        assert (await stage.counts())["agency"] == 3

    async def test_refusals_leave_nothing_behind(self, stage: Stage, elsewhere: Somebody) -> None:
        helen, parent = await stage.practitioner("Helen"), (await stage.team()).family.parent
        admin = stage.administrator
        cases: list[tuple[Somebody, dict[str, Any], str]] = [
            (helen, {}, "NOT_PERMITTED"),
            (parent, {}, "NOT_PERMITTED"),
            (admin, {"authority_id": uuid4()}, "NOT_FOUND"),
            (elsewhere, {"authority_id": stage.authority_id}, "NOT_PERMITTED"),
            (admin, {"name": "  "}, INVALID),
            (admin, {"name": "x" * 121}, INVALID),
            (admin, {"email_domains": []}, INVALID),
            (admin, {"email_domains": ["head@parklane.example"]}, INVALID),
            (admin, {"email_domains": ["https://parklane.example"]}, INVALID),
        ]
        for asker, changes, code in cases:
            await refused(stage, register(asker, **changes), code)

    async def test_tells_all_that_is_wrong_together(self, stage: Stage) -> None:
        with pytest.raises(InvalidInput) as refusal:
            await register(stage.administrator, name="", email_domains=["a@b"])

        assert [error.field for error in refusal.value.errors] == ["name", "emailDomains"]


class TestChangeAgency:
    async def test_changes_what_is_said_and_nothing_else(self, stage: Stage) -> None:
        agency_id = (await register(stage.administrator)).agency_id
        before = await agency(stage, agency_id)

        await directory.change_agency(
            stage.administrator.ask(),
            agency_id=agency_id,
            version=before["version"],
            name="Park Lane Academy",
        )

        after = await agency(stage, agency_id)
        assert (after["name"], after["sort_name"]) == ("Park Lane Academy", "park lane academy")
        assert after["version"] != before["version"]
        assert after["domain_policy"] == before["domain_policy"] == "REQUIRED"
        assert after["email_domains"] == before["email_domains"]

    async def test_replaces_all_domains(self, stage: Stage) -> None:
        agency_id = (await register(stage.administrator)).agency_id

        await directory.change_agency(
            stage.administrator.ask(),
            agency_id=agency_id,
            version=(await agency(stage, agency_id))["version"],
            domain_policy=DomainPolicy.ANY,
            email_domains=[],
        )

        row = await agency(stage, agency_id)
        assert (row["domain_policy"], row["email_domains"]) == ("ANY", "[]")
        facts = await stage.owner.fetchval(
            "select facts from audit_entry where event = 'agency.changed'"
        )
        assert facts == '{"changed": ["domain_policy", "email_domains"]}'

    async def test_refusals_leave_nothing_behind(self, stage: Stage, elsewhere: Somebody) -> None:
        agency_id = (await register(stage.administrator, authority_id=stage.authority_id)).agency_id
        closed_id = await stage.agency("Closed")
        await stage.owner.execute(
            "update agency set closed_at = $1 where id = $2", stage.now, closed_id
        )
        helen, parent = await stage.practitioner("Helen"), (await stage.team()).family.parent
        admin, name = stage.administrator, {"name": "Another"}
        version = (await agency(stage, agency_id))["version"]
        cases: list[tuple[Somebody, UUID, UUID, dict[str, Any], str]] = [
            (helen, agency_id, version, name, "NOT_PERMITTED"),
            (parent, agency_id, version, name, "NOT_PERMITTED"),
            (stage.coordinator, agency_id, version, name, "NOT_PERMITTED"),
            (elsewhere, agency_id, version, name, "NOT_PERMITTED"),
            (admin, uuid4(), version, name, "NOT_FOUND"),
            (admin, agency_id, uuid4(), name, "STALE"),
            (admin, agency_id, version, {}, INVALID),
            (admin, agency_id, version, {"name": " "}, INVALID),
            (admin, agency_id, version, {"email_domains": []}, INVALID),
            (admin, agency_id, version, {"email_domains": ["a b"]}, INVALID),
            (admin, closed_id, (await agency(stage, closed_id))["version"], name, "AGENCY_CLOSED"),
        ]
        for asker, which, read, changes, code in cases:
            act = directory.change_agency(asker.ask(), agency_id=which, version=read, **changes)
            await refused(stage, act, code)

    async def test_anybodys_agency_may_be_changed_from_any_authority(
        self, stage: Stage, elsewhere: Somebody
    ) -> None:
        agency_id = (await register(stage.administrator)).agency_id

        await directory.change_agency(
            elsewhere.ask(),
            agency_id=agency_id,
            version=(await agency(stage, agency_id))["version"],
            name="Another",
        )

        assert (await agency(stage, agency_id))["name"] == "Another"


class TestCloseAgency:
    async def close(self, asker: Somebody, agency_id: UUID, version: UUID) -> Any:
        return await directory.close_agency(asker.ask(), agency_id=agency_id, version=version)

    async def test_ends_its_role_mailboxes_and_takes_nobody_new(self, stage: Stage) -> None:
        agency_id = (await register(stage.administrator)).agency_id
        await directory.add_role_mailbox(
            stage.coordinator.ask(),
            agency_id=agency_id,
            email_address="office@parklane.example",
            label="Office",
        )

        await self.close(
            stage.administrator, agency_id, (await agency(stage, agency_id))["version"]
        )

        assert (await agency(stage, agency_id))["closed_at"] == stage.now
        assert await stage.owner.fetchval("select ended_at from mailbox") == stage.now

    async def test_waits_until_the_last_has_left(self, stage: Stage) -> None:
        helen = await stage.practitioner("Helen Health")
        assert helen.agency_id is not None
        version = (await agency(stage, helen.agency_id))["version"]
        for until_on in (None, date(2026, 3, 3), date(2030, 1, 1)):
            await stage.owner.execute("update affiliation set until_on = $1", until_on)
            act = self.close(stage.administrator, helen.agency_id, version)
            await refused(stage, act, "AGENCY_STILL_AT_WORK")

        await stage.owner.execute("update affiliation set until_on = $1", date(2026, 3, 2))
        await self.close(stage.administrator, helen.agency_id, version)

        assert (await agency(stage, helen.agency_id))["closed_at"] == stage.now

    async def test_waits_for_whoever_is_still_to_come(self, stage: Stage) -> None:
        helen = await stage.practitioner("Helen Health")
        assert helen.agency_id is not None
        await stage.owner.execute("update affiliation set from_on = $1", date(2026, 9, 1))

        version = (await agency(stage, helen.agency_id))["version"]
        act = self.close(stage.administrator, helen.agency_id, version)
        await refused(stage, act, "AGENCY_STILL_AT_WORK")

    async def test_and_somebody_joining_at_once_never_both_happen(self, stage: Stage) -> None:
        agency_id = await stage.agency("Park Primary")
        version = (await agency(stage, agency_id))["version"]

        done = await asyncio.gather(
            self.close(stage.administrator, agency_id, version),
            directory.register_practitioner(
                stage.coordinator.ask(),
                name="Helen Health",
                agency_id=agency_id,
                role_title="Nurse",
                email_address="helen@work.example",
            ),
            return_exceptions=True,
        )

        refusals = [each for each in done if isinstance(each, Refusal)]
        assert [refusal.code for refusal in refusals] in (
            ["AGENCY_CLOSED"],
            ["AGENCY_STILL_AT_WORK"],
        )

    async def test_refusals_leave_nothing_behind(self, stage: Stage, elsewhere: Somebody) -> None:
        helen, parent = await stage.practitioner("Helen"), (await stage.team()).family.parent
        agency_id = await stage.agency("Park Primary")
        version = (await agency(stage, agency_id))["version"]
        cases = [
            (helen, agency_id, version, "NOT_PERMITTED"),
            (parent, agency_id, version, "NOT_PERMITTED"),
            (stage.coordinator, agency_id, version, "NOT_PERMITTED"),
            (elsewhere, agency_id, version, "NOT_PERMITTED"),
            (stage.administrator, uuid4(), version, "NOT_FOUND"),
            (stage.administrator, agency_id, uuid4(), "STALE"),
        ]
        for asker, which, read, code in cases:
            await refused(stage, self.close(asker, which, read), code)
        await self.close(stage.administrator, agency_id, version)
        again = (await agency(stage, agency_id))["version"]
        await refused(stage, self.close(stage.administrator, agency_id, again), "AGENCY_CLOSED")


class TestAddRoleMailbox:
    async def add(self, asker: Somebody, agency_id: UUID, **changes: Any) -> Any:
        values = {"email_address": "Office@School.example", "label": " Front  office "}
        return await directory.add_role_mailbox(
            asker.ask(), agency_id=agency_id, **(values | changes)
        )

    async def test_belongs_to_the_agency_and_to_nobody(self, stage: Stage) -> None:
        agency_id = await stage.agency("Park Primary")

        added = await self.add(stage.coordinator, agency_id)

        row = await stage.owner.fetchrow(
            "select b.*, e.address from mailbox b join email_address e on e.id = b.address_id"
        )
        assert row is not None
        assert (row["id"], row["agency_id"], row["person_id"]) == (
            added.role_mailbox_id,
            agency_id,
            None,
        )
        assert (row["address"], row["label"]) == ("office@school.example", "Front office")

    async def test_may_be_read_by_two_agencies(self, stage: Stage) -> None:
        """A nurse and a health visitor share one office."""
        first = await self.add(stage.coordinator, await stage.agency("One"))
        second = await self.add(stage.coordinator, await stage.agency("Two"))

        assert first.role_mailbox_id != second.role_mailbox_id

    async def test_lies_in_the_domains_that_the_agency_requires(self, stage: Stage) -> None:
        agency_id = (await register(stage.administrator)).agency_id

        act = self.add(stage.coordinator, agency_id, email_address="office@parklane.example.uk")
        await refused(stage, act, "ADDRESS_OUTSIDE_DOMAINS")
        await self.add(stage.coordinator, agency_id, email_address="office@mail.PARKLANE.example")

    async def test_refusals_leave_nothing_behind(self, stage: Stage, elsewhere: Somebody) -> None:
        helen, parent = await stage.practitioner("Helen"), (await stage.team()).family.parent
        agency_id, closed_id = await stage.agency("Park Primary"), await stage.agency("Closed")
        await stage.owner.execute(
            "update agency set closed_at = $1 where id = $2", stage.now, closed_id
        )
        await self.add(stage.coordinator, agency_id)
        other = {"email_address": "other@school.example"}
        keeper = stage.coordinator
        cases: list[tuple[Somebody, UUID, dict[str, Any], str]] = [
            (helen, agency_id, other, "NOT_PERMITTED"),
            (parent, agency_id, other, "NOT_PERMITTED"),
            (elsewhere, agency_id, other, "NOT_PERMITTED"),
            (keeper, uuid4(), other, "NOT_FOUND"),
            (keeper, closed_id, other, "AGENCY_CLOSED"),
            (keeper, agency_id, {}, "ROLE_MAILBOX_EXISTS"),
            (keeper, agency_id, {"email_address": "OFFICE@school.EXAMPLE"}, "ROLE_MAILBOX_EXISTS"),
            (keeper, agency_id, {"email_address": "office"}, INVALID),
            (keeper, agency_id, other | {"label": " "}, INVALID),
            (keeper, agency_id, {"email_address": helen.address}, "ADDRESS_OF_SOMEBODY_ELSE"),
        ]
        for asker, which, changes, code in cases:
            await refused(stage, self.add(asker, which, **changes), code)

    async def test_says_nothing_of_an_address_at_home(self, stage: Stage) -> None:
        """Who lives at an address is not for the directory to find out."""
        parent = (await stage.team()).family.parent

        added = await self.add(
            stage.coordinator, await stage.agency("Park Primary"), email_address=parent.address
        )

        assert added.role_mailbox_id
        assert await stage.owner.fetchval(
            "select read_by_others_since from mailbox where person_id = $1", parent.person_id
        )
