/**
 * The reason why a row waits now, as a column `waits` of a look-up: JSON of the port's `Wait`, or null if the row does
 * not wait.
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

const ofCall = `case when c.status = 'queued' then (
  select case
    when l.paused_at is not null then json_build_object(${jsonText(linePause, "l")}, 'until', null)
    when l.not_before > now() and l.not_before >= c.due_at
      then json_build_object('reason', ${holdReason("l")}, ${bare}, ${jsonText(lineLimit, "l")})
    when c.due_at > now() then json_build_object('reason', 'not_due', ${bare}, ${jsonText(callDue, "c")})
    when l.calls_per_day = 0 or (l.day = ${today} and l.day_calls >= l.calls_per_day)
      then json_build_object('reason', 'calls_per_day', ${bare}, 'until', (extract(epoch from ${midnight}) * 1000)::float8)
    else json_build_object('reason', 'in_turn', ${bare}, 'until', null) end
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
export const callWaits = (sql: Sql) => sql`coalesce(${stopWaits(sql)}, ${sql.unsafe(ofCall)}) as waits`;

/** If a stop has yet to reach a call, the call waits to be canceled. */
const stopWaits = (sql: Sql) => sql`case when c.status = 'queued' then (
  select json_build_object('reason', why, ${sql.unsafe(bare)}, 'until', null)
  from (select ${pendingStop(sql, sql`c`)} as why) stopped where why is not null) end`;

/** An expression: the reason why an event `e` has no plan yet; null if the event only waits for its turn. */
export const eventWaits = (sql: Pick<Sql, "unsafe">) => sql.unsafe(ofEvent);

/** An expression: since when the call `c` waits for a person. A held call waits since it was made, another since its line claimed it. */
export const waitingSince = "coalesce(case when c.status <> 'held' then c.claimed_at end, c.created_at)";
