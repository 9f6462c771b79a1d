import type { Queries, Sql } from "../postgres/connection.ts";
import { isSuppressed } from "./suppressed.ts";

type Part = ReturnType<Sql>;

/**
 * An expression: the reason why a call in flight must not ring again, neither by a further try nor after it returns to
 * the queue. Null if nothing stops it.
 *
 * @param call A row of `calls`.
 */
export function stopOf(sql: Sql, call: Part): Part {
  return sql`coalesce(${call}.again_stopped, ${pendingStop(sql, call)},
    case when ${isSuppressed(sql, sql`${call}.number`)} then 'suppressed' end)`;
}

/**
 * A condition: whether a stop affects a call that waits or is in flight. Later calls are not affected: a rule that is
 * turned on again rings for later events, and never for a call that was stopped before. A later call by an earlier
 * version of the rule is affected, because an inbox of an earlier version may plan by that rule during a deploy.
 *
 * @param stop A row of `stops`.
 * @param call A row of `calls`.
 */
export function isAbout(sql: Queries, stop: Part, call: Part): Part {
  return sql`(case when ${stop}.number is not null then ${stop}.number = ${call}.number
      else ${stop}.source = ${call}.source and coalesce(${stop}.rule = ${call}.rule, true)
        and coalesce(${call}.mode = any(${stop}.modes), true) end
    and (${decidedAt(sql, call)} <= ${stop}.at
      -- A call that was planned while the suppression was being committed is created later and affected.
      or ${stop}.number is not null and ${isSuppressed(sql, sql`${call}.number`)}
      or ${stop}.source is not null and ${isOfEarlierRule(sql, stop, call)}))`;
}

/**
 * A condition: whether the version of the rule that planned a call is not newer than the stop. A call that a person
 * released or retried was decided by that person. A source that was reopened has the same versions as before, so only a
 * source that is still closed stops such calls.
 *
 * @param stop A row of `stops` that names a source.
 * @param call A row of `calls`.
 */
export function isOfEarlierRule(sql: Queries, stop: Part, call: Part): Part {
  return sql`(${call}.try = 1 and ${call}.released_at is null
    and ${call}.rule_version <= (select max(r.version) from rules r
      where r.source = ${stop}.source and r.name = ${call}.rule and r.created_at <= ${stop}.at)
    and (${stop}.rule is not null
      or exists (select 1 from sources s where s.slug = ${stop}.source and s.disconnected_at is not null)))`;
}

/**
 * An expression: time of the decision to call. A rule's further try was decided with the call before it. A stop of that
 * call therefore stops the try, even if neither could see the other when they were written.
 *
 * @param call A row of `calls`.
 */
export function decidedAt(sql: Queries, call: Part): Part {
  return sql`case when ${call}.try = 1 or ${call}.released_at is not null or ${call}.again_reason is not null
      or not exists (select 1 from calls b where b.id = ${call}.again_of and b.status = 'ended')
    then coalesce(${call}.released_at, ${call}.created_at)
    else (select coalesce(d.released_at, d.created_at) from calls d
      where d.event_id = ${call}.event_id and d.rule = ${call}.rule and d.try < ${call}.try
        and (d.try = 1 or d.again_reason is not null)
      order by d.try desc limit 1) end`;
}

/**
 * An expression: the reason of the first stop that affects a call and has not reached it yet; null if there is none.
 */
export function pendingStop(sql: Queries, call: Part): Part {
  return sql`(select x.reason from stops x where ${isAbout(sql, sql`x`, call)} order by x.id limit 1)`;
}

/**
 * A condition: no stop of a source or rule obviously affects a call. The condition may be true for calls that {@link
 * pendingStop} stops, but is never false for other calls. A claim checks this first, because it is cheaper. The
 * condition is a scalar subquery. Postgres does not turn it into a join, so it uses the order of the index.
 *
 * @param call A row of `calls`.
 */
export function notPlainlyStopped(sql: Queries, call: Part): Part {
  return sql`(select true from stops x where x.source = ${call}.source and coalesce(x.rule = ${call}.rule, true)
    and coalesce(${call}.mode = any(x.modes), true) and ${call}.try = 1 and ${call}.released_at is null
    and ${call}.created_at <= x.at limit 1) is null`;
}

/** An expression: whether the last sweep failed to advance a row of `stops`. */
export function isStuck(sql: Queries): Part {
  return sql`coalesce((select n.action = 'stuck' from entries n where n.subject = 'stop' and n.subject_id = stops.id::text
    order by n.id desc limit 1), false)`;
}

/** An expression: the detail of the entry that marks the call as stopped, such as a person's reason. */
export function stopDetail(sql: Sql, call: Part): Part {
  return sql`(select n.data from entries n where n.subject = 'call' and n.subject_id = ${call}.id::text
    and n.action = 'further_tries_stopped' order by n.id desc limit 1)`;
}

/**
 * Assignments for a stopped call `c`. A waiting call is canceled, any other is marked so that it does not ring again.
 * An existing mark stays.
 *
 * @param waits Whether no line has the call. Default: the column of that name in the statement's step.
 * @param marked Whether a waiting call is marked too, for a withdrawal whose entries say so.
 */
export function stopAssignments(sql: Queries, reason: string, waits: Part = sql`waits`, marked = false): Part {
  return sql`status = case when ${waits} then 'canceled' else c.status end,
        reason = case when ${waits} then ${reason}::text else c.reason end,
        again_stopped = case when ${waits} and ${marked} then ${reason}::text when ${waits} then c.again_stopped
          else coalesce(c.again_stopped, ${reason}::text) end`;
}
