"""What Tortoise cannot say: foreign keys, partial uniqueness, exclusion, checks, triggers, indexes."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# table.column -> table it refers to
REFERENCES = {
    "account.person_id": "person",
    "locality.authority_id": "authority",
    "settings_version.authority_id": "authority",
    "settings_version.changed_by_id": "person",
    "office_holder.authority_id": "authority",
    "office_holder.locality_id": "locality",
    "office_holder.person_id": "person",
    "mailbox.address_id": "email_address",
    "mailbox.person_id": "person",
    "mailbox.agency_id": "agency",
    "agency.authority_id": "authority",
    "practitioner.person_id": "person",
    "affiliation.practitioner_id": "practitioner",
    "affiliation.agency_id": "agency",
    "affiliation.locality_id": "locality",
    "affiliation.mailbox_id": "mailbox",
    "family.authority_id": "authority",
    "family.locality_id": "locality",
    "family.registered_by_id": "person",
    "family_member.family_id": "family",
    "family_member.person_id": "person",
    "relationship.family_id": "family",
    "relationship.from_member_id": "family_member",
    "relationship.to_member_id": "family_member",
    "parental_responsibility.family_id": "family",
    "parental_responsibility.holder_id": "family_member",
    "parental_responsibility.child_id": "family_member",
    "contact_channel.family_id": "family",
    "contact_channel.family_member_id": "family_member",
    "contact_channel.mailbox_id": "mailbox",
    "safe_contact.family_id": "family",
    "safe_contact.family_member_id": "family_member",
    "safe_contact.recorded_by_id": "person",
    "no_contact.family_id": "family",
    "no_contact.person_a_id": "person",
    "no_contact.person_b_id": "person",
    "no_contact.recorded_by_id": "person",
    "stop_contact.family_id": "family",
    "stop_contact.person_id": "person",
    "stop_contact.address_id": "email_address",
    "stop_contact.stopped_by_id": "person",
    "lead_enquiry.family_id": "family",
    "lead_enquiry.authority_id": "authority",
    "lead_enquiry.locality_id": "locality",
    "lead_enquiry.asked_by_id": "person",
    "lead_enquiry.answered_by_id": "person",
    "team.family_id": "family",
    "team.enquiry_id": "lead_enquiry",
    "membership.team_id": "team",
    "membership.person_id": "person",
    "membership.practitioner_id": "practitioner",
    "membership.agency_id": "agency",
    "membership.family_member_id": "family_member",
    "membership.added_by_id": "person",
    "lead_tenure.team_id": "team",
    "lead_tenure.membership_id": "membership",
    "lead_tenure.appointed_by_id": "person",
    "cover.team_id": "team",
    "cover.membership_id": "membership",
    "cover.arranged_by_id": "person",
    "meeting.team_id": "team",
    "meeting.convener_id": "person",
    "meeting.chair_id": "person",
    "meeting.note_taker_id": "person",
    "invitation.meeting_id": "meeting",
    "invitation.person_id": "person",
    "invitation.membership_id": "membership",
    "invitation.guest_mailbox_id": "mailbox",
    "invitation.told_by_id": "person",
    "reply.invitation_id": "invitation",
    "reply.given_by_id": "person",
    "reply_link.invitation_id": "invitation",
    "action.team_id": "team",
    "action.meeting_id": "meeting",
    "action.child_id": "family_member",
    "action.owner_membership_id": "membership",
    "action.owner_agency_id": "agency",
    "action.owner_contact_id": "practitioner",
    "action.raised_by_id": "person",
    "action_progress.action_id": "action",
    "action_progress.reported_by_id": "person",
    "outbox_entry.recipient_id": "person",
    "sealed_entry.entry_id": "audit_entry",
    "sealed_entry.seal_id": "audit_seal",
}

# Looked up by these from the parent's side, so each needs an index of its own.
INDEXED = [
    "account.person_id",
    "office_holder.person_id",
    "mailbox.address_id",
    "mailbox.person_id",
    "affiliation.practitioner_id",
    "affiliation.agency_id",
    "affiliation.mailbox_id",
    "agency.sort_name, id",
    "practitioner.sort_name, id",
    "family.registered_by_id",
    "family.authority_id",
    "family_member.family_id",
    "family_member.person_id",
    "relationship.family_id",
    "parental_responsibility.family_id",
    "contact_channel.family_member_id",
    "safe_contact.family_member_id",
    "no_contact.family_id",
    "no_contact.person_a_id",
    "no_contact.person_b_id",
    "stop_contact.person_id",
    "stop_contact.address_id",
    "lead_enquiry.family_id",
    "lead_enquiry.authority_id",
    "team.family_id",
    "membership.team_id",
    "membership.person_id",
    "lead_tenure.team_id",
    "cover.team_id",
    "meeting.team_id, starts_at, id",
    "meeting.ends_at",
    "meeting.convener_id",
    "meeting.chair_id",
    "meeting.note_taker_id",
    "invitation.person_id",
    "reply.invitation_id",
    "action.team_id, due_on, id",
    "action.owner_membership_id",
    "action_progress.action_id",
    "audit_entry.family_id, at, id",
    "outbox_entry.subject_id, number",
    "outbox_entry.recipient_id",
]


def _foreign_keys():
    return [
        f"alter table {source.split('.')[0]} add foreign key ({source.split('.')[1]})"
        f" references {target} (id) deferrable initially deferred"
        for source, target in REFERENCES.items()
    ]


def _indexes():
    return [
        "create index on {} ({})".format(*entry.split(".", 1)) for entry in INDEXED
    ]


UNIQUENESS = [
    # exactly one open lead per team: this says at most one, the trigger below at least one
    "create unique index one_open_lead on lead_tenure (team_id) where until_at is null",
    "create unique index one_invitation on invitation (meeting_id, person_id)",
    "create unique index one_open_enquiry on lead_enquiry (family_id) where answered_at is null",
    "create unique index one_open_team on team (family_id) where closed_at is null",
    "create unique index one_place_in_family on family_member (family_id, person_id)"
    " where left_at is null",
    "create unique index one_mailbox on mailbox (address_id, person_id, kind)"
    " where ended_at is null and person_id is not null",
    "create unique index one_role_mailbox on mailbox (address_id, agency_id)"
    " where ended_at is null and agency_id is not null",
    "create unique index one_safe_contact on safe_contact (family_member_id)"
    " where replaced_at is null",
    "create unique index one_preferred_channel on contact_channel (family_member_id)"
    " where preferred_since is not null and ended_at is null",
    "create unique index one_relationship on relationship (from_member_id, to_member_id)"
    " where ended_at is null",
    "create unique index one_parental_responsibility on parental_responsibility"
    " (holder_id, child_id) where ended_on is null",
    "create unique index one_no_contact on no_contact (person_a_id, person_b_id, family_id)"
    " where ended_at is null",
    "create unique index one_settings_number on settings_version (authority_id, number)",
    "create unique index one_locality_name on locality (authority_id, lower(name))",
    "create unique index one_office on office_holder"
    " (person_id, authority_id, office, coalesce(locality_id, authority_id))"
    " where ended_at is null",
    "create unique index one_place_in_chain on sealed_entry (seal_id, position)",
    "create unique index one_seal_number on audit_seal (chain_id, number)",
    "create unique index one_message on outbox_entry (subject_id, number, kind)",
    "create index waiting on outbox_entry (due_at, id) where state in ('QUEUED', 'SENDING')",
]

# Agencies and practitioners are listed and found by name: without case, accents or punctuation, in an
# order that is the same on every server, by the beginning of any word (the wheel carries no pg_trgm).
NAMES = [
    r"""create function search_form(words text) returns text language sql immutable parallel safe as $$
        select rtrim(left(btrim(regexp_replace(
            regexp_replace(lower(normalize(words, NFKD)), '[\u0300-\u036f]', '', 'g'),
            '[\s''‘’“”"`.,;:()/&–—-]+', ' ', 'g')), 200))
    $$""",
    r"""create function search_query(words text) returns tsquery
    language sql immutable parallel safe as $$
        select string_agg('''' || replace(word, '\', '\\') || ''':*', ' & ')::tsquery
        from unnest(string_to_array(search_form(words), ' ')) word
    $$""",
    """create function sorted_by_its_name() returns trigger language plpgsql as $$
    begin
        new.sort_name := search_form(new.name);
        return new;
    end $$""",
    "create trigger sorted_by_its_name before insert or update on agency"
    " for each row execute function sorted_by_its_name()",
    """create function sorted_by_their_name() returns trigger language plpgsql security definer
    set search_path = public, pg_temp as $$
    begin
        new.sort_name := coalesce(
            (select search_form(name) from person where id = new.person_id), '');
        return new;
    end $$""",
    "create trigger sorted_by_their_name before insert or update on practitioner"
    " for each row execute function sorted_by_their_name()",
    """create function sorted_by_their_new_name() returns trigger language plpgsql security definer
    set search_path = public, pg_temp as $$
    begin
        update practitioner set sort_name = '' where person_id = new.id;
        return null;
    end $$""",
    "create trigger sorted_by_their_new_name after insert or update of name on person"
    " for each row execute function sorted_by_their_new_name()",
    *(
        statement
        for table in ("agency", "practitioner")
        for statement in (
            f'alter table {table} alter column sort_name type varchar(200) collate "C"',
            f"create index on {table} using gin"
            " (array_to_tsvector(string_to_array(sort_name, ' ')))",
        )
    ),
]

EXCLUSION = [
    # The wheel carries no btree_gist, so a one-point range stands for equality of ids.
    "create type uuidrange as range (subtype = uuid)",
    """alter table membership add constraint no_overlapping_membership exclude using gist (
        uuidrange(team_id, team_id, '[]') with &&,
        uuidrange(person_id, person_id, '[]') with &&,
        tstzrange(joined_at, left_at, '[)') with &&)""",
    """alter table affiliation add constraint no_overlapping_affiliation exclude using gist (
        uuidrange(practitioner_id, practitioner_id, '[]') with &&,
        uuidrange(agency_id, agency_id, '[]') with &&,
        daterange(from_on, until_on, '[)') with &&)""",
]

CHECKS = [
    "alter table mailbox add check ((person_id is null) <> (agency_id is null))",
    "alter table mailbox add check ((kind = 'ROLE') = (agency_id is not null))",
    "alter table affiliation add check (until_on is null or until_on >= from_on)",
    "alter table family_member add check (born_on is null or expected_on is null)",
    "alter table family_member add check (left_at is null or left_at >= joined_at)",
    "alter table relationship add check (from_member_id <> to_member_id)",
    "alter table parental_responsibility add check (holder_id <> child_id)",
    "alter table contact_channel add check ((kind = 'EMAIL') = (mailbox_id is not null))",
    "alter table no_contact add check (person_a_id < person_b_id)",
    "alter table no_contact add check (btrim(reason) <> '')",
    "alter table stop_contact add check (person_id is not null or address_id is not null)",
    "alter table lead_enquiry add check ((answer is null) = (answered_at is null))",
    "alter table team add check (review_interval_days between 7 and 91)",
    """alter table membership add check (
        (kind = 'PRACTITIONER' and practitioner_id is not null and agency_id is not null
            and family_member_id is null)
        or (kind = 'FAMILY' and family_member_id is not null
            and practitioner_id is null and agency_id is null))""",
    "alter table membership add check (left_at is null or left_at >= joined_at)",
    "alter table lead_tenure add check (until_at is null or until_at >= from_at)",
    "alter table lead_tenure add check (btrim(reason) <> '')",
    "alter table cover add check (until_on is null or until_on > from_on)",
    "alter table meeting add check (ends_at > starts_at)",
    "alter table meeting add check ((place = '') = (place_kind is null))",
    "alter table meeting add check (place <> '' or joining_link <> '' or recorded_at is not null)",
    "alter table invitation add check ((membership_id is null) = (guest_role is not null))",
    "alter table invitation add check (guest_role is null or basis is not null)",
    """alter table invitation add check ((part_starts_at is null) = (part_ends_at is null)
        and (part_ends_at > part_starts_at) is not false)""",
    "alter table invitation add check ((told_at is null) = (told_by_id is null))",
    "alter table invitation add check (sequence >= 0 and reschedule_sequence between 0 and sequence)",
    """alter table action add check (
        (owner_membership_id is not null and owner_agency_id is null and owner_contact_id is null)
        or (owner_membership_id is null and owner_agency_id is not null
            and owner_contact_id is not null))""",
    "alter table outbox_entry add check ((state = 'SENDING') = (claimed_until is not null))",
    "alter table outbox_entry add check (message is null or address is not null)",
]

TRIGGERS = [
    """create function lead_is_a_member() returns trigger language plpgsql security definer
    set search_path = public, pg_temp as $$
    declare which uuid := coalesce(to_jsonb(new) ->> 'team_id', to_jsonb(new) ->> 'id')::uuid;
    begin
        if exists (select 1 from team where id = which and closed_at is null)
           and not exists (
               select 1 from lead_tenure l join membership m on m.id = l.membership_id
               where l.team_id = which and l.until_at is null
                 and m.team_id = which and m.left_at is null and m.kind = 'PRACTITIONER')
        then
            raise exception 'an open team has exactly one lead, a current practitioner in it'
                using errcode = '23514', constraint = 'lead_is_a_member';
        end if;
        return null;
    end $$""",
    *(
        f"create constraint trigger lead_is_a_member after insert or update on {table}"
        " deferrable initially deferred for each row execute function lead_is_a_member()"
        for table in ("team", "lead_tenure", "membership")
    ),
    """create function append_only() returns trigger language plpgsql as $$
    begin
        raise exception '% is append-only', tg_table_name using errcode = '42501';
    end $$""",
    *(
        f"create trigger append_only before update or delete or truncate on {table}"
        " for each statement execute function append_only()"
        for table in ("audit_entry", "audit_seal", "sealed_entry", "settings_version", "reply")
    ),
]


class Migration(migrations.Migration):
    dependencies = [("taf", "0001_tables")]
    operations = [
        ops.RunSQL([*_foreign_keys(), *_indexes(), *UNIQUENESS]),
        ops.RunSQL([*EXCLUSION, *CHECKS, *TRIGGERS, *NAMES]),
    ]
