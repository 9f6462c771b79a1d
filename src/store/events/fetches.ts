/**
 * Events that wait for a fetch. Such an event is unplanned and has the time of its next try. A claim leases an event.
 * After a crash, the event is due again when the lease ends.
 */

import { missingRunMax } from "../../domain/fetch/trouble.ts";
import { commitBytesMax, statementTimeoutMs } from "../../domain/limits.ts";
import type { FetchQueue, FetchReport, Postponed, WaitingEvent } from "../../ports/planning/records.ts";
import { isBehind } from "../fragments/behind.ts";
import { isPaused } from "../fragments/paused.ts";
import { storedEventColumns } from "../fragments/stored-event.ts";
import { columns, number, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { KeptClient } from "../postgres/kept-client.ts";
import type { events } from "../schema/events.ts";
import type { sources } from "../schema/sources.ts";

/**
 * Pause of an event whose try used settings that have changed since. It is long enough for reading a new copy of the
 * source.
 */
const sourceChangedPauseMs = 1_000;

const triesColumns = columns<typeof events, Pick<WaitingEvent, "fetchTries">>({ fetchTries: "fetch_tries" });

const versionColumns = columns<typeof sources, Pick<WaitingEvent, "sourceVersion">>({
  sourceVersion: number("version"),
});

/** @param client the inbox's kept client */
export function fetchQueue(client: KeptClient): FetchQueue {
  const within = <T>(statement: (sql: Sql) => Promise<T>) => client.within(statementTimeoutMs, statement);
  return {
    awaitFetch: (ids) => within((sql) => awaitFetch(sql, ids)),
    claimFetches: (source, limit, leaseMs) => within((sql) => claimFetches(sql, source, limit, leaseMs)),
    postponeFetches: (source, events, version) => within((sql) => postpone(sql, source, events, version ?? null)),
    nextFetch: (source) => within((sql) => next(sql, source)),
    noteFetching: (source, problem, holdMs, report) =>
      within((sql) => note(sql, source, { problem, holdMs, ...report })),
  };
}

const after = (sql: Sql, ms: ReturnType<Sql>) => sql`now() + ${ms} * interval '1 millisecond'`;

/** A condition: whether fetches of a source are on hold. */
const isOnHold = (sql: Sql, source: string) =>
  sql`exists (select 1 from sources s where s.slug = ${source} and s.fetch_not_before > now())`;

async function awaitFetch(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql`
    with locked as (
      select id from events where id in (select value::uuid from json_array_elements_text(${asJson(ids)}::text::json))
        and state = 'unplanned' and fetch_at is null
      order by id for no key update
    )
    update events e set fetch_at = now() from locked where e.id = locked.id`;
}

async function claimFetches(sql: Sql, source: string, limit: number, leaseMs: number): Promise<WaitingEvent[]> {
  return await sql<WaitingEvent[]>`
    with due as (
      select e.id, e.received_at, e.nth, e.body from events e
      where e.source = ${source} and e.state = 'unplanned' and e.fetch_at <= now()
        and not ${isPaused(sql, sql`${source}`)} and not ${isOnHold(sql, source)}
        and not ${isBehind(sql, sql`e`)}
      order by e.fetch_at, e.received_at, e.nth, e.id limit ${limit} for no key update skip locked
    ), fitting as (
      select id from (
        select id, sum(octet_length(body)) over (order by received_at, nth, id) - octet_length(body) as before from due) d
      where before < ${commitBytesMax}
    ), claimed as (
      update events e set fetch_at = ${after(sql, sql`${leaseMs}::float8`)} from fitting
      where e.id = fitting.id and e.state = 'unplanned'
      returning e.*
    )
    select ${storedEventColumns(sql, "claimed")}, ${select(sql, triesColumns, "claimed")},
      (select ${select(sql, versionColumns, "sources")} from sources where slug = ${source}) as "sourceVersion"
    from claimed order by received_at, nth, id`;
}

async function postpone(sql: Sql, source: string, events: readonly Postponed[], version: number | null): Promise<void> {
  const given = events.map(({ id, afterMs, why }) => ({ id, after_ms: afterMs, why: why ?? null }));
  await sql`
    with given as (
      select * from json_to_recordset(${asJson(given)}::text::json) as g(id uuid, after_ms float8, why jsonb)
    ), locked_source as (
      -- A try by older settings is not counted, because the author of the change was promised a try at once. The lock
      -- of the source waits for a change that is being committed. The source is locked before the events, as in the
      -- change itself.
      select ${version}::bigint is not null and version <> ${version}::bigint as changed from sources where slug = ${source}
      for share
    ), locked as (
      select e.id from events e join given g on g.id = e.id where e.state = 'unplanned' and exists (select 1 from locked_source)
      order by e.id for no key update of e
    ), postponed as (
      update events e set
        fetch_at = ${after(sql, sql`case when locked_source.changed then ${sourceChangedPauseMs}::float8 else g.after_ms end`)},
        fetch_tries = e.fetch_tries + case when g.why is null or locked_source.changed then 0 else 1 end
      from locked_source, locked join given g on g.id = locked.id where e.id = locked.id and e.state = 'unplanned'
      returning e.id, e.fetch_tries, e.fetch_at, g.why, locked_source.changed
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'event', id::text, 'fetch_put_off', 'source:' || ${source}, 'fetch_failed',
      jsonb_strip_nulls(why) || jsonb_build_object('tries', fetch_tries, 'next_at', fetch_at)
    from postponed where why is not null and not changed`;
}

async function next(sql: Sql, source: string): Promise<number | null> {
  const [row] = await sql<{ ms: number | null }[]>`
    select (extract(epoch from greatest(min(e.fetch_at), (select fetch_not_before from sources where slug = ${source})) - now())
      * 1000)::float8 as ms
    from events e where e.source = ${source} and e.state = 'unplanned' and e.fetch_at is not null
      and not ${isPaused(sql, sql`${source}`)} and not ${isBehind(sql, sql`e`)}
    having count(*) > 0`;
  return row === undefined || row.ms === null ? null : Math.max(0, row.ms);
}

/**
 * Steps:
 * - `locked`: locks the source, if the round used its present version. Adds the problem that the source has after this
 *   round.
 * - `noted`: notes the problem, its failures and the pause.
 */
async function note(
  sql: Sql,
  source: string,
  { problem, holdMs, failures = 0, answer = null, missing = 0, sourceVersion = null }: Noted,
): Promise<void> {
  const found: ReturnType<Sql> = sql`${problem}::text`;
  /** Consecutive records that the API did not have. Without another problem, the source's failures count them. */
  const run: ReturnType<Sql> = sql`(${missing}::int
    + case when s.fetch_problem is null or s.fetch_answer->>'status' in ('404', '410') then s.fetch_failures else 0 end)`;
  await sql`
    with locked as (
      select s.slug, s.fetch_problem as was, s.fetch_problem is not null as had,
        -- A good answer to one event does not end the problem while another waits for its next try.
        case when ${found} is null and s.fetch_problem = 'fetch_failing' and exists (select 1 from events e
          where e.source = s.slug and e.state = 'unplanned' and e.fetch_at is not null and e.fetch_tries > 0)
          then s.fetch_problem
          when ${found} is null and ${missing}::int > 0 and ${run} >= ${missingRunMax} then 'fetch_failing'
          else ${found} end as now,
        case when ${missing}::int > 0 then ${run} end as run
      from sources s where s.slug = ${source} and (${sourceVersion}::bigint is null or s.version = ${sourceVersion}::bigint)
      for no key update
    ), noted as (
      update sources s set fetch_problem = b.now,
        fetch_problem_at = case when b.now is null then null when b.had then s.fetch_problem_at else now() end,
        fetch_failures = case when b.run is not null then b.run when b.now is null then 0
          when b.had then s.fetch_failures else 0 end
          + case when b.now is null or b.run is not null then 0 else ${failures}::int end,
        fetch_answer = case when b.now is null then null
          else coalesce(${answer === null ? null : asJson(answer)}::text::jsonb, s.fetch_answer) end,
        fetch_not_before = case when ${holdMs}::float8 > 0
          then greatest(s.fetch_not_before, ${after(sql, sql`${holdMs}::float8`)}) else s.fetch_not_before end
      from locked b where s.slug = b.slug
        and (b.was is distinct from b.now or b.run is not null or (b.now is null and s.fetch_failures > 0)
          or ${holdMs}::float8 > 0 or (b.now is not null and ${failures}::int > 0))
      returning s.slug, b.was, b.now
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'source', slug, case when now is null then 'fetch_goes_on' else 'fetch_stopped' end, 'source:' || slug, now,
      coalesce(jsonb_strip_nulls(case when now is null then null
        else ${answer === null ? null : asJson(answer)}::text::jsonb end), '{}')
    from noted where was is distinct from now`;
}

type Noted = { problem: string | null; holdMs: number; sourceVersion?: number | null } & Partial<
  Pick<FetchReport, "failures" | "answer" | "missing">
>;
