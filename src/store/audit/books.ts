/**
 * Gaps: rows that break the third promise, that everything is explained.
 * The sweep checks the tables of events and calls without reading every row. It checks rows that an index finds, rows
 * that it found before, and a part of the rest: the newest rows of each table and as many older ones. The older ones
 * continue from the last sweep's position, back to the first row. `/v1/balance` checks every row at once.
 */
import { problemRowsNamedMax } from "../../domain/limits.ts";
import type { ReadinessCode } from "../../domain/problem-reasons.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { isBehind } from "../fragments/behind.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import { type Reading, unionAll } from "../postgres/one-statement.ts";
import type { gaps, sweeps } from "../schema/audit.ts";

// Each `order by` says where nulls sort, as its index does. Otherwise Postgres sorts the whole table.

/** Newest rows of each table that one sweep checks, and as many older ones. */
const rowsPerWalkMax = 2_000;

/** Gaps of one kind that are stored. */
const gapsStoredMax = 100;

/** Delay after which something is a gap. It is longer than two sweeps, so that one late sweep causes none. */
const lateSeconds = 300;

/** Delay after which a poll is a gap: a line polls few calls at once, and Mihu may be slow. */
const pollLateSeconds = 3_600;

/** Time after the end of a lease within which two sweeps have run. */
const leaseLateSeconds = 150;

type Part = ReturnType<Sql>;
type Check = {
  readonly code: ReadinessCode;
  readonly of: "events" | "calls";
  /** Whether an index finds so few rows that every sweep can check them all. */
  readonly indexed: boolean;
  /** A condition: whether the row `r` is a gap. */
  broken(sql: Sql): Part;
};

const late = (sql: Sql, seconds: number) => sql`now() - ${seconds} * interval '1 second'`;

const checks: readonly Check[] = [
  {
    code: "event_unplanned",
    of: "events",
    indexed: true,
    // Events of a paused source wait for a person, and are planned when it resumes.
    broken: (sql) => sql`
      r.state = 'unplanned' and greatest(r.received_at, r.fetch_at) < ${late(sql, lateSeconds)} and not exists (
      select 1 from sources s where s.slug = r.source and (s.paused_at is not null or s.resumed_at >= ${late(sql, lateSeconds)}
        -- If the sender asked for a pause, or a person must act, the source has a problem of its own and the event is no gap.
        or (r.fetch_at is not null and s.fetch_not_before >= ${late(sql, lateSeconds)})))
      -- An event may wait for an earlier event of its record. The earlier event is the gap if it is overdue.
      and not (r.fetch_at is not null and ${isBehind(sql, sql`r`)})`,
  },
  {
    code: "event_without_call",
    of: "events",
    indexed: false,
    broken: (sql) => sql`r.state = 'planned' and not exists (select 1 from calls c where c.event_id = r.id)`,
  },
  {
    code: "event_without_reason",
    of: "events",
    indexed: false,
    broken: (sql) => sql`r.state = 'ignored' and r.reason is null`,
  },
  {
    code: "call_without_entry",
    of: "calls",
    indexed: false,
    // The entry of a move has the new status as its action.
    broken: (sql) => sql`not exists (select 1 from entries n where n.subject = 'call' and n.subject_id = r.id::text
      and (n.action = r.status or (r.status = 'queued' and n.action = 'released')))`,
  },
  {
    code: "lease_overdue",
    of: "calls",
    indexed: true,
    broken: (sql) => sql`r.status = 'dialing' and r.lease_until < ${late(sql, leaseLateSeconds)}`,
  },
  {
    code: "look_overdue",
    of: "calls",
    indexed: true,
    broken: (sql) => sql`r.status = 'unknown' and coalesce(r.poll_at, r.claimed_at) < ${late(sql, lateSeconds)}`,
  },
  {
    code: "poll_overdue",
    of: "calls",
    indexed: true,
    broken: (sql) => sql`r.status = 'placed' and coalesce(r.poll_at, r.placed_at) < ${late(sql, pollLateSeconds)}`,
  },
  {
    code: "expiry_overdue",
    of: "calls",
    indexed: true,
    broken: (sql) => sql`r.status = 'queued' and r.expires_at < ${late(sql, lateSeconds)}`,
  },
];

/**
 * Checks the next part of the tables, stores the gaps that it finds, and deletes the gaps whose rows are right again.
 *
 * Steps:
 * - `mark`: the position in each table that the last sweep reached.
 * - `walked_events`: the newest events, and older ones before the mark.
 * - `walked_calls`: the same for calls.
 * - `broken`: the rows that are gaps.
 * - `gaps_closed`: deletes gaps that are right again.
 * - `gaps_noted`: inserts new gaps.
 * - `mark_of_events`: the position in the events that this sweep reached.
 * - `mark_of_calls`: the same for calls.
 * - `sweep_noted`: stores these positions as the marks.
 *
 * @returns how many gaps are known
 */
