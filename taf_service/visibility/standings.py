"""What the actor is to a row: per table, an SQL expression of type text[].

`{row}` is the alias of the row, `{actor}` the parameter that carries the actor's person id. The
views named `my_...` hold the bound actor's own rows and nothing else; naming the actor again makes
a statement that was bound for somebody else find nothing.
"""

from __future__ import annotations

_IN_TEAM = (
    "select unnest(array[case t.kind when 'FAMILY' then 'FAMILY_MEMBER' else 'PRACTITIONER' end,"
    " case when t.is_lead then 'LEAD' end, case when t.is_deputy then 'DEPUTY' end])"
    " from my_team t where t.person_id = {actor}"
)
_OFFICES = "select distinct o.office::text from my_office o where o.person_id = {actor}"


def _team(team: str) -> str:
    return f"{_IN_TEAM} and t.team_id = {team}"


def _family(family: str) -> tuple[str, ...]:
    return (
        f"{_IN_TEAM} and t.family_id = {family}",
        "select 'REGISTRAR' from my_registration g"
        f" where g.person_id = {{actor}} and g.family_id = {family}",
        "select 'COORDINATOR' from my_coordination c"
        f" where c.person_id = {{actor}} and c.family_id = {family}",
    )


def _meeting(meeting: str) -> tuple[str, ...]:
    return (
        "select unnest(array[case when g.is_convener then 'CONVENER' end,"
        " case when g.is_chair then 'CHAIR' end,"
        " case when g.is_note_taker then 'NOTE_TAKER' end])"
        f" from my_meeting g where g.person_id = {{actor}} and g.meeting_id = {meeting}.id",
        "select 'INVITEE' from my_invitation i"
        f" where i.person_id = {{actor}} and i.meeting_id = {meeting}.id",
    )


def _array(*selects: str) -> str:
    united = " union all ".join(selects)
    return f"array(select s.held from ({united}) s (held) where s.held is not null)"


_IN_PRACTICE = "select 'IN_DIRECTORY' from my_practice p where p.person_id = {actor}"
_DIRECTORY = (_IN_PRACTICE, _OFFICES)
_SELF = "select 'SELF' where {row}.person_id = {actor}"
_THROUGH_MEETING = (
    "select u.held from meeting mt cross join lateral ("
    + " union all ".join((*_meeting("mt"), _team("mt.team_id")))
    + ") u (held) where mt.id = {row}.meeting_id"
)

STANDINGS: dict[str, str] = {
    "service": _array(*_DIRECTORY),
    # Seen by the person whose it is and by the administrators who may disable it, and nobody else.
    "account": _array(f"{_OFFICES} and o.office = 'ADMINISTRATOR'", _SELF),
    "authority": _array(f"{_OFFICES} and o.authority_id = {{row}}.id"),
    # An agency that belongs to an authority is kept by those who hold an office there.
    "agency": _array(
        _IN_PRACTICE,
        f"{_OFFICES} and coalesce({{row}}.authority_id, o.authority_id) = o.authority_id",
    ),
    "practitioner": _array(*_DIRECTORY, _SELF),
    "affiliation": _array(
        _IN_PRACTICE,
        f"{_OFFICES} and o.authority_id = coalesce((select a.authority_id from agency a"
        " where a.id = {row}.agency_id), o.authority_id)",
        "select 'SELF' from my_practice p where p.practitioner_id = {row}.practitioner_id"
        " and p.person_id = {actor}",
    ),
    "family": _array(*_family("{row}.id")),
    "family_member": _array(*_family("{row}.family_id"), _SELF),
    "no_contact": _array(*_family("{row}.family_id")),
    "stop_contact": _array(
        *_family("{row}.family_id"), "select 'OWNER' where {row}.stopped_by_id = {actor}"
    ),
    "lead_enquiry": _array(*_family("{row}.family_id")),
    "contact_channel": _array(*_family("{row}.family_id")),
    "parental_responsibility": _array(*_family("{row}.family_id")),
    "team": _array(_team("{row}.id")),
    "membership": _array(_team("{row}.team_id"), _SELF),
    "lead_tenure": _array(_team("{row}.team_id")),
    "cover": _array(_team("{row}.team_id")),
    "meeting": _array(_team("{row}.team_id"), *_meeting("{row}")),
    "invitation": _array(_THROUGH_MEETING, _SELF),
    "action": _array(
        _team("{row}.team_id"),
        "select 'OWNER' from my_team t where t.person_id = {actor}"
        " and t.membership_id = {row}.owner_membership_id",
        "select 'OWNER' from my_practice p join my_team t on t.person_id = p.person_id"
        " where p.person_id = {actor} and p.practitioner_id = {row}.owner_contact_id"
        " and t.team_id = {row}.team_id",
    ),
}


def standings(table: str, *, row: str, actor: str) -> str:
    """An SQL expression: the text[] of what `actor` (a parameter) is to `row` (an alias)."""
    return STANDINGS[table].replace("{row}", row).replace("{actor}", actor)
