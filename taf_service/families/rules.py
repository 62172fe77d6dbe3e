"""Practice rules for families and the people in them. Pure: no database, no clock, no framework."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from taf_service.core import faults
from taf_service.core.errors import FieldError, InvalidInput, RuleBroken

LONGEST_NAME, LONGEST_LANGUAGE, LONGEST_VALUE = 120, 60, 300
MOST_MEMBERS = 40

# JUDGEMENT, all three: no partnership decides how long a pregnancy lasts. A child may be overdue,
# or its birth not yet known; with an education, health and care plan people are helped until 25.
OVERDUE = timedelta(days=28)
PREGNANCY = timedelta(days=300)
OLDEST_CHILD = 25

_LETTERS = "BCDFGHJKMNPQRSTVWXYZ"  # no vowels, so no words; no L, so no 1
_REFERENCE_LENGTH = 8
_NUMBER = re.compile(r"\+?[0-9 ().-]+( ?(ext\.?|x) ?[0-9]{1,6})?")
_FEWEST_DIGITS, _MOST_DIGITS = 5, 20


class FamilyRole(StrEnum):
    CHILD = "CHILD"
    PARENT = "PARENT"
    CARER = "CARER"
    OTHER = "OTHER"


class ChannelKind(StrEnum):
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    TEXT = "TEXT"
    POST = "POST"
    IN_PERSON = "IN_PERSON"


class ChildRequired(RuleBroken):
    """Early help is for a child, born or expected: a family has at least one."""

    code = "CHILD_REQUIRED"


class LocalityOfAnotherAuthority(RuleBroken):
    """A family lives in a locality of the authority whose family it is."""

    code = "LOCALITY_OF_ANOTHER_AUTHORITY"


class AlreadyInFamily(RuleBroken):
    """Nobody is in one family twice at once."""

    code = "ALREADY_IN_FAMILY"


class OwnFamily(RuleBroken):
    """Nobody enters themselves: their own family's case is never their work."""

    code = "OWN_FAMILY"


class LastChild(RuleBroken):
    """The last child stays in the family; a case ends by closing it."""

    code = "LAST_CHILD"


class NotExpected(RuleBroken):
    """A birth is recorded for a child who was expected."""

    code = "CHILD_NOT_EXPECTED"


class NotOfOneFamily(RuleBroken):
    """Both people must be in the same family."""

    code = "NOT_OF_ONE_FAMILY"


class AdultRequired(RuleBroken):
    """Parental responsibility is held by an adult of the family."""

    code = "ADULT_REQUIRED"


class BornChildRequired(RuleBroken):
    """Parental responsibility is for a child who was born (Children Act 1989, section 3)."""

    code = "BORN_CHILD_REQUIRED"


class ResponsibilityHeld(RuleBroken):
    """Somebody holds parental responsibility for a child once at a time."""

    code = "PARENTAL_RESPONSIBILITY_HELD"


class ChannelKnown(RuleBroken):
    """A way to reach somebody is recorded once."""

    code = "CONTACT_CHANNEL_KNOWN"


class AddressRefused(RuleBroken):
    """The address cannot be used for this person."""

    code = "ADDRESS_REFUSED"


