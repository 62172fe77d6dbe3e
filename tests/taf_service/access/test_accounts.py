from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import access, directory
from taf_service.core.errors import ConfirmationNeeded, NotFound, NotPermitted, Refusal
from tests.stage import ISSUER, AnAuthority, Somebody, Stage

AGAIN = "SIGNS_IN_ALREADY"


async def link(
    asker: Somebody, somebody: Somebody, *acknowledged: str, **given: Any
) -> access.AccountLinked:
    values = {
        "practitioner_id": somebody.practitioner_id,
        "issuer": ISSUER,
        "subject": "helen",
    }
    return await access.link_account(asker.ask(None, *acknowledged), **(values | given))


async def disable(asker: Somebody, subject: str, issuer: str = ISSUER) -> access.AccountDisabled:
    return await access.disable_account(asker.ask(), issuer=issuer, subject=subject)


async def signed_in(subject: str) -> UUID | None:
    try:
        return (await access.actor_for(access.Identity(ISSUER, subject))).person_id
    except access.InvalidToken:
        return None


@pytest.fixture
async def derbyshire(stage: Stage) -> AnAuthority:
    return await stage.authority("derbyshire", "Derbyshire")


class TestLinkAccount:
    async def test_lets_a_practitioner_sign_in(self, stage: Stage, helen: Somebody) -> None:
        linked = await link(stage.administrator, helen)

        assert linked.practitioner_id == helen.practitioner_id
        assert await signed_in("helen") == helen.person_id
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("account.linked", linked.account_id)
        assert str(helen.practitioner_id) in entry["facts"]
        assert '"helen"' not in entry["facts"]

    async def test_adds_a_second_way_in_when_that_was_confirmed(
        self, stage: Stage, helen: Somebody
    ) -> None:
        await stage.account(helen, "helen")
        before = await stage.state()

        with pytest.raises(ConfirmationNeeded) as refusal:
            await link(stage.administrator, helen, subject="helen-2")
        assert [warning.code for warning in refusal.value.warnings] == [AGAIN]
        assert await stage.state() == before

        await link(stage.administrator, helen, AGAIN, subject="helen-2")
        assert await signed_in("helen") == await signed_in("helen-2") == helen.person_id

    async def test_lets_a_disabled_account_in_again(self, stage: Stage, helen: Somebody) -> None:
        account_id = await stage.account(helen, "helen", disabled_at=stage.now)
        assert await signed_in("helen") is None

        linked = await link(stage.administrator, helen)

        assert linked.account_id == account_id
        assert await signed_in("helen") == helen.person_id

    async def test_reaches_whoever_works_for_an_agency_of_every_authority(
        self, stage: Stage, helen: Somebody, derbyshire: AnAuthority
    ) -> None:
        await stage.owner.execute("update agency set authority_id = null")

        await link(derbyshire.administrator, helen)

        assert await signed_in("helen") == helen.person_id

    async def test_reaches_nobody_of_another_authority_through_a_post_in_ones_own(
        self, stage: Stage, helen: Somebody, derbyshire: AnAuthority
    ) -> None:
        """Any practitioner may be given a post: it must not open the cases they have elsewhere."""
        agency_id = await stage.agency("Derbyshire School")
        await stage.owner.execute(
            "update agency set authority_id = $2 where id = $1", agency_id, derbyshire.authority_id
        )
        assert helen.practitioner_id is not None
        await directory.affiliate_practitioner(
            derbyshire.administrator.ask(),
            practitioner_id=helen.practitioner_id,
            agency_id=agency_id,
            role_title="Mentor",
            email_address="helen@derbyshire.example",
        )
        before = await stage.state()

        with pytest.raises(Refusal) as refusal:
            await link(derbyshire.administrator, helen, AGAIN)

        assert refusal.value.code == "ACCOUNT_OUT_OF_REACH"
        assert await stage.state() == before

    async def test_of_two_people_for_one_identity_at_once_takes_one(
        self, stage: Stage, helen: Somebody
    ) -> None:
        ivan = await stage.practitioner("Ivan Inspector")

        done = await asyncio.gather(
            link(stage.administrator, helen),
            link(stage.administrator, ivan),
            return_exceptions=True,
        )

        assert [each.code for each in done if isinstance(each, Refusal)] == ["IDENTITY_TAKEN"]
        assert (await stage.counts())["account"] == 1

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, helen: Somebody, derbyshire: AnAuthority
    ) -> None:
        ivan = await stage.practitioner("Ivan Inspector")
        former = await stage.practitioner("Flora Former")
        await stage.owner.execute(
            "update affiliation set until_on = $1 where id = $2",
            date(2026, 3, 2),
            former.affiliation_id,
        )
        await stage.account(ivan, "ivan")
        await stage.account(ivan, "ivan-before", disabled_at=stage.now)
        await stage.account(stage.administrator, "ada")
        cases: list[tuple[Somebody, Somebody, dict[str, Any], str]] = [
            (helen, helen, {}, NotPermitted.code),
            (stage.coordinator, helen, {}, NotPermitted.code),
            (stage.administrator, helen, {"practitioner_id": uuid4()}, NotFound.code),
            (stage.administrator, former, {}, "ACCOUNT_OUT_OF_REACH"),
            (derbyshire.administrator, helen, {}, "ACCOUNT_OUT_OF_REACH"),
            # nobody's account changes hands: not a live one, not a disabled one, not one's own
            (stage.administrator, helen, {"subject": "ivan"}, "IDENTITY_TAKEN"),
            (stage.administrator, helen, {"subject": "ivan-before"}, "IDENTITY_TAKEN"),
            (stage.administrator, helen, {"subject": "ada"}, "IDENTITY_TAKEN"),
            (
                stage.administrator,
                helen,
                {"subject": "administrator-derbyshire"},
                "IDENTITY_TAKEN",
            ),
            (stage.administrator, ivan, {"subject": "ivan"}, "IDENTITY_TAKEN"),
            (stage.administrator, helen, {"subject": ""}, "INVALID_INPUT"),
            (stage.administrator, helen, {"issuer": "a\nb"}, "INVALID_INPUT"),
        ]
        before = await stage.state()
        for asker, somebody, given, code in cases:
            with pytest.raises(Refusal) as refusal:
                await link(asker, somebody, AGAIN, **given)
            assert refusal.value.code == code, given
            assert await stage.state() == before


