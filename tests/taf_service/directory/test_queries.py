"""Who reads which mailbox, and what is kept of it when somebody else comes to read it too."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from taf_service import directory
from taf_service.core.errors import InvalidInput, NotFound
from taf_service.core.work import Work
from tests.stage import Somebody, Stage, at_work


async def known(asker: Somebody, somebody: Somebody) -> directory.Practitioner:
    """`somebody` as `asker` sees them. Errors: `NotFound`."""
    assert somebody.practitioner_id is not None
    wanted = somebody.practitioner_id
    found: directory.Practitioner = await at_work(
        asker, lambda work: directory.practitioner_for(work, wanted)
    )
    return found


async def working(asker: Somebody, somebody: Somebody) -> directory.Affiliation:
    """What `somebody` is at their agency today. Errors: `NotFound`."""
    assert somebody.practitioner_id is not None
    assert somebody.agency_id is not None
    who, where = somebody.practitioner_id, somebody.agency_id
    found: directory.Affiliation = await at_work(
        asker, lambda work: directory.affiliation_with(work, who, where)
    )
    return found


async def claim(
    asker: Somebody,
    address: str,
    reader: Somebody | None = None,
    *,
    kind: directory.MailboxKind = directory.MailboxKind.PERSONAL,
    **others: Any,
) -> directory.ClaimedMailbox:
    found: directory.ClaimedMailbox = await at_work(
        asker,
        lambda work: directory.claim_mailbox(
            work,
            address,
            kind=kind,
            person_id=None if reader is None else reader.person_id,
            **others,
        ),
    )
    return found


async def shared_since(stage: Stage, mailbox_id: UUID) -> datetime | None:
    found: datetime | None = await stage.owner.fetchval(
        "select read_by_others_since from mailbox where id = $1", mailbox_id
    )
    return found


@dataclass(frozen=True)
class Readers:
    """Two parents of one family, a practitioner who works with it and one who does not."""

    parent: Somebody
    other: Somebody
    lead: Somebody
    outsider: Somebody


@pytest.fixture
async def readers(stage: Stage) -> Readers:
    team = await stage.team()
    return Readers(
        team.family.parent,
        team.family.other_parent,
        team.lead,
        await stage.practitioner("Otto Outsider"),
    )


class TestClaimMailbox:
    async def test_adds_a_mailbox_in_lower_case(self, stage: Stage, readers: Readers) -> None:
        claimed = await claim(readers.lead, " New@Home.Example", readers.parent)

        row = await stage.owner.fetchrow(
            "select b.*, e.address from mailbox b join email_address e on e.id = b.address_id"
            " where b.id = $1",
            claimed.id,
        )
        assert row is not None
        assert (row["address"], row["kind"]) == ("new@home.example", "PERSONAL")
        assert (row["person_id"], row["address_id"]) == (
            readers.parent.person_id,
            claimed.address_id,
        )
        assert not claimed.read_by_others

    async def test_finds_it_again(self, stage: Stage, readers: Readers) -> None:
        first = await claim(readers.lead, "new@home.example", readers.parent)
        before = await stage.state()

        assert await claim(readers.lead, "NEW@home.example", readers.parent) == first
        assert await stage.state() == before

    async def test_finds_it_where_the_actor_may_not_see_it(
        self, stage: Stage, readers: Readers
    ) -> None:
        """The same person was written to in another family, which this actor knows nothing of."""
        first = await claim(readers.lead, "new@home.example", readers.parent)

        assert await claim(readers.outsider, "new@home.example", readers.parent) == first
        assert not first.read_by_others

    async def test_of_a_second_person_puts_it_on_record_for_both(
        self, stage: Stage, readers: Readers
    ) -> None:
        first = await claim(readers.lead, "ours@home.example", readers.parent)

        second = await claim(readers.outsider, "ours@home.example", readers.other)

        assert second.id != first.id
        assert second.address_id == first.address_id
        assert second.read_by_others
        assert await shared_since(stage, first.id) == stage.now
        assert await shared_since(stage, second.id) == stage.now
        again = await claim(readers.lead, "ours@home.example", readers.parent)
        assert again == directory.ClaimedMailbox(first.id, first.address_id, read_by_others=True)

    async def test_keeps_since_when_others_read_it(self, stage: Stage, readers: Readers) -> None:
        first = await claim(readers.lead, "ours@home.example", readers.parent)
        earlier = stage.now - timedelta(days=3)
        await stage.owner.execute(
            "update mailbox set read_by_others_since = $1 where id = $2", earlier, first.id
        )

        await claim(readers.lead, "ours@home.example", readers.other)

        assert await shared_since(stage, first.id) == earlier

    async def test_by_an_agency_too_makes_a_second_reader(
        self, stage: Stage, readers: Readers
    ) -> None:
        first = await claim(readers.lead, "office@school.example", readers.parent)

        office = await claim(
            readers.lead,
            "office@school.example",
            kind=directory.MailboxKind.ROLE,
            agency_id=readers.lead.agency_id,
            label="Office",
        )

        assert office.read_by_others
        assert await shared_since(stage, first.id) == stage.now

    async def test_at_work_and_at_home_are_two_of_the_same_reader(
        self, stage: Stage, readers: Readers
    ) -> None:
        """What is known of the one is not thereby known of the other."""
        home = await claim(readers.lead, "me@home.example", readers.lead)
        work = await claim(
            readers.lead, "me@home.example", readers.lead, kind=directory.MailboxKind.WORK
        )

        assert home.id != work.id
        assert not home.read_by_others
        assert not work.read_by_others

    async def test_of_a_work_address_that_was_left_behind_takes_it_over(
        self, stage: Stage, readers: Readers
    ) -> None:
        former = await stage.practitioner("Fiona Former")
        assert former.address is not None
        await stage.owner.execute(
            "update affiliation set until_on = $1 where id = $2",
            date(2026, 3, 2),
            former.affiliation_id,
        )

        claimed = await claim(
            readers.lead, former.address, readers.outsider, kind=directory.MailboxKind.WORK
        )

        assert not claimed.read_by_others
        ended_at = await stage.owner.fetchval(
            "select ended_at from mailbox where person_id = $1", former.person_id
        )
        assert ended_at == stage.now

    async def test_of_a_work_address_in_use_does_not(self, stage: Stage, readers: Readers) -> None:
        current = await stage.practitioner("Fiona Current")
        assert current.address is not None
        await stage.owner.execute(
            "update affiliation set until_on = $1 where id = $2",
            date(2026, 3, 3),
            current.affiliation_id,
        )

        claimed = await claim(
            readers.lead, current.address, readers.outsider, kind=directory.MailboxKind.WORK
        )

        assert claimed.read_by_others

    async def test_at_the_same_time_still_sees_the_other(
        self, stage: Stage, readers: Readers
    ) -> None:
        claims = [
            claim(readers.lead, f"both{n}@home.example", reader)
            for n in range(5)
            for reader in (readers.parent, readers.other)
        ]

        await asyncio.gather(*claims)

        assert await stage.owner.fetchval(
            "select count(*) = 10 and bool_and(b.read_by_others_since is not null)"
            " from mailbox b join email_address e on e.id = b.address_id"
            " where e.address like 'both%'"
        )

    async def test_at_the_same_time_for_one_person_makes_one(
        self, stage: Stage, readers: Readers
    ) -> None:
        claimed = await asyncio.gather(
            *(claim(readers.lead, "once@home.example", readers.parent) for _ in range(4))
        )

        assert len(set(claimed)) == 1

    async def test_refuses_what_is_no_address(self, stage: Stage, readers: Readers) -> None:
        before = await stage.state()

        with pytest.raises(InvalidInput) as refusal:
            await claim(readers.lead, "new@home", readers.parent)

        assert refusal.value.field == "emailAddress"
        assert await stage.state() == before


class TestAffiliationWith:
    async def test_is_where_they_work_today(self, readers: Readers) -> None:
        found = await working(readers.outsider, readers.lead)

        assert found.id == readers.lead.affiliation_id

    @pytest.mark.parametrize(
        ("from_on", "until_on"),
        [(date(2020, 1, 1), date(2026, 3, 2)), (date(2026, 3, 3), None)],
    )
    async def test_is_not_where_they_worked_or_will(
        self, stage: Stage, readers: Readers, from_on: date, until_on: date | None
    ) -> None:
        await stage.owner.execute(
            "update affiliation set from_on = $1, until_on = $2 where id = $3",
            from_on,
            until_on,
            readers.lead.affiliation_id,
        )

        with pytest.raises(NotFound):
            await working(readers.outsider, readers.lead)


class TestNameOf:
    async def test_is_told_to_whoever_may_know_them(self, readers: Readers) -> None:
        async def told(asker: Somebody, somebody: Somebody) -> Any:
            wanted = somebody.person_id
            return await at_work(asker, lambda work: directory.name_of(work, wanted))

        assert await told(readers.outsider, readers.lead) == "Lena Lead"
        assert await told(readers.parent, readers.lead) == "Lena Lead"
        assert await told(readers.parent, readers.outsider) is None
        assert await told(readers.outsider, readers.parent) is None


class TestSearchForm:
    @pytest.mark.parametrize(
        ("name", "form"),
        [
            ("  Zoë   O\u2019Brien-Łask ", "zoe o brien łask"),
            ("St. Mary's C of E (VA) Primary", "st mary s c of e va primary"),
            ("100%_\\sure", "100%_\\sure"),
            ("", ""),
            ("-'-", ""),
        ],
    )
    async def test_leaves_out_what_nobody_searches_for(
        self, stage: Stage, name: str, form: str
    ) -> None:
        assert await stage.owner.fetchval("select search_form($1)", name) == form

    async def test_stays_short_enough_for_an_index(self, stage: Stage) -> None:
        for text in ("\ufdfa" * 120, "\u3300" * 120, "x" * 120):
            await stage.agency(text)
        assert await stage.owner.fetchval("select max(length(sort_name)) from agency") == 200

    async def test_follows_every_new_name(self, stage: Stage) -> None:
        helen = await stage.practitioner("Helen Health")
        agency_id = await stage.agency("Park Primary")

        await stage.owner.execute(
            "update person set name = 'Élise Health' where id = $1", helen.person_id
        )
        await stage.owner.execute("update agency set name = 'Lane' where id = $1", agency_id)

        assert (
            await stage.owner.fetchval(
                "select sort_name from practitioner where id = $1", helen.practitioner_id
            )
            == "elise health"
        )
        assert (
            await stage.owner.fetchval("select sort_name from agency where id = $1", agency_id)
            == "lane"
        )


class TestTheDirectory:
    async def test_is_closed_to_whoever_has_left_their_last_agency(self, stage: Stage) -> None:
        helen, former = await stage.practitioner("Helen"), await stage.practitioner("Former")
        await stage.owner.execute(
            "update affiliation set until_on = $1 where id = $2",
            date(2026, 3, 2),
            former.affiliation_id,
        )

        assert (await known(former, former)).person_id == former.person_id
        with pytest.raises(NotFound):
            await known(former, helen)

    async def test_shows_a_family_no_names_behind_the_first_wall(
        self, stage: Stage, readers: Readers
    ) -> None:
        """With the predicates taken away, row-level security still knows who is who."""

        async def seen(_work: Work) -> set[UUID]:
            everybody = await directory.Practitioner.all()
            return {row.id for row in everybody}

        assert await at_work(readers.parent, seen) == {readers.lead.practitioner_id}
        assert readers.outsider.practitioner_id in await at_work(readers.lead, seen)
