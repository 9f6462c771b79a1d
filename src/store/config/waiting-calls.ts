/** Calls that wait while their rule is turned off or their source is closed. */
import type { ConfigWrite } from "../../domain/config/stored.ts";
import type { ClaimedOn } from "../../ports/calling/stops.ts";
import type { CallsConcerned } from "../../ports/config/config.ts";
import { stopLocked } from "../fragments/stopped.ts";
import type { Queries } from "../postgres/connection.ts";

type StopCalls = Extract<ConfigWrite, { do: "stop_calls" }>;

/** A condition on `calls`: those that a stop is about. */
const concerned = (sql: Queries, { source, rule, modes }: StopCalls) => sql`source = ${source}
  ${rule === null ? sql`` : sql`and rule = ${rule}`} ${modes === null ? sql`` : sql`and mode in ${sql(modes)}`}`;

/** Counts the calls that wait, and changes nothing. */
export async function countWaiting(sql: Queries, stop: StopCalls): Promise<CallsConcerned> {
  const [row] = await sql<[{ waiting: number }]>`
    select count(*)::int as waiting from calls where status = 'queued' and ${concerned(sql, stop)}`;
  return { source: stop.source, rule: stop.rule, canceled: 0, kept: row.waiting, claimed: [] };
}

/**
 * Cancels the calls that wait, and stops those under way from ringing again. Held calls stay: none rings unless a person says so.
 *
 * Twice: a call that ended while the first statement waited for it may have a further try by then, which only another one sees.
 */
export async function stopCalls(sql: Queries, stop: StopCalls, actor: string): Promise<CallsConcerned> {
  const rows = [...(await stopOnce(sql, stop, actor)), ...(await stopOnce(sql, stop, actor))];
  const claimed = new Map(rows.filter(({ status }) => status === "dialing").map(({ id, line }) => [id, { id, line }]));
  return {
    source: stop.source,
    rule: stop.rule,
    canceled: rows.filter(({ status }) => status === "canceled").length,
    kept: 0,
    claimed: [...claimed.values()],
  };
}

/**
 * Steps:
 * - `locked`: locks the calls. It waits for a claim that takes one at this moment.
 * - `stopped`: cancels those that wait, and marks the others: no further try follows, and a claimed one is canceled if it comes back.
 * - `audited`: inserts an entry for each that had not been marked before.
 */
async function stopOnce(sql: Queries, stop: StopCalls, actor: string): Promise<(ClaimedOn & { status: string })[]> {
  return await sql<(ClaimedOn & { status: string })[]>`
    with locked as (
      -- Each part has an index of its own.
      select id, status = 'queued' as waits, again_stopped is null as fresh from calls where id in (
        select id from calls where status = 'queued' and ${concerned(sql, stop)}
        union all
        select id from calls where status in ('dialing', 'unknown') and ${concerned(sql, stop)}
        union all
        select id from calls where status = 'placed' and ${concerned(sql, stop)} and again_stopped is null
        union all
        select id from calls where status = 'review' and ${concerned(sql, stop)} and again_stopped is null)
        and status in ('queued', 'dialing', 'unknown', 'placed', 'review')
      order by id for no key update
    ), stopped as (
      update calls c set ${stopLocked(sql, stop.reason)}
      from locked where c.id = locked.id
      returning c.id, c.line, c.status, waits, fresh
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, case when waits then 'canceled' else 'further_tries_stopped' end, ${actor},
        ${stop.reason}, '{}'::jsonb from stopped where fresh or waits
    )
    select id, line, status from stopped`;
}
