"""One statement for one operation: the actor bound, everything read, what was opened logged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql.execution.values import VariableValues

from schema.compiler.arguments import Getter
from schema.compiler.declared import source_of
from schema.compiler.document import Document
from schema.compiler.frames import ACTOR
from schema.compiler.roots import Root, root_of
from schema.compiler.text import LONGEST, Text, quoted
from schema.compiler.writing import Writer
from taf_service import visibility

# An identity that was checked belongs to the person it belonged to before, or nothing is read.
_BOUND = (
    "(select read_as(case when $2::text is null then $1::uuid"
    " else person_signed_in_as($2::text, $3::text) end) as actor offset 0) asking"
)


_BOUNDED = f"case when octet_length(text) > {LONGEST} then E'\\x02' else text end as text"


@dataclass(frozen=True, slots=True)
class Plan:
    """`sql` takes the person, the issuer and subject they signed in with, and `parameters`.

    It returns one row with the answer as text, or none when the identity is not that person's.
    """

    sql: str
    parameters: tuple[Getter, ...]

    def values(self, variables: VariableValues) -> list[object]:
        """Errors: `InvalidInput` for arguments that cannot be right."""
        return [getter(variables) for getter in self.parameters]


def plan_query(document: Document, variables: VariableValues) -> Plan:
    """A whole query. Errors: `InvalidInput` for arguments that cannot be right."""
    writer = Writer(document, variables)
    text, roots = Text().say('{"data":'), list[tuple[str, Root]]()
    asked = writer.selection.of(document.root_type, [document.operation.selection_set])
    for item in text.members(asked):
        if item.name == "__typename":
            text.say(f'"{document.root_type.name}"')
            continue
        definition = document.root_type.fields[item.name]
        root = root_of(source_of(definition), writer, definition, item)
        _add(text, roots, root, missing=writer.missing(definition))
    return compose(writer, text.say("}"), roots)


def plan_root(writer: Writer, root: Root) -> Plan:
    """One root alone, for graphql-core to complete."""
    text, roots = Text(), list[tuple[str, Root]]()
    _add(text, roots, root, missing="'null'")
    return compose(writer, text, roots)


def compose(writer: Writer, text: Text, roots: list[tuple[str, Root]]) -> Plan:
    """Put roots, log and text together."""
    joins = " ".join(f"left join lateral ({root.sql}) {name} on true" for name, root in roots)
    kept = [
        f", {name}.families as families_{name}, {name}.subjects as subjects_{name}"
        for name, root in roots
        if root.opens
    ]
    answered = (
        f"select {text.expression()} as text{''.join(kept)} from {_BOUND} {joins}"
        f" where asking.actor = {ACTOR}::text"
    )
    entries = list(_entries(roots))
    if not entries:
        sql = _with_own(f"select {_BOUNDED} from ({answered}) answered", [])
        return Plan(sql, tuple(writer.parameters))
    logged = (
        "logged as (insert into audit_entry (id, family_id, at, actor_id, event, subject_id, facts)"
        f" select gen_random_uuid(), e.family, now(), {ACTOR}, e.event, e.subject, e.facts"
        f" from answered cross join lateral ({' union '.join(entries)}) e)"
    )
    sql = _with_own(f"select {_BOUNDED} from answered", [f"answered as ({answered})", logged])
    return Plan(sql, tuple(writer.parameters))


def _add(text: Text, roots: list[tuple[str, Root]], root: Root, *, missing: str) -> None:
    if root.sql is None:
        text.say("null")
        return
    alias = f"a{len(roots)}"
    roots.append((alias, root))
    text.sql(f"coalesce({alias}.text, {missing})")


def _entries(roots: list[tuple[str, Root]]) -> Iterator[str]:
    for name, root in roots:
        if root.opens:
            yield (
                "select distinct o.family, 'case.opened' as event, o.subject, '{}'::jsonb as facts"
                f" from unnest(families_{name}, subjects_{name}) o (family, subject)"
                " where o.subject is not null"
            )
        if root.listed:
            listed = ", ".join(quoted(each) for each in root.listed)
            yield (
                f"select null::uuid as family, 'cases.listed' as event, {ACTOR} as subject,"
                f" jsonb_build_object('lists', array[{listed}]) as facts"
            )


def _with_own(sql: str, parts: list[str]) -> str:
    own = visibility.own(" ".join((*parts, sql)), actor=ACTOR)
    clauses = [*own, *parts]
    return f"with {', '.join(clauses)} {sql}" if clauses else sql
