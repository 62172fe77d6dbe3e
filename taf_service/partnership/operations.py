"""Changing what an authority has set, and how it is divided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from taf_service import visibility
from taf_service.core import faults
from taf_service.core.errors import Stale
from taf_service.core.work import Work, operation
from taf_service.partnership import changes as settings_changes
from taf_service.partnership import policies, rules
from taf_service.partnership.models import Authority, Locality, SettingsVersion
from taf_service.partnership.queries import authority_for, settings_in_force


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    authority_id: UUID


@dataclass(frozen=True, slots=True)
class LocalityAdded:
    authority_id: UUID
    locality_id: UUID


@operation(policies.change_settings)
async def change_settings(
    work: Work, *, authority_id: UUID, changes: dict[str, Any], reason: str, version: UUID
) -> SettingsChanged:
    """Change an authority's settings; what is left out stays as it is."""
    # Two at once: the second waits here, then finds that the version it read is gone.
    authority = await visibility.to_change(
        work, policies.change_settings, authority_for, authority_id
    )
    faults.check_said(reason, "reason", "Say why the settings change.")
    present = await settings_in_force(work, authority.id)
    if present.version != version:
        raise Stale("settings_version", authority.id)
    before = rules.AuthoritySettings.model_validate(present.settings)
    after = settings_changes.changed(before, changes)
    if after == before:
        raise rules.SettingsUnchanged("This is how it is set already.", field="changes")
    await _put_in_force(work, present, after, reason)
    await work.record(
        "settings.changed",
        subject_id=authority.id,
        family_id=None,
        number=present.number + 1,
        settings=settings_changes.names_changed(before, after),
    )
    return SettingsChanged(authority.id)


async def _put_in_force(
    work: Work, present: SettingsVersion, settings: rules.AuthoritySettings, reason: str
) -> None:
    """A version is never changed: a newer one takes its place."""
    await SettingsVersion.create(
        id=work.new_id(),
        authority_id=present.authority_id,
        number=present.number + 1,
        version=work.new_id(),
        settings=settings.model_dump(mode="json"),
        reason=reason.strip(),
        changed_by_id=work.actor.person_id,
        changed_at=work.now,
    )


@operation(policies.add_locality)
async def add_locality(work: Work, *, authority_id: UUID, name: str) -> LocalityAdded:
    """Add a part of an authority's area."""
    authority = await authority_for(work, authority_id)
    work.require(policies.add_locality, authority)
    rules.check_locality_name(name)
    locality = await _locality(work, authority, name.strip())
    await work.record(
        "locality.added", subject_id=locality.id, family_id=None, authority_id=authority.id
    )
    return LocalityAdded(authority.id, locality.id)


async def _locality(work: Work, authority: Authority, name: str) -> Locality:
    """Errors: `LocalityNameTaken`."""
    try:
        async with in_transaction():
            return await Locality.create(id=work.new_id(), authority_id=authority.id, name=name)
    except IntegrityError:
        raise rules.LocalityNameTaken(
            "There is a locality of this name already.", field="name"
        ) from None
