"""The second wall: what each role may touch, and which rows the actor may (security 17).

Views named `my_...` belong to the owner, so they read past row security, and hold nothing but the bound
actor's own rows: the facts from which the first wall is written too. Those that others are made of stand
on functions of their own, and policies ask functions of the owner's (`visible_...`, `knows_...`): that
keeps policies from recursing and plans small. Written inline, policies within policies took PostgreSQL
four seconds to plan for one page.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

ACTOR = "nullif(current_setting('taf.actor', true), '')::uuid"

def _own(name, columns, query):
    """A view over a function: planned once in a session, and run once in a statement."""
    listed = ", ".join(column.split()[0] for column in columns.split(", "))
    return [
        f"create function my_{name}_rows() returns table ({columns}) language plpgsql stable"
        " security definer rows 20 set search_path = public, pg_temp as $$"
        f" #variable_conflict use_column\nbegin return query {query}; end $$",
        f"create view my_{name} as select {listed} from my_{name}_rows()",
    ]


VIEWS = [
    # Whose case is never one's work: one's own family's, and that of somebody one must not meet.
    *_own(
        "conflict", "person_id uuid, family_id uuid",
        f"""select person_id, family_id from family_member where person_id = {ACTOR} and left_at is null
    union select {ACTOR}, m.family_id from no_contact n
        join family_member m on m.person_id <> {ACTOR} and m.person_id in (n.person_a_id, n.person_b_id)
        where n.ended_at is null and {ACTOR} in (n.person_a_id, n.person_b_id)""",
    ),
    # Such a conflict of interest always wins over any other standing.
    *_own(
        "team", "person_id uuid, team_id uuid, family_id uuid, kind varchar, membership_id uuid, is_lead boolean, is_deputy boolean",
        f"""select m.person_id, m.team_id, t.family_id, m.kind, m.id as membership_id,
        exists (select 1 from lead_tenure l
                where l.membership_id = m.id and l.until_at is null) as is_lead,
        exists (select 1 from cover c where c.membership_id = m.id and c.ended_at is null
                and c.from_on <= (now() at time zone 'Europe/London')::date
                and (c.until_on is null
                     or c.until_on > (now() at time zone 'Europe/London')::date)) as is_deputy
    from membership m join team t on t.id = m.team_id
    where m.person_id = {ACTOR} and m.left_at is null
      and case m.kind when 'FAMILY'
          then exists (select 1 from family_member f
                       where f.id = m.family_member_id and f.left_at is null)
          else not exists (select 1 from my_conflict o where o.family_id = t.family_id) end""",
    ),
    f"""create view my_office as
    select person_id, office, authority_id, locality_id from office_holder
    where person_id = {ACTOR} and ended_at is null""",
    f"""create view my_registration as
    select f.registered_by_id as person_id, f.id as family_id from family f
    where f.registered_by_id = {ACTOR}
      and not exists (select 1 from my_conflict o where o.family_id = f.id)
      and not exists (select 1 from team t join membership m on m.team_id = t.id
                      where t.family_id = f.id)""",
    f"""create view my_coordination as
    select o.person_id, f.id as family_id from my_office o join family f
      on f.authority_id = o.authority_id
     and (o.locality_id is null or o.locality_id = f.locality_id)
    where o.office = 'COORDINATOR'
      and not exists (select 1 from my_conflict w where w.family_id = f.id)""",
    # Whoever was asked as a member of the team is asked no longer than they are one.
    *_own(
        "invitation", "person_id uuid, meeting_id uuid, invitation_id uuid",
        f"""select i.person_id, i.meeting_id, i.id as invitation_id from invitation i
    where i.person_id = {ACTOR} and i.withdrawn_at is null
      and (i.membership_id is null
           or exists (select 1 from my_team t where t.membership_id = i.membership_id))""",
    ),
    # A meeting is run by its convener, chair and note-taker: members while they are in the team, and
    # whoever never was in it (a convener from the early help team, say) but for such a conflict.
    *_own(
        "meeting", "person_id uuid, meeting_id uuid, is_convener boolean, is_chair boolean, is_note_taker boolean",
        f"""select {ACTOR} as person_id, m.id as meeting_id,
        m.convener_id = {ACTOR} as is_convener, m.chair_id = {ACTOR} as is_chair,
        m.note_taker_id = {ACTOR} as is_note_taker
    from meeting m join team t on t.id = m.team_id
    where (m.convener_id = {ACTOR} or m.chair_id = {ACTOR} or m.note_taker_id = {ACTOR})
      and (exists (select 1 from my_team i where i.team_id = m.team_id)
           or not exists (select 1 from membership p
                          where p.team_id = m.team_id and p.person_id = {ACTOR})
              and not exists (select 1 from my_conflict o where o.family_id = t.family_id))""",
    ),
    f"""create view my_no_contact as
    select {ACTOR} as person_id,
        case when person_a_id = {ACTOR} then person_b_id else person_a_id end as other_id
    from no_contact where ended_at is null and {ACTOR} in (person_a_id, person_b_id)""",
    # Whoever has left their last agency is a practitioner no longer, from the day after.
    f"""create view my_practice as
    select p.person_id, p.id as practitioner_id from practitioner p
    where p.person_id = {ACTOR}
      and exists (select 1 from affiliation a where a.practitioner_id = p.id
                  and a.from_on <= (now() at time zone 'Europe/London')::date
                  and (a.until_on is null
                       or a.until_on > (now() at time zone 'Europe/London')::date))""",
    # What anybody but the worker may know of a message.
    """create view delivery with (security_invoker = true) as
    select id, kind, recipient_id, subject_id, number, state, state_at, queued_at, due_at, attempts
    from outbox_entry""",
]
MY = (
    "my_conflict", "my_team", "my_office", "my_registration", "my_coordination",
    "my_invitation", "my_meeting", "my_no_contact", "my_practice", "delivery", "my_trouble",
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
        """return query
        select m.id from meeting m join my_team t on t.team_id = m.team_id
            where m.kind = 'TAF' and t.kind = 'PRACTITIONER'
        union select g.meeting_id from my_meeting g
        union select i.meeting_id from my_invitation i where not whole;""",
    ),
    "own_invitations()": _function(
        "own_invitations()", "setof uuid", "return query select invitation_id from my_invitation;"
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
    # People whose way in is this administrator's to open and close: they work, or have worked, for an
    # agency of the authority or of all of them, or hold an office there.
    "administers_person(uuid)": _function(
        "administers_person(person uuid)", "boolean",
        """return exists (select 1 from my_office o where o.office = 'ADMINISTRATOR' and (
            exists (select 1 from office_holder h
                    where h.person_id = person and h.authority_id = o.authority_id)
            or exists (select 1 from practitioner p
                       join affiliation f on f.practitioner_id = p.id
                       join agency a on a.id = f.agency_id
                       where p.person_id = person
                         and coalesce(a.authority_id, o.authority_id) = o.authority_id)));""",
    ),
    # Row security keeps a scan from searching an index by anything but plain comparisons.
    **{
        f"{table}_named(text)": _function(
            f"{table}_named(words text)", "setof uuid",
            f"""return query select r.id from {table} r
            where (exists (select 1 from my_practice) or exists (select 1 from my_office))
              and array_to_tsvector(string_to_array(r.sort_name, ' ')) @@ search_query(words);""",
        )
        for table in ("agency", "practitioner")
    },
    "knows_person(uuid)": _function(
        "knows_person(person uuid)", "boolean",
        f"""return person = {ACTOR}
        or (exists (select 1 from practitioner p where p.person_id = person)
            and (exists (select 1 from my_practice) or exists (select 1 from my_office)))
        or exists (select 1 from office_holder h where h.person_id = person and (
            h.authority_id in (select o.authority_id from my_office o
                               where o.office = 'ADMINISTRATOR')
            or (h.office <> 'AUDITOR'
                and (exists (select 1 from my_practice) or exists (select 1 from my_office)))))
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
IN_DIRECTORY = "exists (select 1 from my_practice) or exists (select 1 from my_office)"
PRACTITIONER_FAMILY = "family_id in (select visible_families('{PRACTITIONER}'))"
STAFF_FAMILY = "family_id in (select visible_families('{PRACTITIONER,COORDINATOR}'))"
KNOWN_FAMILY = "family_id in (select visible_families('{PRACTITIONER,FAMILY,COORDINATOR}'))"
PRACTITIONER_TEAM = "team_id in (select visible_teams('{PRACTITIONER}'))"
MY_TEAM = "team_id in (select visible_teams('{PRACTITIONER,FAMILY}'))"
KNOWN_TEAM = "team_id in (select visible_teams('{PRACTITIONER,FAMILY,COORDINATOR}'))"
VISIBLE_INVITATION = (
    "(id in (select own_invitations())"
    " or meeting_id in (select visible_meetings(true)))"
)
# Of two of a family who must not meet, neither sees what the other owes.
KNOWN_ACTION = (
    f"{PRACTITIONER_TEAM} or ({MY_TEAM} and (owner_membership_id is null"
    " or owner_membership_id in (select id from membership)))"
)
ADMINISTERED = "select authority_id from my_office where office = 'ADMINISTRATOR'"

