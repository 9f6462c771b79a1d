import type { Sql } from "../postgres/connection.ts";

/**
 * An expression: whether a source is paused. Every plan asks it, so it has an index of its own, which is nearly always empty.
 *
 * @param source the expression that names the source
 */
export function isPaused(sql: Sql, source: ReturnType<Sql>) {
  return sql`exists (select 1 from sources p where p.slug = ${source} and p.paused_at is not null)`;
}
