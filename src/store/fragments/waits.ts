/**
 * The reason for which a row waits at this moment, as a column `waits` of a look-up: JSON of the port's `Wait`, or null.
 *
 * Nothing happens to a call that is queued on a paused line, so nothing is stored of it: its line is asked, once for each row of an
 * answer. The order is the one in which the claim asks.
 */
import type { Sql } from "../postgres/connection.ts";

type Parts = { detail?: string; since?: string; until?: string };

const epochMs = (moment: string | undefined) =>
  moment === undefined ? "null" : `(extract(epoch from ${moment}) * 1000)::float8`;

const wait = (reason: string, { detail = "null", since, until }: Parts = {}) =>
  `json_build_object('reason', ${reason}, 'detail', ${detail}, 'since', ${epochMs(since)}, 'until', ${epochMs(until)})`;

const today = "to_char(now() at time zone 'UTC', 'YYYY-MM-DD')";
const midnight = "((date_trunc('day', now() at time zone 'UTC') + interval '1 day') at time zone 'UTC')";

const ofCall = `case when c.status = 'queued' then (
  select case
    when l.paused_at is not null then ${wait("l.pause_reason", { detail: "l.pause_detail", since: "l.paused_at" })}
    when l.not_before > now() and l.not_before >= c.due_at then ${wait("'rate_limited'", { until: "l.not_before" })}
    when c.due_at > now() then ${wait("'not_due'", { until: "c.due_at" })}
    when l.calls_per_day = 0 or (l.day = ${today} and l.day_calls >= l.calls_per_day)
      then ${wait("'calls_per_day'", { until: midnight })}
    else ${wait("'in_turn'")} end
  from lines l where l.slug = c.line) end as waits`;

const ofEvent = `case when e.state = 'unplanned' then (
  select case
    when s.paused_at is not null then ${wait("'source_paused'", { detail: "s.pause_detail", since: "s.paused_at" })}
    when e.fetch_at is not null and s.fetch_problem is not null
      then ${wait("s.fetch_problem", { since: "s.fetch_problem_at", until: "e.fetch_at" })} end
  from sources s where s.slug = e.source) end as waits`;

/** The reason for which a queued call `c` waits. */
export const callWaits = (sql: Pick<Sql, "unsafe">) => sql.unsafe(ofCall);

/** The reason why an event `e` has no plan yet; null while only its turn is missing. */
export const eventWaits = (sql: Pick<Sql, "unsafe">) => sql.unsafe(ofEvent);
