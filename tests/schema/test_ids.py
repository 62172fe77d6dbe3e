from __future__ import annotations

import base64
from contextlib import suppress
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import ids
from taf_service.core.errors import NotFound
from taf_service.database import Urls

UUIDS = st.uuids()
TYPES = st.sampled_from(sorted(ids.NUMBERS))


class TestAGlobalId:
    @given(TYPES, UUIDS)
    def test_leads_back_to_its_row(self, type_name: str, row_id: UUID) -> None:
        global_id = ids.encode(type_name, row_id)

        assert ids.decode(global_id) == (type_name, row_id)
        assert ids.row_id(global_id, type_name) == row_id
        assert len(global_id) == 24
        assert str(row_id) not in global_id

    @given(st.text() | st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode()))
    def test_is_not_found_when_it_is_none_of_ours(self, text: str) -> None:
        with suppress(NotFound):
            ids.decode(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "1",
            "9223372036854775808",
            "-1",
            "x" * 100_000,
            "é" * 24,
            "A" * 24,
            "'; drop --",
        ],
    )
    def test_of_no_type_leads_nowhere(self, text: str) -> None:
        with pytest.raises(NotFound):
            ids.decode(text)

    def test_of_another_type_leads_nowhere_either(self) -> None:
        with pytest.raises(NotFound) as refusal:
            ids.row_id(ids.encode("Family", UUID(int=1)), "Team", field="teamId")

        assert refusal.value.field == "teamId"

    def test_may_be_left_out(self) -> None:
        assert ids.optional_row_id(None, "Team", field="teamId") is None
        assert ids.optional_row_id(ids.encode("Team", UUID(int=1)), "Team", field="teamId") == UUID(
            int=1
        )

    def test_numbers_each_type_once(self) -> None:
        assert len(set(ids.NUMBERS.values())) == len(ids.NUMBERS)

    async def test_is_written_the_same_by_the_database(
        self, urls: Urls, owner: asyncpg.Connection[asyncpg.Record]
    ) -> None:
        for row_id in (UUID(int=0), UUID(int=2**128 - 1), UUID(int=0x3E << 122 | 0x3F)):
            for type_name in ids.NUMBERS:
                written = await owner.fetchval(
                    f"select {ids.encode_sql(type_name, '$1::uuid')}", row_id
                )
                assert written == ids.encode(type_name, row_id)
