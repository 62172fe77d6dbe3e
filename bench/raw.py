"""No GraphQL at all: three endpoints over SQL written by hand for what each answers.

They answer what the service answers, behind the same two walls: the predicates of
`taf_service.visibility`, row-level security, the person looked up and bound inside the statement,
and the access log written by it. `python -m bench.raw` serves it.
"""

from __future__ import annotations

import base64
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from bench.serving import application, bearer, serve, tokens
from schema.ids import decode, encode_sql
from taf_service import visibility

ACTOR = "asking.actor"
TOKENS = tokens()


def _seen(table: str, row: str) -> str:
    return visibility.predicate(table, row=row, actor=ACTOR)


def _name(person: str) -> str:
    return f"(select p.name from person p where p.id = {person}) as name"


def _list(columns: str, rows: str, order: str) -> str:
    """A JSON array of objects: `rows` is FROM and WHERE."""
    return (
        "(select coalesce(json_agg(x), '[]') from"
        f" (select {columns} from {rows} order by {order}) x)"
    )


def _object(columns: str, rows: str) -> str:
    return f"(select row_to_json(x) from (select {columns} from {rows} limit 1) x)"


# The identity is the first parameter. What is the person's own is looked up once in a statement.
BOUND = """(select nullif(read_as(person_signed_in_as('demo', $1)), '')::uuid as actor
    offset 0) asking"""
BOUND_TO_CHANGE = """(select nullif(set_config('taf.actor',
    coalesce(person_signed_in_as('demo', $1)::text, ''), true), '')::uuid as actor
    offset 0) asking"""
OWN = ", ".join(
    f"{view} as materialized (select * from public.{view})"
    for view in (
        "my_team", "my_registration", "my_coordination", "my_no_contact", "my_office",
        "my_practice", "my_meeting", "my_invitation",
    )
)  # fmt: skip

MEMBERS = _list(
    f"{encode_sql('FamilyMember', 'm.id')} as id, {_name('m.person_id')}, m.role",
    "family_member m where m.family_id = f.id and m.left_at is null"
    f" and {_seen('family_member', 'm')}",
    "m.role <> 'CHILD', m.joined_at, m.id",
)
LEAD = _object(
    _object(
        _name("b.person_id"),
        f"membership b where b.id = l.membership_id and {_seen('membership', 'b')}",
    )
    + " as membership",
    f"lead_tenure l where l.team_id = t.id and l.until_at is null and {_seen('lead_tenure', 'l')}",
)
AGENCY = _object("a.name", f"agency a where a.id = b.agency_id and {_seen('agency', 'a')}")
PRACTITIONER = _object(
    _name("q.person_id"),
    f"practitioner q where q.id = b.practitioner_id and {_seen('practitioner', 'q')}",
)
TEAM_MEMBERS = _list(
    f"{encode_sql('Membership', 'b.id')} as id, {_name('b.person_id')}, b.kind,"
    f" {AGENCY} as agency, {PRACTITIONER} as practitioner",
    f"membership b where b.team_id = t.id and b.left_at is null and {_seen('membership', 'b')}",
    "b.kind = 'FAMILY', b.joined_at, b.id",
)
INVITATIONS = _list(
    f"{_name('i.person_id')}, i.answer",
    "invitation i where i.meeting_id = g.id and i.withdrawn_at is null"
    f" and {_seen('invitation', 'i')}",
    "not i.required, i.invited_at, i.id",
)
PLACE = f"""case when g.place_kind = 'PUBLIC_VENUE'
    or exists (select 1 from my_team s where s.person_id = {ACTOR} and s.team_id = g.team_id)
    or exists (select 1 from my_meeting r where r.person_id = {ACTOR} and r.meeting_id = g.id)
    then g.place else '' end"""
MEETINGS = _list(
    f'{encode_sql("Meeting", "g.id")} as id, g.starts_at as "startsAt", {PLACE} as place,'
    f" {INVITATIONS} as invitations",
    "(select g.* from meeting g where g.team_id = t.id and g.ends_at >= now()"
    f" and g.cancelled_at is null and {_seen('meeting', 'g')}"
    " order by g.starts_at, g.id limit 5) g",
    "g.starts_at, g.id",
)
OWNER = _object(
    _name("b.person_id"),
    f"membership b where b.id = c.owner_membership_id and {_seen('membership', 'b')}",
)
ACTION = f'{encode_sql("Action", "c.id")} as id, c.text, c.due_on as "dueOn", c.status'
ACTIONS = _list(
    f"{ACTION}, {OWNER} as owner",
    f"(select c.* from action c where c.team_id = t.id and {_seen('action', 'c')}"
    " order by c.due_on, c.id limit 15) c",
    "c.due_on, c.id",
)
TEAM = _object(
    f"{encode_sql('Team', 't.id')} as id, {LEAD} as lead, {TEAM_MEMBERS} as members,"
    f" json_build_object('nodes', {MEETINGS}) as meetings,"
    f" json_build_object('nodes', {ACTIONS}) as actions",
    f"team t where t.family_id = f.id and t.closed_at is null and {_seen('team', 't')}",
)
WORKSPACE = f"""
with {OWN}, answered as (
    select asking.actor, w.family_id,
        concat('{{"data":{{"family":', coalesce(w.text, 'null'), '}}}}') as text
    from {BOUND} left join lateral (
        select f.id as family_id, (select row_to_json(x)::text from (
            select {encode_sql("Family", "f.id")} as id, f.name, f.reference,
                {MEMBERS} as members, {TEAM} as team) x) as text
        from (select f.* from family f
              where f.id = $2 and {_seen("family", "f")} and {ACTOR} is not null limit 1) f
        offset 0) w on true
    where {ACTOR} is not null),
logged as (
    insert into audit_entry (id, family_id, at, actor_id, event, subject_id, facts)
    select gen_random_uuid(), family_id, now(), actor, 'case.opened', family_id, '{{}}'
    from answered where family_id is not null)
select text from answered"""


