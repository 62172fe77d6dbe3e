"""Per table, who sees a row: the first wall. Row-level security is the second (stack, "two roles").

`{row}` is the alias of the row, `{actor}` the parameter that carries the actor's person id. A table
without a predicate cannot be read on anybody's behalf. The views named `my_...` hold the bound
actor's own rows; naming the actor again makes a statement bound for somebody else find nothing.
"""

from __future__ import annotations

_TEAMS = "select t.team_id from my_team t where t.person_id = {actor}"
_AS_PRACTITIONER = (
    "select t.family_id from my_team t where t.person_id = {actor} and t.kind = 'PRACTITIONER'"
    " union all select g.family_id from my_registration g where g.person_id = {actor}"
)
_AS_FAMILY = "select t.family_id from my_team t where t.person_id = {actor} and t.kind = 'FAMILY'"
_AS_COORDINATOR = "select c.family_id from my_coordination c where c.person_id = {actor}"
_ANY_FAMILY = f"{_AS_PRACTITIONER} union all {_AS_FAMILY} union all {_AS_COORDINATOR}"
_AS_STAFF = f"{_AS_PRACTITIONER} union all {_AS_COORDINATOR}"

# Two people marked "no contact" never see one another's details.
_KEPT_APART = "select n.other_id from my_no_contact n where n.person_id = {actor}"

IN_DIRECTORY = (
    "(exists (select 1 from my_practice p where p.person_id = {actor})"
    " or exists (select 1 from my_office o where o.person_id = {actor}))"
)
_ADMINISTERED = (
    "select o.authority_id from my_office o"
    " where o.person_id = {actor} and o.office = 'ADMINISTRATOR'"
)
_RUN_BY_ME = "select g.meeting_id from my_meeting g where g.person_id = {actor}"
_WHOLE_MEETINGS = (
    f"{_RUN_BY_ME} union all select mt.id from meeting mt"
    f" where mt.kind = 'TAF' and mt.team_id in ({_TEAMS} and t.kind = 'PRACTITIONER')"
)
_INVITED = "select i.meeting_id from my_invitation i where i.person_id = {actor}"
_MY_INVITATIONS = "select i.invitation_id from my_invitation i where i.person_id = {actor}"
_INVITATIONS = (
    f"{_MY_INVITATIONS} union all"
    f" select v.id from invitation v where v.meeting_id in ({_WHOLE_MEETINGS})"
)

_ACTION = (
    f"({{a}}.team_id in ({_TEAMS} and t.kind = 'PRACTITIONER') or ({{a}}.team_id in ({_TEAMS})"
    " and ({a}.owner_membership_id is null or {a}.owner_membership_id in (select m.id"
    f" from membership m where m.person_id not in ({_KEPT_APART})))))"
)

PREDICATES: dict[str, str] = {
    "authority": "{actor} is not null",
    "locality": "{actor} is not null",
    "settings_version": IN_DIRECTORY,
    "agency": "{actor} is not null",
    "practitioner": (
        f"({IN_DIRECTORY} or {{row}}.person_id = {{actor}}"
        " or {row}.person_id in (select m.person_id from membership m"
        f" where m.kind = 'PRACTITIONER' and m.team_id in ({_TEAMS})))"
    ),
    "affiliation": IN_DIRECTORY,
    "mailbox": f"({{row}}.kind <> 'PERSONAL' and {IN_DIRECTORY})",
    # Who watches is known to the watchers, and to the administrators who appoint them.
    "office_holder": (
        f"({IN_DIRECTORY} and ({{row}}.office <> 'AUDITOR' or {{row}}.person_id = {{actor}}"
        f" or {{row}}.authority_id in ({_ADMINISTERED})))"
    ),
    # Whose way in an administrator may open and close: whoever holds an office in their authority,
    # or works or has worked there, for an agency of its own or of all of them.
    "account": (
        "({row}.person_id = {actor}"
        " or {row}.person_id in (select h.person_id from office_holder h"
        f" where h.authority_id in ({_ADMINISTERED}))"
        " or {row}.person_id in (select p.person_id from practitioner p"
        " join affiliation f on f.practitioner_id = p.id join agency a on a.id = f.agency_id"
        " join my_office o on o.authority_id = coalesce(a.authority_id, o.authority_id)"
        " where o.person_id = {actor} and o.office = 'ADMINISTRATOR'))"
    ),
    # People are read only through a row that shows them: a member, an invitation, a practitioner.
    "person": "{row}.id = {actor}",
    "family": f"{{row}}.id in ({_ANY_FAMILY})",
    # Who has left is known to practitioners, so that whoever comes back is the same person.
    "family_member": (
        f"({{row}}.family_id in ({_AS_PRACTITIONER}) or ({{row}}.left_at is null"
        f" and ({{row}}.family_id in ({_AS_COORDINATOR}) or ({{row}}.family_id in ({_AS_FAMILY})"
        f" and {{row}}.person_id not in ({_KEPT_APART})))))"
    ),
    "relationship": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "parental_responsibility": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "contact_channel": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "safe_contact": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "no_contact": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "stop_contact": (
        f"({{row}}.stopped_by_id = {{actor}} or {{row}}.family_id in ({_AS_PRACTITIONER}))"
    ),
    "lead_enquiry": f"{{row}}.family_id in ({_AS_STAFF})",
    "team": f"{{row}}.family_id in ({_ANY_FAMILY})",
    "membership": (
        f"({{row}}.team_id in ({_TEAMS} and t.kind = 'PRACTITIONER')"
        f" or ({{row}}.team_id in ({_TEAMS}) and {{row}}.person_id not in ({_KEPT_APART}))"
        # a coordinator sees who leads, and nobody else
        " or {row}.id in (select l.membership_id from lead_tenure l join team x on x.id = l.team_id"
        f" where x.family_id in ({_AS_COORDINATOR})))"
    ),
    "lead_tenure": (
        f"{{row}}.team_id in (select x.id from team x where x.family_id in ({_ANY_FAMILY}))"
    ),
    "cover": f"{{row}}.team_id in (select x.id from team x where x.family_id in ({_ANY_FAMILY}))",
    "meeting": (
        f"(({{row}}.kind = 'TAF' and {{row}}.team_id in ({_TEAMS} and t.kind = 'PRACTITIONER'))"
        f" or {{row}}.id in ({_RUN_BY_ME}) or {{row}}.id in ({_INVITED}))"
    ),
    "invitation": (
        f"({{row}}.id in ({_MY_INVITATIONS}) or {{row}}.meeting_id in ({_WHOLE_MEETINGS}))"
    ),
    "reply": f"{{row}}.invitation_id in ({_INVITATIONS})",
    "delivery": (
        "{row}.subject_id in (select v.id from invitation v where"
        f" v.meeting_id in ({_WHOLE_MEETINGS}))"
    ),
    # What somebody owes, and what they say of it, tells where they are and what they do.
    "action": _ACTION.replace("{a}", "{row}"),
    "action_progress": (
        f"({{row}}.action_id in (select a.id from action a where {_ACTION.replace('{a}', 'a')})"
        f" and ({{row}}.reported_by_id not in ({_KEPT_APART}) or {{row}}.action_id in (select a.id"
        f" from action a where a.team_id in ({_TEAMS} and t.kind = 'PRACTITIONER'))))"
    ),
}


def predicate(table: str, *, row: str, actor: str) -> str:
    """An SQL condition: `actor` (a parameter) may see `row` (an alias of `table`).

    Errors: `KeyError` for a table nobody declared visible.
    """
    return "(" + PREDICATES[table].replace("{row}", row).replace("{actor}", actor) + ")"
