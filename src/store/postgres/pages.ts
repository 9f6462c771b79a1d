/**
 * Pages of a list by cursor. The cursor is (moment, id) in Postgres' microseconds, so no row is shown twice or left
 * out.
 */
import type { Cursor, Results } from "../../ports/page.ts";
import { microseconds } from "./columns.ts";
import type { Sql } from "./connection.ts";

/** An expression: a moment as cursors hold it, to the microsecond. */
export const exactly = (sql: Sql, moment: ReturnType<Sql>) =>
  sql`to_char((${moment}) at time zone 'UTC', ${sql.unsafe(microseconds)})`;

/** The exact moment of a row, for its cursor. */
export const exactMoment = (sql: Sql, column: string) =>
  sql.unsafe(`to_char(${column} at time zone 'UTC', ${microseconds}) as "exactly"`);

/**
 * Cuts a page out of its rows and one more row. The additional row shows whether there is a next page, without a count.
 */
export function page<T extends { id: string; exactly: string }>(
  rows: readonly T[],
  limit: number,
): Results<Omit<T, "exactly">> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next: Cursor | null = rows.length > limit && last !== undefined ? { at: last.exactly, id: last.id } : null;
  return { rows: shown.map(({ exactly: _, ...row }) => row), next };
}
