/**
 * The capacity of a line and of a number, which the claim checks too. The reason why a row waits now, as a column `waits`
 * of a look-up: JSON of the port's `Wait`, or null if the row does not wait.
 *
 * A pause is stored with the line and not with its queued calls, so each call of an answer reads its line's row. The
 * order of the reasons is that of the claim's checks.
 */
import type { Wait } from "../../ports/lookups/calls.ts";
import { columns, jsonText, ms, present } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { calls } from "../schema/calls.ts";
import type { events } from "../schema/events.ts";
import type { lines } from "../schema/lines.ts";
import type { sources } from "../schema/sources.ts";
import { reopenedAt } from "./paused.ts";
import { pendingStop } from "./stopped.ts";

/** Time for which a placed call without an outcome blocks its number and uses a slot of `calls_at_once`. */
const callSecondsMax = 600;

/** An expression: calls of a line that count for its `calls_per_minute` now. */
export function usedSlots(sql: Sql, line: ReturnType<Sql>): ReturnType<Sql> {
  return sql`((select count(*) from calls where line = ${line} and slot_until > now())
    + (select count(*) from slots where line = ${line} and until > now()))`;
}

/** An expression: calls of a line that count for its `calls_at_once` now. */
export function usedAtOnce(sql: Sql, line: ReturnType<Sql>): ReturnType<Sql> {
  return sql`((select count(*) from calls where line = ${line} and status in ('dialing', 'unknown'))
    + (select count(*) from calls where line = ${line} and status = 'placed'
        and placed_at > now() - ${callSecondsMax} * interval '1 second')
    -- Mihu may have calls in review, and they may still be in progress.
    + (select count(*) from calls where line = ${line} and status = 'review'
        and reason in ('several_found', 'database_went_back')
        and claimed_at > now() - ${callSecondsMax} * interval '1 second'))`;
}

/** An expression: whether no other call to the number of the call `c` goes on, or may still go on. */
export function numberIsFree(sql: Sql, c: ReturnType<Sql>): ReturnType<Sql> {
  return sql`not exists (select 1 from calls f where f.number = ${c}.number and f.status in ('dialing', 'unknown'))
        and not exists (select 1 from calls f where f.number = ${c}.number and f.status = 'placed'
          and f.placed_at > now() - ${callSecondsMax} * interval '1 second')
        and not exists (select 1 from calls f where f.number = ${c}.number and f.status = 'review'
          and f.reason in ('several_found', 'database_went_back')
          and f.claimed_at > now() - ${callSecondsMax} * interval '1 second')`;
}

/** A paused line has its reason. */
const linePause = columns<typeof lines, Omit<Wait, "until">>({
  reason: present("pause_reason"),
  detail: "pause_detail",
  since: ms("paused_at"),
});
const lineLimit = columns<typeof lines, Pick<Wait, "until">>({ until: ms("not_before") });
const callDue = columns<typeof calls, Pick<Wait, "until">>({ until: ms("due_at") });
const sourcePause = columns<typeof sources, Pick<Wait, "detail" | "since">>({
  detail: "pause_detail",
  since: ms("paused_at"),
});
/** The statement reads a source that has a fetch problem. */
const fetchProblem = columns<typeof sources, Pick<Wait, "reason" | "since">>({
  reason: present("fetch_problem"),
  since: ms("fetch_problem_at"),
});
const fetchDue = columns<typeof events, Pick<Wait, "until">>({ until: ms("fetch_at") });

/** The reason of a line's last hold, which set its `not_before`. */
const holdReason = (
  line: string,
) => `coalesce((select e.reason from entries e where e.subject = 'line' and e.subject_id = ${line}.slug
  and e.action in ('rate_limited', 'claims_slow') order by e.id desc limit 1), 'rate_limited')`;

/** Time after a hold for which a line's slow claims are still reported, because the next claim has not ended yet. */
const slowToldSeconds = 10;

/** An expression: whether Postgres was so slow in a line's last claim that none of its calls began. */
export const claimsSlow = (sql: Pick<Sql, "unsafe">, line: string) =>
  sql.unsafe(`coalesce(${line}.not_before > now() - interval '${slowToldSeconds} seconds'
    and ${holdReason(line)} = 'claims_slow', false)`);

const today = "to_char(now() at time zone 'UTC', 'YYYY-MM-DD')";
const midnight = "(date_trunc('day', now() at time zone 'UTC') + interval '1 day') at time zone 'UTC'";
/** Fields of a wait that only a pause or a problem has. */
const bare = "'detail', null, 'since', null";

