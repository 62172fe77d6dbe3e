"""Rules for accounts and offices. Pure: no database, no clock, no framework."""

from __future__ import annotations

from enum import StrEnum

from taf_service.core import faults
from taf_service.core.errors import FieldError, RuleBroken

LONGEST_IDENTITY = 200


class IdentityTaken(RuleBroken):
    """An identity signs in one person, and always the same."""

    code = "IDENTITY_TAKEN"


class OutOfReach(RuleBroken):
    """Administrators let those sign in who work in their own authority."""

    code = "ACCOUNT_OUT_OF_REACH"


class AccountDisabledAlready(RuleBroken):
    """An account is disabled once."""

    code = "ACCOUNT_DISABLED_ALREADY"


class OfficeHeldAlready(RuleBroken):
    """Somebody holds an office once."""

    code = "OFFICE_HELD_ALREADY"


class OfficeEndedAlready(RuleBroken):
    """An office that has ended stays ended; appoint again instead."""

    code = "OFFICE_ENDED_ALREADY"


class LastAdministrator(RuleBroken):
    """An authority always has an administrator who can sign in."""

    code = "LAST_ADMINISTRATOR"


class OfficeWithoutLocality(RuleBroken):
    """Only a coordinator's office is narrowed to a locality, one of the authority's own."""

    code = "OFFICE_WITHOUT_LOCALITY"


def check_identity(issuer: str, subject: str) -> None:
    """What a token could never say would let nobody in.

    Errors: `InvalidInput`.
    """
    sentence = f"Give 1 to {LONGEST_IDENTITY} printable characters, as in the token."
    faults.refuse(
        *(
            FieldError(field, sentence)
            for field, given in (("issuer", issuer), ("subject", subject))
            if not (given.isprintable() and 0 < len(given) <= LONGEST_IDENTITY)
        )
    )


def check_may_be_narrowed(office: StrEnum) -> None:
    """Errors: `OfficeWithoutLocality`."""
    if office.value != "COORDINATOR":
        raise OfficeWithoutLocality(
            "Only coordinators are appointed for one locality.", field="localityId"
        )
