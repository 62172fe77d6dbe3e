"""Global ids: opaque, stable, the same length for every type; a UUID is never shown (api 3, 6)."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

import strawberry

from taf_service.core.errors import NotFound

# A published id starts with its type's number: never renumber, only add.
NUMBERS = {
    "Authority": 1,
    "Locality": 2,
    "Agency": 3,
    "Practitioner": 4,
    "Affiliation": 5,
    "Family": 6,
    "FamilyMember": 7,
    "ContactChannel": 8,
    "NoContact": 9,
    "StopContact": 10,
    "LeadEnquiry": 11,
    "Team": 12,
    "Membership": 13,
    "LeadTenure": 14,
    "Cover": 15,
    "Meeting": 16,
    "Invitation": 17,
    "Delivery": 18,
    "Action": 19,
    "ActionProgress": 20,
    "Relationship": 21,
    "ParentalResponsibility": 22,
    "SafeContact": 23,
    "OfficeHolder": 24,
    "Reply": 25,
    "RoleMailbox": 26,
    "Account": 27,
}
NOWHERE = UUID(int=0)
"""No row has this id."""

_NAMES = {number: name for name, number in NUMBERS.items()}


def encode(type_name: str, row_id: UUID) -> str:
    """24 characters, URL-safe, without padding."""
    return base64.urlsafe_b64encode(NUMBERS[type_name].to_bytes(2, "big") + row_id.bytes).decode()


def encode_sql(type_name: str, column: str) -> str:
    """The same, computed by PostgreSQL from a uuid column."""
    prefix = NUMBERS[type_name].to_bytes(2, "big").hex()
    return rf"translate(encode('\x{prefix}'::bytea || uuid_send({column}), 'base64'), '+/', '-_')"


def decode(global_id: str) -> tuple[str, UUID]:
    """The type's name and the row's id.

    Errors: `NotFound`, as for any id that leads nowhere.
    """
    try:
        raw = base64.b64decode(global_id, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    name = _NAMES.get(int.from_bytes(raw[:2], "big"))
    if len(raw) != 18 or name is None:  # noqa: PLR2004 - two bytes of type, sixteen of id
        raise NotFound("There is nothing here under that id.")
    return name, UUID(bytes=raw[2:])


def row_id(global_id: str, type_name: str, *, field: str | None = None) -> UUID:
    """The row behind an id that must be of this type.

    Errors: `NotFound`: an id of another type leads nowhere either.
    """
    try:
        name, found = decode(global_id)
    except NotFound:
        name, found = "", UUID(int=0)
    if name != type_name:
        raise NotFound("There is nothing here under that id.", field=field)
    return found


_TYPES = {
    "settings_version": "Authority",
    "mailbox": "RoleMailbox",
}


def of_table(table: str, found: UUID) -> tuple[str, UUID]:
    """The type's name for a row of a table, and the row's id."""
    camel = "".join(word.capitalize() for word in table.split("_"))
    return _TYPES.get(table, camel), found


def optional_row_id(global_id: str | None, type_name: str, *, field: str) -> UUID | None:
    """Nothing for an id that was not given."""
    if global_id is None or global_id is strawberry.UNSET:
        return None
    return row_id(global_id, type_name, field=field)
