"""The statements that fill a world, in their order; triggers are off, so each row is whole."""

from __future__ import annotations

from collections.abc import Iterator

from bench.naming import (
    ACTIONS,
    AGENCIES_EACH,
    ISSUER,
    MEETINGS,
    OWNED_BY_PRACTITIONERS,
    PAST,
    PEOPLE,
    PLACES,
    TEAMS_EACH,
    place_sql,
)
from taf_service import partnership

NAMING = """create function pg_temp.named(kind text, number bigint) returns uuid
language sql immutable parallel safe return md5(kind || ':' || number)::uuid"""

_FIRST = "'{Asha,Ben,Cerys,Dev,Elin,Farah,Gus,Hana,Idris,Jess,Kofi,Lowri,Mina,Noah,Orla,Priya}'"
_LAST = "'{Abbott,Bevan,Clarke,Dhillon,Evans,Farrow,Gough,Hale,Iqbal,Jarvis,Khan,Lloyd,Moss}'"
_KINDS = "'{EARLY_HELP_TEAM,SCHOOL_OR_COLLEGE,HEALTH_VISITING,HOUSING}'"
_WORDS = (
    "'{Ring the school about the reading group,Visit at home,Send the housing form,"
    "Book the hearing test,Talk to the nursery,Find a place at the breakfast club}'"
)


def _pick(array: str, number: str) -> str:
    return f"({array}::text[])[1 + ({number}) % array_length({array}::text[], 1)]"


def _name(number: str) -> str:
    return f"{_pick(_FIRST, number)} || ' ' || {_pick(_LAST, f'({number}) / 16')}"


def statements(families: int, busy_actions: int) -> Iterator[tuple[str, str]]:
    """What is written, and the statement that writes it."""
    yield from _places(families, busy=busy_actions > 0)
    yield from _partnership()
    yield from _directory()
    yield from _families()
    yield from _teams()
    yield from _meetings()
    yield from _actions()
    if busy_actions:
        yield from _busy_actions(families, busy_actions)


def _places(families: int, *, busy: bool) -> Iterator[tuple[str, str]]:
    """Who is where, in temporary tables that the other statements read."""
    width = families // TEAMS_EACH
    yield "", NAMING
    yield "", f"create temp table place as {place_sql(families)}"
    yield (
        "",
        f"""create temp table at_work as
        select n, n / {width} * {AGENCIES_EACH} + n % {AGENCIES_EACH} as agency
        from generate_series(0, {PLACES * width} - 1) n""",
    )
    if busy:  # a family more, whose practitioners are in no other team
        yield (
            "",
            f"""insert into place select {families}, k, {PLACES * width} + k
            from generate_series(0, {PLACES} - 1) k""",
        )
        yield (
            "",
            f"""insert into at_work select {PLACES * width} + k, k * {AGENCIES_EACH}
            from generate_series(0, {PLACES} - 1) k""",
        )
    yield "", "analyze place, at_work"


def _partnership() -> Iterator[tuple[str, str]]:
    yield (
        "the authority",
        """insert into authority (id, code, name)
        values (pg_temp.named('authority', 0), 'bench', 'Bench (invented)')""",
    )
    yield (
        "localities",
        """insert into locality (id, authority_id, name)
        select pg_temp.named('locality', n), pg_temp.named('authority', 0), 'Locality ' || n
        from generate_series(0, 3) n""",
    )
    yield (
        "settings",
        f"""insert into settings_version
        (id, authority_id, number, version, settings, reason, changed_at)
        values (pg_temp.named('settings', 0), pg_temp.named('authority', 0), 1,
            pg_temp.named('version', 0), '{partnership.DEFAULTS.model_dump_json()}',
            'The defaults.', now())""",
    )


