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
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** When the clock started, as epoch milliseconds with fractions. */
  readonly beganAtMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** HTTP status → answers. */
  readonly statuses: Readonly<Record<string, number>>;
};

/** Runs one job in a thread of its own. Throws when a connection breaks, or when anything but `expected` was answered. */
export async function load(job: Job, expected = "202"): Promise<Load> {
  const done = await new Promise<Load>((resolve, reject) => {
    const worker = new Worker(new URL("./load-thread.ts", import.meta.url), { workerData: job });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  const others = Object.entries(done.statuses).filter(([status]) => status !== expected);
  if (others.length > 0) throw new Error(`${job.recipe.path} answered ${JSON.stringify(done.statuses)}`);
  if (done.requests === 0) throw new Error(`${job.recipe.path} answered nothing`);
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
