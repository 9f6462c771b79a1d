import type { Queries, Sql } from "../postgres/connection.ts";
import { isSuppressed } from "./suppressed.ts";

type Part = ReturnType<Sql>;

/**
 * An expression: why a call that was under way must not ring again, neither by a further try nor because it came back to the queue.
 * `null` if nothing stops it.
 *
 * @param call a row of `calls`
 */
export function stopOf(sql: Sql, call: Part): Part {
  return sql`coalesce(${call}.again_stopped, case when ${isSuppressed(sql, sql`${call}.number`)} then 'suppressed' end)`;
}

/** An expression: what the entry of that stop says, such as a person's reason. */
export function stopDetail(sql: Sql, call: Part): Part {
  return sql`(select n.data from entries n where n.subject = 'call' and n.subject_id = ${call}.id::text
    and n.action = 'further_tries_stopped' order by n.id desc limit 1)`;
}

/**
 * Assignments for calls of a step `locked`, whose `waits` says that no line has the call: those that wait are canceled, the others are
 * marked, so that they do not ring again. A mark from before stays.
 */
export function stopLocked(sql: Queries, reason: string) {
  return sql`status = case when waits then 'canceled' else c.status end,
        reason = case when waits then ${reason}::text else c.reason end,
        again_stopped = case when waits then c.again_stopped else coalesce(c.again_stopped, ${reason}::text) end`;
}