def _directory() -> Iterator[tuple[str, str]]:
    yield (
        "agencies",
        f"""insert into agency (id, name, kind, authority_id, domain_policy, email_domains,
            version, sort_name)
        select pg_temp.named('agency', n), 'Agency ' || n, {_pick(_KINDS, f"n / {AGENCIES_EACH}")},
            pg_temp.named('authority', 0), 'ANY', '["work.example"]',
            pg_temp.named('agency-version', n), search_form('Agency ' || n)
        from generate_series(0, {PLACES * AGENCIES_EACH} - 1) n""",
    )
    yield (
        "practitioners",
        f"""with people as (
            insert into person (id, name, version)
            select pg_temp.named('practitioner-person', n), {_name("n")},
                pg_temp.named('person-version', n) from at_work returning 1)
        insert into practitioner (id, person_id, version, sort_name)
        select pg_temp.named('practitioner', n), pg_temp.named('practitioner-person', n),
            pg_temp.named('practitioner-version', n), search_form({_name("n")})
        from at_work where exists (select 1 from people)""",
    )
    yield (
        "accounts",
        f"""insert into account (id, issuer, subject, person_id)
        select pg_temp.named('account', n), '{ISSUER}', 'practitioner-' || n,
            pg_temp.named('practitioner-person', n) from at_work""",
    )
    yield (
        "work addresses",
        """with addresses as (
            insert into email_address (id, address)
            select pg_temp.named('work-address', n), 'practitioner.' || n || '@work.example'
            from at_work returning 1)
        insert into mailbox (id, address_id, kind, person_id, label, from_at)
        select pg_temp.named('work-mailbox', n), pg_temp.named('work-address', n), 'WORK',
            pg_temp.named('practitioner-person', n), '', now() - interval '1 year'
        from at_work where exists (select 1 from addresses)""",
    )
    yield (
        "affiliations",
        """insert into affiliation (id, practitioner_id, agency_id, locality_id, role_title,
            mailbox_id, from_on, version)
        select pg_temp.named('affiliation', n), pg_temp.named('practitioner', n),
            pg_temp.named('agency', agency),
            pg_temp.named('locality', n % 4), 'Practitioner', pg_temp.named('work-mailbox', n),
            current_date - 365, pg_temp.named('affiliation-version', n) from at_work""",
    )


def _families() -> Iterator[tuple[str, str]]:
    members = f"place cross join generate_series(0, {PEOPLE} - 1) k where place = 0"
    number = f"f::bigint * {PEOPLE} + k"
    yield (
        "families",
        f"""insert into family (id, reference, name, authority_id, locality_id, language,
            interpreter_needs, registered_by_id, registered_at, version)
        select pg_temp.named('family', f), 'B-' || f, {_pick(_LAST, "f")} || ' ' || f,
            pg_temp.named('authority', 0), pg_temp.named('locality', f % 4), 'English', '',
            pg_temp.named('practitioner-person', p),
            now() - interval '100 days' - f * interval '1 second',
            pg_temp.named('family-version', f)
        from place where place = 0""",
    )
    yield (
        "people in them",
        f"""insert into person (id, name, version)
        select pg_temp.named('member-person', {number}), {_name(number)},
            pg_temp.named('member-person-version', {number}) from {members}""",
    )
    yield (
        "family members",
        f"""insert into family_member (id, family_id, person_id, role, born_on, joined_at, version)
        select pg_temp.named('family-member', {number}), pg_temp.named('family', f),
            pg_temp.named('member-person', {number}),
            case when k < 3 then 'CHILD' else 'PARENT' end,
            case when k < 3 then current_date - 365 * (3 + k * 4) end,
            now() - interval '100 days' + k * interval '1 second',
            pg_temp.named('family-member-version', {number}) from {members}""",
    )
    parents = f"{members} and k >= 3"
    yield (
        "addresses at home",
        f"""with addresses as (
            insert into email_address (id, address)
            select pg_temp.named('home-address', {number}), 'p' || {number} || '@home.example'
            from {parents} returning 1)
        insert into mailbox (id, address_id, kind, person_id, label, from_at)
        select pg_temp.named('home-mailbox', {number}), pg_temp.named('home-address', {number}),
            'PERSONAL', pg_temp.named('member-person', {number}), '', now() - interval '90 days'
        from {parents} and exists (select 1 from addresses)""",
    )
    yield (
        "ways to reach them",
        f"""insert into contact_channel (id, family_id, family_member_id, kind, mailbox_id, value,
            preferred_since, added_at)
        select pg_temp.named('channel', {number}), pg_temp.named('family', f),
            pg_temp.named('family-member', {number}), 'EMAIL',
            pg_temp.named('home-mailbox', {number}), '', now() - interval '90 days',
            now() - interval '90 days' from {parents}""",
    )
    yield (
        "accounts of parents",
        f"""insert into account (id, issuer, subject, person_id)
        select pg_temp.named('parent-account', f), '{ISSUER}', 'parent-' || f,
            pg_temp.named('member-person', f::bigint * {PEOPLE} + 3) from place where place = 0""",
    )


