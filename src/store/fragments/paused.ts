import type { Sql } from "../postgres/connection.ts";

/**
 * An expression: whether a source is paused. Every plan needs it, so it has its own index, which is nearly always
 * empty.
 *
 * @param source The expression that names the source.
 */
export function isPaused(sql: Sql, source: ReturnType<Sql>) {
  return sql`exists (select 1 from sources p where p.slug = ${source} and p.paused_at is not null)`;
}

/**
 * An expression: time of a closed source's last reopening; null if it was never closed, or is closed now. It is read
 * from entries: while a source is closed, only its reopening can change it.
 *
 * @param source Alias of `sources` in the statement.
 */
export const reopenedAt = (source: string) => `case when ${source}.disconnected_at is null then (
  select min(o.at) from entries o where o.subject = 'source' and o.subject_id = ${source}.slug and o.action = 'changed'
    and o.id > (select max(d.id) from entries d
      where d.subject = 'source' and d.subject_id = ${source}.slug and d.action = 'disconnected')) end`;
