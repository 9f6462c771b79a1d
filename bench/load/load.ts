import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Recipe } from "./requests.ts";

/** One run of the load generator. */
export type Job = {
  readonly port: number;
  readonly recipe: Recipe;
  readonly connections: number;
  readonly seconds: number;
  /** Requests per second; null to send as fast as answers arrive. */
  readonly perSecond: number | null;
  /** Whether requests may be repeated, for a subject that stores nothing. */
  readonly cycle: boolean;
};

/** Result of one load. Latencies are from the request's write to its complete answer. */
export type Load = {
  /** Answers with 202. */
  readonly accepted: number;
  /** All other answers. */
  readonly refused: number;
  readonly seconds: number;
  /** Accepted requests only. */
  readonly perSecond: number;
  /** Time at which the clock started, in epoch milliseconds with fractions. */
  readonly beganAtMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** HTTP status → answers. */
  readonly statuses: Readonly<Record<string, number>>;
};

const generatorFile = fileURLToPath(new URL("./generator.ts", import.meta.url));

/**
 * Runs one job in its own process. Throws if a connection breaks, or if no request was accepted.
 *
 * @param begun Called once all requests are made, just before the first is sent.
 */
export async function load(job: Job, begun: () => void = () => undefined): Promise<Load> {
  const done = await new Promise<Load>((resolve, reject) => {
    const child = fork(generatorFile, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.on("message", (message) => {
      if (message === "begun") begun();
      else resolve(loadOf(message));
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`the load generator ended with ${signal ?? code}`)));
    child.send(job);
  });
  if (done.accepted === 0) throw new Error(`${job.recipe.path} answered ${JSON.stringify(done.statuses)}`);
  return done;
}

/** The cast holds because `generator.ts` sends nothing else. */
function loadOf(message: unknown): Load {
  return message as Load;
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

/** Times of single statements, in milliseconds. */
export type Times = { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number };

/** The percentiles of one round. */
export function timesOf(ms: readonly number[]): Times {
  const sorted = [...ms].sort((one, other) => one - other);
  const at = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

/** The medians of the rounds' percentiles. */
export function mediansOf(rounds: readonly Times[]): Times {
  return {
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p95Ms: median(rounds.map(({ p95Ms }) => p95Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
  };
}

/** A figure of several rounds. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { median: 0, min: 0, max: 0 };
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
