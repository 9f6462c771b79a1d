import type { CallFilter } from "../../ports/lookups/calls.ts";
import type { Sql } from "../postgres/connection.ts";

/** A condition: whether the call `c` matches every given part of the filter. */
export function matches(sql: Sql, filter: CallFilter) {
  const same = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql.unsafe(column)} = ${value}`;
  const moment = (comparison: string, value: number | undefined) =>
    value === undefined ? sql`` : sql`and c.created_at ${sql.unsafe(comparison)} to_timestamp(${value}::float8 / 1000)`;
  return sql`true ${same("c.order_number_key", filter.orderNumberKey)} ${same("c.record_type", filter.recordType)}
    ${same("c.record_id", filter.recordId)} ${same("c.number", filter.number)}
    ${same("c.conversation_uuid", filter.conversation)} ${same("c.status", filter.status)} ${same("c.reason", filter.reason)}
    ${same("c.source", filter.source)} ${same("c.rule", filter.rule)} ${same("c.line", filter.line)}
    ${moment(">=", filter.from)} ${moment("<", filter.to)}`;
}
