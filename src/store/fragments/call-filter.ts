import { pauseReasons } from "../../domain/pause-reasons.ts";
import type { CallFilter } from "../../ports/lookups/calls.ts";
import { type Sql, uuidArray } from "../postgres/connection.ts";

/** A condition: whether the call `c` matches every given part of the filter. */
export function matches(sql: Sql, filter: CallFilter): ReturnType<Sql> {
  const same = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql.unsafe(column)} = ${value}`;
  const moment = (comparison: string, value: number | undefined) =>
    value === undefined ? sql`` : sql`and c.created_at ${sql.unsafe(comparison)} to_timestamp(${value}::float8 / 1000)`;
  return sql`true ${same("c.order_number_key", filter.orderNumberKey)} ${same("c.record_type", filter.recordType)}
    ${same("c.record_id", filter.recordId)} ${same("c.number", filter.number)}
    ${same("c.conversation_uuid", filter.conversation)} ${hasStatus(sql, filter.statuses)} ${hasReason(sql, filter.reason)}
    ${same("c.outcome", filter.outcome)} ${same("c.mode", filter.mode)}
    ${same("c.source", filter.source)} ${same("c.rule", filter.rule)} ${same("c.line", filter.line)}
    ${moment(">=", filter.from)} ${moment("<", filter.to)}
    ${filter.ids === undefined ? sql`` : sql`and c.id = any(${uuidArray(sql, filter.ids)})`}`;
}

function hasStatus(sql: Sql, statuses: CallFilter["statuses"]) {
  if (statuses === undefined) return sql``;
  const [only, ...others] = statuses;
  return only !== undefined && others.length === 0
    ? sql`and c.status = ${only}`
    : sql`and c.status in ${sql(statuses)}`;
}

/** A call shows its own reason, or else the pause reason of its line. The filter matches the shown reason. */
function hasReason(sql: Sql, reason: string | undefined) {
  if (reason === undefined) return sql``;
  if (!Object.hasOwn(pauseReasons, reason)) return sql`and c.reason = ${reason}`;
  return sql`and (c.reason = ${reason} or (c.reason is null and c.status = 'queued' and exists (
    select 1 from lines p where p.slug = c.line and p.pause_reason = ${reason})))`;
}
