// Compares every call with its entries and names each that differs.
import type postgres from "postgres";
import { callsAfter, callsGone, compareCalls } from "../../src/store/audit/stories.ts";
import type { Io } from "../command.ts";

const callsPerRead = 1_000;
/** Calls of one kind that are named. The rest is counted. */
const namedMax = 100;

/** @returns the exit code */
export async function compareAll(io: Io, sql: postgres.Sql): Promise<number> {
  let [compared, differing, unproven, after]: [number, number, number, string | null] = [0, 0, 0, null];
  for (;;) {
    const calls = await compareCalls(sql, callsAfter(sql, after, callsPerRead));
    for (const { id, differs, unproven: silent } of calls) {
      if (silent.length > 0) unproven++;
      if (differs.length === 0) continue;
      if (++differing <= namedMax)
        io.out(`CHANGED: call ${id} does not show what its entries say: ${differs.join(", ")}`);
    }
    compared += calls.length;
    after = calls.at(-1)?.id ?? null;
    if (calls.length < callsPerRead) break;
  }
  const gone = await callsGone(sql, namedMax);
  for (const id of gone) io.out(`REMOVED: call ${id} has entries and no row`);
  io.out(
    `${compared} calls compared with their entries, ${differing} differ${gone.length > 0 ? `, ${gone.length} are gone` : ""}`,
  );
  if (unproven > 0)
    io.out(
      `${unproven} of them were written by an earlier version, whose entries do not name every column: those columns are not proven`,
    );
  return differing + gone.length > 0 ? 1 : 0;
}
