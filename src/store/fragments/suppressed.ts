import { apiSource } from "../../domain/plan/direct-call.ts";
import type { Queries, Sql } from "../postgres/connection.ts";

/**
 * An expression: whether a number is suppressed now. Every statement that queues, claims or releases a call asks it.
 *
 * @param number the column that holds the number
 */
export function isSuppressed(sql: Queries, number: ReturnType<Sql>) {
  return sql`exists (select 1 from suppressions s where s.number = ${number} and (s.until is null or s.until > now()))`;
}

/**
 * An expression: whether a suppression stops a call as it is planned, or as a person decides about it. It never stops a direct call so early,
 * whose asker chose the number: the answer would tell whoever may place calls which numbers are suppressed, and nobody would be rung. Such a
 * call is queued, no claim takes it, and the sweep cancels it when it would have rung.
 *
 * @param number the column that holds the number
 * @param source the column that holds the call's source
 */
export function isSuppressedAhead(sql: Queries, number: ReturnType<Sql>, source: ReturnType<Sql>) {
  return sql`(${source} <> ${apiSource}::text and ${isSuppressed(sql, number)})`;
}

/** An expression: the verdicts of a number that is not suppressed; none of a direct call, which {@link isSuppressedAhead} does not ask. */
export function suppressionPassed(sql: Queries, source: ReturnType<Sql>) {
  return sql`case when ${source} = ${apiSource}::text then '[]'::jsonb
    else '[{"gate": "suppression", "verdict": "pass", "inputs": {}}]'::jsonb end`;
}
