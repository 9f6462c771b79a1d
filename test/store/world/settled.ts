import type postgres from "postgres";
import { expect } from "vitest";

/**
 * Waits until every entry is settled: until all transactions are over that began before it, those of other tests'
 * databases too. One that makes a database takes long.
 */
export async function entriesSettled(sql: postgres.Sql): Promise<void> {
  const areSettled = async () => {
    const [row] = await sql<{ settled: boolean }[]>`
      select not exists (select from entries where tx >= pg_snapshot_xmin(pg_current_snapshot())) as settled`;
    return row?.settled;
  };
  await expect.poll(areSettled, { timeout: 60_000 }).toBe(true);
}