# table -> (who sees a row, who may add one or None, who may change one or None)
SERVICE_POLICIES = {
    "authority": (SIGNED_IN, None, f"id in ({ADMINISTERED})"),
    "locality": (SIGNED_IN, f"authority_id in ({ADMINISTERED})", None),
    "settings_version": (
        SIGNED_IN, f"changed_by_id = {ACTOR} and authority_id in ({ADMINISTERED})", None,
    ),
    "office_holder": (
        f"person_id = {ACTOR} or ({SIGNED_IN} and office <> 'AUDITOR')"
        f" or authority_id in ({ADMINISTERED})",
        f"authority_id in ({ADMINISTERED})", f"authority_id in ({ADMINISTERED})",
    ),
    "account": (
        f"person_id = {ACTOR} or administers_person(person_id)",
        "administers_person(person_id)", "administers_person(person_id)",
    ),
    "person": ("knows_person(id)", SIGNED_IN, "knows_person(id)"),
    "email_address": ("knows_address(id)", SIGNED_IN, None),
    "mailbox": ("knows_mailbox(id)", SIGNED_IN, "knows_mailbox(id)"),
    "agency": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "practitioner": (f"{IN_DIRECTORY} or knows_person(person_id)", SIGNED_IN, SIGNED_IN),
    "affiliation": (SIGNED_IN, SIGNED_IN, SIGNED_IN),
    "family": (
        "id in (select visible_families('{PRACTITIONER,FAMILY,COORDINATOR}'))",
        f"registered_by_id = {ACTOR}",
        "id in (select visible_families('{PRACTITIONER}'))",
    ),
    "family_member": (
        # who has left is known to practitioners alone
        f"{PRACTITIONER_FAMILY} or (left_at is null"
        " and (family_id in (select visible_families('{COORDINATOR}'))"
        " or (family_id in (select visible_families('{FAMILY}'))"
        " and person_id not in (select other_id from my_no_contact))))",
        PRACTITIONER_FAMILY, PRACTITIONER_FAMILY,
    ),
    "relationship": (PRACTITIONER_FAMILY, PRACTITIONER_FAMILY, PRACTITIONER_FAMILY),
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
        PRACTITIONER_TEAM,
        f"{PRACTITIONER_TEAM} or (person_id = {ACTOR} and {MY_TEAM})",
    ),
    "lead_tenure": (KNOWN_TEAM, PRACTITIONER_TEAM, PRACTITIONER_TEAM),
    "cover": (KNOWN_TEAM, PRACTITIONER_TEAM, PRACTITIONER_TEAM),
    "meeting": (
        "id in (select visible_meetings(false))",
        PRACTITIONER_TEAM,
        "id in (select visible_meetings(true))",
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
    "action": (KNOWN_ACTION, PRACTITIONER_TEAM, KNOWN_ACTION),
    "action_progress": (
        "action_id in (select id from action)"
        " and (reported_by_id not in (select other_id from my_no_contact)"
        f" or action_id in (select id from action where {PRACTITIONER_TEAM}))",
        f"reported_by_id = {ACTOR}", None,
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

# Columns that are ever changed, where the others stay as they were written. An authority's name is
# not changed by the service either, but its row is locked, and that takes a right to change it.
CHANGED_COLUMNS = {"authority": "name", "office_holder": "ended_at", "account": "disabled_at"}

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
# The one message that the worker writes by itself.
WORKER_TELLS = "kind = 'MessageInTrouble' and state = 'QUEUED'"

FUNCTIONS = [
    # Named checks over rows the actor may not see. Each says yes or no, or hands out an id.
    """create function claim_address(wanted text, new_id uuid) returns uuid
    language sql volatile security definer set search_path = public, pg_temp as $$
        insert into email_address (id, address) values (new_id, wanted) on conflict do nothing;
        select id from email_address where address = wanted
    $$""",
    # One reader after another, so that the second is seen to be the second. A row of the same person
    # may be hidden from the actor: it was recorded in another family. Whether the address is read by
    # others is for the rules that decide whom to write to, not for the actor.
    f"""create function claim_mailbox(
        wanted text, use text, reader uuid, at_agency uuid, called text,
        new_address_id uuid, new_id uuid, moment timestamptz)
    returns table (mailbox_id uuid, at_address_id uuid, read_by_others boolean)
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
    declare found_id uuid; place uuid := claim_address(wanted, new_address_id);
    begin
        if {ACTOR} is null then
            raise exception 'nobody is signed in' using errcode = '42501';
        end if;
        perform from email_address e where e.id = place for no key update;
        -- A work address passes on when the last affiliation that used it is over.
        update mailbox b set ended_at = moment
        where b.address_id = place and b.kind = 'WORK' and b.ended_at is null
          and b.person_id is distinct from reader
          and exists (select 1 from affiliation a where a.mailbox_id = b.id)
          and not exists (
              select 1 from affiliation a where a.mailbox_id = b.id and (a.until_on is null
                  or a.until_on > (moment at time zone 'Europe/London')::date));
        insert into mailbox (id, address_id, kind, person_id, agency_id, label, from_at)
        values (new_id, place, use, reader, at_agency, called, moment) on conflict do nothing;
        select b.id into strict found_id from mailbox b
        where b.address_id = place and b.ended_at is null and b.kind = use
          and b.person_id is not distinct from reader
          and b.agency_id is not distinct from at_agency;
        update mailbox b set read_by_others_since = moment
        where b.address_id = place and b.ended_at is null and b.read_by_others_since is null
          and exists (
              select 1 from mailbox o where o.address_id = place and o.ended_at is null
                and (o.person_id, o.agency_id) is distinct from (b.person_id, b.agency_id));
        return query select b.id, b.address_id, b.read_by_others_since is not null
        from mailbox b where b.id = found_id;
    end $$""",
    """create function must_not_meet(people uuid[])
    returns table (person_a_id uuid, person_b_id uuid, family_id uuid)
    language sql stable security definer set search_path = public, pg_temp as $$
        select person_a_id, person_b_id, family_id from no_contact
        where ended_at is null and person_a_id = any(people) and person_b_id = any(people)
    $$""",
    # Whoever must not meet one of these people, in whichever family that was recorded.
    """create function kept_apart_from(people uuid[]) returns setof uuid
    language sql stable security definer set search_path = public, pg_temp as $$
        select person_b_id from no_contact where ended_at is null and person_a_id = any(people)
        union
        select person_a_id from no_contact where ended_at is null and person_b_id = any(people)
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
    """create function label_is_taken(person uuid, wanted text) returns boolean
    language sql stable security definer set search_path = public, pg_temp as $$
        select exists (select 1 from membership where person_id = person and label = wanted)
    $$""",
    # Who takes over from somebody who leaves, and who may have to leave because of that very person.
    """create function leader_of(team uuid) returns uuid
    language sql stable security definer set search_path = public, pg_temp as $$
        select m.person_id from lead_tenure l join membership m on m.id = l.membership_id
        where l.team_id = team and l.until_at is null
    $$""",
    # Everything queued for a person or an address stops, across families, and their links end. Whoever
    # reads the address is meant: at home, at work, on duty for an agency, or as a guest. A message in
    # a worker's hands is taken out of them by its fence. How many there were is nobody's to know.
    """create function stop_messages(person uuid, address uuid, moment timestamptz) returns void
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
    declare
        boxes uuid[] := array(
            select b.id from mailbox b where b.address_id = address and b.ended_at is null);
        people uuid[] := array(
            select person where person is not null
            union select b.person_id from mailbox b
                where b.id = any(boxes) and b.person_id is not null
            union select p.person_id from affiliation f join practitioner p on p.id = f.practitioner_id
                where f.mailbox_id = any(boxes)
            union select i.person_id from invitation i where i.guest_mailbox_id = any(boxes));
    begin
        update reply_link l set revoked_at = moment
        from invitation i
        where i.id = l.invitation_id and l.revoked_at is null and i.person_id = any(people);
        -- What a worker is sending may have left already: it is not called stopped (R6).
        update outbox_entry e set state_at = moment, claimed_until = null, fence = e.fence + 1,
               state = case when e.state = 'SENDING' and e.message is not null then 'UNCONFIRMED'
                            else 'CANCELLED' end
        where e.state in ('QUEUED', 'SENDING')
          and (e.recipient_id = any(people)
               -- already written to it, though nobody is on record as reading it any more
               or lower(e.address) = (select a.address from email_address a
                                      where a.id = stop_messages.address));
    end $$""",
    # Asked before every message leaves: contact is stopped with the person, with this address, or with
    # another that they read.
    """create function contact_is_stopped(person uuid, address uuid) returns boolean
    language sql stable security definer set search_path = public, pg_temp as $$
        select exists (
            select 1 from stop_contact s
            where s.lifted_at is null and (
                s.person_id = person or s.address_id = address
                or s.address_id in (select o.address_id from mailbox o
                                    where o.person_id = person and o.ended_at is null)))
    $$""",
    # Likewise: somebody reads this address, at home or at work, whom they must not meet.
    """create function is_read_by_no_contact(person uuid, address uuid, today date) returns boolean
    language sql stable security definer set search_path = public, pg_temp as $$
        select exists (
            select 1 from no_contact n
            cross join lateral (select case when n.person_a_id = person then n.person_b_id
                                            else n.person_a_id end as id) other
            join mailbox o on o.address_id = address and o.ended_at is null
            where n.ended_at is null and person in (n.person_a_id, n.person_b_id)
              and (o.person_id = other.id or exists (
                  select 1 from affiliation f join practitioner q on q.id = f.practitioner_id
                  where f.mailbox_id = o.id and q.person_id = other.id
                    and (f.until_on is null or f.until_on > today))))
    $$""",
    # Those who read an address and must not meet or learn the details of this person.
    """create function readers_kept_apart(person uuid, address uuid) returns setof uuid
    language sql stable security definer set search_path = public, pg_temp as $$
        select b.person_id from mailbox b join no_contact n on n.ended_at is null
          and ((n.person_a_id = person and n.person_b_id = b.person_id)
               or (n.person_b_id = person and n.person_a_id = b.person_id))
        where b.address_id = address and b.ended_at is null
    $$""",
    # Whatever address both of them read, in whichever family it was recorded.
    """create function mark_mailboxes_shared_by(first uuid, second uuid, moment timestamptz)
    returns void
    language sql volatile security definer set search_path = public, pg_temp as $$
        update mailbox b set read_by_others_since = moment
        from mailbox o
        where o.address_id = b.address_id and b.ended_at is null and o.ended_at is null
          and b.read_by_others_since is null
          and (b.person_id, o.person_id) in ((first, second), (second, first))
    $$""",
    # A mailbox at home is given up when no family writes to it any more.
    """create function give_up_mailbox(unused uuid, moment timestamptz) returns void
    language sql volatile security definer set search_path = public, pg_temp as $$
        update mailbox b set ended_at = moment
        where b.id = unused and b.kind = 'PERSONAL' and b.ended_at is null
          and not exists (select 1 from contact_channel c
                          where c.mailbox_id = b.id and c.ended_at is null)
          and not exists (select 1 from invitation i
                          where i.guest_mailbox_id = b.id and i.withdrawn_at is null)
    $$""",
    # Asked before anybody is signed in: who that would be.
    """create function person_signed_in_as(wanted_issuer text, wanted_subject text) returns uuid
    language sql stable security definer set search_path = public, pg_temp as $$
        select person_id from account
        where issuer = wanted_issuer and subject = wanted_subject and disabled_at is null
    $$""",
    # Whether an authority would have no administrator who can sign in, without this account or this
    # office. Those concerned are locked first, so that two acts at once are counted one by one.
    """create function leaves_no_administrator(ended_account uuid, ended_office uuid)
    returns boolean
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
    declare concerned uuid[] := array(
        select h.authority_id from office_holder h
        where h.office = 'ADMINISTRATOR' and h.ended_at is null
          and (h.id = ended_office or h.person_id in (
              select c.person_id from account c
              where c.id = ended_account and c.disabled_at is null)));
    begin
        perform 1 from authority where id = any(concerned) order by id for update;
        return exists (
            select 1 from unnest(concerned) as left_alone (id) where not exists (
                select 1 from office_holder h join account c on c.person_id = h.person_id
                where h.authority_id = left_alone.id and h.office = 'ADMINISTRATOR'
                  and h.ended_at is null and h.id is distinct from ended_office
                  and c.disabled_at is null and c.id is distinct from ended_account));
    end $$""",
    # For the audit: a guest who answers may not see the family in whose case that happens.
    """create function family_of_meeting(wanted uuid) returns uuid
    language sql stable security definer set search_path = public, pg_temp as $$
        select t.family_id from meeting m join team t on t.id = m.team_id
        where m.id = wanted and m.id in (select visible_meetings(false))
    $$""",
    # Whoever leaves takes back their own invitation, and with it loses sight of it, which row security
    # does not let them do by themselves.
    """create function take_back_invitation(wanted uuid, numbered integer, new_version uuid,
                                            moment timestamptz) returns void
    language sql volatile security definer set search_path = public, pg_temp as $$
        update invitation set withdrawn_at = moment, sequence = numbered, version = new_version
        where id = wanted and withdrawn_at is null and id in (select visible_invitations())
    $$""",
    """create function invitation_for_link(hash text)
    returns table (invitation_id uuid, person_id uuid, expires_at timestamptz,
                   revoked_at timestamptz, withdrawn_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp as $$
        select i.id, i.person_id, l.expires_at, l.revoked_at, i.withdrawn_at
        from reply_link l join invitation i on i.id = l.invitation_id where l.token_hash = hash
    $$""",
]


# Whom a queued message is for, what it is made of and what stands in its way: one snapshot, asked by
# the worker before each attempt and, for a preview, inside the operation that is about to be rolled
# back. There the service learns it of meetings that the actor may see whole, and neither an address
# that they do not know nor the words by which somebody else tells their cases apart.
# A message counts as sent unless its address was refused: after a crash nobody knows for certain,
# and a cancellation too many harms less than a meeting left standing in somebody's calendar.
STANDING_OF = """
create function standing_of(entry uuid, moment timestamptz) returns table (
    kind text, number integer, queued_at timestamptz, is_frozen boolean, is_too_late boolean,
    invitation_id uuid, person_id uuid, uid text, organiser text, required boolean, answer text,
    answered_at timestamptz, reschedule_sequence integer, withdrawn_at timestamptz,
    invited_by text, starts_at timestamptz, ends_at timestamptz, zone text, place text,
    place_kind text, joining_link text, cancelled_at timestamptz, is_past boolean, name text,
    label text, audience text, has_left boolean, lead text, mailbox_kind text,
    mailbox_person_id uuid, address text, knows_address boolean, suppressed_at timestamptz,
    link_id uuid, link_nonce uuid, has_safe_contact boolean, email_is_forbidden boolean,
    is_stopped boolean, is_read_by_no_contact boolean, is_superseded boolean, earlier_ids text[],
    last_message bytea, changed text[], stamp timestamptz, private_words text[])
language sql stable security definer rows 1 set search_path = public, pg_temp as $$
select
    e.kind, e.number, e.queued_at, e.message is not null,
    moment >= e.give_up_at,
    i.id, i.person_id, i.uid, i.organiser, i.required, i.answer, i.answered_at,
    i.reschedule_sequence, i.withdrawn_at, i.invited_by,
    -- Whoever is asked to a part is told of that part alone (invitations rule 40).
    coalesce(i.part_starts_at, m.starts_at), coalesce(i.part_ends_at, m.ends_at), m.zone,
    m.place, m.place_kind,
    case when i.part_starts_at is null and i.part_joining_link = '' then m.joining_link
         else i.part_joining_link end,
    m.cancelled_at, coalesce(i.part_ends_at, m.ends_at) <= moment,
    p.name,
    case when b.label <> '' and not (viewer.is_worker or viewer.id = i.person_id) then '…'
         else coalesce(b.label, '') end,
    coalesce(b.kind, 'GUEST'),
    b.left_at is not null or member.left_at is not null,
    coalesce(lead.name, convener.name),
    x.kind, x.person_id, a.address, viewer.is_worker or knows_mailbox(x.id), a.suppressed_at,
    link.id, link.nonce,
    safety.has_safe_contact, safety.email_is_forbidden,
    contact_is_stopped(i.person_id, a.id),
    is_read_by_no_contact(i.person_id, a.id, (moment at time zone m.zone)::date),
    exists (
        select 1 from outbox_entry o
        where o.subject_id = e.subject_id and o.number > e.number
          and o.state in ('QUEUED', 'SENDING')),
    earlier.ids, earlier.last_message,
    (select coalesce(array_agg(distinct word), '{}')
     from outbox_entry o
     cross join lateral jsonb_array_elements_text(
         case when jsonb_typeof(o.facts -> 'changed') = 'array'
              then o.facts -> 'changed' else '[]' end) as word
     where o.subject_id = e.subject_id and o.number <= e.number
       and o.number > coalesce(earlier.last_number, -1)),
    (select greatest(date_trunc('second', moment), max(o.stamped_at) + interval '1 second')
     from outbox_entry o where o.subject_id = e.subject_id),
    (select coalesce(array_agg(distinct private.words), '{}') from (
        select f.name from family f where f.id = t.family_id
        union all
        select q.name from family_member n join person q on q.id = n.person_id
        where n.family_id = t.family_id
        union all
        select q.name from invitation g join person q on q.id = g.person_id
        where g.meeting_id = m.id and g.membership_id is null
        union all
        select c.value from contact_channel c
        where c.family_id = t.family_id and c.value <> '') as private (words))
from (select pg_has_role(session_user, 'taf_worker', 'usage') as is_worker, {ACTOR} as id) viewer
cross join outbox_entry e
join invitation i on i.id = e.subject_id and i.person_id = e.recipient_id
join meeting m on m.id = i.meeting_id
join team t on t.id = m.team_id
join person p on p.id = i.person_id
join person convener on convener.id = m.convener_id
left join membership b on b.id = i.membership_id
left join family_member member on member.id = b.family_member_id
left join lateral (
    select q.name from lead_tenure l
    join membership lm on lm.id = l.membership_id join person q on q.id = lm.person_id
    where l.team_id = t.id
    order by l.until_at is null desc, l.from_at desc limit 1
) lead on true
left join lateral (
    select f.mailbox_id from affiliation f
    where b.kind = 'PRACTITIONER'
      and f.practitioner_id = b.practitioner_id and f.agency_id = b.agency_id
      and f.from_on <= (moment at time zone m.zone)::date
      and (f.until_on is null or f.until_on > (moment at time zone m.zone)::date)
    order by f.from_on desc, f.id limit 1
) at_work on true
left join lateral (
    select c.mailbox_id from contact_channel c
    where b.kind = 'FAMILY' and c.family_member_id = b.family_member_id
      and c.kind = 'EMAIL' and c.ended_at is null
    order by c.preferred_since desc nulls last, c.added_at desc limit 1
) at_home on true
left join mailbox x on x.ended_at is null and x.id = case
    when b.id is null then i.guest_mailbox_id
    else coalesce(at_work.mailbox_id, at_home.mailbox_id) end
left join email_address a on a.id = x.address_id
left join reply_link link on link.invitation_id = i.id
    and link.revoked_at is null and link.expires_at > moment
-- Whoever is in danger in one family is in danger whichever team writes to them.
cross join lateral (
    select count(*) > 0 as has_safe_contact,
           coalesce(bool_or(not s.email_allowed), false) as email_is_forbidden
    from safe_contact s join family_member f on f.id = s.family_member_id
    where f.person_id = i.person_id and s.replaced_at is null
) safety
cross join lateral (
    select coalesce(array_agg(o.message_id order by o.number, o.queued_at), '{}') as ids,
           max(o.number) filter (where o.state in ('ACCEPTED', 'UNCONFIRMED')) as last_number,
           (array_agg(o.message order by o.number desc, o.queued_at desc))[1] as last_message
    from outbox_entry o
    where o.subject_id = e.subject_id and o.id <> e.id
      and o.message is not null and o.state <> 'BOUNCED'
) earlier
where e.id = entry and (viewer.is_worker or m.id in (select visible_meetings(true)))
$$""".replace("{ACTOR}", ACTOR)


TROUBLE = [
    # Messages that have not arrived, as far as anybody knows, while that still matters (R4, R6): they
    # ended badly, or are late with a day to go. Judged by what holds now: nobody needs to act once
    # the person is no longer invited, is told another way, was told since or has answered since, once
    # the meeting is called off or over, or once a newer message is on its way to them.
    """create view trouble as
    select e.id as message_id, m.id as meeting_id, i.person_id, e.state_at,
        case when e.state in ('QUEUED', 'SENDING') then 'LATE' else e.state end as nature
    from meeting m
    join invitation i on i.meeting_id = m.id
    join outbox_entry e on e.subject_id = i.id
    left join membership b on b.id = i.membership_id
    left join family_member f on f.id = b.family_member_id
    where m.ends_at > now() and coalesce(i.part_ends_at, m.ends_at) > now()
      and (e.state in ('UNCONFIRMED', 'BOUNCED', 'WITHHELD', 'FAILED')
           or (e.state = 'QUEUED' and e.attempts > 0 or e.state = 'SENDING' and e.attempts > 1)
              and least(coalesce(i.part_starts_at, m.starts_at), e.give_up_at)
                  < now() + interval '24 hours')
      and i.invited_by = 'EMAIL' and i.told_at is null
      and (i.answered_at is null or i.answered_at <= e.queued_at)
      and case e.kind
          when 'InvitationWithdrawn' then i.withdrawn_at is not null
          when 'MeetingCancelled' then m.cancelled_at is not null and i.withdrawn_at is null
          else m.cancelled_at is null and i.withdrawn_at is null
              and b.left_at is null and f.left_at is null end
      and not exists (select 1 from outbox_entry o where o.subject_id = e.subject_id
                      and o.number > e.number and o.state <> 'CANCELLED')""",
    # Of the meetings that the bound actor sees whole.
    """create view my_trouble as
    select message_id from trouble where meeting_id in (select visible_meetings(true))""",
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
            columns = f"({CHANGED_COLUMNS[table]}) " if table in CHANGED_COLUMNS else ""
            yield f"grant update {columns}on {table} to taf_service"
    yield f"grant select ({OUTBOX_COLUMNS}) on outbox_entry to taf_service"


def _worker():
    for table in WORKER_READS:
        yield f"create policy worker_sees on {table} for select to taf_worker using (true)"
        yield f"grant select on {table} to taf_worker"
    for table, verb in WORKER_WRITES.items():
        clause = "with check (true)" if verb == "insert" else "using (true)"
        yield f"create policy worker_{verb}s on {table} for {verb} to taf_worker {clause}"
        yield f"grant {verb} on {table} to taf_worker"
    yield (
        "create policy worker_tells on outbox_entry for insert to taf_worker"
        f" with check ({WORKER_TELLS})"
    )
    yield "grant insert on outbox_entry to taf_worker"
    yield "grant select on trouble to taf_worker"
    yield "create policy worker_sees on idempotency_key for select to taf_worker using (true)"
    yield "grant select on idempotency_key to taf_worker"


def _grants():
    yield "revoke all on schema public from public"
    yield "grant usage on schema public to taf_service, taf_worker"
    for view in MY:
        yield f"grant select on {view} to taf_service"
    for signature in (
        "claim_address(text, uuid)",
        "claim_mailbox(text, text, uuid, uuid, text, uuid, uuid, timestamptz)",
        "must_not_meet(uuid[])", "kept_apart_from(uuid[])", "shared_mailboxes(uuid[])",
        "people_stopped(uuid[])", "label_is_taken(uuid, text)", "leader_of(uuid)",
        "stop_messages(uuid, uuid, timestamptz)",
        "readers_kept_apart(uuid, uuid)", "mark_mailboxes_shared_by(uuid, uuid, timestamptz)",
        "give_up_mailbox(uuid, timestamptz)",
        "person_signed_in_as(text, text)", "leaves_no_administrator(uuid, uuid)",
        "invitation_for_link(text)", "family_of_meeting(uuid)",
        "take_back_invitation(uuid, integer, uuid, timestamptz)", *VISIBLE,
        # A view's reader is who calls its functions.
        "my_conflict_rows()", "my_team_rows()", "my_invitation_rows()", "my_meeting_rows()",
    ):
        yield f"revoke execute on function {signature} from public"
        yield f"grant execute on function {signature} to taf_service"
    for signature in (
        "contact_is_stopped(uuid, uuid)", "is_read_by_no_contact(uuid, uuid, date)"
    ):
        yield f"revoke execute on function {signature} from public"
        yield f"grant execute on function {signature} to taf_worker"
    yield "revoke execute on function standing_of(uuid, timestamptz) from public"
    yield "grant execute on function standing_of(uuid, timestamptz) to taf_service, taf_worker"


class Migration(migrations.Migration):
    dependencies = [("taf", "0002_constraints")]
    operations = [ops.RunSQL([*VIEWS, *VISIBLE.values(), *FUNCTIONS, STANDING_OF, *TROUBLE, *_walls(), *_worker(), *_grants()])]
