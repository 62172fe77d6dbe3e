"""What happened in the directory, by reference: what operations return."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AgencyRegistered:
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class AgencyChanged:
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class AgencyClosed:
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class RoleMailboxAdded:
    agency_id: UUID
    role_mailbox_id: UUID


@dataclass(frozen=True, slots=True)
class PractitionerRegistered:
    practitioner_id: UUID
    affiliation_id: UUID


@dataclass(frozen=True, slots=True)
class PractitionerRenamed:
    practitioner_id: UUID


@dataclass(frozen=True, slots=True)
class PractitionerAffiliated:
    practitioner_id: UUID
    affiliation_id: UUID


@dataclass(frozen=True, slots=True)
class AffiliationEnded:
    affiliation_id: UUID
