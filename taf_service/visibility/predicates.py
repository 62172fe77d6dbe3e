"""Per table, who sees a row: the first wall. Row-level security is the second (stack, "two roles").

`{row}` is the alias of the row, `{actor}` the parameter that carries the actor's person id. A table
without a predicate cannot be read on anybody's behalf. The views named `my_...` hold the bound
actor's own rows; naming the actor again makes a statement bound for somebody else find nothing.

Predicates ask whether an id is in one of the sets below: `[[{row}.team_id in case_teams]]`. A
statement that reads was told by `read_as` (migration 0004) what its actor holds, and looks there;
any other works the set out where it is asked for.
"""

from __future__ import annotations

import re

_TEAMS = "select t.team_id as id from my_team t where t.person_id = {actor}"
_FAMILIES = "select t.family_id as id from my_team t where t.person_id = {actor}"

SETS: dict[str, str] = {
    "case_families": (
        f"{_FAMILIES} and t.kind = 'PRACTITIONER'"
        " union all select g.family_id from my_registration g where g.person_id = {actor}"
    ),
    "own_families": f"{_FAMILIES} and t.kind = 'FAMILY'",
    "case_teams": f"{_TEAMS} and t.kind = 'PRACTITIONER'",
    "own_teams": f"{_TEAMS} and t.kind = 'FAMILY'",
    # Two people marked "no contact" never see one another's details.
    "kept_apart": "select n.other_id as id from my_no_contact n where n.person_id = {actor}",
    "administered": (
        "select o.authority_id as id from my_office o"
        " where o.person_id = {actor} and o.office = 'ADMINISTRATOR'"
    ),
    "coordinated": "select c.family_id as id from my_coordination c where c.person_id = {actor}",
    "run_meetings": "select g.meeting_id as id from my_meeting g where g.person_id = {actor}",
    "asked_meetings": "select i.meeting_id as id from my_invitation i where i.person_id = {actor}",
    "own_invitations": (
        "select i.invitation_id as id from my_invitation i where i.person_id = {actor}"
    ),
}
# Short for everybody, and so kept whole by `read_as`. The others are asked for rarely, and are
# worked out once in a statement that does.
KEPT = frozenset(
    {"case_families", "own_families", "case_teams", "own_teams", "kept_apart", "administered"}
)
IN_DIRECTORY = "[[in_directory]]"
_DIRECTORY = (
    "(exists (select 1 from my_practice p where p.person_id = {actor})"
    " or exists (select 1 from my_office o where o.person_id = {actor}))"
)
_ASKED = re.compile(r"\[\[(\S+) in (\w+)\]\]")
_OWN = re.compile(
    r"\bmy_(?:team|office|registration|coordination|invitation|meeting|no_contact|practice)\b"
)


def _whole(meeting: str) -> str:
    """Whether the actor sees a meeting with everybody who is asked to it, by its id.

    Most rows are let through by the first part, which looks one meeting up: a scalar, because
    PostgreSQL would rather list all meetings for an `exists`. The second part is a list.
    """
    return (
        "(coalesce((select mt.kind = 'TAF' and [[mt.team_id in case_teams]]"
        f" from meeting mt where mt.id = {meeting}), false) or [[{meeting} in run_meetings]])"
    )


def _invitation(alias: str) -> str:
    return f"({_whole(f'{alias}.meeting_id')} or [[{alias}.id in own_invitations]])"


def _action(alias: str) -> str:
    return (
        f"([[{alias}.team_id in case_teams]] or ([[{alias}.team_id in own_teams]]"
        f" and ({alias}.owner_membership_id is null or exists (select 1 from membership om"
        f" where om.id = {alias}.owner_membership_id"
        " and not [[om.person_id in kept_apart]]))))"
    )


def _known(family: str) -> str:
    return (
        f"([[{family} in case_families]] or [[{family} in own_families]]"
        f" or [[{family} in coordinated]])"
    )


_IN_KNOWN_TEAM = (
    f"exists (select 1 from team x where x.id = {{row}}.team_id and {_known('x.family_id')})"
)

