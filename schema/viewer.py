"""What a person sees first: themselves, their families, their meetings and actions."""

from __future__ import annotations

import strawberry
from strawberry.types.field import StrawberryField

from schema.connections import Connection
from schema.directory.types import Practitioner
from schema.families.types import Family
from schema.meetings.types import Delivery, Meeting
from schema.plans.types import Action
from schema.roots import any_node, any_nodes, root_page, viewer
from schema.sources import Key, Lane, Paged, column, one, paged, readable
from schema.teams.types import OPEN, STATUS, UPCOMING, LeadEnquiry

MY_TEAMS = "select m.team_id from membership m where m.person_id = {actor} and m.left_at is null"


@readable("person")
class Me:
    """You, as the service knows you."""

    name: str = column("Your name.")
    practitioner: Practitioner | None = one(
        "Your entry in the directory, if you are a practitioner.",
        "{child}.person_id = {row}.id",
    )
    meetings: Connection[Meeting] = paged(
        "The meetings you are invited to, by time.",
        "{child}.id in (select i.meeting_id from invitation i where i.person_id = {row}.id"
        " and i.withdrawn_at is null)",
        Key("{child}.starts_at", "timestamptz"),
        Key("{child}.id", "uuid"),
        filters=(UPCOMING,),
    )
    actions: Connection[Action] = paged(
        "The actions you own, by due date.",
        "true",
        Key("{child}.due_on", "date"),
        Key("{child}.id", "uuid"),
        filters=(STATUS, OPEN),
        lanes=(
            Lane(
                "select m.id from membership m where m.person_id = {row}.id and m.left_at is null",
                "{child}.owner_membership_id = {lane}",
            ),
            Lane(
                "select p.id from practitioner p where p.person_id = {row}.id",
                "{child}.owner_contact_id = {lane}",
            ),
        ),
    )
    lead_enquiries: Connection[LeadEnquiry] = paged(
        "Questions waiting for you as a coordinator, oldest first (guidance 11).",
        "{child}.answered_at is null and exists (select 1 from office_holder o"
        " where o.person_id = {row}.id and o.office = 'COORDINATOR' and o.ended_at is null"
        " and o.authority_id = {child}.authority_id"
        " and (o.locality_id is null or o.locality_id = {child}.locality_id))",
        Key("{child}.asked_at", "timestamptz"),
        Key("{child}.id", "uuid"),
    )
    undelivered: Connection[Delivery] = paged(
        "Messages that have not arrived, as far as anybody knows, and still matter: about meetings"
        " that you see whole and that are not over, soonest meeting first. They ended badly, or are"
        " late with less than a day to go; and since then nobody told them another way, they have"
        " not answered, and no newer message is on its way.",
        "{child}.id in (select t.message_id from my_trouble t)",
        Key(
            "(select m.starts_at from invitation i join meeting m on m.id = i.meeting_id"
            " where i.id = {child}.subject_id)",
            "timestamptz",
        ),
        Key("{child}.id", "uuid"),
    )


MY_FAMILIES = Paged(
    f"{{child}}.id in (select t.family_id from team t where t.id in ({MY_TEAMS}))"
    " or {child}.registered_by_id = {actor}",
    (Key("{child}.registered_at", "timestamptz"), Key("{child}.id", "uuid")),
)


@strawberry.type
class ViewerQueries:
    me: StrawberryField = viewer("You.", Me)

    my_families: StrawberryField = root_page(
        "The families whose team you are in, in the order they were registered.",
        Connection[Family],
        "Family",
        MY_FAMILIES,
    )

    node: StrawberryField = any_node("Whatever has this id, if you may see it.")
    nodes: StrawberryField = any_nodes("Whatever has these ids, in their order; at most 100.")
