import type { Sql } from "../postgres/connection.ts";

/**
 * An expression: whether a source is paused. Every plan asks it, so it has an index of its own, which is nearly always empty.
 *
 * @param source the expression that names the source
 */
export function isPaused(sql: Sql, source: ReturnType<Sql>) {
  return sql`exists (select 1 from sources p where p.slug = ${source} and p.paused_at is not null)`;
}

/**
 * An expression: when a source that had been closed was opened again the last time; null if it never was, or is closed. Only its entries say
 * so: while it is closed, nothing but its opening changes it.
 *
 * @param source the alias of `sources` in the statement
 */
export const reopenedAt = (source: string) => `case when ${source}.disconnected_at is null then (
  select min(o.at) from entries o where o.subject = 'source' and o.subject_id = ${source}.slug and o.action = 'changed'
    and o.id > (select max(d.id) from entries d
      where d.subject = 'source' and d.subject_id = ${source}.slug and d.action = 'disconnected')) end`;
