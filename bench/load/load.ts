import { Worker } from "node:worker_threads";
import type { Recipe } from "./requests.ts";

/** One run of the load generator. */
export type Job = {
  readonly port: number;
  readonly recipe: Recipe;
  readonly connections: number;
  readonly seconds: number;
  /** A pace; null: as fast as answers come. */
  readonly perSecond: number | null;
  /** Whether the same requests may be sent again, where the subject keeps nothing. */
  readonly cycle: boolean;
};

/** What it came to. Latencies are from the request's write to its whole answer. */
export type Load = {
  /** Answers with 202. */
  readonly accepted: number;
  /** All other answers. */
  readonly refused: number;
  readonly seconds: number;
  /** Accepted ones only. */
  readonly perSecond: number;
  /** When the clock started, as epoch milliseconds with fractions. */
  readonly beganAtMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** HTTP status → answers. */
  readonly statuses: Readonly<Record<string, number>>;
};

/** Runs one job in a thread of its own. Throws when a connection breaks, and when not one request was accepted. */
export async function load(job: Job): Promise<Load> {
  const done = await new Promise<Load>((resolve, reject) => {
    const worker = new Worker(new URL("./load-thread.ts", import.meta.url), { workerData: job });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  if (done.accepted === 0) throw new Error(`${job.recipe.path} answered ${JSON.stringify(done.statuses)}`);
  return done;
}

/** The port of an origin such as `http://127.0.0.1:8787`. */
export function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** The middle of some numbers; of an even count, the mean of both middles. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
