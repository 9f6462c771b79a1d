/**
 * Events that wait for a fetch: unplanned, with the time of their next try. A claim holds an event for a while. An event that a crash
 * leaves claimed is due again when the claim ends.
 */
import { commitBytesMax, statementTimeoutMs } from "../../domain/limits.ts";
import type { FetchQueue, Postponed, WaitingEvent } from "../../ports/planning/records.ts";
import { isPaused } from "../fragments/paused.ts";
import { storedEventColumns } from "../fragments/stored-event.ts";
import { columns, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { KeptClient } from "../postgres/kept-client.ts";
import type { events } from "../schema/events.ts";

const triesColumns = columns<typeof events, Pick<WaitingEvent, "fetchTries">>({ fetchTries: "fetch_tries" });

/** @param client the inbox's kept client */
export function fetchQueue(client: KeptClient): FetchQueue {
  const within = <T>(statement: (sql: Sql) => Promise<T>) => client.within(statementTimeoutMs, statement);
  return {
    awaitFetch: (ids) => within((sql) => awaitFetch(sql, ids)),
    claimFetches: (source, limit, leaseMs) => within((sql) => claimFetches(sql, source, limit, leaseMs)),
    postponeFetches: (source, events) => within((sql) => postpone(sql, source, events)),
    nextFetch: (source) => within((sql) => next(sql, source)),
    noteFetching: (source, problem, holdMs) => within((sql) => note(sql, source, problem, holdMs)),
  };
}

const after = (sql: Sql, ms: ReturnType<Sql>) => sql`now() + ${ms} * interval '1 millisecond'`;

/** A condition: whether fetches of a source are on hold. */
const isOnHold = (sql: Sql, source: string) =>
  sql`exists (select 1 from sources s where s.slug = ${source} and s.fetch_not_before > now())`;

/** A condition: whether an earlier event of the record of `e` waits for a fetch. Events of a record are planned in order of arrival. */
const isBehind = (sql: Sql) => sql`exists (
  select 1 from events b where b.source = e.source and b.state = 'unplanned' and b.fetch_at is not null
    and b.record_type = e.record_type and b.record_id = e.record_id
    and (b.received_at, b.nth, b.id) < (e.received_at, e.nth, e.id))`;

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
        and not ${isBehind(sql)}
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
    select ${storedEventColumns(sql, "claimed")}, ${select(sql, triesColumns, "claimed")}
    from claimed order by received_at, nth, id`;
}

async function postpone(sql: Sql, source: string, events: readonly Postponed[]): Promise<void> {
  const given = events.map(({ id, afterMs, why }) => ({ id, after_ms: afterMs, why: why ?? null }));
  await sql`
    with given as (
      select * from json_to_recordset(${asJson(given)}::text::json) as g(id uuid, after_ms float8, why jsonb)
    ), locked as (
      select e.id from events e join given g on g.id = e.id where e.state = 'unplanned' order by e.id for no key update of e
    ), postponed as (
      update events e set fetch_at = ${after(sql, sql`g.after_ms`)},
        fetch_tries = e.fetch_tries + case when g.why is null then 0 else 1 end
      from locked join given g on g.id = locked.id where e.id = locked.id and e.state = 'unplanned'
      returning e.id, e.fetch_tries, e.fetch_at, g.why
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'event', id::text, 'fetch_put_off', 'source:' || ${source}, 'fetch_failed',
      jsonb_strip_nulls(why) || jsonb_build_object('tries', fetch_tries, 'next_at', fetch_at)
    from postponed where why is not null`;
}

async function next(sql: Sql, source: string): Promise<number | null> {
  const [row] = await sql<{ ms: number | null }[]>`
    select (extract(epoch from greatest(min(e.fetch_at), (select fetch_not_before from sources where slug = ${source})) - now())
      * 1000)::float8 as ms
    from events e where e.source = ${source} and e.state = 'unplanned' and e.fetch_at is not null
      and not ${isPaused(sql, sql`${source}`)} and not ${isBehind(sql)}
    having count(*) > 0`;
  return row === undefined || row.ms === null ? null : Math.max(0, row.ms);
}

async function note(sql: Sql, source: string, problem: string | null, holdMs: number): Promise<void> {
  await sql`
    with locked as (
      select slug, fetch_problem from sources where slug = ${source} for no key update
    ), noted as (
      update sources s set fetch_problem = ${problem}::text,
        fetch_problem_at = case when ${problem}::text is null then null
          when s.fetch_problem is distinct from ${problem}::text then now()
          else s.fetch_problem_at end,
        fetch_not_before = case when ${holdMs}::float8 > 0
          then greatest(s.fetch_not_before, ${after(sql, sql`${holdMs}::float8`)}) else s.fetch_not_before end
      from locked b where s.slug = b.slug and (b.fetch_problem is distinct from ${problem}::text or ${holdMs}::float8 > 0)
      returning s.slug, b.fetch_problem as was
    )
    insert into entries (subject, subject_id, action, actor, reason)
    select 'source', slug, case when ${problem}::text is null then 'fetch_goes_on' else 'fetch_stopped' end, 'source:' || slug,
      ${problem}::text
    from noted where was is distinct from ${problem}::text`;
}
