"""What is wrong with the words somebody wrote: nothing was said, or far too much."""

from __future__ import annotations

from taf_service.core.errors import FieldError, InvalidInput

LONGEST = 4_000


def refuse(*faults: FieldError | None) -> None:
    """Errors: `InvalidInput`, with all that was found wrong together."""
    found = [fault for fault in faults if fault is not None]
    if found:
        raise InvalidInput(*found)


def length_fault(text: str, field: str, longest: int = LONGEST) -> FieldError | None:
    if len(text) > longest:
        return FieldError(field, f"Use at most {longest:,} characters.")
    return None


def said_fault(
    text: str, field: str, what_to_say: str = "Do not leave this empty.", *, longest: int = LONGEST
) -> FieldError | None:
    """What is wrong with something that must be said."""
    if not text.strip():
        return FieldError(field, what_to_say)
    return length_fault(text, field, longest)


def check_length(text: str, field: str, longest: int = LONGEST) -> None:
    """Errors: `InvalidInput`."""
    refuse(length_fault(text, field, longest))


def check_said(text: str, field: str, what_to_say: str = "Do not leave this empty.") -> None:
    """Errors: `InvalidInput`."""
    refuse(said_fault(text, field, what_to_say))
