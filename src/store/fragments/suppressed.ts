import type { Queries, Sql } from "../postgres/connection.ts";

/**
 * An expression: whether a number is suppressed now. Every statement that queues, claims or releases a call checks it.
 *
 * @param number The column with the number.
 */
export function isSuppressed(sql: Queries, number: ReturnType<Sql>) {
  return sql`exists (select 1 from suppressions s where s.number = ${number} and (s.until is null or s.until > now()))`;
}
