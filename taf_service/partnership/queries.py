"""Authorities and what is in force there."""

from __future__ import annotations

from uuid import UUID

from taf_service import visibility
from taf_service.core.work import Work
from taf_service.partnership.models import Authority, Locality, OfficeHolder, SettingsVersion
from taf_service.partnership.rules import AuthoritySettings


async def authority_for(work: Work, authority_id: UUID, *, lock: bool = False) -> Authority:
    """Errors: `NotFound`; only its administrators can lock it."""
    return await visibility.one(work, Authority, authority_id, lock=lock)


async def locality_for(work: Work, locality_id: UUID) -> Locality:
    """Errors: `NotFound`."""
    return await visibility.one(work, Locality, locality_id)


async def office_holder_for(work: Work, office_holder_id: UUID) -> OfficeHolder:
    """Errors: `NotFound`."""
    return await visibility.one(work, OfficeHolder, office_holder_id)


async def settings_of(work: Work, authority_id: UUID) -> AuthoritySettings:
    """The settings in force: no secret, so whoever acts for a family acts by them."""
    newest = await settings_in_force(work, authority_id)
    return AuthoritySettings.model_validate(newest.settings)


async def settings_in_force(_work: Work, authority_id: UUID) -> SettingsVersion:
    newest = await SettingsVersion.filter(authority_id=authority_id).order_by("-number").first()
    assert newest is not None, "an authority is established with settings"
    return newest
