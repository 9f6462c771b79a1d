/** Calls that wait while their rule is turned off or their source is closed. */
import type { ConfigWrite } from "../../domain/config/stored.ts";
import type { CallsConcerned } from "../../ports/config/config.ts";
import { pendingStop } from "../fragments/stopped.ts";
import { asJson, type Queries } from "../postgres/connection.ts";

type StopCalls = Extract<ConfigWrite, { do: "stop_calls" }>;

/** A condition on `calls c`: those that a stop is about and no earlier one. */
const concerned = (sql: Queries, { source, rule, modes }: StopCalls) => sql`c.source = ${source}
  ${rule === null ? sql`` : sql`and c.rule = ${rule}`} ${modes === null ? sql`` : sql`and c.mode in ${sql(modes)}`}
  and ${pendingStop(sql, sql`c`)} is null`;

/** Counts the calls that wait, and changes nothing. */
export async function countWaiting(sql: Queries, stop: StopCalls) {
  const [row] = await sql<[{ waiting: number }]>`
    select count(*)::int as waiting from calls c where c.status = 'queued' and ${concerned(sql, stop)}`;
  return { source: stop.source, rule: stop.rule, waiting: row.waiting };
}

/**
 * Stops the calls that wait, in the transaction of the change. Its commit is their end: no claim takes one of them afterwards. They are
 * canceled later, a part at a time.
 *
 * The source is locked, so that no plan queues a call behind the stop. The lines are written, and stay as they are: a claim that has begun
 * before the commit finds its line written since, and picks nothing.
 */
export async function commitStop(sql: Queries, stop: StopCalls, actor: string): Promise<CallsConcerned> {
  const { source, rule, modes, reason } = stop;
  const lines = await sql<{ slug: string }[]>`
    with locked as (
      select l.slug from lines l where exists (
        select 1 from calls c where c.line = l.slug and c.status = 'queued' and ${concerned(sql, stop)})
      order by l.slug for no key update
    )
    update lines l set claim_seq = l.claim_seq from locked where l.slug = locked.slug returning l.slug`;
  const [saved] = await sql<[{ id: number }]>`
    insert into stops (source, rule, modes, reason, actor, at)
    values (${source}, ${rule}, (select array_agg(m)
      from json_array_elements_text(${modes === null ? null : asJson(modes)}::text::json) m), ${reason}, ${actor},
      -- The source is locked by now: each of its plans is either committed, or has yet to begin by the source's new version.
      clock_timestamp())
    returning id::float8 as id`;
  const stopped = { id: saved.id, lines: lines.map(({ slug }) => slug) };
  return { source, rule, ends: { kind: "stopped", stop: stopped } };
}
