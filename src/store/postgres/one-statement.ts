/** Several statements read as one. */
import type postgres from "postgres";
import type { Sql } from "./connection.ts";

/** A statement that reads rows: by itself when it is awaited, or as a part of another one. */
export type Reading<Row extends object> = postgres.PendingQuery<Row[]>;

/** A {@link Reading} that always has one row. */
export type ReadingOfOne<Row extends object> = postgres.PendingQuery<[Row]>;

/** A statement: the rows of all parts, one after the other. @param parts At least one. */
export function unionAll(sql: Sql, parts: readonly ReturnType<Sql>[]): ReturnType<Sql> {
  const [first, ...rest] = parts;
  if (first === undefined) throw new Error("a union needs at least one part");
  return rest.reduce((all, part) => sql`${all} union all ${part}`, first);
}

/**
 * Reads the rows of several statements by one: one snapshot, and two round trips of a new connection. Sent apart, each
 * statement takes two, because it is described before it is sent.
 *
 * @param readings Each by its name. Rows travel as JSON, so a 64-bit number, a moment or bytes need a cast, and a
 *   number is finite.
 * @returns The rows of each, in its order.
 */
export async function readAtOnce<Rows extends Record<string, readonly object[]>>(
  sql: Sql,
  readings: { readonly [Name in keyof Rows]: postgres.PendingQuery<Rows[Name] & object[]> },
): Promise<Rows> {
  const parts = Object.entries(readings).map(
    ([name, reading]) => sql`(select coalesce(json_agg(r), '[]') from (${reading}) r) as ${sql(name)}`,
  );
  const [row] = await sql<[Rows]>`select ${parts.reduce((all, part) => sql`${all}, ${part}`)}`;
  return row;
}
