// Parts of the benchmark that run alone, by their flags. Each prints its table and writes no results, which are those of a complete run.
import { startCluster } from "../dev/stack/cluster.ts";
import { claimRows, measureClaims } from "./claims/claims.ts";
import { exportRows, measureExports } from "./exports/exports.ts";
import { hookRows, measureHooks } from "./hooks/hooks.ts";
import { lookupRows, measureLookups } from "./lookup/lookup.ts";
import { measurePages, pageRows } from "./pages/pages.ts";
import { printTable, warnIfBusy } from "./report/report.ts";
import { ringRows } from "./report/rows.ts";
import { measureRings } from "./ringing.ts";
import { isolateMb, startHookline } from "./subjects/hookline.ts";
import { ownBundle } from "./subjects/own-bundle.ts";

type Undo = (() => Promise<unknown> | unknown)[];
type Given = { readonly quick: boolean; readonly calls: string | undefined; readonly undo: Undo };

const parts = {
  claims: runClaims,
  ringing: runRinging,
  lookup: runLookup,
  hooks: runHooks,
  export: runExport,
  pages: runPages,
} as const;
type Part = keyof typeof parts;

/** Flags of the parts. */
export const alone = Object.keys(parts) as Part[];

/** @param undo Gets the ends of all that is started. The caller calls them, the last first. */
export async function runAlone(
  part: Part,
  { quick, calls }: { readonly quick: boolean; readonly calls?: string | undefined },
  undo: Undo,
): Promise<void> {
  await parts[part]({ quick, calls, undo });
}

export function say(words: string): void {
  console.error(`bench: ${words}`);
}

async function runClaims({ quick, undo }: Given): Promise<void> {
  const cluster = await aloneCluster(undo);
  const size = quick ? { calls: 20_000, rounds: 1, claims: 30 } : { calls: 100_000, rounds: 5, claims: 100 };
  say(`claims, ${size.rounds} × ${size.claims} of each kind in turns`);
  const measured = await measureClaims(cluster.info, size, ({ queue }) => say(`  ${queue.line}`));
  printTable(claimRows(measured, size.calls));
}

/** Its rows take twelve gigabytes at 10 M calls, and some minutes to fill. */
async function runLookup({ quick, calls, undo }: Given): Promise<void> {
  const [few, many] = [10_000, callsWanted(calls, quick ? 200_000 : 10_000_000)];
  const cluster = await aloneCluster(undo);
  const size = { few, many, rounds: quick ? 1 : 5, lookups: quick ? 100 : 500 };
  say(`look-ups, ${size.rounds} × ${size.lookups} of each kind in turns`);
  printTable(lookupRows(await measureLookups(cluster.info, size, say), size));
}

async function runRinging({ quick, undo }: Given): Promise<void> {
  const { hookline } = await aloneHookline(undo);
  await hookline.line("bench", "wide");
  await hookline.source("calls", { kind: "calls", line: "bench" });
  printTable(ringRows(await measureRings(hookline, "/in/calls", quick)));
}

async function runExport({ quick, calls: given, undo }: Given): Promise<void> {
  const { cluster, hookline } = await aloneHookline(undo, { heapMb: isolateMb });
  const calls = callsWanted(given, quick ? 100_000 : 1_000_000);
  printTable(exportRows(await measureExports(cluster.info, hookline, calls, say)));
}

async function runHooks({ quick, undo }: Given): Promise<void> {
  const { hookline } = await aloneHookline(undo, { callMs: 500 });
  await hookline.line("bench", "wide");
  await hookline.source("calls", { kind: "calls", line: "bench" });
  await hookline.ask("POST", "/v1/lines/bench/connect", {}).catch(() => say("outcomes are polled"));
  const size = quick ? { hooks: 99, calls: 1_000, samples: 60 } : { hooks: 990, calls: 10_000, samples: 400 };
  printTable(hookRows(await measureHooks(hookline, "/in/calls", size, say)));
}

/** Its rows are those of {@link runLookup}. */
async function runPages({ quick, calls, undo }: Given): Promise<void> {
  const [few, many] = [10_000, callsWanted(calls, quick ? 100_000 : 10_000_000)];
  const product = await ownBundle();
  undo.push(product.remove);
  const cluster = await aloneCluster(undo);
  const size = { few, many, rounds: quick ? 1 : 3, views: quick ? 30 : 100 };
  say(`pages, ${size.rounds} × ${size.views} of each in turns`);
  printTable(pageRows(await measurePages(cluster.info, product, size, say), size));
}

/** The number of `--calls`. */
function callsWanted(given: string | undefined, otherwise: number): number {
  const calls = Number(given ?? otherwise);
  if (!Number.isInteger(calls) || calls < 10_000) throw new Error("--calls is a whole number, 10000 or more");
  return calls;
}

async function aloneCluster(undo: Undo) {
  warnIfBusy();
  const cluster = await startCluster();
  undo.push(cluster.stop);
  return cluster;
}

async function aloneHookline(undo: Undo, otherwise: Parameters<typeof startHookline>[2] = {}) {
  const product = await ownBundle();
  undo.push(product.remove);
  const cluster = await aloneCluster(undo);
  const hookline = await startHookline(cluster.info, product, otherwise);
  undo.push(hookline.stop);
  return { cluster, hookline };
}
