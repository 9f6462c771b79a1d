import journal from "../../../migrations/meta/_journal.json" with { type: "json" };
import { errorCode, type Sql } from "../postgres/connection.ts";

/** Codes that mean that the first migrations have not run: the schema, a table, or the right to read it is missing. */
const notMigratedCodes: ReadonlySet<string> = new Set(["3F000", "42P01", "42501"]);

/** @returns the names of the migrations of this version that have not run, the oldest first */
export async function missingMigrations(sql: Sql): Promise<string[]> {
  try {
    const ran = await sql<{ at: number }[]>`select created_at::float8 as at from drizzle.__drizzle_migrations`;
    const known = new Set(ran.map(({ at }) => at));
    return journal.entries.filter(({ when }) => !known.has(when)).map(({ tag }) => tag);
  } catch (error) {
    if (!notMigratedCodes.has(errorCode(error) ?? "")) throw error;
    return journal.entries.map(({ tag }) => tag);
  }
}

/**
 * Whether a statement failed because migrations have not run. Postgres then says that a table, a column, an index or a
 * right is missing (class 42). If all migrations have run, the same error is a bug.
 */
export async function lacksMigrations(sql: Sql, error: unknown): Promise<boolean> {
  if (!/^(?:3F|42)[0-9A-Z]{3}$/.test(errorCode(error) ?? "")) return false;
  const missing = await missingMigrations(sql).catch(() => []);
  return missing.length > 0;
}
