"""Setting up an authority, before anybody there can sign in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from taf_service.core.ids import new_id
from taf_service.partnership.rules import DEFAULTS, fault_of_name

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

REASON = "The partnership's defaults."
LONGEST_IDENTITY = 200

_TAKEN = {
    "authority": "There is an authority with this code already.",
    "account": "This issuer and subject sign somebody in already.",
    "locality": "Name each locality once.",
}


class EstablishmentRefused(Exception):
    """An authority cannot be set up like this; the message says why."""


@dataclass(frozen=True, slots=True)
class AuthorityEstablished:
    authority_id: UUID
    administrator_id: UUID


async def establish_authority(
    connection: Connection,
    *,
    code: str,
    name: str,
    administrator: str,
    issuer: str,
    subject: str,
    localities: tuple[str, ...] = (),
) -> AuthorityEstablished:
    """An authority with its localities, the default settings and its first administrator.

    `connection` is the owner's: there is nobody yet whose standing could be asked. Everything or
    nothing is written.

    Errors: `EstablishmentRefused`.
    """
    _check_names(code, name, administrator, localities)
    _check_identity(issuer, subject)
    made = AuthorityEstablished(new_id(), new_id())
    try:
        async with connection.transaction():
            await _authority(connection, made.authority_id, code, name.strip(), localities)
            await _administrator(connection, made, administrator.strip(), issuer, subject)
            await _record(connection, made)
    except asyncpg.UniqueViolationError as taken:
        raise EstablishmentRefused(_TAKEN[str(taken.table_name)]) from None
    return made


def _check_names(code: str, name: str, administrator: str, localities: tuple[str, ...]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", code):
        raise EstablishmentRefused(
            "Use a code of at most 40 small letters, digits and hyphens, such as derby."
        )
    named = [("authority", name), ("administrator", administrator)]
    named += [("locality", each) for each in localities]
    for what, given in named:
        fault = fault_of_name(given)
        if fault:
            raise EstablishmentRefused(f"The name of the {what} cannot be used. {fault}")


def _check_identity(issuer: str, subject: str) -> None:
    """What a token could never say would let nobody in."""
    for what, given in (("issuer", issuer), ("subject", subject)):
        if not (given.isprintable() and 0 < len(given) <= LONGEST_IDENTITY):
            raise EstablishmentRefused(
                f"The {what} must have 1 to {LONGEST_IDENTITY} printable characters."
            )


async def _authority(
    connection: Connection, authority_id: UUID, code: str, name: str, localities: tuple[str, ...]
) -> None:
    await connection.execute(
        "insert into authority (id, code, name) values ($1, $2, $3)", authority_id, code, name
    )
    await connection.executemany(
        "insert into locality (id, authority_id, name) values ($1, $2, $3)",
        [(new_id(), authority_id, each.strip()) for each in localities],
    )
    await connection.execute(
        "insert into settings_version"
        " (id, authority_id, number, version, settings, reason, changed_at)"
        " values ($1, $2, 1, $3, $4, $5, now())",
        new_id(),
        authority_id,
        new_id(),
        DEFAULTS.model_dump_json(),
        REASON,
    )


async def _administrator(
    connection: Connection, made: AuthorityEstablished, name: str, issuer: str, subject: str
) -> None:
    await connection.execute(
        "insert into person (id, name, version) values ($1, $2, $3)",
        made.administrator_id,
        name,
        new_id(),
    )
    await connection.execute(
        "insert into office_holder (id, authority_id, person_id, office, from_at)"
        " values ($1, $2, $3, 'ADMINISTRATOR', now())",
        new_id(),
        made.authority_id,
        made.administrator_id,
    )
    await connection.execute(
        "insert into account (id, issuer, subject, person_id) values ($1, $2, $3, $4)",
        new_id(),
        issuer,
        subject,
        made.administrator_id,
    )


async def _record(connection: Connection, made: AuthorityEstablished) -> None:
    """Nobody signed in did this: the entry has no actor."""
    await connection.execute(
        "insert into audit_entry (id, at, event, subject_id, facts)"
        " values ($1, now(), 'authority.established', $2,"
        " jsonb_build_object('administrator_id', $3::uuid))",
        new_id(),
        made.authority_id,
        made.administrator_id,
    )
