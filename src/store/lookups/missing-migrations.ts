import journal from "../../../migrations/meta/_journal.json" with { type: "json" };
import { errorCode, type Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";

/** Codes that mean that the first migrations have not run: the schema, a table, or the right to read it is missing. */
const notMigratedCodes: ReadonlySet<string> = new Set(["3F000", "42P01", "42501"]);

type Ran = { readonly at: number };

/** The migrations that have run. */
export function ranMigrations(sql: Sql): Reading<Ran> {
  return sql`select created_at::float8 as at from drizzle.__drizzle_migrations`;
}

/** @returns the names of the migrations of this version that are not among those that have run, the oldest first */
export function missingOf(ran: readonly Ran[]): string[] {
  const known = new Set(ran.map(({ at }) => at));
  return journal.entries.filter(({ when }) => !known.has(when)).map(({ tag }) => tag);
}

async function missingMigrations(sql: Sql): Promise<string[]> {
  try {
    return missingOf(await ranMigrations(sql));
  } catch (error) {
    if (!notMigratedCodes.has(errorCode(error) ?? "")) throw error;
    return journal.entries.map(({ tag }) => tag);
  }
}

/**
 * Migrations whose lack made a statement fail. Postgres then says that a table, a column, an index or a right is missing
 * (class 42). If all migrations have run, the same error is a bug.
 *
 * @returns Their names, the oldest first; empty if the statement failed for another reason.
 */
export async function missedBy(sql: Sql, error: unknown): Promise<string[]> {
  if (!/^(?:3F|42)[0-9A-Z]{3}$/.test(errorCode(error) ?? "")) return [];
  return await missingMigrations(sql).catch(() => []);
}

/** Whether a statement failed because migrations have not run. */
export async function lacksMigrations(sql: Sql, error: unknown): Promise<boolean> {
  return (await missedBy(sql, error)).length > 0;
}
