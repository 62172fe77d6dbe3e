"""What a change of settings comes to. Pure, like the settings themselves.

A change is a part of the settings in the shape of the whole: `{"reviews": {"interval_days": 28}}`.
What it leaves out stays as it is; a list is replaced as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from taf_service.core.errors import FieldError, InvalidInput
from taf_service.partnership.rules import AuthoritySettings

MOST_VALUES = 500
DEEPEST = 5
LONGEST_TEXT = 300
GREATEST = 10**9

_SENTENCES = {
    "extra_forbidden": "There is no such setting.",
    "missing": "This is missing.",
    "bool_type": "Give true or false.",
    "string_type": "Give a text.",
    "string_too_short": "Give a text that is not empty.",
    "string_too_long": "Use at most {max_length} characters.",
    "int_type": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "greater_than_equal": "Use {ge} or more.",
    "less_than_equal": "Use {le} or less.",
    "tuple_type": "Give a list.",
    "too_short": "List at least {min_length}.",
    "too_long": "List at most {max_length}.",
    "model_type": "Give a group of settings.",
    "value_error": "{error}",
}


def read_changes(changes: object) -> dict[str, Any]:
    """Refuse what no setting can hold, before anything else looks at it.

    Errors: `InvalidInput`.
    """
    if not isinstance(changes, dict):
        raise _invalid("Give an object of settings.")
    level: list[object] = [changes]
    seen = 0
    for _ in range(DEEPEST):
        seen += len(level)
        if seen > MOST_VALUES:
            raise _invalid(f"Change at most {MOST_VALUES} values at a time.")
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise _invalid("Settings do not go that deep.")
    return changes


def _inside(value: object) -> Iterator[object]:
    """What a group or a list holds; anything else is looked at here.

    Errors: `InvalidInput`.
    """
    if isinstance(value, dict):
        for name in value:
            _check_text(name)
        yield from value.values()
    elif isinstance(value, list):
        yield from value
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int | float) and not -GREATEST <= value <= GREATEST:
        raise _invalid("Use smaller numbers.")


def _check_text(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise _invalid(f"Use at most {LONGEST_TEXT} characters in a text.")
    if not text.isprintable():
        raise _invalid("Use printable characters only, on one line.")


def _invalid(message: str) -> InvalidInput:
    return InvalidInput(FieldError("changes", message))


def changed(settings: AuthoritySettings, changes: dict[str, Any]) -> AuthoritySettings:
    """The settings with `changes` merged over them.

    Errors: `InvalidInput`, one error for each setting that is wrong.
    """
    present = settings.model_dump(mode="json")
    whole = json.dumps(_merged(present, read_changes(changes)))
    try:
        return AuthoritySettings.model_validate_json(whole, strict=True)
    except ValidationError as wrong:
        faults = {_setting(found): _sentence(found) for found in reversed(wrong.errors())}
    raise InvalidInput(*(FieldError(name, faults[name]) for name in _innermost(faults)))


def _innermost(names: Collection[str]) -> list[str]:
    """A list whose item is wrong is not wrong itself."""
    return [
        name for name in sorted(names) if not any(each.startswith(f"{name}.") for each in names)
    ]


def _merged(present: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(present)
    for name, value in changes.items():
        both_groups = isinstance(value, dict) and isinstance(present.get(name), dict)
        merged[name] = _merged(present[name], value) if both_groups else value
    return merged


def _setting(found: ErrorDetails) -> str:
    return ".".join(("changes", *map(str, found["loc"])))


def _sentence(found: ErrorDetails) -> str:
    known = _SENTENCES.get(found["type"])
    return known.format(**found.get("ctx", {})) if known else f"{found['msg']}."


def names_changed(before: AuthoritySettings, after: AuthoritySettings) -> tuple[str, ...]:
    """The settings that differ, each by its path, such as `reviews.interval_days`."""
    old, new = (dict(_flat(each.model_dump(mode="json"))) for each in (before, after))
    return tuple(name for name in new if old[name] != new[name])


def _flat(settings: dict[str, Any], path: str = "") -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value