class NoContactInForce(RuleBroken):
    """That two people must not meet is recorded once at a time."""

    code = "NO_CONTACT_IN_FORCE"


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody to be entered in a family. What cannot be refuses to be built (`InvalidInput`).

    A child has a date of birth, or one when it is expected (guidance 34, 80); an adult may have a
    date of birth.
    """

    name: str
    role: FamilyRole
    born_on: date | None = None
    expected_on: date | None = None

    def __post_init__(self) -> None:
        faults.refuse(name_fault(self.name), *self._date_faults())

    @property
    def day(self) -> date | None:
        """The date that tells this person from a namesake."""
        return self.born_on or self.expected_on

    def _date_faults(self) -> Iterator[FieldError]:
        is_child = self.role is FamilyRole.CHILD
        if is_child and (self.born_on is None) == (self.expected_on is None):
            yield FieldError("bornOn", "Give a date of birth, or when the child is expected.")
        if not is_child and self.expected_on is not None:
            yield FieldError("expectedOn", "Only a child can be expected.")


def name_fault(name: str) -> FieldError | None:
    return faults.said_fault(name, "name", longest=LONGEST_NAME)


def tongue_faults(
    language: str | None, interpreter_needs: str | None
) -> Iterator[FieldError | None]:
    """What is wrong with the language of a family, as far as it is given."""
    if language is not None:
        yield faults.said_fault(language, "language", longest=LONGEST_LANGUAGE)
    yield faults.length_fault(interpreter_needs or "", "interpreterNeeds")


def check_children(members: Iterable[NewMember]) -> None:
    """Errors: `ChildRequired`, `InvalidInput`."""
    listed = list(members)
    if not any(member.role is FamilyRole.CHILD for member in listed):
        raise ChildRequired("Name at least one child, born or expected.", field="members")
    if len(listed) > MOST_MEMBERS:
        raise InvalidInput(FieldError("members", f"Name at most {MOST_MEMBERS} people at first."))


def check_dates(members: Iterable[NewMember], today: date) -> None:
    """Errors: `InvalidInput` for dates that cannot be true as of `today`."""
    faults.refuse(*(fault for member in members for fault in _faults_as_of(today, member)))


def _faults_as_of(today: date, member: NewMember) -> Iterator[FieldError]:
    if member.born_on is not None:
        yield from _birth_faults(member.born_on, today, is_child=member.role is FamilyRole.CHILD)
    if member.expected_on is not None and not (
        today - OVERDUE <= member.expected_on <= today + PREGNANCY
    ):
        yield FieldError(
            "expectedOn", "Give the day the child is expected; if it is born, the date of birth."
        )


def _birth_faults(born_on: date, today: date, *, is_child: bool) -> Iterator[FieldError]:
    """What is wrong with a date of birth."""
    if born_on > today:
        yield FieldError("bornOn", "This lies in the future: say when the child is expected.")
    if is_child and _age(born_on, today) > OLDEST_CHILD:
        yield FieldError("bornOn", f"Check the year: nobody over {OLDEST_CHILD} is a child.")


def _age(born_on: date, today: date) -> int:
    before_birthday = (today.month, today.day) < (born_on.month, born_on.day)
    return today.year - born_on.year - before_birthday


def check_birth(expected_on: date | None, born_on: date, today: date) -> None:
    """Errors: `NotExpected`, `InvalidInput`."""
    if expected_on is None:
        raise NotExpected("This child's birth is recorded already.", field="familyMemberId")
    faults.refuse(*_birth_faults(born_on, today, is_child=True))


def check_not_born_twice(member: NewMember, *, is_born: bool) -> None:
    """Recording a birth names the child, so nobody who bears a name already is expected.

    Errors: `InvalidInput`.
    """
    if is_born and member.expected_on is not None:
        raise InvalidInput(FieldError("expectedOn", "They are born: give their date of birth."))


def check_of_one_family(first_family_id: UUID, second_family_id: UUID, *, field: str) -> None:
    """Errors: `NotOfOneFamily`."""
    if first_family_id != second_family_id:
        raise NotOfOneFamily("Name two people of the same family.", field=field)


def check_two_people(first_id: UUID, second_id: UUID, *, field: str) -> None:
    """Errors: `InvalidInput`."""
    if first_id == second_id:
        raise InvalidInput(FieldError(field, "Name somebody else: this is the same person."))


def check_responsibility(
    holder: StrEnum, child: StrEnum, born_on: date | None, from_on: date | None, today: date
) -> None:
    """`holder` and `child` are their roles. Errors: `AdultRequired`, `BornChildRequired`."""
    if holder.value == FamilyRole.CHILD:
        raise AdultRequired("Name an adult of the family.", field="holderId")
    if child.value != FamilyRole.CHILD or born_on is None:
        raise BornChildRequired("Name a child of the family who was born.", field="childId")
    if from_on is not None and not born_on <= from_on <= today:
        raise InvalidInput(FieldError("fromOn", "Give a day from the child's birth until today."))


def check_end_of_responsibility(from_on: date | None, ended_on: date, today: date) -> None:
    """Errors: `InvalidInput`."""
    if ended_on > today or (from_on is not None and ended_on < from_on):
        raise InvalidInput(FieldError("endedOn", "Give a day from when it began until today."))


def check_value(kind: ChannelKind, value: str) -> None:
    """What a channel that is not an email address holds. Errors: `InvalidInput`."""
    if kind is not ChannelKind.IN_PERSON:
        faults.refuse(faults.said_fault(value, "value", longest=LONGEST_VALUE))
    faults.check_length(value, "value", LONGEST_VALUE)
    if kind in (ChannelKind.PHONE, ChannelKind.TEXT) and not _is_number(value):
        raise InvalidInput(FieldError("value", "Give a telephone number, such as 01332 496000."))


def _is_number(value: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    return _NUMBER.fullmatch(value.strip()) is not None and _FEWEST_DIGITS <= digits <= _MOST_DIGITS


def check_read_by_others(kind: ChannelKind, *, read_by_others: bool, field: str) -> None:
    """Errors: `InvalidInput`: a mailbox is read, a telephone is not."""
    if read_by_others and kind is not ChannelKind.EMAIL:
        raise InvalidInput(FieldError(field, "Only a mailbox can be read by somebody else."))


def check_one_stopped(*, by_person: bool, by_channel: bool) -> None:
    """Errors: `InvalidInput` unless exactly one of the two is named."""
    if by_person == by_channel:
        raise InvalidInput(
            FieldError("contact", "Name either a person or an email address of theirs.")
        )


def reference(chance: UUID) -> str:
    """A family's reference: eight letters that are not mistaken for others, such as KTRM-WXQP."""
    number, letters = chance.int, ""
    for _ in range(_REFERENCE_LENGTH):
        number, nth = divmod(number, len(_LETTERS))
        letters += _LETTERS[nth]
    half = _REFERENCE_LENGTH // 2
    return f"{letters[:half]}-{letters[half:]}"
