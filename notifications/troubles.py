"""Messages that do not arrive are told to whoever leads the team (reliability R4, R6).

Which those are, the view `trouble` says, to us and to the API alike. A message that was withheld is
among them for every reason that leaves somebody untold who should know: no address, one that others
read, one that failed, mail that is not safe, contact that was stopped. These are told alike, the
last one too, because an exception would single it out; the notice itself says nothing of whom it is
about. It is told of nobody who has nothing to hear: not of what was replaced or taken back, of a
meeting called off or over, of somebody who left, or whom somebody chose to tell another way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifications.claims import Connection, Entry
from notifications.outbox import DeliveryState, Notice
from notifications.recipients import (
    CONTACT_STOPPED,
    UNFIT_ADDRESS,
    NotTold,
    Obstacles,
    Reason,
    first_of,
)


@dataclass(frozen=True, slots=True)
class MessageInTrouble(Notice):
    """Messages about one meeting have not arrived, as far as we know.

    The subject is the meeting, the number grows with each notice about it. `about` names the
    messages and what was wrong with each when this was written: `<id of the message> <nature>`.
    """

    about: tuple[str, ...]


KIND = MessageInTrouble.__name__


@dataclass(frozen=True, slots=True, repr=False)
class Alerted:
    """Somebody who is to see to messages in trouble, and the words by which they know the case.

    `private_words` are names that no message may hold.
    """

    address: str
    label: str
    stamped_at: datetime
    private_words: tuple[str, ...] = ()


# Whoever leads today: the lead practitioner, or who stands in for them. Nobody is told of their own
# mail by mail: then it is for the convener, else for a deputy. A conflict of interest always wins.
_TO_TELL = """
select t.message_id, t.nature, t.state_at, t.message_id || ' ' || t.nature as about,
       m.id as meeting_id, m.starts_at, m.ends_at, whom.person_id
from trouble t
join meeting m on m.id = t.meeting_id
join team on team.id = m.team_id
cross join lateral (
    with standing_in as (
        select b.person_id, v.kind, v.from_on, v.id
        from cover v join membership b on b.id = v.membership_id and b.left_at is null
        where v.team_id = m.team_id and v.ended_at is null
          and v.from_on <= (now() at time zone 'Europe/London')::date
          and (v.until_on is null or v.until_on > (now() at time zone 'Europe/London')::date)
    )
    select c.person_id from (
        select coalesce(
            (select s.person_id from standing_in s where s.kind = 'COVER'
             order by s.from_on desc, s.id limit 1),
            (select b.person_id from lead_tenure l join membership b on b.id = l.membership_id
             where l.team_id = m.team_id and l.until_at is null)), 1
        union all select m.convener_id, 2
        union all select s.person_id, 3 from standing_in s
    ) c (person_id, place)
    where c.person_id <> t.person_id
      and (exists (select 1 from membership b where b.team_id = m.team_id
                   and b.person_id = c.person_id and b.kind = 'PRACTITIONER' and b.left_at is null)
           or not exists (select 1 from membership b where b.team_id = m.team_id
                          and b.person_id = c.person_id))
      and not exists (
          select 1 from family_member f
          where f.family_id = team.family_id
            and (f.person_id = c.person_id and f.left_at is null
                 or exists (select 1 from no_contact n
                            where n.ended_at is null and f.person_id <> c.person_id
                              and c.person_id in (n.person_a_id, n.person_b_id)
                              and f.person_id in (n.person_a_id, n.person_b_id))))
    order by c.place, c.person_id limit 1
) whom
"""

# At most one notice in an hour to one person about one meeting, and none while one waits; but in
# the last hour nothing waits for another hour. One for each meeting at a time, so that two workers
# number it alike, and the second adds nothing.
_TELL = f"""
with news as (
    select w.* from ({_TO_TELL}) w
    where not exists (
        select 1 from outbox_entry n
        where n.kind = $1 and n.subject_id = w.meeting_id and n.state <> 'CANCELLED'
          and (n.facts -> 'about' ? w.about
               or n.recipient_id = w.person_id
                  and (n.state in ('QUEUED', 'SENDING')
                       or n.queued_at > now() - interval '1 hour'
                          and w.starts_at > now() + interval '1 hour')))
),
told as (
    select distinct on (meeting_id) * from (
        select meeting_id, ends_at, person_id, min(state_at) as since,
               jsonb_agg(about order by state_at, message_id) as about
        from news group by meeting_id, ends_at, person_id
    ) each_of_them
    order by meeting_id, since, person_id
)
insert into outbox_entry (id, kind, recipient_id, subject_id, number, facts, state, state_at,
                          queued_at, due_at, give_up_at, attempts, fence)
