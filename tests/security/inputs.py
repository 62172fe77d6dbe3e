"""An input for every mutation, made from the schema itself, so that none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    get_named_type,
    get_nullable_type,
)

from schema import ids
from schema.build import schema
from schema.context import Context
from schema.execute import answer
from taf_service.core.actors import Actor

# What an argument that is an id names, where its own name does not say so.
NAMED = {
    "enquiryId": "LeadEnquiry",
    "childId": "FamilyMember",
    "holderId": "FamilyMember",
    "firstId": "FamilyMember",
    "secondId": "FamilyMember",
    "samePersonAsId": "FamilyMember",
    "chairMembershipId": "Membership",
    "noteTakerMembershipId": "Membership",
    "contactId": "Practitioner",
}
# Known to everybody at work: an outsider finds these, whatever family it is about.
NO_SECRET = {"Authority", "Locality", "Agency", "Practitioner", "Affiliation", "OfficeHolder"}

SAMPLES: dict[str, Any] = {
    "Line": "Something",
    "Text": "Something to be said",
    "EmailAddress": "somebody@work.example",
    "Date": "2026-03-20",
    "LocalDateTime": "2026-03-20T14:00",
    "TimeZone": "Europe/London",
    "Link": "https://meet.example/room",
    "IdempotencyKey": "sample-key-1",
    "Boolean": True,
    "Int": 28,
    "String": "Something",
    "JSON": {"reviews": {"interval_days": 35}},
}
# Optional arguments without which an input makes no sense; of alternatives, one.
NEEDED = {
    "ActionOwnerInput": {"membershipId"},
    "ContactToStopInput": {"familyMemberId"},
    "MemberOrGuestInput": {"member"},
    "VenueInput": {"place", "placeKind"},
    "NewMemberInput": {"bornOn"},
}


@dataclass(frozen=True)
class World:
    """Rows of one family's case, by type, and a few that are no secret."""

    rows: dict[str, UUID] = field(default_factory=dict)

    def id_of(self, type_name: str) -> str:
        return ids.encode(type_name, self.rows[type_name])

    def invented(self) -> World:
        """The same, but every id that is a secret leads nowhere."""
        return World(
            {name: row if name in NO_SECRET else uuid4() for name, row in self.rows.items()}
        )


def mutations() -> dict[str, GraphQLField]:
    mutation = schema()._schema.mutation_type
    assert mutation is not None
    return dict(sorted(mutation.fields.items()))


def input_type(mutation: GraphQLField) -> GraphQLInputObjectType:
    (argument,) = mutation.args.values()
    named = get_named_type(argument.type)
    assert isinstance(named, GraphQLInputObjectType)
    return named


def sample(of: GraphQLInputObjectType, world: World) -> dict[str, Any]:
    """An input with everything that is required and nothing else."""
    return {
        name: _value(name, argument.type, world)
        for name, argument in of.fields.items()
        if _is_needed(of, name, argument)
    }


def _is_needed(of: GraphQLInputObjectType, name: str, argument: Any) -> bool:
    required = isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined
    return required or name in NEEDED.get(of.name, set())


def _value(name: str, of: Any, world: World) -> Any:
    nullable = get_nullable_type(of)
    if isinstance(nullable, GraphQLList):
        return [_value(name, nullable.of_type, world)]
    if isinstance(nullable, GraphQLInputObjectType):
        return sample(nullable, world)
    if isinstance(nullable, GraphQLEnumType):
        return next(iter(nullable.values))
    return _scalar(name, nullable.name, world)


def _scalar(name: str, type_name: str, world: World) -> Any:
    if type_name == "ID":
        return world.id_of(id_type(name))
    if type_name == "Version":
        return uuid4().hex
    if (name, type_name) == ("endsAt", "LocalDateTime"):
        return "2026-03-20T15:00"
    return SAMPLES[type_name]


def id_type(argument: str) -> str:
    name = argument.removesuffix("Id")
    return NAMED.get(argument, name[0].upper() + name[1:])


def names_a_secret(of: GraphQLInputObjectType) -> bool:
    """Whether the input names something that belongs to one family's case."""
    for name, argument in of.fields.items():
        if _is_needed(of, name, argument):
            named = get_named_type(argument.type)
            if isinstance(named, GraphQLInputObjectType) and names_a_secret(named):
                return True
            if named.name == "ID" and id_type(name) not in NO_SECRET:
                return True
    return False


def leaves(of: GraphQLInputObjectType, given: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every place in an input that holds one value, and the name of that value's type."""
    for name, argument in of.fields.items():
        named = get_named_type(argument.type)
        if isinstance(named, GraphQLInputObjectType):
            inner = given.get(name)
            listed = isinstance(inner, list)
            steps = (name, 0) if listed else (name,)
            inner = inner[0] if listed else inner
            if inner is not None:
                for path, kind in leaves(named, inner):
                    yield (*steps, *path), kind
        else:
            yield (name,), named.name


async def run(name: str, given: dict[str, Any], person_id: UUID) -> dict[str, Any]:
    """The body of the answer to one mutation, by this person."""
    of = input_type(mutations()[name]).name
    document = (
        f"mutation ($input: {of}!) {{ done: {name}(input: $input)"
        " { __typename ... on Problem { code message } } }"
    )
    done = await answer(
        document, {"input": given}, None, context=Context(Actor(person_id)), introspection=False
    )
    return done.read()
