"""The second wall: what each role may touch, and which rows the actor may (security 17).

Views named `my_...` belong to the owner, so they read past row security and name, for the actor
bound to the statement or transaction, what that person stands in. Policies are built on them alone:
they never refer to a secured table directly, which would recurse.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

ACTOR = "nullif(current_setting('taf.actor', true), '')::uuid"

VIEWS = [
    f"""create view my_team with (security_barrier = false) as
    select m.team_id, t.family_id, m.kind, m.id as membership_id
    from membership m join team t on t.id = m.team_id
    where m.person_id = {ACTOR} and m.left_at is null""",
    f"""create view my_own_family as
    select family_id from family_member where person_id = {ACTOR} and left_at is null""",
    # A conflict of interest in one's own family always wins over any other standing.
    f"""create view my_family as
    select family_id, kind from my_team
    where kind = 'FAMILY' or family_id not in (select family_id from my_own_family)
    union all
    select f.id, 'PRACTITIONER' from family f
    where f.registered_by_id = {ACTOR} and f.id not in (select family_id from my_own_family)
      and not exists (select 1 from team t join membership m on m.team_id = t.id
                      where t.family_id = f.id)
    union all
    select f.id, 'COORDINATOR' from family f join office_holder o
      on o.authority_id = f.authority_id and (o.locality_id is null or o.locality_id = f.locality_id)
    where o.person_id = {ACTOR} and o.office = 'COORDINATOR' and o.ended_at is null
      and f.id not in (select family_id from my_own_family)""",
    f"""create view my_meeting as
    select m.id, true as whole from meeting m join my_team t on t.team_id = m.team_id
    where m.kind = 'TAF' and t.kind = 'PRACTITIONER'
    union all
    select m.id, true from meeting m
    where {ACTOR} in (m.convener_id, m.chair_id, m.note_taker_id)
    union all
    select i.meeting_id, false from invitation i
    where i.person_id = {ACTOR} and i.withdrawn_at is null""",
    f"""create view my_person as
    select {ACTOR} as person_id
    union all
    select p.person_id from practitioner p
    where exists (select 1 from practitioner me where me.person_id = {ACTOR})
       or exists (select 1 from office_holder o where o.person_id = {ACTOR} and o.ended_at is null)
    union all
    select m.person_id from membership m join my_team t on t.team_id = m.team_id
    where m.kind = 'PRACTITIONER'
    union all
    select i.person_id from invitation i join my_meeting m on m.id = i.meeting_id and m.whole
    union all
    select fm.person_id from family_member fm join my_family f on f.family_id = fm.family_id
    where f.kind <> 'FAMILY' or not exists (
        select 1 from no_contact n where n.ended_at is null
        and {ACTOR} in (n.person_a_id, n.person_b_id)
        and fm.person_id in (n.person_a_id, n.person_b_id))""",
    f"""create view my_mailbox as
    select b.id, b.address_id from mailbox b
    where b.person_id = {ACTOR}
       or (b.kind <> 'PERSONAL' and exists (
            select 1 from practitioner me where me.person_id = {ACTOR}
            union all
            select 1 from office_holder o where o.person_id = {ACTOR} and o.ended_at is null))
    union all
    select b.id, b.address_id from mailbox b join family_member fm on fm.person_id = b.person_id
    join my_family f on f.family_id = fm.family_id and f.kind = 'PRACTITIONER'
    where b.kind = 'PERSONAL'
      and exists (select 1 from contact_channel c
                  where c.mailbox_id = b.id and c.family_member_id = fm.id)
    union all
    select i.guest_mailbox_id, b.address_id from invitation i
    join mailbox b on b.id = i.guest_mailbox_id
    join my_meeting m on m.id = i.meeting_id and m.whole""",
]

SIGNED_IN = f"{ACTOR} is not null"
PRACTITIONER_FAMILY = "family_id in (select family_id from my_family where kind = 'PRACTITIONER')"
KNOWN_FAMILY = "family_id in (select family_id from my_family)"
PRACTITIONER_TEAM = "team_id in (select team_id from my_team where kind = 'PRACTITIONER')"
MY_TEAM = "team_id in (select team_id from my_team)"
ADMINISTRATOR = (
    "exists (select 1 from office_holder o where o.person_id = " + ACTOR +
    " and o.office = 'ADMINISTRATOR' and o.ended_at is null)"
)
VISIBLE_INVITATION = (
    f"((person_id = {ACTOR} and withdrawn_at is null)"
    " or meeting_id in (select id from my_meeting where whole))"
)

# table -> (who sees a row, who may add one, who may change one or None)
SERVICE_POLICIES = {
    "authority": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "locality": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "settings_version": (SIGNED_IN, SIGNED_IN, None),
    "office_holder": (f"person_id = {ACTOR} or office <> 'AUDITOR'", SIGNED_IN, SIGNED_IN),
    "account": ("true", SIGNED_IN, SIGNED_IN),
    "person": (
        "id in (select person_id from my_person)", SIGNED_IN,
        "id in (select person_id from my_person)",
    ),
    "email_address": ("id in (select address_id from my_mailbox)", SIGNED_IN, None),
    "mailbox": (
        "id in (select id from my_mailbox)", SIGNED_IN, "id in (select id from my_mailbox)",
    ),
    "agency": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "practitioner": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "affiliation": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "family": (
        "id in (select family_id from my_family)",
        f"registered_by_id = {ACTOR}",
        "id in (select family_id from my_family where kind = 'PRACTITIONER')",
    ),
    "family_member": (
        f"{KNOWN_FAMILY} and (person_id = {ACTOR} or person_id in (select person_id from my_person))",
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
    "lead_enquiry": (
        "family_id in (select family_id from my_family where kind <> 'FAMILY')",
        PRACTITIONER_FAMILY,
        "family_id in (select family_id from my_family where kind <> 'FAMILY')",
    ),
    "team": (KNOWN_FAMILY, PRACTITIONER_FAMILY, PRACTITIONER_FAMILY),
    "membership": (
        f"{MY_TEAM} and (kind = 'PRACTITIONER' or person_id in (select person_id from my_person))"
        " or id in (select l.membership_id from lead_tenure l)",
        f"{PRACTITIONER_TEAM} or (person_id = {ACTOR} and added_by_id = {ACTOR}"
        f" and team_id in (select t.id from team t where t.{PRACTITIONER_FAMILY}))",
        PRACTITIONER_TEAM,
    ),
    "lead_tenure": (
        "team_id in (select t.id from team t)", PRACTITIONER_TEAM, PRACTITIONER_TEAM,
    ),
    "cover": ("team_id in (select t.id from team t)", PRACTITIONER_TEAM, PRACTITIONER_TEAM),
    "meeting": (
        "id in (select id from my_meeting)", PRACTITIONER_TEAM,
        "id in (select id from my_meeting where whole)",
    ),
    "invitation": (
        VISIBLE_INVITATION,
        "meeting_id in (select id from my_meeting where whole)",
        VISIBLE_INVITATION,
    ),
    "reply": (
        "invitation_id in (select id from invitation)",
        f"given_by_id = {ACTOR}", None,
    ),
    "reply_link": (
        "invitation_id in (select id from invitation)", SIGNED_IN,
        "invitation_id in (select id from invitation)",
    ),
    "action": (MY_TEAM, PRACTITIONER_TEAM, MY_TEAM),
    "action_progress": (
        "action_id in (select id from action)", f"reported_by_id = {ACTOR}", None,
    ),
    "audit_entry": (
        f"exists (select 1 from office_holder o where o.person_id = {ACTOR}"
        " and o.office = 'AUDITOR' and o.ended_at is null)",
        f"actor_id is not distinct from {ACTOR}", None,
    ),
    "idempotency_key": (f"actor_id = {ACTOR}", f"actor_id = {ACTOR}", None),
    "outbox_entry": ("subject_id in (select id from invitation)", SIGNED_IN, None),
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
    for view in ("my_team", "my_own_family", "my_family", "my_meeting", "my_person", "my_mailbox"):
        yield f"grant select on {view} to taf_service"
    for signature in (
        "claim_address(text, uuid)", "must_not_meet(uuid[])", "shared_mailboxes(uuid[])",
        "people_stopped(uuid[])", "stop_messages(uuid, uuid, timestamptz)",
        "invitation_for_link(text)",
    ):
        yield f"revoke execute on function {signature} from public"
        yield f"grant execute on function {signature} to taf_service"


class Migration(migrations.Migration):
    dependencies = [("taf", "0002_constraints")]
    operations = [ops.RunSQL([*VIEWS, *FUNCTIONS, *_walls(), *_worker(), *_grants()])]
