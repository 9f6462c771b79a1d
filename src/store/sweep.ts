/** The sweep's statements, once a minute: ends overdue rows, finds waiting work, and looks for gaps. */

import { deliveriesKeptDays } from "../domain/hooks/limits.ts";
import { looksAfterMs } from "../domain/limits.ts";
import { endedByPerson } from "../domain/reasons.ts";
import type { SweepStore } from "../ports/sweep.ts";
import { checkBooks } from "./audit/books.ts";
import { retireEnded } from "./config/secret-expiry.ts";
import { toldColumns, toldField, toldVerdicts } from "./fragments/call-proof.ts";
import { pendingStop, stopOf } from "./fragments/stopped.ts";
import { isWithdrawn } from "./fragments/withdrawn.ts";
import { hasToken } from "./hooks/hook-token.ts";
import { deleteOfRemovedHooks } from "./hooks/removed-hooks.ts";
import { columns, jsonFields, present } from "./postgres/columns.ts";
import type { Sql } from "./postgres/connection.ts";
import { expireRejectedBodies } from "./rejections/expiry.ts";
import { tellTroubles } from "./rejections/source-troubles.ts";
import type { lines } from "./schema/lines.ts";
import { countFigures } from "./statistics/counting.ts";

/** Time for which a withdrawal is stored. It is longer than any redelivery and any waiting call. */
const withdrawalsKeptMs = 2_592_000_000;

/** Days for which Mihu's reports are stored. */
const reportsKeptDays = 90;

/**
 * Time before the end of a lease at which the line is woken: its journal may have an answer, or know that the call
 * never began.
 */
const dialingAheadSeconds = 30;

/** Time that a woken line has to answer before a call with an expired lease becomes unknown. */
const lastWordSeconds = 30;

/** Look-ups that are due within this time are due before the next sweep: the line is woken now and arms its alarm for them. */
const looksAheadSeconds = 60;

/** Rows of one kind that one statement of the sweep moves at most. */
const rowsPerSweepMax = 5_000;

export function sweepStore(sql: Sql): SweepStore {
  return {
    async expire() {
      await retireEnded(sql);
      await expireRejectedBodies(sql);
      return await expire(sql);
    },
    waiting: () => waiting(sql),
    deleteOfRemovedHooks: async () => (await deleteOfRemovedHooks(sql, rowsPerSweepMax)) === rowsPerSweepMax,
    check: () => checkBooks(sql),
    tellTroubles: (spilled) => tellTroubles(sql, spilled),
    countFigures: () => countFigures(sql),
  };
}

/**
 * Steps:
 * - `line_asked`: gives the journal of a line time to answer for a call whose lease is over.
 * - `lost`: moves calls whose lease is over, and whose line did not answer, to `unknown`.
 * - `expired`: expires queued calls that waited too long.
 * - `canceled`: cancels queued calls that a gate stops now.
 * - `full_days`: the lines whose day is used up, and the due times of the calls that get a verdict about it now.
 * - `days_noted`: stores on each of these lines the due time of the last call with a verdict.
 * - `waiting`: the calls that wait for another day.
 * - `gates`: inserts the verdicts.
 * - `slots_deleted`: deletes free slots.
 * - `reports_deleted`: deletes old reports.
 * - `withdrawals_deleted`: deletes old withdrawals.
 * - `deliveries_missed`: ends deliveries that waited too long for a hook that is not at work.
 * - `deliveries_deleted`: deletes deliveries that ended long ago.
 * - `audited`: inserts the entries.
 */
