"""Per table, who sees a row: the first wall. Row-level security is the second (stack, "two roles").

`{row}` is the alias of the row, `{actor}` the parameter that carries the actor's person id. A table
without a predicate cannot be read on anybody's behalf.
"""

from __future__ import annotations

_OWN_FAMILIES = (
    "select fm.family_id from family_member fm"
    " where fm.person_id = {actor} and fm.left_at is null"
)

# family_id and how the actor stands to it, by team, registration or office
_TEAMS = (
    "select m.team_id from membership m join team t on t.id = m.team_id"
    " where m.person_id = {actor} and m.left_at is null"
)
_PRACTITIONER_TEAMS = (
    f"{_TEAMS} and m.kind = 'PRACTITIONER' and t.family_id not in ({_OWN_FAMILIES})"
)
_FAMILY_TEAMS = f"{_TEAMS} and m.kind = 'FAMILY'"

_AS_PRACTITIONER = (
    f"select t.family_id from team t where t.id in ({_PRACTITIONER_TEAMS})"
    " union all select f.id from family f where f.registered_by_id = {actor}"
    f" and f.id not in ({_OWN_FAMILIES}) and not exists (select 1 from team t"
    " join membership m on m.team_id = t.id where t.family_id = f.id)"
)
_AS_FAMILY = f"select t.family_id from team t where t.id in ({_FAMILY_TEAMS})"
_AS_COORDINATOR = (
    "select f.id from family f join office_holder o on o.authority_id = f.authority_id"
    " and (o.locality_id is null or o.locality_id = f.locality_id)"
    " where o.person_id = {actor} and o.office = 'COORDINATOR' and o.ended_at is null"
    f" and f.id not in ({_OWN_FAMILIES})"
)
_ANY_FAMILY = f"{_AS_PRACTITIONER} union all {_AS_FAMILY} union all {_AS_COORDINATOR}"

# Two people marked "no contact" never see one another's details.
_KEPT_APART = (
    "exists (select 1 from no_contact n where n.ended_at is null"
    " and {actor} in (n.person_a_id, n.person_b_id)"
    " and {row}.person_id in (n.person_a_id, n.person_b_id))"
)

_RUNNING = "{actor} in ({row}.convener_id, {row}.chair_id, {row}.note_taker_id)"
_WHOLE_MEETINGS = (
    "select mt.id from meeting mt where {actor} in (mt.convener_id, mt.chair_id, mt.note_taker_id)"
    f" or (mt.kind = 'TAF' and mt.team_id in ({_PRACTITIONER_TEAMS}))"
)
_INVITED = (
    "select i.meeting_id from invitation i where i.person_id = {actor} and i.withdrawn_at is null"
)
_INVITATION = (
    "(({row}.person_id = {actor} and {row}.withdrawn_at is null)"
    f" or {{row}}.meeting_id in ({_WHOLE_MEETINGS}))"
)
_IN_DIRECTORY = (
    "(exists (select 1 from practitioner me where me.person_id = {actor})"
    " or exists (select 1 from office_holder o"
    " where o.person_id = {actor} and o.ended_at is null))"
)

PREDICATES: dict[str, str] = {
    "authority": "{actor} is not null",
    "locality": "{actor} is not null",
    "settings_version": _IN_DIRECTORY,
    "agency": "{actor} is not null",
    "practitioner": (
        f"({_IN_DIRECTORY} or {{row}}.person_id in (select m.person_id from membership m"
        f" where m.kind = 'PRACTITIONER' and m.team_id in ({_TEAMS})))"
    ),
    "affiliation": _IN_DIRECTORY,
    "mailbox": f"({{row}}.kind <> 'PERSONAL' and {_IN_DIRECTORY})",
    # People are read only through a row that shows them: a member, an invitation, a practitioner.
    "person": "{row}.id = {actor}",
    "family": f"{{row}}.id in ({_ANY_FAMILY})",
    "family_member": (
        f"{{row}}.family_id in ({_ANY_FAMILY}) and {{row}}.left_at is null"
        f" and ({{row}}.family_id not in ({_AS_FAMILY}) or not {_KEPT_APART})"
    ),
    "relationship": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "parental_responsibility": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "contact_channel": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "safe_contact": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "no_contact": f"{{row}}.family_id in ({_AS_PRACTITIONER})",
    "stop_contact": (
        f"({{row}}.stopped_by_id = {{actor}} or {{row}}.family_id in ({_AS_PRACTITIONER}))"
    ),
    "lead_enquiry": (
        f"({{row}}.family_id in ({_AS_PRACTITIONER})"
        f" or {{row}}.family_id in ({_AS_COORDINATOR}))"
    ),
    "team": f"{{row}}.family_id in ({_ANY_FAMILY})",
    "membership": (
        f"({{row}}.team_id in ({_PRACTITIONER_TEAMS})"
        f" or ({{row}}.team_id in ({_FAMILY_TEAMS}) and not {_KEPT_APART})"
        # a coordinator sees who leads, and nobody else
        " or {row}.id in (select l.membership_id from lead_tenure l join team t on t.id = l.team_id"
        f" where t.family_id in ({_AS_COORDINATOR})))"
    ),
    "lead_tenure": (
        "{row}.team_id in (select t.id from team t where t.family_id in (" + _ANY_FAMILY + "))"
    ),
    "cover": (
        "{row}.team_id in (select t.id from team t where t.family_id in (" + _ANY_FAMILY + "))"
    ),
    "meeting": (
        f"(({{row}}.kind = 'TAF' and {{row}}.team_id in ({_PRACTITIONER_TEAMS}))"
        f" or {_RUNNING} or {{row}}.id in ({_INVITED}))"
    ),
    "invitation": _INVITATION,
    "reply": (
        "{row}.invitation_id in (select i.id from invitation i where "
        + _INVITATION.replace("{row}", "i")
        + ")"
    ),
    "outbox_entry": (
        "{row}.subject_id in (select v.id from invitation v where "
        f"v.meeting_id in ({_WHOLE_MEETINGS}))"
    ),
    "action": f"{{row}}.team_id in ({_TEAMS})",
    "action_progress": (
        f"{{row}}.action_id in (select a.id from action a where a.team_id in ({_TEAMS}))"
    ),
}


def predicate(table: str, *, row: str, actor: str) -> str:
    """An SQL condition: `actor` (a parameter) may see `row` (an alias of `table`).

    Errors: `KeyError` for a table nobody declared visible.
    """
    return "(" + PREDICATES[table].replace("{row}", row).replace("{actor}", actor) + ")"
