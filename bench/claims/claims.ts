// `npm run bench -- --claims`: the p99 of a claim at 100,000 due calls of one line, beside a claim that knows no sources.
import postgres from "postgres";
import { appUrl } from "../../cli/install/run-migrations.ts";
import { type ClusterInfo, migratedDatabase } from "../../dev/stack/cluster.ts";
import { mediansOf, type Times, timesOf } from "../load/load.ts";
import type { Row } from "../report/report.ts";
import { fillQueue, putBack, type Queue } from "./queue.ts";
import { type Claimer, callsPerClaim, prepareClaims } from "./statements.ts";

export type ClaimsMeasured = { readonly queue: Queue; readonly turns: Times; readonly plain: Times };

const ratioMax = 1.5;

const queues: readonly Queue[] = [
  { line: "one", sources: 1, bulk: false },
  { line: "ten", sources: 10, bulk: false },
  { line: "hundred", sources: 100, bulk: false },
  { line: "thousand", sources: 1_000, bulk: false },
  { line: "bulk", sources: 1_001, bulk: true },
];

type Rounds = { readonly calls: number; readonly rounds: number; readonly claims: number };

/** Measures both claims by turns, after claims that do not count: Postgres plans a prepared statement anew until its sixth run. */
export async function measureClaims(
  cluster: ClusterInfo,
  { calls, rounds, claims }: Rounds,
  said: (measured: ClaimsMeasured) => void,
): Promise<ClaimsMeasured[]> {
  const { ownerUrl } = await migratedDatabase(cluster);
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  const { sql, turns, plain } = await prepareClaims(appUrl(ownerUrl, cluster.appPassword));
  const measured: ClaimsMeasured[] = [];
  try {
    for (const queue of queues) {
      await fillQueue(owner, queue, calls);
      let seq = 0;
      const once = async (claimer: Claimer): Promise<number> => {
        const began = performance.now();
        const taken = await claimer(queue.line, seq);
        const ms = performance.now() - began;
        if (taken !== callsPerClaim) throw new Error(`a claim of ${queue.line} took ${taken} calls`);
        seq += 1;
        await putBack(owner, queue.line);
        return ms;
      };
      for (let nth = 0; nth < 10; nth++) for (const claimer of [turns, plain]) await once(claimer);
      const found: { turns: Times; plain: Times }[] = [];
      for (let round = 0; round < rounds; round++) {
        // The vacuum replaces autovacuum: rows left by one round must not slow down the next.
        await owner`vacuum calls`;
        const times: { turns: number[]; plain: number[] } = { turns: [], plain: [] };
        for (let nth = 0; nth < claims; nth++) {
          times.turns.push(await once(turns));
          times.plain.push(await once(plain));
        }
        found.push({ turns: timesOf(times.turns), plain: timesOf(times.plain) });
      }
      const one = {
        queue,
        turns: mediansOf(found.map((of) => of.turns)),
        plain: mediansOf(found.map((of) => of.plain)),
      };
      measured.push(one);
      said(one);
    }
  } finally {
    await sql.end({ timeout: 5 });
    await owner.end({ timeout: 5 });
  }
  return measured;
}

/** @returns the rows of the table */
export function claimRows(measured: readonly ClaimsMeasured[], calls: number): Row[] {
  return measured.map(({ queue, turns, plain }) => ({
    what: `a claim of ${callsPerClaim} of ${calls} due calls, ${sourcesOf(queue)}, p99`,
    goal: `≤ ${ratioMax} × a claim without turns`,
    measured: `${turns.p99Ms.toFixed(1)} ms : ${plain.p99Ms.toFixed(1)} ms = ${(turns.p99Ms / plain.p99Ms).toFixed(2)} ×, p50 ${turns.p50Ms.toFixed(1)} : ${plain.p50Ms.toFixed(1)} ms`,
    ok: turns.p99Ms <= ratioMax * plain.p99Ms,
  }));
}

function sourcesOf({ sources, bulk }: Queue): string {
  if (bulk) return `one source and ${sources - 1} of one call`;
  return sources === 1 ? "one source" : `${sources} sources`;
}
