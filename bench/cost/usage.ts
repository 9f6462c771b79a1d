// Usage that Cloudflare bills, counted for events that come evenly, in a burst and in batches, for events with calls, and for a sweep.
import { setTimeout as sleep } from "node:timers/promises";
import type { Bundle } from "../../dev/stack/bundle.ts";
import type { ClusterInfo } from "../../dev/stack/cluster.ts";
import type { Counts } from "../floors/counts.ts";
import { load } from "../load/load.ts";
import { type Hookline, startHookline } from "../subjects/hookline.ts";
import { type CountingProxy, startProxy } from "../subjects/proxy.ts";

/** Usage of one event, or of one sweep. */
export type Usage = {
  readonly requests: number;
  /** Calls of objects and alarms: each is a request of an object. */
  readonly objectRequests: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly alarms: Readonly<Record<string, number>>;
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /**
   * Upper bound of the seconds for which objects cannot hibernate: the sum of their open connections to Postgres, and
   * the time with any call. A connection is open during most calls, and is then counted twice.
   */
  readonly objectSeconds: number;
};

export type UsageMeasured = {
  /** Pause between two events of {@link UsageMeasured.even}. */
  readonly pauseMs: number;
  readonly even: Usage;
  readonly burst: Usage;
  readonly batches: Usage;
  /** Usage beyond that of an event that no rule wants. */
  readonly call: Usage;
  readonly sweep: Usage;
};

export const eventsPerMonth = 1_000_000;
/**
 * `IDLE_CONNECTION` during the count. It is short, so that events can be told apart. The bill adds the price of a
 * longer idle time.
 */
export const countedIdleSeconds = 1;
const monthMs = 30 * 86_400_000;
/** The calls' answers are recorded, the entries sealed, and the connections closed. */
const settleMs = 8_000;

/**
 * @param bundle the product with its parts counted (`bench/floors/parts.ts`)
 * @param others waited for before any load
 */
export async function measureUsage(
  cluster: ClusterInfo,
  bundle: Bundle,
  isQuick: boolean,
  others: Promise<unknown>,
): Promise<UsageMeasured> {
  const proxy = await startProxy(cluster.templateUrl, () => "any");
  const through = (databaseUrl: string) => {
    const url = new URL(databaseUrl);
    url.port = String(proxy.port);
    return url.href;
  };
  const hookline = await startHookline(cluster, bundle, {
    through,
    vars: { PART: "counted", IDLE_CONNECTION: `${countedIdleSeconds}s` },
  });
  try {
    await hookline.line("bench", "wide");
    await hookline.source("none", { kind: "matches_none" });
    await hookline.source("calling", { kind: "calls", line: "bench" });
    await hookline.source("batched", { kind: "batches" });
    const pauseMs = monthMs / eventsPerMonth;
    const send = sender(hookline);
    // The first ones start the objects and learn the sources.
    for (const slug of ["none", "calling"]) await send(slug, 1, 1);
    await send("batched", 1, 1, 100);
    await sleep(settleMs);
    const each = (slug: string, events: number) => async (): Promise<number> => {
      for (let nth = 0; nth < events; nth++) {
        const beganAt = performance.now();
        await send(slug, 1, 1);
        await sleep(Math.max(0, pauseMs - (performance.now() - beganAt)));
      }
      return events;
    };
    const count = counter(hookline, proxy);
    const even = await count(each("none", isQuick ? 3 : 6), 0);
    const calling = await count(each("calling", isQuick ? 2 : 4), settleMs);
    await others;
    const burst = await count(() => send("none", isQuick ? 500 : 3_000, 64), 1_500);
    const batches = await count(async () => 100 * (await send("batched", isQuick ? 20 : 100, 16, 100)), 1_500);
    const sweep = await count(async () => {
      const sweeps = 2;
      for (let nth = 0; nth < sweeps; nth++) {
        await hookline.worker.scheduled();
        await sleep(2_500);
      }
      return sweeps;
    }, settleMs);
    return { pauseMs, even, burst, batches, call: less(calling, even), sweep };
  } finally {
    await hookline.stop();
    await proxy.stop();
  }
}

function sender(hookline: Hookline) {
  let first = 0;
  return async (slug: string, count: number, connections: number, eventsEach = 1): Promise<number> => {
    const recipe = { path: `/in/${slug}`, secret: hookline.secret, first, count, eventsEach };
    first += count;
    const job = { port: hookline.port, recipe, connections, seconds: 30, perSecond: null, cycle: false };
    return (await load(job)).accepted;
  };
}

/** @returns A function that counts the usage of its work, until some time after it, divided by the work's own count. */
function counter(hookline: Hookline, proxy: CountingProxy) {
  const read = async (): Promise<Counts & { connectedMs: number }> => {
    const answer = await fetch(`http://127.0.0.1:${hookline.port}/counts`);
    return { ...countsOf(await answer.json()), connectedMs: proxy.read().connectedMs };
  };
  return async (work: () => Promise<number>, afterMs: number): Promise<Usage> => {
    const before = await read();
    const units = await work();
    await sleep(afterMs);
    const after = await read();
    const calls = perUnit(before.calls, after.calls, units);
    const alarms = perUnit(before.alarms, after.alarms, units);
    const busyMs = after.connectedMs - before.connectedMs + after.callMs - before.callMs;
    return {
      requests: (after.requests - before.requests) / units,
      objectRequests: [calls, alarms].flatMap(Object.values).reduce((sum: number, count: number) => sum + count, 0),
      calls,
      alarms,
      rowsWritten: (after.rowsWritten - before.rowsWritten) / units,
      rowsRead: (after.rowsRead - before.rowsRead) / units,
      objectSeconds: busyMs / 1_000 / units,
    };
  };
}

/** The cast holds because `/counts` of the counted Worker answers with them. */
function countsOf(json: unknown): Counts {
  return json as Counts;
}

function perUnit(before: Record<string, number>, after: Record<string, number>, units: number): Record<string, number> {
  const counted = Object.entries(after).map(([name, count]): [string, number] => [
    name,
    (count - (before[name] ?? 0)) / units,
  ]);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

function less(of: Usage, other: Usage): Usage {
  return {
    requests: of.requests - other.requests,
    objectRequests: of.objectRequests - other.objectRequests,
    calls: of.calls,
    alarms: of.alarms,
    rowsWritten: of.rowsWritten - other.rowsWritten,
    rowsRead: of.rowsRead - other.rowsRead,
    objectSeconds: of.objectSeconds - other.objectSeconds,
  };
}