def _teams() -> Iterator[tuple[str, str]]:
    lead = "pg_temp.named('practitioner-person', p)"
    yield (
        "enquiries",
        f"""insert into lead_enquiry (id, family_id, authority_id, locality_id, asked_by_id,
            asked_at, question, answer, answer_note, answered_by_id, answered_at, version)
        select pg_temp.named('enquiry', f), pg_temp.named('family', f),
            pg_temp.named('authority', 0), pg_temp.named('locality', f % 4), {lead},
            now() - interval '99 days', '', 'NONE_FOUND', '', {lead}, now() - interval '98 days',
            pg_temp.named('enquiry-version', f) from place where place = 0""",
    )
    yield (
        "teams",
        """insert into team (id, family_id, enquiry_id, engagement, engagement_note,
            opened_despite_lead, review_interval_days, review_interval_reason, opened_at, version)
        select pg_temp.named('team', f), pg_temp.named('family', f), pg_temp.named('enquiry', f),
            'ENGAGED', '', '', 42, '', now() - interval '97 days', pg_temp.named('team-version', f)
        from place where place = 0""",
    )
    yield from _memberships()
    yield (
        "who leads",
        f"""insert into lead_tenure (id, team_id, membership_id, interim, reason,
            family_preference, appointed_by_id, from_at)
        select pg_temp.named('tenure', f), pg_temp.named('team', f),
            pg_temp.named('membership', f::bigint * 6), false, 'Knows the family.', '', {lead},
            now() - interval '97 days' from place where place = 0""",
    )


def _memberships() -> Iterator[tuple[str, str]]:
    yield (
        "practitioners in teams",
        """insert into membership (id, team_id, person_id, kind, practitioner_id, agency_id, label,
            joined_at, left_reason, added_by_id, version)
        select pg_temp.named('membership', m), pg_temp.named('team', f),
            pg_temp.named('practitioner-person', p), 'PRACTITIONER',
            pg_temp.named('practitioner', p), a.agency_id, 'Amber ' || f,
            now() - interval '97 days' + place * interval '1 hour', '',
            pg_temp.named('practitioner-person', p), pg_temp.named('membership-version', m)
        from place cross join lateral (select f::bigint * 6 + place as m) numbered
        join affiliation a on a.practitioner_id = pg_temp.named('practitioner', p)""",
    )
    yield (
        "parents in teams",
        f"""insert into membership (id, team_id, person_id, kind, family_member_id, label,
            joined_at, left_reason, added_by_id, version)
        select pg_temp.named('membership', m), pg_temp.named('team', f),
            pg_temp.named('member-person', n), 'FAMILY', pg_temp.named('family-member', n), '',
            now() - interval '96 days' + k * interval '1 hour', '',
            pg_temp.named('practitioner-person', p), pg_temp.named('membership-version', m)
        from place cross join generate_series(0, 1) k
        cross join lateral (
            select f::bigint * 6 + {PLACES} + k as m, f::bigint * {PEOPLE} + 3 + k as n) numbered
        where place = 0""",
    )