export async function checkBooks(sql: Sql): Promise<number> {
  const walkedColumns = {
    events: sql`id, state, reason, received_at, received_at as at`,
    calls: sql`id, status, lease_until, claimed_at, poll_at, placed_at, expires_at, created_at as at`,
  };
  const walk = (table: "events" | "calls", moment: string) => sql`
    select ${walkedColumns[table]}, false as older from (
      select * from ${sql(table)} order by ${sql(moment)} desc nulls last, id desc nulls last limit ${rowsPerWalkMax}) newest
    union all
    select ${walkedColumns[table]}, true from mark cross join lateral (
      select * from ${sql(table)} r
      where (r.${sql(moment)}, r.id) < (coalesce(mark.${sql(`${table}_at`)}, 'infinity'),
        coalesce(mark.${sql(`${table}_id`)}, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by ${sql(moment)} desc nulls last, id desc nulls last limit ${rowsPerWalkMax}) older`;
  const last = (table: "events" | "calls") => sql`
    select at, id from ${sql(`walked_${table}`)} where older
      -- Fewer rows than the limit: the walk has reached the first row, and starts again at the newest.
      and (select count(*) from ${sql(`walked_${table}`)} where older) = ${rowsPerWalkMax}
    order by at, id limit 1`;
  const [row] = await sql<[{ gaps: number }]>`
    with mark as (
      select s.* from (select 1) x left join sweeps s on s.one
    ), walked_events as materialized (${walk("events", "received_at")}),
    walked_calls as materialized (${walk("calls", "created_at")}),
    broken as materialized (${unionAll(
      sql,
      checks.map((check) => findings(sql, check)),
    )}),
    gaps_closed as (
      -- Findings of the proofs are deleted by the proofs.
      delete from gaps g where g.code in ${sql(checks.map(({ code }) => code))}
        and not exists (select 1 from broken b where b.code = g.code and b.id = g.subject_id)
    ), gaps_noted as (
      insert into gaps (code, subject_id) select distinct code, id from broken on conflict do nothing
    ), mark_of_events as (${last("events")}), mark_of_calls as (${last("calls")}),
    sweep_noted as (
      insert into sweeps (one, at, events_at, events_id, calls_at, calls_id)
      select true, now(), (select at from mark_of_events), (select id from mark_of_events),
        (select at from mark_of_calls), (select id from mark_of_calls)
      on conflict (one) do update set at = excluded.at, events_at = excluded.events_at, events_id = excluded.events_id,
        calls_at = excluded.calls_at, calls_id = excluded.calls_id
    )
    select count(distinct (code, id))::int as gaps from broken`;
  return row.gaps;
}

/** Rows that one check finds: by its index, or among the rows of this walk and the earlier gaps. */
function findings(sql: Sql, { code, of, indexed, broken }: Check): Part {
  const gap = sql`${code}::text as code, r.id::text as id`;
  if (indexed) return sql`(select ${gap} from ${sql(of)} r where ${broken(sql)} limit ${gapsStoredMax})`;
  return sql`(select ${gap} from ${sql(`walked_${of}`)} r where ${broken(sql)} limit ${gapsStoredMax})
    union all
    select ${gap} from gaps g join ${sql(of)} r on r.id = g.subject_id::uuid where g.code = ${code} and ${broken(sql)}`;
}

/** Every gap in all rows of the tables. The cost grows with the number of rows. */
export async function allGaps(sql: Sql): Promise<Problem[]> {
  const problems = await Promise.all(
    checks.map(async ({ code, of, broken }) => {
      const rows = await sql<{ id: string }[]>`
        select r.id from ${sql(of)} r where ${broken(sql)} limit ${gapsStoredMax}`;
      return { code, since: null, count: rows.length, rows: rows.slice(0, problemRowsNamedMax).map(({ id }) => id) };
    }),
  );
  return problems.filter(({ count }) => count > 0);
}

const gapColumns = columns<typeof gaps, Pick<Problem, "code">>({ code: "code" });
const sweepColumns = columns<typeof sweeps, Pick<Problem, "since">>({ since: ms("at") });

/** The gaps that the sweep has stored, and a problem of its own if it has not run. */
export function notedGaps(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select ${select(sql, gapColumns, "gaps")}, (extract(epoch from min(found_at)) * 1000)::float8 as since,
      count(*)::int as count,
      to_json((array_agg(subject_id order by found_at, subject_id))[1:${problemRowsNamedMax}]) as rows
    from gaps group by code
    union all
    select 'sweep_silent', ${select(sql, sweepColumns, "sweeps")}, 1, '[]' from sweeps
    where at < ${late(sql, lateSeconds)}
    order by since, code`;
}
