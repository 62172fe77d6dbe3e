"""Where the value of a field comes from: declared once, read by the SDL and by the compiler.

A readable type names its table; each field carries its source. `{row}` in SQL is the alias of the
type's row, `{child}` that of the related row, `{actor}` the person asking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from taf_service.core.policies import Policy

T = TypeVar("T")

SOURCE = "source"
KIND = " type"
"""Where graphql-core finds the type of an object: no field or alias can be called so."""

MOST = 100
USUAL = 20


@dataclass(frozen=True, slots=True)
class Column:
    """An SQL expression over the row; without one, the column named like the field."""

    sql: str | None = None


@dataclass(frozen=True, slots=True)
class NodeId:
    """The row's id, made opaque and global."""


@dataclass(frozen=True, slots=True)
class Part:
    """Fields that live on the same row, grouped for the reader."""


@dataclass(frozen=True, slots=True)
class One:
    """At most one visible row of another type."""

    on: str
    order: str = "{child}.id"


@dataclass(frozen=True, slots=True)
class Many:
    """A short list of visible rows, in a stated order; never more than `limit`."""

    on: str
    order: str
    limit: int = MOST


@dataclass(frozen=True, slots=True)
class Key:
    """One column of a keyset order; `kind` is its SQL type."""

    sql: str
    kind: str


@dataclass(frozen=True, slots=True)
class Filter:
    """An argument that narrows a connection: `sql` sees it as `{value}`."""

    name: str
    annotation: Any
    sql: str
    cast: str
    description: str
    read: Callable[[Any], Any] | None = None
    """From what the client sends to what the database compares, where the two differ."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Rows that an index has in order: those for which `on` holds with one `{lane}` of `ids`."""

    ids: str
    on: str


@dataclass(frozen=True, slots=True)
class Paged:
    """A keyset connection over visible rows (api 3). The last key must be unique.

    Where no one index has all its rows in order, `lanes` part them, no row in two: a page takes as
    many from each as it needs, and no more. Then `on` says only what holds of every row.
    """

    on: str
    keys: tuple[Key, ...]
    filters: tuple[Filter, ...] = ()
    lanes: tuple[Lane, ...] = ()


@dataclass(frozen=True, slots=True)
class Guarded:
    """The value for those whom `policy` allows, null for others."""

    policy: Policy
    sql: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether the viewer may: answered by the policy that will decide."""

    policy: Policy


@dataclass(frozen=True, slots=True)
class Loaded:
    """A payload's object: read again, through visibility, by the id that the fact carries."""


@dataclass(frozen=True, slots=True)
class RootObject:
    """The visible row of `type_name` that the argument `id` names."""

    type_name: str


@dataclass(frozen=True, slots=True)
class RootPage:
    """A connection over visible rows of `type_name`; its `on` names no row above it."""

    type_name: str
    paged: Paged


@dataclass(frozen=True, slots=True)
class Viewer:
    """The viewer's own row."""

    type_name: str


@dataclass(frozen=True, slots=True)
class AnyNode:
    """Whatever visible row the argument `id` names."""


@dataclass(frozen=True, slots=True)
class AnyNodes:
    """Whatever visible rows the argument `ids` names, in their order."""


Source = (
    Column
    | NodeId
    | Part
    | One
    | Many
    | Paged
    | Guarded
    | Allowed
    | Loaded
    | RootObject
    | RootPage
    | Viewer
    | AnyNode
    | AnyNodes
)


@dataclass_transform(field_specifiers=(strawberry.field,))
def readable(table: str) -> Callable[[type[T]], type[T]]:
    """Make a class a GraphQL type over `table`, with an opaque global id."""

    def declare(cls: type[T]) -> type[T]:
        made = strawberry.type(cls, description=_prose(cls))
        made.__table__ = table  # type: ignore[attr-defined]
        return made

    return declare


def payload(cls: type[T]) -> type[T]:
    """What a mutation did: a past fact that carries what changed."""
    return strawberry.type(cls, description=_prose(cls))


def part(cls: type[T]) -> type[T]:
    """A group of fields on the same row."""
    return strawberry.type(cls, description=_prose(cls))


def _prose(cls: type[Any]) -> str:
    return " ".join((cls.__doc__ or "").split())


def node_id() -> Any:
    return _field(NodeId(), "Opaque, stable and global.")


def column(description: str, sql: str | None = None) -> Any:
    """A value of the row: the column of that name, or an SQL expression over `{row}`."""
    return _field(Column(sql), description)


def guarded(policy: Policy, description: str, sql: str) -> Any:
    """A value only some may see; others get null."""
    return _field(Guarded(policy, sql), f"{description} {policy.words}")


def allowed(policy: Policy) -> Any:
    return _field(Allowed(policy), policy.words)


def same_row(description: str) -> Any:
    return _field(Part(), description)


def one(description: str, on: str, order: str = "{child}.id") -> Any:
    return _field(One(on, order), description)


def many(description: str, on: str, order: str, limit: int = MOST) -> Any:
    """A list that says how much it holds at most (api 3)."""
    return _field(Many(on, order, limit), f"{description} At most {limit}.")


def loaded(description: str) -> Any:
    return _field(Loaded(), description)


def paged(
    description: str,
    on: str,
    *keys: Key,
    filters: tuple[Filter, ...] = (),
    lanes: tuple[Lane, ...] = (),
) -> Any:
    """A connection; its order is `keys`, ascending."""
    field = _field(Paged(on, keys, filters, lanes), description)
    field.arguments = paging_arguments(filters)
    return field


def paging_arguments(filters: tuple[Filter, ...] = ()) -> list[StrawberryArgument]:
    """`first` / `after`, `last` / `before` and the connection's own filters."""
    page = [
        ("first", int | None, f"How many, from the start: at most {MOST}; {USUAL} unless said."),
        ("after", str | None, "Continue behind this cursor."),
        ("last", int | None, f"How many, from the end: at most {MOST}."),
        ("before", str | None, "Continue ahead of this cursor."),
    ]
    page += [(f.name, f.annotation, f.description) for f in filters]
    return [
        StrawberryArgument(
            python_name=name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(annotation),
            default=None,
            description=description,
        )
        for name, annotation, description in page
    ]


def _field(source: Source, description: str) -> StrawberryField:
    made: Any = strawberry.field(description=description, metadata={SOURCE: source})
    field: StrawberryField = made
    return field


def version() -> Any:
    """Opaque, and moves only when this row does (security, "nothing counts what is hidden")."""
    return column(
        "Opaque: send it back with an edit of this object.",
        "replace({row}.version::text, '-', '')",
    )
