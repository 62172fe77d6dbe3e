from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from taf_service import families
from taf_service.core.errors import Refusal
from tests.refusals import all_refused
from tests.stage import AFamily, ATeam, Somebody, Stage


class TestRecordSafeContact:
    def given(self, family: AFamily, **changes: Any) -> dict[str, Any]:
        return {
            "family_member_id": family.parent.family_member_id,
            "instructions": "Ring before ten. Never leave a message.",
            "email_allowed": False,
        } | changes

    async def test_replaces_what_was_in_force_and_keeps_it(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        await families.record_safe_contact(helen.ask(), **self.given(family))
        second = await families.record_safe_contact(
            helen.ask(), **self.given(family, instructions="Mail is fine", email_allowed=True)
        )

        rows = await stage.owner.fetch("select * from safe_contact order by email_allowed")
        assert [(row["email_allowed"], row["replaced_at"]) for row in rows] == [
            (False, stage.now),
            (True, None),
        ]
        assert rows[1]["id"] == second.safe_contact_id
        assert {row["facts"] for row in await stage.owner.fetch("select * from audit_entry")} == {
            "{}"
        }

    async def test_by_two_at_once_leaves_one_in_force(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        await asyncio.gather(
            *(
                families.record_safe_contact(asker.ask(), **self.given(team.family))
                for asker in (helen, team.lead)
            )
        )

        in_force = await stage.owner.fetchval(
            "select count(*) from safe_contact where replaced_at is null"
        )
        assert in_force == 1

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        await all_refused(
            stage,
            families.record_safe_contact,
            self.given(team.family),
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"family_member_id": uuid4()}, "NOT_FOUND"),
                (team.family.parent, {}, "NOT_PERMITTED"),
                (stage.coordinator, {}, "NOT_PERMITTED"),
                (helen, {"instructions": "  "}, "INVALID_INPUT"),
                (helen, {"instructions": "x" * 4_001}, "INVALID_INPUT"),
            ],
        )


class TestRecordNoContact:
    def given(self, family: AFamily, **changes: Any) -> dict[str, Any]:
        return {
            "first_id": family.parent.family_member_id,
            "second_id": family.other_parent.family_member_id,
            "reason": "A non-molestation order",
        } | changes

    async def test_names_both_in_order_of_their_ids(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        recorded = await families.record_no_contact(helen.ask(), **self.given(family))

        row = await stage.owner.fetchrow("select * from no_contact")
        assert row is not None
        assert row["id"] == recorded.no_contact_id
        assert [row["person_a_id"], row["person_b_id"]] == sorted(
            [family.parent.person_id, family.other_parent.person_id]
        )
        entry = await stage.owner.fetchrow("select * from audit_entry")
        assert entry is not None
        assert (entry["event"], entry["subject_id"], entry["facts"]) == (
            "no_contact.recorded",
            recorded.no_contact_id,
            "{}",
        )

    async def test_succeeds_though_they_share_a_mailbox_and_marks_it(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        address = str(family.parent.address)
        shared = await stage.mailbox(family.other_parent, address, "PERSONAL")
        await stage.insert(
            "contact_channel",
            family_id=family.family_id,
            family_member_id=family.other_parent.family_member_id,
            kind="EMAIL",
            mailbox_id=shared,
            added_at=stage.now,
        )

        await families.record_no_contact(helen.ask(), **self.given(family))

        marked = await stage.owner.fetch(
            "select b.person_id, c.read_by_others_since from mailbox b"
            " join contact_channel c on c.mailbox_id = b.id where b.read_by_others_since = $1",
            stage.now,
        )
        assert {row["person_id"] for row in marked} == {
            family.parent.person_id,
            family.other_parent.person_id,
        }
        assert all(row["read_by_others_since"] for row in marked)

    async def test_marks_a_mailbox_that_only_another_family_knows_of(
        self, stage: Stage, helen: Somebody, family: AFamily
    ) -> None:
        hidden = await stage.mailbox(family.other_parent, str(family.parent.address), "PERSONAL")

        await families.record_no_contact(helen.ask(), **self.given(family))

        assert await stage.owner.fetchval(
            "select read_by_others_since from mailbox where id = $1", hidden
        )

    async def test_by_two_at_once_is_recorded_once(
        self, stage: Stage, team: ATeam, helen: Somebody
    ) -> None:
        ends = await asyncio.gather(
            *(
                families.record_no_contact(asker.ask(), **self.given(team.family))
                for asker in (helen, team.lead)
            ),
            return_exceptions=True,
        )

        refusals = [end for end in ends if isinstance(end, Refusal)]
        assert [refusal.code for refusal in refusals] == ["NO_CONTACT_IN_FORCE"]
        assert (await stage.counts())["no_contact"] == 1

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody
    ) -> None:
        family, both = team.family, await stage.team(helen)
        await families.record_no_contact(
            helen.ask(), **self.given(family, first_id=family.child.family_member_id)
        )
        child_id = family.child.family_member_id
        await all_refused(
            stage,
            families.record_no_contact,
            self.given(family),
            [
                (otto, {}, "NOT_FOUND"),
                (helen, {"second_id": uuid4()}, "NOT_FOUND"),
                (family.parent, {}, "NOT_PERMITTED"),
                (family.other_parent, {"second_id": child_id}, "NOT_FOUND"),
                (helen, {"reason": " "}, "INVALID_INPUT"),
                (helen, {"second_id": family.parent.family_member_id}, "INVALID_INPUT"),
                (helen, {"second_id": both.family.parent.family_member_id}, "NOT_OF_ONE_FAMILY"),
                (helen, {"first_id": child_id}, "NO_CONTACT_IN_FORCE"),
            ],
        )


class TestEndNoContact:
    @pytest.fixture
    async def pair(self, stage: Stage, family: AFamily) -> UUID:
        return await stage.no_contact(family, family.parent, family.other_parent)

    async def test_keeps_the_record_with_the_reason(
        self, stage: Stage, helen: Somebody, pair: UUID
    ) -> None:
        await families.end_no_contact(
            helen.ask(), no_contact_id=pair, reason="The order was lifted"
        )

        row = await stage.owner.fetchrow("select * from no_contact")
        assert row is not None
        assert (row["ended_at"], row["ended_reason"]) == (stage.now, "The order was lifted")

    async def test_refusals_leave_nothing_behind(
        self, stage: Stage, team: ATeam, helen: Somebody, otto: Somebody, pair: UUID
    ) -> None:
        family = team.family
        over = await stage.no_contact(family, family.parent, family.child)
        await families.end_no_contact(helen.ask(), no_contact_id=over, reason="A mistake")
        await all_refused(
            stage,
            families.end_no_contact,
            {"no_contact_id": pair, "reason": "They are friends again"},
            [
                (otto, {}, "NOT_FOUND"),
                (family.parent, {}, "NOT_FOUND"),
                (stage.coordinator, {}, "NOT_FOUND"),
                (helen, {"no_contact_id": uuid4()}, "NOT_FOUND"),
                (helen, {"no_contact_id": over}, "NOT_PERMITTED"),
                (helen, {"reason": ""}, "INVALID_INPUT"),
            ],
        )
