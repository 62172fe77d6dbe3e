"""What is asked leaves nothing out."""

from __future__ import annotations

from graphql import (
    GraphQLObjectType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    visit,
)

from schema.build import schema
from tests.security.inputs import mutations
from tests.security.noninterference import reading
from tests.security.noninterference.channels import acts
from tests.security.noninterference.situation import steps_of
from tests.security.noninterference.situations import SITUATIONS


class TestASituation:
    def test_is_played_in_the_order_it_is_written_in(self) -> None:
        for scene in SITUATIONS:
            names = [step.name for step in steps_of(scene(None))]  # type: ignore[arg-type]

            assert names == [
                n.replace("_", " ") for n in vars(scene) if n.replace("_", " ") in names
            ]

    def test_has_something_to_hide_and_somebody_who_watches(self) -> None:
        for scene in SITUATIONS:
            steps = steps_of(scene(None))  # type: ignore[arg-type]

            assert {step.is_secret for step in steps} == {True, False}
            assert not steps[-1].is_secret, "nobody would watch after it"
            assert scene.watchers
            assert scene.hides


class Asked(Visitor):
    """Which fields of which types a document asks for."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.fields: set[tuple[str, str]] = set()

    def enter_field(self, node: object, *_: object) -> None:
        parent, field = self.types.get_parent_type(), self.types.get_field_def()
        if parent is not None and field is not None:
            self.fields.add((parent.name, node.name.value))  # type: ignore[attr-defined]


class TestTheQuestions:
    def test_leave_out_no_field_of_the_schema(self) -> None:
        types = schema()._schema.type_map.values()
        objects = [t for t in types if isinstance(t, GraphQLObjectType) and t.name[:2] != "__"]
        every = {(t.name, field) for t in objects for field in t.fields}

        assert not every - _asked()

    def test_leave_out_no_filter(self) -> None:
        every = {
            (name, argument)
            for name, field in reading.query_fields().items()
            for argument, given in field.args.items()
            if get_named_type(given.type).name in ("ID", "Line") and "id" not in argument[:3]
        }

        assert {f"{name} by {argument}" for name, argument in every} == set(reading.searches())


def _asked() -> set[tuple[str, str]]:
    documents = [
        *reading.roots().values(),
        *reading.by_id().values(),
        *reading.typed_roots().values(),
        *reading.walks().values(),
        *reading.searches().values(),
        *(acts._document("query", name) for name in acts.previews()),
        *(acts._document("mutation", name) for name in mutations()),
    ]
    found: set[tuple[str, str]] = set()
    for document in documents:
        types = TypeInfo(schema()._schema)
        asked = Asked(types)
        visit(parse(document), TypeInfoVisitor(types, asked))
        found |= asked.fields
    return found
