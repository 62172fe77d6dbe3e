"""What clients were promised, and whether the schema of today keeps it (api 2).

`make publish-schema` runs this, and then promises today's schema: exit status 1 if a promise is
broken without a word.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    DEFAULT_DEPRECATION_REASON,
    BreakingChange,
    BreakingChangeType,
    DangerousChange,
    GraphQLEnumType,
    GraphQLSchema,
    build_schema,
    find_schema_changes,
)

from schema.build import sdl

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "schema" / "published.graphql"
HEADING = "## Changelog of the API\n"
TO_DO = (
    "Put it back; or name {named} in the README's changelog of the API, in backticks, and say what"
    " clients do instead."
)
TO_DEPRECATE = (
    "Put it back as @deprecated(reason:), run `make publish-schema`, give clients time, and only"
    " then remove it."
)
_REMOVALS = {
    BreakingChangeType.ARG_REMOVED,
    BreakingChangeType.FIELD_REMOVED,
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
}
_COORDINATE = re.compile(
    r"@\w+(?:\(\w+:\))?"  # a directive, and its argument
    r"|\w+\.\w+(?:\(\w+:\))?"  # a field or a value, and its argument
    r"|\w+(?= was removed(?! from @)| no longer| changed from)"  # a type
)


def faults(published: str, present: str, changelog: str) -> list[str]:
    """A sentence for each promise that is broken without a word, saying what to do."""
    before = build_schema(published)
    return [
        f"{change.description} {to_do}"
        for change in find_schema_changes(before, build_schema(present))
        if isinstance(change, BreakingChange)
        for to_do in _to_do(before, change, changelog)
    ]


def dangers(published: str, present: str) -> list[str]:
    """What breaks no client that reads the schema with care: no fault, but worth a look."""
    found = find_schema_changes(build_schema(published), build_schema(present))
    return [change.description for change in found if isinstance(change, DangerousChange)]


def changelog(readme: str) -> str:
    """That section, up to the next."""
    _, heading, rest = readme.partition(HEADING)
    assert heading, "the README has a changelog of the API"
    return rest.partition("\n## ")[0]


def coordinate(change: BreakingChange) -> str:
    """Where it happened, as the specification writes it: `Type.field(argument:)`."""
    found = _COORDINATE.search(change.description)
    assert found, change.description
    return found[0]


def _to_do(before: GraphQLSchema, change: BreakingChange, changelog: str) -> Iterator[str]:
    named = f"`{coordinate(change)}`"
    if named not in changelog:
        yield TO_DO.format(named=named)
    if change.type in _REMOVALS and not _was_deprecated(before, coordinate(change)):
        yield TO_DEPRECATE


def _was_deprecated(before: GraphQLSchema, coordinate: str) -> bool:
    owner, field, *argument = re.findall(r"\w+", coordinate)
    of: Any = before.type_map[owner]
    found = of.values[field] if isinstance(of, GraphQLEnumType) else of.fields[field]
    reason = (found.args[argument[0]] if argument else found).deprecation_reason
    return reason not in {None, "", DEFAULT_DEPRECATION_REASON}


if __name__ == "__main__":
    published = PUBLISHED.read_text()
    sys.stdout.writelines(f"For information: {each}\n" for each in dangers(published, sdl()))
    broken = faults(published, sdl(), changelog((ROOT / "README.md").read_text()))
    raise SystemExit("\n".join(broken) or 0)
