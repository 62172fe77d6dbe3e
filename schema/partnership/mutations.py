"""Changing what an authority has set, and how it is divided."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.context import Info, request_of
from schema.ids import row_id
from schema.mutation import mutation
from schema.partnership.inputs import AddLocalityInput, ChangeSettingsInput
from schema.partnership.types import Authority, Locality
from schema.sources import loaded, payload
from taf_service import partnership


@payload
class SettingsChanged:
    """New settings are in force."""

    authority: Authority | None = loaded("The authority, with its settings as they are now.")


@payload
class LocalityAdded:
    """A locality was added."""

    authority: Authority | None = loaded("Whose area it is a part of.")
    locality: Locality | None = loaded("The new part of that area.")


@strawberry.type
class PartnershipMutations:
    @mutation(partnership.change_settings, SettingsChanged)
    async def change_settings(self, info: Info, input: ChangeSettingsInput) -> Any:
        return await partnership.change_settings(
            request_of(info, input),
            authority_id=row_id(input.authority_id, "Authority", field="authorityId"),
            changes=partnership.read_changes(input.changes),
            reason=input.reason,
            version=input.version,
        )

    @mutation(partnership.add_locality, LocalityAdded)
    async def add_locality(self, info: Info, input: AddLocalityInput) -> Any:
        return await partnership.add_locality(
            request_of(info, input),
            authority_id=row_id(input.authority_id, "Authority", field="authorityId"),
            name=input.name,
        )
