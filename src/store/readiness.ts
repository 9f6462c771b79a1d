import journal from "../../migrations/meta/_journal.json" with { type: "json" };
import type { Readiness } from "../ports/lookups.ts";
import { errorCode, type Sql } from "./connection.ts";

/** No schema, no table, no right to read it: the first migrations have not run. */
const notMigratedCodes: ReadonlySet<string> = new Set(["3F000", "42P01", "42501"]);

/** Says which migrations of this version have not run, and which lines are paused. Throws when Postgres is not there. */
export async function readiness(sql: Sql): Promise<Readiness> {
  try {
    const [ran, pausedLines] = await Promise.all([
      sql<{ at: number }[]>`select created_at::float8 as at from drizzle.__drizzle_migrations`,
      sql<Readiness["pausedLines"]>`
        select slug as line, pause_reason as reason, pause_detail as detail,
          (extract(epoch from paused_at) * 1000)::float8 as since
        from lines where paused_at is not null order by slug`,
    ]);
    const known = new Set(ran.map(({ at }) => at));
    const missing = journal.entries.filter(({ when }) => !known.has(when)).map(({ tag }) => tag);
    return { missingMigrations: missing, pausedLines };
  } catch (error) {
    if (!notMigratedCodes.has(errorCode(error) ?? "")) throw error;
    return { missingMigrations: journal.entries.map(({ tag }) => tag), pausedLines: [] };
  }
}
