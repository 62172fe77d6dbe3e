"""Arguments that many inputs share."""

from __future__ import annotations

from typing import Any

import strawberry


def given(description: str) -> Any:
    """A field that must be there."""
    return strawberry.field(description=description)


def optional(description: str, default: object = None) -> Any:
    """A field that may be left out."""
    return strawberry.field(default=default, description=description)


def either(description: str) -> Any:
    """One of the alternatives of an input of which exactly one is given (`one_of`)."""
    return strawberry.field(default=strawberry.UNSET, description=description)


def key() -> Any:
    return optional("Makes a repeat of this request happen once, for 30 days.")


def read_version(of: str) -> Any:
    return given(f"The version of the {of} that you read.")


def acknowledged() -> Any:
    return optional("The codes of the warnings that you have read.")
