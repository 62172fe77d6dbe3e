"""Per table, who sees a row: the first wall. Row-level security is the second (stack, "two roles").

`{row}` is the alias of the row, `{actor}` the parameter that carries the actor's person id. A table
without a predicate cannot be read on anybody's behalf. The views named `my_...` hold the bound
actor's own rows; naming the actor again makes a statement bound for somebody else find nothing.

Predicates ask whether a row is in one of the sets below. A statement that asks for many rows works
each of them out once, under its name; any other has them where they are asked for.
"""

from __future__ import annotations

_TEAMS = "select t.team_id as id from my_team t where t.person_id = {actor}"
_AS_PRACTITIONER = (
    "select t.family_id as id from my_team t"
    " where t.person_id = {actor} and t.kind = 'PRACTITIONER'"
    " union all select g.family_id from my_registration g where g.person_id = {actor}"
)
_AS_FAMILY = (
    "select t.family_id as id from my_team t where t.person_id = {actor} and t.kind = 'FAMILY'"
)
_AS_COORDINATOR = "select c.family_id as id from my_coordination c where c.person_id = {actor}"

SETS: dict[str, str] = {
    "held_case_families": _AS_PRACTITIONER,
    "held_own_families": _AS_FAMILY,
    "held_coordinated_families": _AS_COORDINATOR,
    "held_staff_families": f"{_AS_PRACTITIONER} union all {_AS_COORDINATOR}",
    "held_families": f"{_AS_PRACTITIONER} union all {_AS_FAMILY} union all {_AS_COORDINATOR}",
    "held_case_teams": f"{_TEAMS} and t.kind = 'PRACTITIONER'",
    "held_teams": _TEAMS,
    # Two people marked "no contact" never see one another's details.
    "held_apart": "select n.other_id as id from my_no_contact n where n.person_id = {actor}",
    "held_directory": (
        "select p.person_id as id from my_practice p where p.person_id = {actor}"
        " union all select o.person_id from my_office o where o.person_id = {actor}"
    ),
    "held_administration": (
        "select o.authority_id as id from my_office o"
        " where o.person_id = {actor} and o.office = 'ADMINISTRATOR'"
    ),
    "held_meetings": "select g.meeting_id as id from my_meeting g where g.person_id = {actor}",
    "held_asked": "select i.meeting_id as id from my_invitation i where i.person_id = {actor}",
    "held_invitations": (
        "select i.invitation_id as id from my_invitation i where i.person_id = {actor}"
    ),
}
IN_DIRECTORY = "(exists ({held_directory}))"


def _whole(meeting: str) -> str:
    """Whether the actor sees a meeting with everybody who is asked to it, by its id.

    Most rows are let through by the first part, which looks one meeting up: a scalar, because
    PostgreSQL would rather list all meetings for an `exists`. The second part is a list.
    """
    return (
        "(coalesce((select mt.kind = 'TAF' and mt.team_id in ({held_case_teams})"
        f" from meeting mt where mt.id = {meeting}), false) or {meeting} in ({{held_meetings}}))"
    )


def _invitation(alias: str) -> str:
    return f"({_whole(f'{alias}.meeting_id')} or {alias}.id in ({{held_invitations}}))"


def _action(alias: str) -> str:
    return (
        f"({alias}.team_id in ({{held_case_teams}}) or ({alias}.team_id in ({{held_teams}})"
        f" and ({alias}.owner_membership_id is null or exists (select 1 from membership om"
        f" where om.id = {alias}.owner_membership_id"
        " and om.person_id not in ({held_apart})))))"
    )


_IN_KNOWN_TEAM = (
    "exists (select 1 from team x where x.id = {row}.team_id and x.family_id in ({held_families}))"
)

