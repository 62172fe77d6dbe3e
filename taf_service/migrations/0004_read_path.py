"""Reading has a role of its own, which can write nothing but the log of what it read.

`read_as` binds whoever reads for one statement, and keeps the ids of what they hold in settings that end
with it. The policies of `taf_reader` look a row up there: they are plain expressions, so that a
statement over many tables stays a small plan (the policies of `taf_service`, whose operations may
change what their actor holds, ask functions in subqueries, which cost more to set up than to run).
What is rare or dear comes last, where few rows get to.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

ACTOR = "nullif(current_setting('taf.actor', true), '')::uuid"


def _held(kept, column):
    """Whether the id in `column` is among those that were kept."""
    return f"strpos(current_setting('taf.{kept}', true), {column}::text) > 0"


def _definer(signature, returns, body, more=""):
    return (
        f"create function {signature} returns {returns} language plpgsql stable security definer {more}"
        f" set search_path = public, pg_temp as $$ begin {body} end $$"
    )


# As before, but what is compared with every row is looked up once.
ROWS = {
    "my_place_rows": f"""select m.person_id, m.team_id, t.family_id, m.kind, m.id
    from membership m join team t on t.id = m.team_id
    where m.person_id = {ACTOR} and m.left_at is null
      and case m.kind when 'FAMILY'
          then exists (select 1 from family_member f
                       where f.id = m.family_member_id and f.left_at is null)
          else t.family_id <> all (array(select o.family_id from my_conflict o)) end""",
    "my_invitation_rows": f"""select i.person_id, i.meeting_id, i.id from invitation i
    where i.person_id = {ACTOR} and i.withdrawn_at is null
      and (i.membership_id is null
           or i.membership_id = any (array(select t.membership_id from my_team t)))""",
    "my_meeting_rows": f"""select {ACTOR}, m.id,
        m.convener_id = {ACTOR}, m.chair_id = {ACTOR}, m.note_taker_id = {ACTOR}
    from meeting m
    where (m.convener_id = {ACTOR} or m.chair_id = {ACTOR} or m.note_taker_id = {ACTOR})
      and (m.team_id = any (array(select i.team_id from my_team i))
           or not exists (select 1 from membership p
                          where p.team_id = m.team_id and p.person_id = {ACTOR})
              and not exists (select 1 from team t join my_conflict o on o.family_id = t.family_id
                              where t.id = m.team_id))""",
}
RETURNS = {
    "my_place_rows": "person_id uuid, team_id uuid, family_id uuid, kind varchar, membership_id uuid",
    "my_invitation_rows": "person_id uuid, meeting_id uuid, invitation_id uuid",
    "my_meeting_rows": "person_id uuid, meeting_id uuid, is_convener boolean, is_chair boolean,"
    " is_note_taker boolean",
}

FUNCTIONS = [
    "create index on lead_tenure (membership_id) where until_at is null",
    "create index on cover (membership_id) where ended_at is null",
    # Whose actions these are, in the order in which they are due.
    "create index on action (owner_membership_id, due_on, id)",
    "create index on action (owner_contact_id, due_on, id)",
    "drop index action_owner_membership_id_idx",
    *(
        f"create or replace function {name}() returns table ({RETURNS[name]}) language plpgsql stable"
        " security definer rows 20 set search_path = public, pg_temp as $$"
        f" #variable_conflict use_column\nbegin return query {query}; end $$"
        for name, query in ROWS.items()
    ),
    # Who leads and who stands in is looked up only where it is asked for.
    """create or replace view my_team as
    select p.person_id, p.team_id, p.family_id, p.kind, p.membership_id,
        exists (select 1 from lead_tenure l
                where l.membership_id = p.membership_id and l.until_at is null) as is_lead,
        exists (select 1 from cover c where c.membership_id = p.membership_id
                and c.ended_at is null
                and c.from_on <= (now() at time zone 'Europe/London')::date
                and (c.until_on is null
                     or c.until_on > (now() at time zone 'Europe/London')::date)) as is_deputy
    from my_place_rows() p""",
    "drop function my_team_rows()",
    # The person's id as text, or '' for nobody: then nothing is held, and nothing seen.
    """create function read_as(person uuid) returns text language plpgsql volatile security definer
    set search_path = public, pg_temp as $$
    declare held record;
    begin
        perform set_config('taf.actor', coalesce(person::text, ''), true);
        select concat(string_agg(t.family_id::text, ' ') filter (where t.kind = 'PRACTITIONER'), ' ',
                      (select string_agg(r.family_id::text, ' ') from my_registration r)) as case_families,
               concat(string_agg(t.team_id::text, ' ') filter (where t.kind = 'PRACTITIONER')) as case_teams,
               concat(string_agg(t.family_id::text, ' ') filter (where t.kind = 'FAMILY')) as own_families,
               concat(string_agg(t.team_id::text, ' ') filter (where t.kind = 'FAMILY')) as own_teams
        into held from my_team t;
        perform set_config('taf.case_families', held.case_families, true),
                set_config('taf.case_teams', held.case_teams, true),
                set_config('taf.own_families', held.own_families, true),
                set_config('taf.own_teams', held.own_teams, true),
                set_config('taf.kept_apart',
                    concat((select string_agg(n.other_id::text, ' ') from my_no_contact n)), true),
                set_config('taf.administered', concat((select string_agg(o.authority_id::text, ' ')
                    from my_office o where o.office = 'ADMINISTRATOR')), true),
                set_config('taf.coordinates', (exists (
                    select 1 from my_office o where o.office = 'COORDINATOR'))::text, true),
                set_config('taf.in_directory', (exists (select 1 from my_practice)
                    or exists (select 1 from my_office))::text, true);
        return coalesce(person::text, '');
    end $$""",
    _definer("coordinates_family(wanted uuid)", "boolean",
        "return exists (select 1 from my_coordination c where c.family_id = wanted);"),
    _definer("coordinates_team(wanted uuid)", "boolean",
        """return exists (select 1 from team t join my_coordination c on c.family_id = t.family_id
                          where t.id = wanted);"""),
    _definer("coordinates_lead(wanted uuid)", "boolean",
        """return exists (select 1 from lead_tenure l join team t on t.id = l.team_id
                          join my_coordination c on c.family_id = t.family_id
                          where l.membership_id = wanted);"""),
    _definer("runs_meeting(wanted uuid)", "boolean",
        "return exists (select 1 from my_meeting g where g.meeting_id = wanted);"),
    _definer("is_asked_to(wanted uuid)", "boolean",
        f"""return exists (select 1 from invitation i where i.meeting_id = wanted
            and i.person_id = {ACTOR} and i.id in (select v.invitation_id from my_invitation v));"""),
    _definer("is_own_invitation(wanted uuid)", "boolean",
        "return exists (select 1 from my_invitation v where v.invitation_id = wanted);"),
]

CASE_FAMILY = _held("case_families", "{0}")
CASE_TEAM = _held("case_teams", "{0}")
OWN_FAMILY = _held("own_families", "{0}")
OWN_TEAM = _held("own_teams", "{0}")
NOT_KEPT_APART = "strpos(current_setting('taf.kept_apart', true), {0}::text) = 0"
IN_DIRECTORY = "current_setting('taf.in_directory', true) = 'true'"
COORDINATES = "current_setting('taf.coordinates', true) = 'true' and coordinates_"
OWN_CASE = CASE_FAMILY.format("family_id")
KNOWN_FAMILY = (
    f"{CASE_FAMILY} or {OWN_FAMILY} or ({COORDINATES}family({{0}}))"
)
KNOWN_TEAM = (
    f"{CASE_TEAM} or {OWN_TEAM} or ({COORDINATES}team({{0}}))".format("team_id")
)
SIGNED_IN = f"{ACTOR} is not null"

VIEWS = {
    # Meetings that the bound reader sees with everybody who is asked to them.
    "my_whole_meeting": f"""select m.id from meeting m
    where (m.kind = 'TAF' and {CASE_TEAM.format('m.team_id')}) or runs_meeting(m.id)""",
    # Whose name the bound reader may read: most are found here, and `knows_person` has the rest.
    # Each is a view, and not all of them one: PostgreSQL looks one up in a quarter of the time.
    "my_directory": f"select p.person_id from practitioner p where {IN_DIRECTORY}",
    "my_people": f"""select f.person_id from family_member f where {CASE_FAMILY.format('f.family_id')}
        or ({OWN_FAMILY.format('f.family_id')} and {NOT_KEPT_APART.format('f.person_id')})""",
    "my_colleague": f"""select m.person_id from membership m where m.kind = 'PRACTITIONER'
        and ({CASE_TEAM.format('m.team_id')} or {OWN_TEAM.format('m.team_id')})""",
}

INVITATION = "exists (select 1 from invitation i where i.id = {0})"
SEES = {
    "authority": SIGNED_IN,
    "locality": SIGNED_IN,
    "settings_version": SIGNED_IN,
    "agency": SIGNED_IN,
    "affiliation": SIGNED_IN,
    "office_holder": (
        f"person_id = {ACTOR} or ({SIGNED_IN} and office <> 'AUDITOR')"
        f" or {_held('administered', 'authority_id')}"
    ),
    "account": f"person_id = {ACTOR} or administers_person(person_id)",
    "person": (
        f"id = {ACTOR} or exists (select 1 from my_directory d where d.person_id = person.id)"
        " or exists (select 1 from my_people p where p.person_id = person.id)"
        " or exists (select 1 from my_colleague c where c.person_id = person.id)"
        " or knows_person(id)"
    ),
    "email_address": "knows_address(id)",
    "mailbox": "knows_mailbox(id)",
    "practitioner": f"{IN_DIRECTORY} or knows_person(person_id)",
    "family": KNOWN_FAMILY.format("id"),
    "family_member": (
        f"{OWN_CASE} or (left_at is null and (({OWN_FAMILY.format('family_id')}"
        f" and {NOT_KEPT_APART.format('person_id')}) or ({COORDINATES}family(family_id))))"
    ),
    "relationship": OWN_CASE,
    "parental_responsibility": OWN_CASE,
    "contact_channel": OWN_CASE,
    "safe_contact": OWN_CASE,
    "no_contact": OWN_CASE,
    "stop_contact": f"stopped_by_id = {ACTOR} or {OWN_CASE}",
    "lead_enquiry": f"{OWN_CASE} or ({COORDINATES}family(family_id))",
    "team": KNOWN_FAMILY.format("family_id"),
    "membership": (
        f"{CASE_TEAM.format('team_id')} or ({OWN_TEAM.format('team_id')}"
        f" and {NOT_KEPT_APART.format('person_id')}) or ({COORDINATES}lead(id))"
    ),
    "lead_tenure": KNOWN_TEAM,
    "cover": KNOWN_TEAM,
    "meeting": (
        f"(kind = 'TAF' and {CASE_TEAM.format('team_id')}) or is_asked_to(id) or runs_meeting(id)"
    ),
    "invitation": (
        "exists (select 1 from my_whole_meeting w where w.id = invitation.meeting_id)"
        f" or (person_id = {ACTOR} and is_own_invitation(id))"
    ),
    "reply": INVITATION.format("reply.invitation_id"),
    "outbox_entry": INVITATION.format("outbox_entry.subject_id"),
    # Of two of a family who must not meet, neither sees what the other owes or says of it.
    "action": (
        f"{CASE_TEAM.format('team_id')} or ({OWN_TEAM.format('team_id')}"
        " and (owner_membership_id is null or exists (select 1 from membership m"
        " where m.id = action.owner_membership_id)))"
    ),
    "action_progress": (
        "exists (select 1 from action a where a.id = action_progress.action_id"
        f" and ({CASE_TEAM.format('a.team_id')}"
        f" or {NOT_KEPT_APART.format('action_progress.reported_by_id')}))"
    ),
}
OUTBOX_COLUMNS = (
    "id, kind, recipient_id, subject_id, number, state, state_at, queued_at, due_at, attempts"
)
OWN = (
    "my_conflict", "my_team", "my_office", "my_registration", "my_coordination", "my_invitation",
    "my_meeting", "my_no_contact", "my_practice", "my_trouble", "delivery",
)
CALLED = (
    "my_conflict_rows()", "my_place_rows()", "my_invitation_rows()", "my_meeting_rows()",
    "coordinates_family(uuid)", "coordinates_team(uuid)", "coordinates_lead(uuid)",
    "runs_meeting(uuid)", "is_asked_to(uuid)", "is_own_invitation(uuid)", "knows_person(uuid)",
    "knows_mailbox(uuid)", "knows_address(uuid)", "administers_person(uuid)",
    "visible_meetings(boolean)", "family_of_meeting(uuid)", "agency_named(text)",
    "practitioner_named(text)", "person_signed_in_as(text, text)", "read_as(uuid)",
)


def _walls():
    yield "grant usage on schema public to taf_reader"
    for table, sees in SEES.items():
        yield f"create policy reader_sees on {table} for select to taf_reader using ({sees})"
        columns = f" ({OUTBOX_COLUMNS})" if table == "outbox_entry" else ""
        yield f"grant select{columns} on {table} to taf_reader"
    yield (
        "create policy reader_logs on audit_entry for insert to taf_reader"
        f" with check (actor_id = {ACTOR} and event in ('case.opened', 'cases.listed'))"
    )
    yield "grant insert on audit_entry to taf_reader"
    for view in (*OWN, *VIEWS):
        yield f"grant select on {view} to taf_reader"
    yield "grant execute on function my_place_rows() to taf_service"
    for signature in CALLED:
        yield f"revoke execute on function {signature} from public"
        yield f"grant execute on function {signature} to taf_reader"


class Migration(migrations.Migration):
    dependencies = [("taf", "0003_row_security")]
    operations = [
        ops.RunSQL([
            *FUNCTIONS,
            *(f"create view {name} as {query}" for name, query in VIEWS.items()),
            *_walls(),
        ])
    ]
