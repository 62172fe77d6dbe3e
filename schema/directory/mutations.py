"""Keeping the directory: agencies, and the people who work for them."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.context import Info, request_of
from schema.directory.inputs import (
    AddRoleMailboxInput,
    AffiliatePractitionerInput,
    ChangeAgencyInput,
    CloseAgencyInput,
    EndAffiliationInput,
    RegisterAgencyInput,
    RegisterPractitionerInput,
    RenamePractitionerInput,
)
from schema.directory.types import Affiliation, Agency, Practitioner, RoleMailbox
from schema.ids import optional_row_id, row_id
from schema.mutation import mutation
from schema.sources import loaded, payload
from taf_service import directory


@payload
class AgencyRegistered:
    """An agency was registered."""

    agency: Agency | None = loaded("Its entry in the directory.")


@payload
class AgencyChanged:
    """Something about an agency changed."""

    agency: Agency | None = loaded("The agency, as it is now.")


@payload
class AgencyClosed:
    """Nobody works for an agency any more, and nobody can join it."""

    agency: Agency | None = loaded("The agency, with the time it closed.")


@payload
class RoleMailboxAdded:
    """An agency has another mailbox that whoever is on duty reads."""

    agency: Agency | None = loaded("Whose it is.")
    role_mailbox: RoleMailbox | None = loaded("Where mail reaches whoever is on duty.")


@payload
class PractitionerRegistered:
    """Somebody new at work is in the directory."""

    practitioner: Practitioner | None = loaded("Who.")
    affiliation: Affiliation | None = loaded("What they are, and for whom.")


@payload
class PractitionerRenamed:
    """A practitioner's name was put right."""

    practitioner: Practitioner | None = loaded("Who, by the name they bear now.")


@payload
class PractitionerAffiliated:
    """A practitioner works for an agency."""

    practitioner: Practitioner | None = loaded("Who.")
    affiliation: Affiliation | None = loaded("What they are, and for whom.")


@payload
class AffiliationEnded:
    """It is on record when a practitioner leaves an agency."""

    affiliation: Affiliation | None = loaded("What they are or were there, and until when.")


@strawberry.type
class DirectoryMutations:
    @mutation(directory.register_agency, AgencyRegistered)
    async def register_agency(self, info: Info, input: RegisterAgencyInput) -> Any:
        return await directory.register_agency(
            request_of(info, input),
            name=input.name,
            kind=input.kind,
            authority_id=optional_row_id(input.authority_id, "Authority", field="authorityId"),
            domain_policy=input.domain_policy,
            email_domains=input.email_domains or [],
        )

    @mutation(directory.change_agency, AgencyChanged)
    async def change_agency(self, info: Info, input: ChangeAgencyInput) -> Any:
        return await directory.change_agency(
            request_of(info, input),
            agency_id=row_id(input.agency_id, "Agency", field="agencyId"),
            version=input.version,
            name=input.name,
            domain_policy=input.domain_policy,
            email_domains=input.email_domains,
        )

    @mutation(directory.close_agency, AgencyClosed)
    async def close_agency(self, info: Info, input: CloseAgencyInput) -> Any:
        return await directory.close_agency(
            request_of(info, input),
            agency_id=row_id(input.agency_id, "Agency", field="agencyId"),
            version=input.version,
        )

    @mutation(directory.add_role_mailbox, RoleMailboxAdded)
    async def add_role_mailbox(self, info: Info, input: AddRoleMailboxInput) -> Any:
        return await directory.add_role_mailbox(
            request_of(info, input),
            agency_id=row_id(input.agency_id, "Agency", field="agencyId"),
            email_address=input.email_address,
            label=input.label,
        )

    @mutation(directory.register_practitioner, PractitionerRegistered)
    async def register_practitioner(self, info: Info, input: RegisterPractitionerInput) -> Any:
        return await directory.register_practitioner(
            request_of(info, input),
            name=input.name,
            agency_id=row_id(input.agency_id, "Agency", field="agencyId"),
            role_title=input.role_title,
            email_address=input.email_address,
            locality_id=optional_row_id(input.locality_id, "Locality", field="localityId"),
            from_on=input.from_on,
        )

    @mutation(directory.rename_practitioner, PractitionerRenamed)
    async def rename_practitioner(self, info: Info, input: RenamePractitionerInput) -> Any:
        return await directory.rename_practitioner(
            request_of(info, input),
            practitioner_id=row_id(input.practitioner_id, "Practitioner", field="practitionerId"),
            name=input.name,
            version=input.version,
        )

    @mutation(directory.affiliate_practitioner, PractitionerAffiliated)
    async def affiliate_practitioner(self, info: Info, input: AffiliatePractitionerInput) -> Any:
        return await directory.affiliate_practitioner(
            request_of(info, input),
            practitioner_id=row_id(input.practitioner_id, "Practitioner", field="practitionerId"),
            agency_id=row_id(input.agency_id, "Agency", field="agencyId"),
            role_title=input.role_title,
            email_address=input.email_address,
            locality_id=optional_row_id(input.locality_id, "Locality", field="localityId"),
            from_on=input.from_on,
        )

    @mutation(directory.end_affiliation, AffiliationEnded)
    async def end_affiliation(self, info: Info, input: EndAffiliationInput) -> Any:
        return await directory.end_affiliation(
            request_of(info, input),
            affiliation_id=row_id(input.affiliation_id, "Affiliation", field="affiliationId"),
            last_on=input.last_on,
            version=input.version,
        )