PREDICATES: dict[str, str] = {
    "authority": "{actor} is not null",
    "locality": "{actor} is not null",
    "settings_version": IN_DIRECTORY,
    "agency": "{actor} is not null",
    "practitioner": (
        f"({IN_DIRECTORY} or {{row}}.person_id = {{actor}}"
        " or exists (select 1 from membership m where m.person_id = {row}.person_id"
        " and m.kind = 'PRACTITIONER'"
        " and ([[m.team_id in case_teams]] or [[m.team_id in own_teams]])))"
    ),
    "affiliation": IN_DIRECTORY,
    "mailbox": f"({{row}}.kind <> 'PERSONAL' and {IN_DIRECTORY})",
    # Who watches is known to the watchers, and to the administrators who appoint them.
    "office_holder": (
        f"({IN_DIRECTORY} and ({{row}}.office <> 'AUDITOR' or {{row}}.person_id = {{actor}}"
        f" or [[{{row}}.authority_id in administered]]))"
    ),
    # Whose way in an administrator may open and close: whoever holds an office in their authority,
    # or works or has worked there, for an agency of its own or of all of them.
    "account": (
        "({row}.person_id = {actor}"
        " or {row}.person_id in (select h.person_id from office_holder h"
        " where [[h.authority_id in administered]])"
        " or {row}.person_id in (select p.person_id from practitioner p"
        " join affiliation f on f.practitioner_id = p.id join agency a on a.id = f.agency_id"
        " join my_office o on o.authority_id = coalesce(a.authority_id, o.authority_id)"
        " where o.person_id = {actor} and o.office = 'ADMINISTRATOR'))"
    ),
    # People are read only through a row that shows them: a member, an invitation, a practitioner.
    "person": "{row}.id = {actor}",
    "family": _known("{row}.id"),
    # Who has left is known to practitioners, so that whoever comes back is the same person.
    "family_member": (
        "([[{row}.family_id in case_families]] or ({row}.left_at is null"
        " and ([[{row}.family_id in coordinated]]"
        " or ([[{row}.family_id in own_families]]"
        " and not [[{row}.person_id in kept_apart]]))))"
    ),
    "relationship": "[[{row}.family_id in case_families]]",
    "parental_responsibility": "[[{row}.family_id in case_families]]",
    "contact_channel": "[[{row}.family_id in case_families]]",
    "safe_contact": "[[{row}.family_id in case_families]]",
    "no_contact": "[[{row}.family_id in case_families]]",
    "stop_contact": "({row}.stopped_by_id = {actor} or [[{row}.family_id in case_families]])",
    "lead_enquiry": "([[{row}.family_id in case_families]] or [[{row}.family_id in coordinated]])",
    "team": _known("{row}.family_id"),
    "membership": (
        "([[{row}.team_id in case_teams]]"
        " or ([[{row}.team_id in own_teams]] and not [[{row}.person_id in kept_apart]])"
        # a coordinator sees who leads, and nobody else
        " or exists (select 1 from lead_tenure l join team x on x.id = l.team_id"
        " where l.membership_id = {row}.id and [[x.family_id in coordinated]]))"
    ),
    "lead_tenure": _IN_KNOWN_TEAM,
    "cover": _IN_KNOWN_TEAM,
    "meeting": (
        "(({row}.kind = 'TAF' and [[{row}.team_id in case_teams]])"
        " or [[{row}.id in run_meetings]] or [[{row}.id in asked_meetings]])"
    ),
    "invitation": _invitation("{row}"),
    "reply": (
        "exists (select 1 from invitation v where v.id = {row}.invitation_id"
        f" and {_invitation('v')})"
    ),
    "delivery": (
        "exists (select 1 from invitation v where v.id = {row}.subject_id"
        f" and {_whole('v.meeting_id')})"
    ),
    # What somebody owes, and what they say of it, tells where they are and what they do.
    "action": _action("{row}"),
    "action_progress": (
        "exists (select 1 from action a where a.id = {row}.action_id"
        f" and {_action('a')}"
        f" and ([[a.team_id in case_teams]]"
        f" or not [[{{row}}.reported_by_id in kept_apart]]))"
    ),
}


def predicate(table: str, *, row: str, actor: str, kept: bool = False) -> str:
    """An SQL condition: `actor` (a parameter) may see `row` (an alias of `table`).

    `kept`: for a statement that `read_as` began; see `own`.

    Errors: `KeyError` for a table nobody declared visible.
    """
    return "(" + filled(PREDICATES[table], row=row, actor=actor, kept=kept) + ")"


def filled(sql: str, *, row: str = "", actor: str, kept: bool = False) -> str:
    """`sql` for this row and actor, with each of `SETS` that it asks for."""
    sql = _ASKED.sub(lambda asked: _membership(asked[1], asked[2], kept=kept), sql)
    directory = "current_setting('taf.in_directory', true) = 'true'" if kept else _DIRECTORY
    return sql.replace(IN_DIRECTORY, directory).replace("{row}", row).replace("{actor}", actor)


def _membership(column: str, name: str, *, kept: bool) -> str:
    if not kept:
        return f"({column} in ({SETS[name]}))"
    if name in KEPT:
        return f"(strpos(current_setting('taf.{name}', true), {column}::text) > 0)"
    sought = f"{column} in (select h.id from held_{name} h)"
    if name == "coordinated":
        return f"(current_setting('taf.coordinates', true) = 'true' and {sought})"
    return f"({sought})"


def own(sql: str, *, actor: str) -> list[str]:
    """What a statement made of `kept` conditions needs in its `with`: each looked up once."""
    held = {
        name: filled(SETS[name], actor=actor)
        for name in SETS
        if re.search(rf"\bheld_{name}\b", sql)
    }
    whole = " ".join((*held.values(), sql))
    views = sorted(set(_OWN.findall(whole)))
    return [
        *(f"{view} as materialized ({_looked_up(view, whole)})" for view in views),
        *(f"held_{name} as materialized ({members})" for name, members in held.items()),
    ]


def _looked_up(view: str, sql: str) -> str:
    """Who leads, and who stands in, is worked out only where a policy asks."""
    is_short = view == "my_team" and "is_lead" not in sql
    columns = "person_id, team_id, family_id, kind, membership_id" if is_short else "*"
    return f"select {columns} from public.{view}"
