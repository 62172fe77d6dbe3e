-- What PostGraphile and Mercurius find in the database beside the tables: lists that a table's own
-- columns do not say, and an audited change of an action. All of it runs as whoever calls it,
-- behind row-level security, for the actor bound to the transaction.
create schema peers;

create function peers.actor() returns uuid language sql stable
return nullif(current_setting('taf.actor', true), '')::uuid;

create function peers.team_upcoming_meetings(team public.team) returns setof public.meeting
language sql stable rows 5 as $$
    select m.* from public.meeting m
    where m.team_id = team.id and m.ends_at >= now() and m.cancelled_at is null
    order by m.starts_at, m.id
$$;

create function peers.my_actions() returns setof public.action language sql stable rows 60 as $$
    select a.* from public.action a
    where a.owner_membership_id = any (array(
            select m.id from public.membership m
            where m.person_id = peers.actor() and m.left_at is null))
       or a.owner_contact_id = any (array(
            select p.id from public.practitioner p where p.person_id = peers.actor()))
$$;
comment on function peers.my_actions() is '@behavior +order';

-- The policy (owner, lead or deputy), the step, compare and set, the report, the audit.
create function peers.report_progress(action_id uuid, version uuid, status text, note text)
returns public.action language plpgsql volatile as $$
#variable_conflict use_column
declare
    it public.action;
    next_version uuid := gen_random_uuid();
begin
    select a.* into it from public.action a where a.id = report_progress.action_id for update;
    if it.id is null then
        raise exception 'NOT_FOUND';
    end if;
    if not exists (
        select 1 from public.my_team t where t.team_id = it.team_id and (
            t.is_lead or t.is_deputy or t.membership_id = it.owner_membership_id
            or it.owner_contact_id in (select p.practitioner_id from public.my_practice p)))
    then
        raise exception 'NOT_PERMITTED';
    end if;
    if it.version <> report_progress.version then
        raise exception 'STALE';
    end if;
    if it.status not in ('ACCEPTED', 'IN_PROGRESS', 'PARTLY_DONE', 'BLOCKED')
       or report_progress.status not in ('IN_PROGRESS', 'PARTLY_DONE', 'DONE', 'BLOCKED', 'CANCELLED')
       or (report_progress.status in ('PARTLY_DONE', 'BLOCKED', 'CANCELLED')
           and btrim(report_progress.note) = '')
    then
        raise exception 'RULE_BROKEN';
    end if;
    update public.action set status = report_progress.status, version = next_version
    where id = it.id and version = it.version;
    insert into public.action_progress (id, action_id, status, note, reported_by_id, reported_at)
    values (gen_random_uuid(), it.id, report_progress.status, btrim(report_progress.note),
        peers.actor(), now());
    insert into public.audit_entry (id, family_id, at, actor_id, event, subject_id, facts)
    select gen_random_uuid(), t.family_id, now(), peers.actor(), 'action.progress_reported', it.id,
        jsonb_build_object('status', report_progress.status)
    from public.team t where t.id = it.team_id;
    it.status := report_progress.status;
    it.version := next_version;
    return it;
end $$;

revoke execute on all functions in schema peers from public;
grant usage on schema peers to taf_service, taf_reader;
grant execute on all functions in schema peers to taf_service;
grant execute on function peers.actor(), peers.my_actions(), peers.team_upcoming_meetings(public.team)
    to taf_reader;
