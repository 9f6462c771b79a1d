// The sum of a month at Cloudflare's list price.
import { countedIdleSeconds, eventsPerMonth, type Usage, type UsageMeasured } from "./usage.ts";

/**
 * List prices of the Workers Paid plan, in USD, and what its 5 USD a month include.
 *
 * @see https://developers.cloudflare.com/workers/platform/pricing/
 * @see https://developers.cloudflare.com/durable-objects/platform/pricing/
 */
const prices = {
  requests: { what: "Worker requests", unit: "requests", included: 10_000_000, perMillion: 0.3 },
  cpuMs: { what: "Worker CPU", unit: "ms", included: 30_000_000, perMillion: 0.02 },
  objectRequests: {
    what: "object requests (calls and alarms)",
    unit: "requests",
    included: 1_000_000,
    perMillion: 0.15,
  },
  objectGbS: { what: "object duration", unit: "GB-s", included: 400_000, perMillion: 12.5 },
  rowsWritten: { what: "rows written by objects", unit: "rows", included: 50_000_000, perMillion: 1 },
  rowsRead: { what: "rows read by objects", unit: "rows", included: 25_000_000_000, perMillion: 0.001 },
} as const;
type Item = keyof typeof prices;
const items = Object.keys(prices).filter((name): name is Item => name in prices);

export const planUsd = 5;
/** The default of `IDLE_CONNECTION`. */
export const idleSecondsDefault = 15;
/** Each object is billed for 128 MB, whatever it uses. */
const objectGb = 0.128;
const sweepsPerMonth = 30 * 24 * 60;
/** Calls among the events of a month. A separate figure shows the price of more. */
export const callsPerMonth = 10_000;

/** One line of a month's bill. */
export type BillLine = {
  readonly what: string;
  readonly unit: string;
  readonly quantity: number;
  /** At the list price, nothing included. */
  readonly usd: number;
  /** The cost beyond the plan's price. */
  readonly onTopUsd: number;
};
/** A sum of lines. */
export type Bill = { readonly lines: readonly BillLine[]; readonly usd: number; readonly onTopUsd: number };

/**
 * The usage with a longer `IDLE_CONNECTION`. If that exceeds the pause between two even events, their inbox is never
 * idle. A call keeps its inbox awake once and its line twice, after the call began and after its outcome came; a sweep
 * the objects whose alarms it causes.
 */
function keptFor(usage: UsageMeasured, idleSeconds: number): UsageMeasured {
  const more = idleSeconds - countedIdleSeconds;
  const longer = (of: Usage, seconds: number): Usage => ({ ...of, objectSeconds: of.objectSeconds + seconds });
  const { even, call, sweep, pauseMs } = usage;
  const { INBOX: inboxes = 0, LINE: lines = 0 } = sweep.alarms;
  const restless = Math.max(0, Math.min(more, pauseMs / 1_000 - even.objectSeconds));
  return {
    ...usage,
    even: longer(even, restless),
    call: longer(call, 3 * more),
    sweep: longer(sweep, (inboxes + lines) * more),
  };
}

/**
 * The bill of a million events, of which {@link callsPerMonth} become calls, with the sweep of each minute.
 *
 * @param way how the events come
 * @param cpuUs CPU time of the Worker for one event
 * @param idleSeconds `IDLE_CONNECTION`
 */
export function billOf(
  counted: UsageMeasured,
  way: "even" | "burst" | "batches",
  cpuUs: number,
  idleSeconds: number,
): Bill {
  const usage = keptFor(counted, idleSeconds);
  const of = (item: Exclude<Item, "cpuMs" | "objectGbS"> | "objectSeconds"): number =>
    usage[way][item] * eventsPerMonth +
    Math.max(0, usage.call[item]) * callsPerMonth +
    usage.sweep[item] * sweepsPerMonth;
  const quantities: Record<Item, number> = {
    // A sweep is also a run of the Worker, by cron.
    requests: of("requests") + sweepsPerMonth,
    cpuMs: (cpuUs / 1_000) * (eventsPerMonth + sweepsPerMonth),
    // An isolate asks an inbox for its source every 30 s. In the most expensive case every event reaches another
    // isolate.
    objectRequests: of("objectRequests") + (way === "even" ? eventsPerMonth : 0),
    objectGbS: of("objectSeconds") * objectGb,
    rowsWritten: of("rowsWritten"),
    rowsRead: of("rowsRead"),
  };
  const lines = items.map((item): BillLine => {
    const { what, unit, included, perMillion } = prices[item];
    const quantity = quantities[item];
    const cost = (amount: number) => (Math.max(0, amount) / 1_000_000) * perMillion;
    return { what, unit, quantity, usd: cost(quantity), onTopUsd: cost(quantity - included) };
  });
  const sum = (field: "usd" | "onTopUsd") => lines.reduce((total, line) => total + line[field], 0);
  return { lines, usd: sum("usd"), onTopUsd: sum("onTopUsd") };
}
