"""What the actor is to a row: per table, an SQL expression of type text[].

`{row}` is the alias of the row, `{actor}` the parameter that carries the actor's person id.
"""

from __future__ import annotations

# A conflict of interest in one's own family always wins (security, "who may see what").
OWN_FAMILY = (
    "exists (select 1 from family_member own where own.family_id = {family}"
    " and own.person_id = {actor} and own.left_at is null)"
)

IN_TEAM = """
select case m.kind when 'FAMILY' then 'FAMILY_MEMBER' else 'PRACTITIONER' end as standing, m.kind
from membership m where m.team_id = {team} and m.person_id = {actor} and m.left_at is null
union all
select 'LEAD', m.kind from lead_tenure l join membership m on m.id = l.membership_id
where l.team_id = {team} and l.until_at is null and m.person_id = {actor} and m.left_at is null
union all
select 'DEPUTY', m.kind from cover c join membership m on m.id = c.membership_id
where c.team_id = {team} and m.person_id = {actor} and m.left_at is null and c.ended_at is null
  and c.from_on <= (now() at time zone 'Europe/London')::date
  and (c.until_on is null or c.until_on > (now() at time zone 'Europe/London')::date)"""

OFFICES = (
    "select o.office::text as standing from office_holder o where o.person_id = {actor}"
    " and o.ended_at is null and o.authority_id = {authority}"
    " and (o.locality_id is null or o.locality_id is not distinct from {locality})"
)


def _array(*selects: str) -> str:
    return f"array({' union all '.join(selects)})"


def _team(team: str, family: str) -> str:
    own = OWN_FAMILY.replace("{family}", family)
    return (
        f"select s.standing from ({IN_TEAM.replace('{team}', team)}) s"
        f" where s.kind = 'FAMILY' or not {own}"
    )


def _through_team(team: str) -> str:
    return _team(team, f"(select t.family_id from team t where t.id = {team})")


_FAMILY = [
    "select s.standing from team t cross join lateral ("
    + _team("t.id", "t.family_id")
    + ") s where t.family_id = {family} and t.closed_at is null",
    "select 'REGISTRAR' from family f where f.id = {family} and f.registered_by_id = {actor}"
    " and not exists (select 1 from team t join membership m on m.team_id = t.id"
    " where t.family_id = f.id) and not " + OWN_FAMILY,
    "select o.standing from family f cross join lateral ("
    + OFFICES.replace("{authority}", "f.authority_id").replace("{locality}", "f.locality_id")
    + ") o where f.id = {family} and not "
    + OWN_FAMILY,
]


def _family(family: str) -> list[str]:
    return [select.replace("{family}", family) for select in _FAMILY]


_MEETING = [
    "select 'CONVENER' where {meeting}.convener_id = {actor}",
    "select 'CHAIR' where {meeting}.chair_id = {actor}",
    "select 'NOTE_TAKER' where {meeting}.note_taker_id = {actor}",
    "select 'INVITEE' from invitation i where i.meeting_id = {meeting}.id"
    " and i.person_id = {actor} and i.withdrawn_at is null",
]


def _meeting(meeting: str) -> list[str]:
    return [select.replace("{meeting}", meeting) for select in _MEETING]


_DIRECTORY = (
    "select 'IN_DIRECTORY' from practitioner p where p.person_id = {actor}",
    "select distinct o.office::text from office_holder o"
    " where o.person_id = {actor} and o.ended_at is null",
)

_THROUGH_MEETING = [
    "select s.standing from meeting mt cross join lateral ("
    + " union all ".join([*_meeting("mt"), _through_team("mt.team_id")])
    + ") s where mt.id = {row}.meeting_id"
]

STANDINGS: dict[str, str] = {
    "service": _array(*_DIRECTORY),
    "authority": _array(
        OFFICES.replace("{authority}", "{row}.id").replace("{locality}", "null::uuid")
    ),
    "agency": _array(*_DIRECTORY),
    "practitioner": _array(*_DIRECTORY, "select 'SELF' where {row}.person_id = {actor}"),
    "affiliation": _array(
        *_DIRECTORY,
        "select 'SELF' from practitioner p where p.id = {row}.practitioner_id"
        " and p.person_id = {actor}",
    ),
    "family": _array(*_family("{row}.id")),
    "family_member": _array(
        *_family("{row}.family_id"), "select 'SELF' where {row}.person_id = {actor}"
    ),
    "no_contact": _array(*_family("{row}.family_id")),
    "stop_contact": _array(
        *_family("{row}.family_id"), "select 'OWNER' where {row}.stopped_by_id = {actor}"
    ),
    "lead_enquiry": _array(*_family("{row}.family_id")),
    "contact_channel": _array(*_family("{row}.family_id")),
    "team": _array(_team("{row}.id", "{row}.family_id")),
    "membership": _array(
        _through_team("{row}.team_id"), "select 'SELF' where {row}.person_id = {actor}"
    ),
    "cover": _array(_through_team("{row}.team_id")),
    "meeting": _array(_through_team("{row}.team_id"), *_meeting("{row}")),
    "invitation": _array(*_THROUGH_MEETING, "select 'SELF' where {row}.person_id = {actor}"),
    "action": _array(
        _through_team("{row}.team_id"),
        "select 'OWNER' from membership m where m.id = {row}.owner_membership_id"
        " and m.person_id = {actor} and m.left_at is null",
        "select 'OWNER' from practitioner p join membership m on m.practitioner_id = p.id"
        " and m.team_id = {row}.team_id and m.left_at is null"
        " where p.id = {row}.owner_contact_id and p.person_id = {actor}",
    ),
}


def standings(table: str, *, row: str, actor: str) -> str:
    """An SQL expression: the text[] of what `actor` (a parameter) is to `row` (an alias)."""
    return STANDINGS[table].replace("{row}", row).replace("{actor}", actor)
