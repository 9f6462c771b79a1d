/** What the sweep asks and changes, once a minute. */
import { looksAfterMs } from "../domain/limits.ts";
import { endedByPerson } from "../domain/reasons.ts";
import type { SweepStore } from "../ports/sweep.ts";
import type { Sql } from "./connection.ts";
import { isSuppressed } from "./suppressed.ts";

/** A look that is due before the next sweep: its line is told now, and arms its alarm for it. */
const looksAheadSeconds = 60;

/** Rows that one sweep moves at the most; the next goes on. */
const rowsPerSweepMax = 5_000;

export function sweepStore(sql: Sql): SweepStore {
  return {
    expire: () => expire(sql),
    waiting: () => waiting(sql),
  };
}

async function expire(sql: Sql): Promise<{ leases: number; late: number }> {
  const [row] = await sql<[{ leases: number; late: number }]>`
    with lost as (
      update calls set status = 'unknown', reason = 'lease_expired', lease_until = null, polls = 0,
        poll_at = now() + ${looksAfterMs[0]} * interval '1 millisecond'
      where id in (select id from calls where status = 'dialing' and lease_until < now() limit ${rowsPerSweepMax})
        and status = 'dialing' and lease_until < now()
      returning id, line
    ), late as (
      update calls set status = 'expired', reason = 'expired'
      where id in (select id from calls where status = 'queued' and expires_at <= now() limit ${rowsPerSweepMax})
        and status = 'queued' and expires_at <= now()
      returning id, line
    ), stopped as (
      -- The claim passes over them; here they get their end and its reason.
      update calls c set status = 'canceled', reason = w.why from (
        select * from (
          select c.id, case
            when ${isSuppressed(sql, sql`c.number`)} then 'suppressed'
            when l.countries is not null and c.country <> all(l.countries) then 'country_not_allowed' end as why
          from calls c join lines l on l.slug = c.line where c.status = 'queued') waiting
        where why is not null limit ${rowsPerSweepMax}) w
      where c.id = w.id and c.status = 'queued' and (c.expires_at is null or c.expires_at > now())
      returning c.id, c.line, c.reason
    ), freed as (
      delete from slots where until < now()
    ), told as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'canceled', 'sweep', reason, jsonb_build_object('line', line) from stopped
      union all
      select 'call', id::text, 'unknown', 'sweep', 'lease_expired', jsonb_build_object('line', line) from lost
      union all
      select 'call', id::text, 'expired', 'sweep', 'expired', jsonb_build_object('line', line) from late
    )
    select (select count(*) from lost)::int as leases, (select count(*) from late)::int as late`;
  return row;
}

async function waiting(sql: Sql): ReturnType<SweepStore["waiting"]> {
  const [row] = await sql<[Awaited<ReturnType<SweepStore["waiting"]>>]>`
    select
      (select coalesce(json_agg(slug), '[]') from lines l where
        paused_at is null
          and exists (select 1 from calls c where c.line = l.slug and c.status = 'queued' and (c.due_at <= now() or c.closes_at <= now()))
        -- A pause is about dialling: what was placed is asked after, and what is unknown is looked up, all the same.
        or exists (select 1 from calls c where c.line = l.slug and c.status = 'placed' and c.poll_at <= now())
        or exists (select 1 from calls c where c.line = l.slug and c.status = 'unknown'
          and coalesce(c.poll_at, c.claimed_at) <= now() + ${looksAheadSeconds} * interval '1 second')) as lines,
      (select coalesce(json_agg(slug), '[]') from sources s
        where exists (select 1 from events e where e.source = s.slug and e.state = 'unplanned')) as sources,
      (select coalesce(json_agg(json_build_object('line', slug, 'agent', agent, 'reason', pause_reason)), '[]')
        from lines where paused_at is not null and pause_reason not in ${sql(endedByPerson)}) as paused`;
  return row;
}