class TestDisableAccount:
    async def test_works_on_the_next_request(self, stage: Stage, helen: Somebody) -> None:
        account_id = await stage.account(helen, "helen")
        await stage.account(helen, "helen-2")

        done = await disable(stage.administrator, "helen")

        assert done.account_id == account_id
        assert await signed_in("helen") is None
        assert await signed_in("helen-2") == helen.person_id
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"]) == ("account.disabled", account_id)

    async def test_keeps_out_who_has_left(self, stage: Stage, helen: Somebody) -> None:
        await stage.account(helen, "helen")
        await stage.owner.execute("update affiliation set until_on = $1", date(2026, 1, 1))

        await disable(stage.administrator, "helen")

        assert await signed_in("helen") is None

    async def test_may_end_one_of_an_administrators_own_two(self, stage: Stage) -> None:
        await stage.account(stage.administrator, "ada")
        await stage.account(stage.administrator, "ada-2")

        await disable(stage.administrator, "ada")

        assert await signed_in("ada-2") == stage.administrator.person_id

    async def test_never_shuts_out_the_last_two_administrators_at_once(self, stage: Stage) -> None:
        other = await stage.practitioner("Oda Other")
        await stage.office(other, "ADMINISTRATOR")
        await stage.account(stage.administrator, "ada")
        await stage.account(other, "oda")

        done = await asyncio.gather(
            disable(stage.administrator, "oda"),
            disable(other, "ada"),
            return_exceptions=True,
        )

        assert [each.code for each in done if isinstance(each, Refusal)] == ["LAST_ADMINISTRATOR"]

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, helen: Somebody, derbyshire: AnAuthority
    ) -> None:
        ivan = await stage.practitioner("Ivan Inspector")
        team = await stage.team(lead=helen)
        await stage.account(stage.administrator, "ada")
        await stage.account(stage.administrator, "ada-before", disabled_at=stage.now)
        await stage.account(helen, "helen")
        await stage.account(ivan, "ivan")
        await stage.account(team.family.parent, "parent")
        cases = [
            (stage.administrator, "unknown", ISSUER, NotFound.code),
            (stage.administrator, "helen", "https://other.example", NotFound.code),
            # outside their authority is as unknown as not there at all
            (derbyshire.administrator, "helen", ISSUER, NotFound.code),
            (stage.administrator, "administrator-derbyshire", ISSUER, NotFound.code),
            (stage.administrator, "parent", ISSUER, NotFound.code),
            (stage.coordinator, "helen", ISSUER, NotFound.code),
            (ivan, "helen", ISSUER, NotFound.code),
            (helen, "helen", ISSUER, NotPermitted.code),
            (stage.administrator, "ada-before", ISSUER, "ACCOUNT_DISABLED_ALREADY"),
            (stage.administrator, "ada", ISSUER, "LAST_ADMINISTRATOR"),
        ]
        before = await stage.state()
        for asker, subject, issuer, code in cases:
            with pytest.raises(Refusal) as refusal:
                await disable(asker, subject, issuer)
            assert refusal.value.code == code, subject
            assert await stage.state() == before
