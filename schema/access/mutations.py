"""Letting people sign in, keeping them out, and giving them offices."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.access.inputs import (
    AppointToOfficeInput,
    DisableAccountInput,
    EndOfficeInput,
    LinkAccountInput,
)
from schema.access.types import Account
from schema.context import Info, request_of
from schema.directory.types import Practitioner
from schema.ids import optional_row_id, row_id
from schema.mutation import mutation
from schema.partnership.types import Authority, OfficeHolder
from schema.sources import loaded, payload
from taf_service import access


@payload
class AccountLinked:
    """Somebody can sign in."""

    practitioner: Practitioner | None = loaded("Whom it signs in.")
    account: Account | None = loaded("What signs them in from now on.")


@payload
class AccountDisabled:
    """An identity signs nobody in any more."""

    account: Account | None = loaded("What signed them in, and since when it does not.")


@payload
class AppointedToOffice:
    """Somebody took on an office."""

    authority: Authority | None = loaded("Where, with everybody who holds an office there now.")
    office_holder: OfficeHolder | None = loaded("Who holds the office.")


@payload
class OfficeEnded:
    """Somebody's office ended."""

    authority: Authority | None = loaded("Where, with everybody who holds an office there now.")
    office_holder: OfficeHolder | None = loaded("Who held the office.")


@strawberry.type
class AccessMutations:
    @mutation(access.link_account, AccountLinked)
    async def link_account(self, info: Info, input: LinkAccountInput) -> Any:
        return await access.link_account(
            request_of(info, input),
            practitioner_id=row_id(input.practitioner_id, "Practitioner", field="practitionerId"),
            issuer=input.issuer,
            subject=input.subject,
        )

    @mutation(access.disable_account, AccountDisabled)
    async def disable_account(self, info: Info, input: DisableAccountInput) -> Any:
        return await access.disable_account(
            request_of(info, input), issuer=input.issuer, subject=input.subject
        )

    @mutation(access.appoint_to_office, AppointedToOffice)
    async def appoint_to_office(self, info: Info, input: AppointToOfficeInput) -> Any:
        return await access.appoint_to_office(
            request_of(info, input),
            authority_id=row_id(input.authority_id, "Authority", field="authorityId"),
            practitioner_id=row_id(input.practitioner_id, "Practitioner", field="practitionerId"),
            office=input.office,
            locality_id=optional_row_id(input.locality_id, "Locality", field="localityId"),
        )

    @mutation(access.end_office, OfficeEnded)
    async def end_office(self, info: Info, input: EndOfficeInput) -> Any:
        return await access.end_office(
            request_of(info, input),
            office_holder_id=row_id(input.office_holder_id, "OfficeHolder", field="officeHolderId"),
        )
