/** Calls that wait while their rule is turned off or their source is closed. */
import type { ConfigWrite } from "../../domain/config/stored.ts";
import type { CallsConcerned } from "../../ports/config/config.ts";
import { isAbout, pendingStop } from "../fragments/stopped.ts";
import { asJson, type Queries } from "../postgres/connection.ts";

type StopCalls = Extract<ConfigWrite, { do: "stop_calls" }>;

/** A condition on `calls c`: calls of this stop and of no earlier one. */
const concerned = (sql: Queries, stop: StopCalls) => sql`c.source = ${stop.source}
  ${stop.rule === null ? sql`` : sql`and c.rule = ${stop.rule}`}
  ${stop.modes === null ? sql`` : sql`and c.mode in ${sql(stop.modes)}`}
  ${stop.since === undefined ? sql`` : sql`and ${isOfEarlierChange(sql, stop)}`} and ${pendingStop(sql, sql`c`)} is null`;

const modesOf = (sql: Queries, { modes }: StopCalls) => sql`(select array_agg(m)
  from json_array_elements_text(${modes === null ? null : asJson(modes)}::text::json) m)`;

/**
 * An expression: the time of a stop. Calls decided after it are not affected, such as those that a person released.
 * The source is locked at this point. Each plan of the source is therefore committed, or will use the source's new
 * version.
 */
function timeOf(sql: Queries, { source, rule, since }: StopCalls) {
  if (since === undefined) return sql`clock_timestamp()`;
  if (since === "saved")
    // The time is just before the version itself, because the version's own calls are valid.
    return sql`(select r.created_at - interval '1 microsecond' from rules r
      where r.source = ${source} and r.name = ${rule} and r.current)`;
  return sql`(select max(n.at) from entries n where n.subject = 'rule' and n.subject_id = ${`${source}/${rule}`}
    and n.action = 'removed')`;
}

/** A condition on `calls c`: an earlier change should have stopped these calls, but kept them. */
const isOfEarlierChange = (sql: Queries, stop: StopCalls) => sql`exists (select 1 from (
    select ${stop.source}::text as source, ${stop.rule}::text as rule, ${modesOf(sql, stop)} as modes,
      null::text as number, ${timeOf(sql, stop)} as at
  ) x where ${isAbout(sql, sql`x`, sql`c`)})`;

/** A condition on `calls c`: they wait, or a further try may follow them. */
const mayRing = (sql: Queries) => sql`(c.status = 'queued'
  or c.status in ('dialing', 'unknown', 'placed', 'review') and c.again_stopped is null)`;

/**
 * The stops that a stop includes. A stop of removed rules includes one stop for each rule. If an earlier change kept no
 * call, its stop includes nothing, because an apply without changes writes nothing.
 */
export async function stopsOfKept(sql: Queries, stop: StopCalls): Promise<StopCalls[]> {
  if (stop.since === undefined) return [stop];
  const rules =
    stop.since === "saved"
      ? [stop]
      : (
          await sql<{ rule: string }[]>`
            select distinct c.rule from calls c where c.source = ${stop.source} and ${mayRing(sql)}
              and not exists (select 1 from rules r where r.source = c.source and r.name = c.rule and r.current)
            order by c.rule`
        ).map(({ rule }) => ({ ...stop, rule }));
  const kept: StopCalls[] = [];
  for (const one of rules) {
    const [found] = await sql`select 1 from calls c where ${mayRing(sql)} and ${concerned(sql, one)} limit 1`;
    if (found !== undefined) kept.push(one);
  }
  return kept;
}

/** Counts the waiting calls, and changes nothing. */
export async function countWaiting(sql: Queries, stop: StopCalls) {
  const [row] = await sql<[{ waiting: number }]>`
    select count(*)::int as waiting from calls c where c.status = 'queued' and ${concerned(sql, stop)}`;
  return { source: stop.source, rule: stop.rule, waiting: row.waiting };
}

/**
 * Stops waiting calls in the transaction of the change. After the commit, no claim takes one of these calls. The calls
 * are canceled later, a part at a time.
 *
 * The source is locked, so that no plan queues a call after the stop. The lines are written without a change: a claim
 * that began before the commit finds its line written since, and picks nothing.
 */
export async function commitStop(sql: Queries, stop: StopCalls, actor: string): Promise<CallsConcerned> {
  const { source, rule, reason } = stop;
  const lines = await sql<{ slug: string }[]>`
    with locked as (
      select l.slug from lines l where exists (
        select 1 from calls c where c.line = l.slug and c.status = 'queued' and ${concerned(sql, stop)})
      order by l.slug for no key update
    )
    update lines l set claim_seq = l.claim_seq from locked where l.slug = locked.slug returning l.slug`;
  const [saved] = await sql<[{ id: number }]>`
    insert into stops (source, rule, modes, reason, actor, at)
    values (${source}, ${rule}, ${modesOf(sql, stop)}, ${reason}, ${actor}, ${timeOf(sql, stop)})
    returning id::float8 as id`;
  const stopped = { id: saved.id, lines: lines.map(({ slug }) => slug) };
  return { source, rule, ends: { kind: "stopped", stop: stopped } };
}