def _meetings() -> Iterator[tuple[str, str]]:
    yield (
        "meetings",
        f"""insert into meeting (id, team_id, kind, purpose, agenda, starts_at, ends_at, zone,
            place, place_kind, joining_link, convener_id, chair_id, note_taker_id, convened_at,
            cancelled_reason, version)
        select pg_temp.named('meeting', f::bigint * {MEETINGS} + k), pg_temp.named('team', f),
            'TAF', 'Review the plan', '', at, at + interval '1 hour', 'Europe/London',
            'Community centre ' || f % 20, 'PUBLIC_VENUE', '', who, who, who,
            now() - interval '95 days', '',
            pg_temp.named('meeting-version', f::bigint * {MEETINGS} + k)
        from place cross join generate_series(0, {MEETINGS} - 1) k
        cross join lateral (
            select date_trunc('hour', now())
                + ((k - {PAST}) * 14 + 7 + f % 7) * interval '1 day' as at,
                pg_temp.named('practitioner-person', p) as who) planned
        where place = 0""",
    )
    yield (
        "invitations",
        f"""insert into invitation (id, meeting_id, person_id, membership_id, basis_note, required,
            part_joining_link, invited_by, uid, organiser, sequence, reschedule_sequence, answer,
            answered_at, answer_source, comment, invited_at, attendance_note, version)
        select pg_temp.named('invitation', i), pg_temp.named('meeting', i / 6), b.person_id, b.id,
            '', true, '', 'EMAIL', pg_temp.named('uid', i) || '@taf.example',
            't-' || md5('organiser:' || i) || '@reply.taf.example', 0, 0,
            ('{{NEEDS_ACTION,ACCEPTED,ACCEPTED,TENTATIVE}}'::text[])[1 + i % 4],
            case when i % 4 > 0 then now() - interval '80 days' end,
            case when i % 4 > 0 then 'LINK' end, '', now() - interval '90 days', '',
            pg_temp.named('invitation-version', i)
        from place cross join generate_series(0, {MEETINGS} * 6 - 1) k
        cross join lateral (select f::bigint * {MEETINGS} * 6 + k as i) numbered
        join membership b on b.id = pg_temp.named('membership', f::bigint * 6 + k % 6)
        where place = 0""",
    )


def _actions() -> Iterator[tuple[str, str]]:
    yield (
        "actions",
        f"""insert into action (id, team_id, text, owner_membership_id, due_on, original_due_on,
            status, raised_by_id, raised_at, version)
        select pg_temp.named('action', a), pg_temp.named('team', f),
            {_pick(_WORDS, "a::int")} || ' (' || n || ')',
            pg_temp.named('membership', f::bigint * 6 + case when n < {OWNED_BY_PRACTITIONERS}
                then n % {PLACES} else {PLACES} + n % 2 end),
            due_on, due_on, 'IN_PROGRESS', pg_temp.named('practitioner-person', p),
            now() - interval '60 days', pg_temp.named('action-version', a)
        from place cross join generate_series(0, {ACTIONS} - 1) n
        cross join lateral (select f::bigint * {ACTIONS} + n as a,
            current_date + (f * 7 + n * 11) % 90 - 10 as due_on) planned
        where place = 0""",
    )


def _busy_actions(family: int, actions: int) -> Iterator[tuple[str, str]]:
    yield (
        "actions of somebody busy",
        f"""insert into action (id, team_id, text, owner_membership_id, due_on, original_due_on,
            status, raised_by_id, raised_at, version)
        select pg_temp.named('action', a), pg_temp.named('team', {family}),
            {_pick(_WORDS, "n")} || ' (' || n || ')', pg_temp.named('membership', {family * 6}),
            current_date + n % 900, current_date + n % 900, 'IN_PROGRESS',
            pg_temp.named('practitioner-person', p), now() - interval '60 days',
            pg_temp.named('action-version', a)
        from place cross join generate_series(0, {actions} - 1) n
        cross join lateral (select {(family + 1) * ACTIONS} + n as a) numbered
        where f = {family} and place = 0""",
    )
