// Tables of a run for docs/benchmark.md. `npm run docs` makes them from the results in bench/results.json.
import { type Bill, planUsd } from "../cost/price.ts";
import type { Spread } from "../load/load.ts";
import { batchedBill, cpuParts, evenBill, nodeCpu, type Parts } from "./parts.ts";
import type { BenchResults } from "./results.ts";

/** Cells as text, line by line. */
type Table = { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

export function tablesOf(results: BenchResults): Readonly<Record<"parts" | "usage" | "bill", Table>> {
  return {
    parts: partsTable(cpuParts(results), nodeCpu(results)),
    usage: usageTable(results),
    bill: billTable(evenBill(results), evenBill(results, 1), batchedBill(results)),
  };
}

function partsTable({ single, batched }: { single: Parts; batched: Parts }, node: Spread): Table {
  const line = (what: string, of: (parts: Parts) => Spread) => [what, us(of(single)), us(of(batched))];
  return {
    head: ["CPU for an event", "single webhook", "event of a batch"],
    rows: [
      line("the Worker", ({ worker }) => worker),
      line("calling the inbox, and passing it the events", ({ call }) => call),
      line("the work of the inbox", ({ object }) => object),
      line("Postgres' backend", ({ backends }) => backends),
      line("Postgres' writers of log and pages", ({ helpers }) => helpers),
      ["for comparison: the process of Node doing the same work", us(node), ""],
      ["events of a mean commit", single.group.toFixed(0), batched.group.toFixed(0)],
    ],
  };
}

function usageTable({ usage }: BenchResults): Table {
  const ways = [usage.even, usage.burst, usage.batches, usage.call, usage.sweep];
  const line = (what: string, of: (usage: (typeof ways)[number]) => number, digits = 2) => [
    what,
    ...ways.map((one) => of(one).toFixed(digits)),
  ];
  return {
    head: ["used by one", "event, evenly", "event, in a burst", "event of a batch", "call, besides its event", "sweep"],
    rows: [
      line("requests of the Worker", ({ requests }) => requests),
      line("calls and alarms of objects", ({ objectRequests }) => objectRequests),
      line("rows written by objects", ({ rowsWritten }) => rowsWritten),
      line("seconds in which objects cannot hibernate", ({ objectSeconds }) => objectSeconds, 3),
    ],
  };
}

function billTable(even: Bill, short: Bill, batched: Bill): Table {
  const lines = even.lines.map(({ what, unit, quantity, usd, onTopUsd }, at) => [
    what,
    `${amount(quantity)} ${unit}`,
    dollars(usd),
    dollars(onTopUsd),
    dollars(short.lines[at]?.usd ?? 0),
    dollars(batched.lines[at]?.usd ?? 0),
  ]);
  return {
    head: [
      "a month",
      "used, evenly",
      "list price",
      `beyond the plan's ${planUsd} USD`,
      "list price with `IDLE_CONNECTION=1s`",
      "list price, in batches",
    ],
    rows: [
      ...lines,
      [
        "**sum**",
        "",
        `**${dollars(even.usd)}**`,
        `**${dollars(even.onTopUsd)}**`,
        `**${dollars(short.usd)}**`,
        `**${dollars(batched.usd)}**`,
      ],
    ],
  };
}

function us({ median, min, max }: Spread): string {
  return `${median.toFixed(0)} µs (${min.toFixed(0)}–${max.toFixed(0)})`;
}

function amount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function dollars(value: number): string {
  return `$${value.toFixed(2)}`;
}