PREDICATES: dict[str, str] = {
    "authority": "{actor} is not null",
    "locality": "{actor} is not null",
    "settings_version": IN_DIRECTORY,
    "agency": "{actor} is not null",
    "practitioner": (
        f"({IN_DIRECTORY} or {{row}}.person_id = {{actor}}"
        " or exists (select 1 from membership m where m.person_id = {row}.person_id"
        " and m.kind = 'PRACTITIONER' and m.team_id in ({held_teams})))"
    ),
    "affiliation": IN_DIRECTORY,
    "mailbox": f"({{row}}.kind <> 'PERSONAL' and {IN_DIRECTORY})",
    # Who watches is known to the watchers, and to the administrators who appoint them.
    "office_holder": (
        f"({IN_DIRECTORY} and ({{row}}.office <> 'AUDITOR' or {{row}}.person_id = {{actor}}"
        f" or {{row}}.authority_id in ({{held_administration}})))"
    ),
    # Whose way in an administrator may open and close: whoever holds an office in their authority,
    # or works or has worked there, for an agency of its own or of all of them.
    "account": (
        "({row}.person_id = {actor}"
        " or {row}.person_id in (select h.person_id from office_holder h"
        " where h.authority_id in ({held_administration}))"
        " or {row}.person_id in (select p.person_id from practitioner p"
        " join affiliation f on f.practitioner_id = p.id join agency a on a.id = f.agency_id"
        " join my_office o on o.authority_id = coalesce(a.authority_id, o.authority_id)"
        " where o.person_id = {actor} and o.office = 'ADMINISTRATOR'))"
    ),
    # People are read only through a row that shows them: a member, an invitation, a practitioner.
    "person": "{row}.id = {actor}",
    "family": "{row}.id in ({held_families})",
    # Who has left is known to practitioners, so that whoever comes back is the same person.
    "family_member": (
        "({row}.family_id in ({held_case_families}) or ({row}.left_at is null"
        " and ({row}.family_id in ({held_coordinated_families})"
        " or ({row}.family_id in ({held_own_families})"
        " and {row}.person_id not in ({held_apart})))))"
    ),
    "relationship": "{row}.family_id in ({held_case_families})",
    "parental_responsibility": "{row}.family_id in ({held_case_families})",
    "contact_channel": "{row}.family_id in ({held_case_families})",
    "safe_contact": "{row}.family_id in ({held_case_families})",
    "no_contact": "{row}.family_id in ({held_case_families})",
    "stop_contact": (
        "({row}.stopped_by_id = {actor} or {row}.family_id in ({held_case_families}))"
    ),
    "lead_enquiry": "{row}.family_id in ({held_staff_families})",
    "team": "{row}.family_id in ({held_families})",
    "membership": (
        "({row}.team_id in ({held_case_teams})"
        " or ({row}.team_id in ({held_teams}) and {row}.person_id not in ({held_apart}))"
        # a coordinator sees who leads, and nobody else
        " or exists (select 1 from lead_tenure l join team x on x.id = l.team_id"
        " where l.membership_id = {row}.id and x.family_id in ({held_coordinated_families})))"
    ),
    "lead_tenure": _IN_KNOWN_TEAM,
    "cover": _IN_KNOWN_TEAM,
    "meeting": (
        "(({row}.kind = 'TAF' and {row}.team_id in ({held_case_teams}))"
        " or {row}.id in ({held_meetings}) or {row}.id in ({held_asked}))"
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
        f" and (a.team_id in ({{held_case_teams}})"
        f" or {{row}}.reported_by_id not in ({{held_apart}})))"
    ),
}


def predicate(table: str, *, row: str, actor: str, named: bool = False) -> str:
    """An SQL condition: `actor` (a parameter) may see `row` (an alias of `table`).

    `named`: the statement works out whichever of `SETS` the condition names.

    Errors: `KeyError` for a table nobody declared visible.
    """
    return "(" + filled(PREDICATES[table], row=row, actor=actor, named=named) + ")"


def filled(sql: str, *, row: str = "", actor: str, named: bool = False) -> str:
    """`sql` for this row and actor, with each of `SETS` that it asks for."""
    for name, members in SETS.items():
        sql = sql.replace(f"{{{name}}}", f"select h.id from {name} h" if named else members)
    return sql.replace("{row}", row).replace("{actor}", actor)