select gen_random_uuid(), $1, person_id, meeting_id,
       coalesce((select max(n.number) + 1 from outbox_entry n
                 where n.kind = $1 and n.subject_id = meeting_id), 0),
       jsonb_build_object('about', about), 'QUEUED', now(), now(), now(),
       least(ends_at, now() + interval '5 days'), 0, 0
from told
on conflict (subject_id, number, kind) do nothing
"""  # noqa: S608 - ours

_STANDING = f"""
select e.recipient_id as person_id, 'PRACTITIONER' as audience, coalesce(b.label, '') as label,
       date_trunc('second', now()) as stamp,
       exists (select 1 from ({_TO_TELL}) w
               where w.meeting_id = m.id and w.person_id = e.recipient_id
                 and e.facts -> 'about' ? w.about) as is_theirs_to_see_to,
       x.kind as mailbox_kind, x.person_id as mailbox_person_id, a.address, a.suppressed_at,
       contact_is_stopped(e.recipient_id, a.id) as is_stopped,
       is_read_by_no_contact(e.recipient_id, a.id, (now() at time zone m.zone)::date)
           as is_read_by_no_contact,
       array(select f.name from family f where f.id = team.family_id
             union all
             select p.name from family_member f join person p on p.id = f.person_id
             where f.family_id = team.family_id) as private_words
from outbox_entry e
join meeting m on m.id = e.subject_id
join team on team.id = m.team_id
left join membership b on b.team_id = m.team_id and b.person_id = e.recipient_id
    and b.kind = 'PRACTITIONER' and b.left_at is null
left join lateral (
    select f.mailbox_id from affiliation f join practitioner q on q.id = f.practitioner_id
    where q.person_id = e.recipient_id and f.agency_id = coalesce(b.agency_id, f.agency_id)
      and f.from_on <= (now() at time zone m.zone)::date
      and (f.until_on is null or f.until_on > (now() at time zone m.zone)::date)
    order by f.from_on desc, f.id limit 1
) at_work on true
left join mailbox x on x.id = at_work.mailbox_id and x.ended_at is null
left join email_address a on a.id = x.address_id
where e.id = $1 and e.kind = $2
"""  # noqa: S608 - ours

_OBSTACLES: Obstacles = (
    (Reason.SEEN_TO, DeliveryState.CANCELLED, lambda r: not r["is_theirs_to_see_to"]),
    *CONTACT_STOPPED,
    *UNFIT_ADDRESS,
)


async def tell(connection: Connection) -> None:
    """Queue a notice about whatever is in trouble and was not told yet; asked as often as wanted.

    Nobody is told twice about one message in one state, nor about a notice like this.
    """
    await connection.execute(_TELL, KIND)


async def standing(connection: Connection, entry: Entry) -> Alerted | NotTold:
    """Whether this person still has something to see to, and may be told of it."""
    row = await connection.fetchrow(_STANDING, entry.id, KIND)
    if row is None:
        return NotTold(DeliveryState.CANCELLED, Reason.SEEN_TO)
    return first_of(_OBSTACLES, row) or Alerted(
        row["address"], row["label"], row["stamp"], tuple(row["private_words"])
    )