async function expire(sql: Sql): Promise<{ leases: number; late: number }> {
  const [row] = await sql<[{ leases: number; late: number }]>`
    with line_asked as (
      -- The journal may know more than Postgres. The sweep asks the journal once, and poll_at is the deadline of the
      -- answer.
      update calls set poll_at = now() + ${lastWordSeconds} * interval '1 second'
      where id in (select id from calls where status = 'dialing' and lease_until < now() and poll_at is null
          and ${noted(sql)} limit ${rowsPerSweepMax})
        and status = 'dialing' and lease_until < now() and poll_at is null
    ), lost as (
      update calls set status = 'unknown', reason = 'lease_expired', lease_until = null, polls = 0,
        poll_at = now() + ${looksAfterMs[0]} * interval '1 millisecond'
      where id in (select id from calls where status = 'dialing' and lease_until < now()
          and (poll_at <= now() or not ${noted(sql)}) limit ${rowsPerSweepMax})
        and status = 'dialing' and lease_until < now()
      returning id, line
    ), expired as (
      update calls set status = 'expired', reason = 'expired'
      where id in (select id from calls where status = 'queued' and expires_at <= now() limit ${rowsPerSweepMax})
        and status = 'queued' and expires_at <= now()
      returning id, line, expires_at
    ), canceled as (
      -- A claim skips these calls. The sweep ends each with its reason, unless a stop has yet to reach the call.
      update calls c set status = 'canceled', reason = w.why from (
        select * from (
          select c.id, case
            when ${stopOf(sql, sql`c`)} is not null then ${stopOf(sql, sql`c`)}
            when ${isWithdrawn(sql, sql`c`)} then 'withdrawn'
            when l.countries is not null and c.country <> all(l.countries) then 'country_not_allowed' end as why, l.countries
          from calls c join lines l on l.slug = c.line
          where c.status = 'queued' and ${pendingStop(sql, sql`c`)} is null) queued
        where why is not null limit ${rowsPerSweepMax}) w
      where c.id = w.id and c.status = 'queued' and (c.expires_at is null or c.expires_at > now())
      returning c.id, c.line, c.reason, c.country, w.countries
    ), full_days as (
      select days.*, until.due_at as until from (
        select slug, calls_per_day, to_char(now() at time zone 'UTC', 'YYYY-MM-DD') as today,
          case when day = to_char(now() at time zone 'UTC', 'YYYY-MM-DD') then day_calls else 0 end as calls,
          case when day_told = to_char(now() at time zone 'UTC', 'YYYY-MM-DD') then day_told_until
            else '-infinity' end as told_until
        from lines where paused_at is null) days
      -- The step takes as many calls as one sweep moves, and all calls that are due at the same time as the last one.
      cross join lateral (select max(due_at) as due_at from (
        select due_at from calls c
        where c.line = days.slug and c.status = 'queued' and c.due_at <= now() and c.due_at > days.told_until
        order by due_at limit ${rowsPerSweepMax}) next) until
      where calls >= calls_per_day and until.due_at is not null
    ), days_noted as (
      update lines l set day_told = f.today, day_told_until = f.until from full_days f where l.slug = f.slug
    ), waiting as (
      -- A call that is due and has to wait for another day gets its verdict once a day.
      select c.id, f.today, f.calls, f.calls_per_day from full_days f join calls c on c.line = f.slug and c.status = 'queued'
        and c.due_at > f.told_until and c.due_at <= f.until and (c.expires_at is null or c.expires_at > now())
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select id, 'calls_per_day', 'stop', jsonb_build_object('day', today, 'calls', calls, 'allowed', calls_per_day)
      from waiting where id not in (select id from canceled)
      union all
      select id, 'expires', 'stop', jsonb_build_object('expires_at', expires_at) from expired
      union all
      select id, case reason when 'suppressed' then 'suppression' when 'withdrawn' then 'withdraw' else 'countries' end, 'stop',
        case reason when 'country_not_allowed' then jsonb_build_object('country', country, 'allowed', to_jsonb(countries),
          'line', line) else '{}'::jsonb end from canceled
      returning ${toldColumns(sql)}
    ), slots_deleted as (
      delete from slots where until < now()
    ), reports_deleted as (
      delete from reports where id in (
        select id from reports where received_at < now() - ${reportsKeptDays} * interval '1 day' limit ${rowsPerSweepMax})
    ), withdrawals_deleted as (
      delete from withdrawals where received_at < now() - ${withdrawalsKeptMs} * interval '1 millisecond'
    ), deliveries_missed as (
      -- A paused hook, or one without a valid token, does not keep bodies for ever.
      update deliveries set state = 'missed', reason = 'waited_too_long', next_at = null, lease_until = null, done_at = now()
      where id in (
        select d.id from hooks h join deliveries d on d.hook = h.id and d.state = 'pending'
        where (h.state = 'paused' or not ${hasToken(sql, sql`h`)})
          and d.created_at < now() - ${deliveriesKeptDays} * interval '1 day' limit ${rowsPerSweepMax})
    ), deliveries_deleted as (
      delete from deliveries where id in (
        select id from deliveries where done_at < now() - ${deliveriesKeptDays} * interval '1 day' limit ${rowsPerSweepMax})
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, 'canceled', 'sweep', reason, jsonb_build_object('line', line) || ${toldField(sql)}
      from canceled ${toldVerdicts(sql, "canceled")}
      union all
      select 'call', id::text, 'unknown', 'sweep', 'lease_expired', jsonb_build_object('line', line) from lost
      union all
      select 'call', id::text, 'expired', 'sweep', 'expired', jsonb_build_object('line', line) || ${toldField(sql)}
      from expired ${toldVerdicts(sql, "expired")}
    )
    select (select count(*) from lost)::int as leases, (select count(*) from expired)::int as late`;
  return row;
}

/** A condition: whether the last claim of a call is in a journal. */
const noted = (sql: Sql) => sql`coalesce(claimed_by like '%:' || claim_seq, false)`;

type Waiting = Awaited<ReturnType<SweepStore["waiting"]>>;

/** A paused line has its reason. */
const pausedColumns = columns<typeof lines, Waiting["paused"][number]>({
  line: "slug",
  agent: "agent",
  reason: present("pause_reason"),
});

async function waiting(sql: Sql): Promise<Waiting> {
  const [row] = await sql<[Waiting]>`
    select
      (select coalesce(json_agg(slug), '[]') from lines l where
        paused_at is null
          and exists (select 1 from calls c where c.line = l.slug and c.status = 'queued'
            and (c.due_at <= now() or c.closes_at <= now()))
        or exists (select 1 from calls c where c.line = l.slug and c.status = 'dialing'
          and c.lease_until <= now() + ${dialingAheadSeconds} * interval '1 second')
        -- A pause stops the dialling only. A paused line still polls placed calls and looks up unknown calls.
        or exists (select 1 from calls c where c.line = l.slug and c.status = 'placed' and c.poll_at <= now())
        or exists (select 1 from calls c where c.line = l.slug and c.status = 'unknown'
          and coalesce(c.poll_at, c.claimed_at) <= now() + ${looksAheadSeconds} * interval '1 second')) as lines,
      (select coalesce(json_agg(slug), '[]') from sources s
        where s.paused_at is null and exists (select 1 from events e where e.source = s.slug and e.state = 'unplanned'
          -- An event that waits for a fetch is due when the fetch is.
          and (e.fetch_at is null or (e.fetch_at <= now() and coalesce(s.fetch_not_before <= now(), true))))) as sources,
      (select coalesce(json_agg(json_build_object(${jsonFields(sql, pausedColumns, "lines")})), '[]')
        from lines where paused_at is not null and pause_reason not in ${sql(endedByPerson)}) as paused,
      exists (select 1 from hooks) as hooks,
      exists (select 1 from tasks where state = 'stepping' or unconfirmed is not null) as tasks`;
  return row;
}
