"""Practice rules for the directory. Pure: no database, no clock, no framework."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from email_validator import EmailNotValidError, validate_email

from taf_service.core import faults
from taf_service.core.errors import FieldError, InvalidInput, RuleBroken

LONGEST = 120
MOST_DOMAINS = 20
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


class AgencyIsClosed(RuleBroken):
    """A closed agency stays as it was: nobody joins it and nothing about it changes."""

    code = "AGENCY_CLOSED"


class AgencyAtWork(RuleBroken):
    """An agency closes when nobody works there any more."""

    code = "AGENCY_STILL_AT_WORK"


class AddressOutsideDomains(RuleBroken):
    """Work addresses of this agency lie in its own domains."""

    code = "ADDRESS_OUTSIDE_DOMAINS"


class AddressOfAnAgency(RuleBroken):
    """Whoever is on duty reads a role mailbox, so it is nobody's own work address."""

    code = "ADDRESS_OF_AN_AGENCY"


class AddressOfSomebody(RuleBroken):
    """A work address belongs to one practitioner at a time."""

    code = "ADDRESS_OF_SOMEBODY_ELSE"


class RoleMailboxExists(RuleBroken):
    """An agency has a role mailbox once."""

    code = "ROLE_MAILBOX_EXISTS"


class AlreadyAffiliated(RuleBroken):
    """A practitioner works for an agency once at a time."""

    code = "ALREADY_AFFILIATED"


class AffiliationOver(RuleBroken):
    """Whoever has left an agency and comes back begins anew there."""

    code = "AFFILIATION_OVER"


def line_error(text: str, field: str) -> FieldError | None:
    """What is wrong with a name, a title or a label, if anything is."""
    return faults.said_fault(tidy(text), field, longest=LONGEST)


def tidy(text: str) -> str:
    """Words with one space between them."""
    return " ".join(text.split())


def address_error(text: str, field: str) -> FieldError | None:
    return None if _plain(text) else FieldError(field, "Give one address: name@example.org.")


def normalised_address(text: str, field: str = "emailAddress") -> str:
    """The address as it is stored and compared: lower case, its domain in ASCII (RFC 5890).

    Only what every mail server carries: no quoted or internationalised local part, no bare host, no
    number for a domain. Errors: `InvalidInput`.
    """
    faults.refuse(address_error(text, field))
    return _plain(text)


def _plain(text: str) -> str:
    """The normalised address, or nothing."""
    try:
        found = validate_email(
            text.strip(" "),
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
            check_deliverability=False,
            # Kept for trying things out (RFC 6761 6.2); nothing gets anywhere by mistake.
            test_environment=True,
        )
    except EmailNotValidError:
        return ""
    return f"{found.local_part}@{found.ascii_domain}".lower() if "." in found.domain else ""


def domains_error(domains: Iterable[str], *, required: bool, field: str) -> FieldError | None:
    """What is wrong with an agency's domains, if anything is; `required`: there must be one."""
    listed = list(domains)
    if required and not listed:
        return FieldError(field, "Name a domain, or let work addresses lie anywhere.")
    if len(listed) > MOST_DOMAINS:
        return FieldError(field, f"Name at most {MOST_DOMAINS} domains.")
    if not all(map(_domain, listed)):
        return FieldError(field, "Give domains alone, such as school.example.")
    return None


def normalised_domains(domains: Iterable[str]) -> list[str]:
    """Each once, in lower case and ASCII, in order; ask `domains_error` first."""
    return sorted({_domain(domain) for domain in domains})


def _domain(text: str) -> str:
    """The domain of an address there, or nothing: what can follow the @ is a domain."""
    return "" if "@" in text else _plain(f"somebody@{text.strip(' ')}").partition("@")[2]


def lies_in(address: str, domains: Iterable[str]) -> bool:
    """Whether a normalised address is in one of these domains or below one."""
    host = address.rpartition("@")[2]
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def check_domain(address: str, domains: Iterable[str]) -> None:
    """Errors: `AddressOutsideDomains`, naming the domains, which are no secret."""
    listed = sorted(domains)
    if not lies_in(address, listed):
        raise AddressOutsideDomains(
            f"This agency's addresses end in {' or '.join(listed)}. Give one of those.",
            field="emailAddress",
        )


def day_error(day: date, field: str) -> FieldError | None:
    if EARLIEST <= day <= LATEST:
        return None
    return FieldError(field, f"Give a day from {EARLIEST.year} to {LATEST.year}.")


def until(last_on: date, *, from_on: date) -> date:
    """The day after the last: until then, and no longer.

    Errors: `InvalidInput` for a last day before the first.
    """
    faults.refuse(day_error(last_on, "lastOn"))
    if last_on < from_on:
        raise InvalidInput(FieldError("lastOn", "The last day cannot come before the first."))
    return last_on + timedelta(days=1)


def check_not_over(present: date | None, following: date, today: date) -> None:
    """`present` and `following`: until when an affiliation lasts, now and as asked for.

    Errors: `AffiliationOver`. Their address may have passed on to somebody else.
    """
    if present is not None and present <= today < following:
        raise AffiliationOver(
            "They have left already. Record that they work there again instead.", field="lastOn"
        )