def _page(after: str) -> str:
    """One action more than a page has is read, to know whether there are others."""
    team = _object(
        _object("f.name", f"family f where f.id = t.family_id and {_seen('family', 'f')}")
        + " as family",
        f"team t where t.id = c.team_id and {_seen('team', 't')}",
    )
    mine = f"""select c.*, row_number() over (order by c.due_on, c.id) as nth from action c
        where (c.owner_membership_id = any (array(select m.id from membership m
                where m.person_id = {ACTOR} and m.left_at is null))
            or c.owner_contact_id = any (array(
                select p.id from practitioner p where p.person_id = {ACTOR})))
        and {ACTOR} is not null and {_seen("action", "c")} {after}
        order by c.due_on, c.id limit 51"""
    node = f"(select row_to_json(x) from (select {ACTION}, {team} as team, {OWNER} as owner) x)"
    cursor = (
        "translate(encode(convert_to(json_build_array(c.due_on, c.id)::text, 'UTF8'), 'base64'),"
        " E'+/\\n', '-_')"
    )
    return f"""
with {OWN}, answered as (
    select asking.actor, w.text from {BOUND} cross join lateral (
        select json_build_object('data', json_build_object('me', json_build_object('actions',
            json_build_object(
                'nodes', coalesce(json_agg({node} order by c.nth) filter (where c.nth <= 50), '[]'),
                'pageInfo', json_build_object('hasNextPage', count(*) > 50, 'endCursor',
                    (array_agg({cursor} order by c.nth desc) filter (where c.nth <= 50))[1]))
        )))::text as text
        from ({mine}) c offset 0) w
    where {ACTOR} is not null),
logged as (
    insert into audit_entry (id, family_id, at, actor_id, event, subject_id, facts)
    select gen_random_uuid(), null, now(), actor, 'cases.listed', actor,
        jsonb_build_object('lists', array['me.actions'])
    from answered)
select text from answered"""


FIRST_PAGE = _page("")
LATER_PAGE = _page("and (c.due_on, c.id) > ($2::date, $3::uuid)")
# The function waits for the actor to be bound: its argument hangs on it.
REPORT = f"""
select json_build_object('data', json_build_object('reportProgress', json_build_object(
    '__typename', 'ProgressReported', 'action', json_build_object(
        'id', {encode_sql("Action", "r.id")}, 'status', r.status,
        'version', replace(r.version::text, '-', '')))))::text as text
from {BOUND_TO_CHANGE} cross join lateral
    peers.report_progress(case when {ACTOR} is not null then $2::uuid end, $3, $4, $5) r"""


async def workspace(request: Request) -> Response:
    given = orjson.loads(await request.body())
    return await _answer(request, WORKSPACE, decode(given["id"])[1])


async def actions(request: Request) -> Response:
    given = orjson.loads(await request.body())
    if given.get("after") is None:
        return await _answer(request, FIRST_PAGE)
    due_on, row_id = orjson.loads(base64.urlsafe_b64decode(given["after"]))
    return await _answer(request, LATER_PAGE, date.fromisoformat(due_on), UUID(row_id))


async def report(request: Request) -> Response:
    given = orjson.loads(await request.body())["input"]
    return await _answer(
        request,
        REPORT,
        decode(given["actionId"])[1],
        UUID(given["version"]),
        given["status"],
        given["note"],
    )


async def _answer(request: Request, sql: str, *values: Any) -> Response:
    subject = TOKENS.get(bearer(request))
    if subject is None:
        return Response(status_code=401)
    state = request.app.state
    connections = state.changing if sql is REPORT else state.reading
    async with connections.acquire() as connection:
        text = await connection.fetchval(sql, subject, *values)
    if text is None:
        return Response(status_code=401)
    return Response(text, media_type="application/json")


app = application({"/workspace": workspace, "/actions": actions, "/report": report})

if __name__ == "__main__":
    serve("bench.raw:app")