/** An expression: the reason why a queued call `c` is due later. A reason that no row holds is `not_due`. */
const whyLater = `case
    when exists (select 1 from entries e where e.subject = 'call' and e.subject_id = c.id::text and e.action = 'postponed'
      and (e.data->>'due_at')::timestamptz = c.due_at) then 'outside_hours'
    when c.claimed_at is not null then case when c.reason = 'rate_limited' then 'rate_limited' else 'not_due' end
    when c.try > 1 and c.again_reason is null then coalesce(
      (select case when (e.data->>'asked_at')::timestamptz < c.due_at then 'outside_hours' else 'next_try' end from entries e
        where e.subject = 'call' and e.subject_id = c.id::text and e.action = 'queued' and e.data->>'asked_at' is not null
        order by e.id limit 1), case when c.closes_at is null then 'next_try' else 'not_due' end)
    when c.source = 'api' and c.try = 1 and c.released_at is null then
      (select case when (e.body::json->>'due_at')::float8 >= floor(extract(epoch from c.due_at) * 1000) then 'asked_later'
        when c.closes_at is null then 'not_due' else 'outside_hours' end from events e where e.id = c.event_id)
    when c.closes_at is null then 'not_due'
    else 'outside_hours' end`;

/**
 * Lines without capacity are read once for all calls of a statement, along the index of slugs. The service's role may not
 * read a table from end to end, and the price of doing so would hide the prices of all walks from Postgres.
 */
const ofCall = (sql: Sql) => sql`case when c.status = 'queued' then (
  select case
    when l.paused_at is not null then json_build_object(${sql.unsafe(jsonText(linePause, "l"))}, 'until', null)
    when l.not_before > now() and l.not_before >= c.due_at
      then json_build_object('reason', ${sql.unsafe(`${holdReason("l")}, ${bare}, ${jsonText(lineLimit, "l")}`)})
    when c.due_at > now() then json_build_object('reason', ${sql.unsafe(`${whyLater}, ${bare}, ${jsonText(callDue, "c")}`)})
    when l.calls_per_day = 0 or (l.day = ${sql.unsafe(today)} and l.day_calls >= l.calls_per_day)
      then json_build_object('reason', 'calls_per_day', ${sql.unsafe(bare)},
        'until', (extract(epoch from ${sql.unsafe(midnight)}) * 1000)::float8)
    else json_build_object('reason', case
      when not (${numberIsFree(sql, sql`c`)}) then 'number_busy'
      when l.slug = any(array(select x.slug from lines x
        where x.slug > '' and ${usedSlots(sql, sql`x.slug`)} >= x.calls_per_minute))
        then 'calls_per_minute'
      when l.slug = any(array(select x.slug from lines x
        where x.slug > '' and ${usedAtOnce(sql, sql`x.slug`)} >= x.calls_at_once))
        then 'calls_at_once'
      else 'in_turn' end, ${sql.unsafe(bare)}, 'until', null) end
  from lines l where l.slug = c.line) end`;

const ofEvent = `case when e.state = 'unplanned' then (
  select case
    when s.disconnected_at is not null or e.received_at < ${reopenedAt("s")}
      then json_build_object('reason', 'source_closed_before', ${bare}, 'until', null)
    when s.paused_at is not null
      then json_build_object('reason', 'source_paused', ${jsonText(sourcePause, "s")}, 'until', null)
    when e.fetch_at is not null and s.fetch_problem is not null
      then json_build_object(${jsonText(fetchProblem, "s")}, 'detail', null, ${jsonText(fetchDue, "e")}) end
  from sources s where s.slug = e.source) end as waits`;

/** An expression: the reason why a queued call `c` waits. */
export const callWaits = (sql: Sql) => sql`coalesce(${stopWaits(sql)}, ${ofCall(sql)}) as waits`;

/** If a stop has yet to reach a call, the call waits to be canceled. */
const stopWaits = (sql: Sql) => sql`case when c.status = 'queued' then (
  select json_build_object('reason', why, ${sql.unsafe(bare)}, 'until', null)
  from (select ${pendingStop(sql, sql`c`)} as why) stopped where why is not null) end`;

/** An expression: the reason why an event `e` has no plan yet; null if the event only waits for its turn. */
export const eventWaits = (sql: Pick<Sql, "unsafe">) => sql.unsafe(ofEvent);

/** An expression: since when the call `c` waits for a person. A held call waits since it was made, another since its line claimed it. */
export const waitingSince = "coalesce(case when c.status <> 'held' then c.claimed_at end, c.created_at)";
