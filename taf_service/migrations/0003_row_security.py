"""The second wall: what each role may touch, and which rows the actor may (security 17).

Views named `my_...` belong to the owner, so they read past row security, and hold nothing but the bound
actor's own rows: the facts from which the first wall is written too. Policies ask functions of the
owner's (`visible_...`, `knows_...`), which keeps them from recursing and keeps plans small: written
inline, policies within policies took PostgreSQL four seconds to plan for one page.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

ACTOR = "nullif(current_setting('taf.actor', true), '')::uuid"

VIEWS = [
    f"""create view my_own_family as
    select person_id, family_id from family_member where person_id = {ACTOR} and left_at is null""",
    # A conflict of interest in one's own family always wins over any other standing.
    f"""create view my_team as
    select m.person_id, m.team_id, t.family_id, m.kind, m.id as membership_id,
        exists (select 1 from lead_tenure l
                where l.membership_id = m.id and l.until_at is null) as is_lead,
        exists (select 1 from cover c where c.membership_id = m.id and c.ended_at is null
                and c.from_on <= (now() at time zone 'Europe/London')::date
                and (c.until_on is null
                     or c.until_on > (now() at time zone 'Europe/London')::date)) as is_deputy
    from membership m join team t on t.id = m.team_id
    where m.person_id = {ACTOR} and m.left_at is null
      and (m.kind = 'FAMILY' or not exists (
          select 1 from my_own_family o where o.family_id = t.family_id))""",
    f"""create view my_office as
    select person_id, office, authority_id, locality_id from office_holder
    where person_id = {ACTOR} and ended_at is null""",
    f"""create view my_registration as
    select f.registered_by_id as person_id, f.id as family_id from family f
    where f.registered_by_id = {ACTOR}
      and not exists (select 1 from my_own_family o where o.family_id = f.id)
      and not exists (select 1 from team t join membership m on m.team_id = t.id
                      where t.family_id = f.id)""",
    f"""create view my_coordination as
    select o.person_id, f.id as family_id from my_office o join family f
      on f.authority_id = o.authority_id
     and (o.locality_id is null or o.locality_id = f.locality_id)
    where o.office = 'COORDINATOR'
      and not exists (select 1 from my_own_family w where w.family_id = f.id)""",
    f"""create view my_invitation as
    select person_id, meeting_id, id as invitation_id from invitation
    where person_id = {ACTOR} and withdrawn_at is null""",
    f"""create view my_no_contact as
    select {ACTOR} as person_id,
        case when person_a_id = {ACTOR} then person_b_id else person_a_id end as other_id
    from no_contact where ended_at is null and {ACTOR} in (person_a_id, person_b_id)""",
    f"""create view my_practice as
    select person_id, id as practitioner_id from practitioner where person_id = {ACTOR}""",
    # What anybody but the worker may know of a message.
    """create view delivery with (security_invoker = true) as
    select id, kind, recipient_id, subject_id, number, state, state_at, queued_at, due_at, attempts
    from outbox_entry""",
]
MY = (
    "my_own_family", "my_team", "my_office", "my_registration", "my_coordination",
    "my_invitation", "my_no_contact", "my_practice", "delivery",
)


def _function(signature, returns, body):
    return (
        f"create function {signature} returns {returns} language plpgsql stable security definer"
        + (" rows 20" if returns.startswith("setof") else "")
        + f" set search_path = public, pg_temp as $$ begin {body} end $$"
    )


VISIBLE = {
    "visible_families(text[])": _function(
        "visible_families(kinds text[])", "setof uuid",
        """return query
        select t.family_id from my_team t where t.kind = any(kinds)
        union select r.family_id from my_registration r where 'PRACTITIONER' = any(kinds)
        union select c.family_id from my_coordination c where 'COORDINATOR' = any(kinds);""",
    ),
    "visible_teams(text[])": _function(
        "visible_teams(kinds text[])", "setof uuid",
        """return query
        select t.team_id from my_team t where t.kind = any(kinds)
        union select t.id from team t join my_registration r on r.family_id = t.family_id
            where 'PRACTITIONER' = any(kinds)
        union select t.id from team t join my_coordination c on c.family_id = t.family_id
            where 'COORDINATOR' = any(kinds);""",
    ),
    "visible_meetings(boolean)": _function(
        "visible_meetings(whole boolean)", "setof uuid",
        f"""return query
        select m.id from meeting m join my_team t on t.team_id = m.team_id
            where m.kind = 'TAF' and t.kind = 'PRACTITIONER'
        union select m.id from meeting m
            where {ACTOR} in (m.convener_id, m.chair_id, m.note_taker_id)
        union select i.meeting_id from my_invitation i where not whole;""",
    ),
    "visible_invitations()": _function(
        "visible_invitations()", "setof uuid",
        """return query
        select i.invitation_id from my_invitation i
        union select i.id from invitation i where i.meeting_id in (select visible_meetings(true));""",
    ),
    "coordinated_leads()": _function(
        "coordinated_leads()", "setof uuid",
        """return query select l.membership_id from lead_tenure l join team t on t.id = l.team_id
        join my_coordination c on c.family_id = t.family_id;""",
    ),
    "knows_person(uuid)": _function(
        "knows_person(person uuid)", "boolean",
        f"""return person = {ACTOR}
        or (exists (select 1 from practitioner p where p.person_id = person)
            and (exists (select 1 from my_practice) or exists (select 1 from my_office)))
        or exists (select 1 from membership m where m.person_id = person
            and m.kind = 'PRACTITIONER' and m.team_id in (select t.team_id from my_team t))
        or exists (select 1 from invitation i where i.person_id = person
            and i.meeting_id in (select visible_meetings(true)))
        or exists (select 1 from meeting m join my_invitation i on i.meeting_id = m.id
            where person in (m.convener_id, m.chair_id, m.note_taker_id))
        or exists (select 1 from family_member f where f.person_id = person and (
            f.family_id in (select visible_families('{{PRACTITIONER,COORDINATOR}}'))
            or (f.family_id in (select visible_families('{{FAMILY}}'))
                and not exists (select 1 from my_no_contact n where n.other_id = person))));""",
    ),
    "knows_mailbox(uuid)": _function(
        "knows_mailbox(mailbox_id uuid)", "boolean",
        f"""return exists (select 1 from mailbox b where b.id = mailbox_id and (
            b.person_id = {ACTOR}
            or (b.kind <> 'PERSONAL'
                and (exists (select 1 from my_practice) or exists (select 1 from my_office)))
            or exists (select 1 from contact_channel c where c.mailbox_id = b.id
                and c.family_id in (select visible_families('{{PRACTITIONER}}')))
            or exists (select 1 from invitation i where i.guest_mailbox_id = b.id
                and i.meeting_id in (select visible_meetings(true)))));""",
    ),
    "knows_address(uuid)": _function(
        "knows_address(wanted uuid)", "boolean",
        """return exists (
            select 1 from mailbox b where b.address_id = wanted and knows_mailbox(b.id));""",
    ),
}

SIGNED_IN = f"{ACTOR} is not null"
PRACTITIONER_FAMILY = "family_id in (select visible_families('{PRACTITIONER}'))"
STAFF_FAMILY = "family_id in (select visible_families('{PRACTITIONER,COORDINATOR}'))"
KNOWN_FAMILY = "family_id in (select visible_families('{PRACTITIONER,FAMILY,COORDINATOR}'))"
PRACTITIONER_TEAM = "team_id in (select visible_teams('{PRACTITIONER}'))"
MY_TEAM = "team_id in (select visible_teams('{PRACTITIONER,FAMILY}'))"
KNOWN_TEAM = "team_id in (select visible_teams('{PRACTITIONER,FAMILY,COORDINATOR}'))"
VISIBLE_INVITATION = (
    f"((person_id = {ACTOR} and withdrawn_at is null)"
    " or meeting_id in (select visible_meetings(true)))"
)
RUNS_MEETING = f"{ACTOR} in (convener_id, chair_id, note_taker_id)"

# table -> (who sees a row, who may add one or None, who may change one or None)
SERVICE_POLICIES = {
    "authority": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "locality": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "settings_version": (SIGNED_IN, SIGNED_IN, None),
    "office_holder": (f"person_id = {ACTOR} or office <> 'AUDITOR'", SIGNED_IN, SIGNED_IN),
    "account": ("true", SIGNED_IN, SIGNED_IN),
    "person": ("knows_person(id)", SIGNED_IN, "knows_person(id)"),
    "email_address": ("knows_address(id)", SIGNED_IN, None),
    "mailbox": ("knows_mailbox(id)", SIGNED_IN, "knows_mailbox(id)"),
    "agency": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "practitioner": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "affiliation": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "family": (
        "id in (select visible_families('{PRACTITIONER,FAMILY,COORDINATOR}'))",
        f"registered_by_id = {ACTOR}",
        "id in (select visible_families('{PRACTITIONER}'))",
    ),
    "family_member": (
        f"{STAFF_FAMILY} or ({KNOWN_FAMILY}"
        " and person_id not in (select other_id from my_no_contact))",
        PRACTITIONER_FAMILY, PRACTITIONER_FAMILY,
    ),
    "relationship": (PRACTITIONER_FAMILY, PRACTITIONER_FAMILY, None),
    "parental_responsibility": (PRACTITIONER_FAMILY, PRACTITIONER_FAMILY, PRACTITIONER_FAMILY),
    "contact_channel": (PRACTITIONER_FAMILY, PRACTITIONER_FAMILY, PRACTITIONER_FAMILY),
    "safe_contact": (PRACTITIONER_FAMILY, PRACTITIONER_FAMILY, PRACTITIONER_FAMILY),
    "no_contact": (PRACTITIONER_FAMILY, PRACTITIONER_FAMILY, PRACTITIONER_FAMILY),
    "stop_contact": (
        f"stopped_by_id = {ACTOR} or {PRACTITIONER_FAMILY}", SIGNED_IN,
        f"stopped_by_id = {ACTOR} or {PRACTITIONER_FAMILY}",
    ),
    "lead_enquiry": (STAFF_FAMILY, PRACTITIONER_FAMILY, STAFF_FAMILY),
    "team": (KNOWN_FAMILY, PRACTITIONER_FAMILY, PRACTITIONER_FAMILY),
    "membership": (
        f"({PRACTITIONER_TEAM}) or ({MY_TEAM}"
        " and person_id not in (select other_id from my_no_contact))"
        " or id in (select coordinated_leads())",
        PRACTITIONER_TEAM, PRACTITIONER_TEAM,
    ),
    "lead_tenure": (KNOWN_TEAM, PRACTITIONER_TEAM, PRACTITIONER_TEAM),
    "cover": (KNOWN_TEAM, PRACTITIONER_TEAM, PRACTITIONER_TEAM),
    "meeting": (
        f"(kind = 'TAF' and team_id in (select team_id from my_team where kind = 'PRACTITIONER'))"
        f" or {RUNS_MEETING} or id in (select meeting_id from my_invitation)",
        PRACTITIONER_TEAM,
        f"(kind = 'TAF' and team_id in (select team_id from my_team where kind = 'PRACTITIONER'))"
        f" or {RUNS_MEETING}",
    ),
    "invitation": (
        VISIBLE_INVITATION,
        "meeting_id in (select visible_meetings(true))",
        VISIBLE_INVITATION,
    ),
    "reply": ("invitation_id in (select visible_invitations())", f"given_by_id = {ACTOR}", None),
    "reply_link": (
        "invitation_id in (select visible_invitations())", SIGNED_IN,
        "invitation_id in (select visible_invitations())",
    ),
    "action": (MY_TEAM, PRACTITIONER_TEAM, MY_TEAM),
    "action_progress": (
        "action_id in (select id from action)", f"reported_by_id = {ACTOR}", None,
    ),
    "audit_entry": (
        "exists (select 1 from my_office where office = 'AUDITOR')",
        f"actor_id is not distinct from {ACTOR}", None,
    ),
    "idempotency_key": (f"actor_id = {ACTOR}", f"actor_id = {ACTOR}", None),
    "outbox_entry": ("subject_id in (select visible_invitations())", SIGNED_IN, None),
    "audit_seal": ("false", None, None),
    "sealed_entry": ("false", None, None),
}

# What anybody but the worker may know of a message: never its address or bytes.
OUTBOX_COLUMNS = (
    "id, kind, recipient_id, subject_id, number, state, state_at, queued_at, due_at, attempts"
)

# What the worker reads to build mail, and what it writes.
WORKER_READS = [
    "person", "email_address", "mailbox", "agency", "practitioner", "affiliation", "family",
    "family_member", "contact_channel", "safe_contact", "no_contact", "stop_contact", "team",
    "membership", "lead_tenure", "cover", "meeting", "invitation", "reply_link", "action",
    "authority", "settings_version", "audit_entry", "audit_seal", "sealed_entry", "outbox_entry",
    "locality",
]
WORKER_WRITES = {
    "outbox_entry": "update", "reply_link": "update", "audit_seal": "insert",
    "sealed_entry": "insert", "idempotency_key": "delete",
}

FUNCTIONS = [
    # Named checks over rows the actor may not see. Each says yes or no, or hands out an id.
    """create function claim_address(wanted text, new_id uuid) returns uuid
    language sql volatile security definer set search_path = public, pg_temp as $$
        insert into email_address (id, address) values (new_id, wanted) on conflict do nothing;
        select id from email_address where address = wanted
    $$""",
    """create function must_not_meet(people uuid[])
    returns table (person_a_id uuid, person_b_id uuid, family_id uuid)
    language sql stable security definer set search_path = public, pg_temp as $$
        select person_a_id, person_b_id, family_id from no_contact
        where ended_at is null and person_a_id = any(people) and person_b_id = any(people)
    $$""",
    """create function shared_mailboxes(people uuid[])
    returns table (person_a_id uuid, person_b_id uuid)
    language sql stable security definer set search_path = public, pg_temp as $$
        select distinct a.person_id, b.person_id
        from mailbox a join mailbox b on a.address_id = b.address_id and a.person_id < b.person_id
        where a.ended_at is null and b.ended_at is null
          and a.person_id = any(people) and b.person_id = any(people)
    $$""",
    """create function people_stopped(people uuid[]) returns setof uuid
    language sql stable security definer set search_path = public, pg_temp as $$
        select person_id from stop_contact where lifted_at is null and person_id = any(people)
        union
        select b.person_id from stop_contact s join mailbox b on b.address_id = s.address_id
        where s.lifted_at is null and b.ended_at is null and b.person_id = any(people)
    $$""",
    # Everything queued for a person or an address stops, across families, and their links end.
    """create function stop_messages(person uuid, address uuid, moment timestamptz) returns integer
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
    declare stopped integer;
    begin
        create temporary table if not exists stopping (person_id uuid) on commit drop;
        delete from stopping;
        insert into stopping select person where person is not null
            union select b.person_id from mailbox b
            where b.address_id = address and b.ended_at is null and b.person_id is not null;
        update reply_link set revoked_at = moment
        where revoked_at is null and invitation_id in (
            select i.id from invitation i where i.person_id in (select person_id from stopping));
        update outbox_entry set state = 'CANCELLED', state_at = moment, claimed_until = null,
               fence = fence + 1
        where state in ('QUEUED', 'SENDING')
          and recipient_id in (select person_id from stopping);
        get diagnostics stopped = row_count;
        return stopped;
    end $$""",
    """create function invitation_for_link(hash text)
    returns table (invitation_id uuid, person_id uuid, expires_at timestamptz,
                   revoked_at timestamptz, withdrawn_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp as $$
        select i.id, i.person_id, l.expires_at, l.revoked_at, i.withdrawn_at
        from reply_link l join invitation i on i.id = l.invitation_id where l.token_hash = hash
    $$""",
]


def _walls():
    for table, (sees, adds, changes) in SERVICE_POLICIES.items():
        yield f"alter table {table} enable row level security"
        yield f"create policy service_sees on {table} for select to taf_service using ({sees})"
        if table != "outbox_entry":
            yield f"grant select on {table} to taf_service"
        if adds:
            yield f"create policy service_adds on {table} for insert to taf_service with check ({adds})"
            yield f"grant insert on {table} to taf_service"
        if changes:
            yield (
                f"create policy service_changes on {table} for update to taf_service"
                f" using ({changes}) with check (true)"
            )
            yield f"grant update on {table} to taf_service"
    yield f"grant select ({OUTBOX_COLUMNS}) on outbox_entry to taf_service"


def _worker():
    for table in WORKER_READS:
        yield f"create policy worker_sees on {table} for select to taf_worker using (true)"
        yield f"grant select on {table} to taf_worker"
    for table, verb in WORKER_WRITES.items():
        clause = "with check (true)" if verb == "insert" else "using (true)"
        yield f"create policy worker_{verb}s on {table} for {verb} to taf_worker {clause}"
        yield f"grant {verb} on {table} to taf_worker"
    yield "create policy worker_sees on idempotency_key for select to taf_worker using (true)"
    yield "grant select on idempotency_key to taf_worker"


def _grants():
    yield "revoke all on schema public from public"
    yield "grant usage on schema public to taf_service, taf_worker"
    for view in MY:
        yield f"grant select on {view} to taf_service"
    for signature in (
        "claim_address(text, uuid)", "must_not_meet(uuid[])", "shared_mailboxes(uuid[])",
        "people_stopped(uuid[])", "stop_messages(uuid, uuid, timestamptz)",
        "invitation_for_link(text)", *VISIBLE,
    ):
        yield f"revoke execute on function {signature} from public"
        yield f"grant execute on function {signature} to taf_service"


class Migration(migrations.Migration):
    dependencies = [("taf", "0002_constraints")]
    operations = [ops.RunSQL([*VIEWS, *VISIBLE.values(), *FUNCTIONS, *_walls(), *_worker(), *_grants()])]
