/** Watching Postgres' locks: how a test knows that one connection waits for another, without a guess about time. */
import { setTimeout as pause } from "node:timers/promises";
import type postgres from "postgres";

const askEveryMs = 5;

/** Resolves once the connection `pid` waits for a lock. It is asked until then; the test's own time limit is the end. */
export async function waitsForLock(sql: postgres.Sql | postgres.TransactionSql, pid: number): Promise<void> {
  for (;;) {
    const [row] = await sql`select 1 from pg_locks where pid = ${pid} and not granted`;
    if (row !== undefined) return;
    await pause(askEveryMs);
  }
}
