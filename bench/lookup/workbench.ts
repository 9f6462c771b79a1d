// Questions of the workbench: anything by any id, order numbers as one types, filtered lists, statistics.
import postgres from "postgres";
import { type FindKind, findKinds, readSought } from "../../src/domain/find.ts";
import { lookupStore } from "../../src/store/lookups/lookups.ts";
import { countFigures } from "../../src/store/statistics/counting.ts";
import { type Installation, ordersOf } from "./compare.ts";

/** Goals: search as one types, and a page of a list or of figures. */
const findMaxMs = 50;
const listMaxMs = 30;
const statisticsMaxMs = 30;

const pageRows = 50;
/** Sweeps that count the figures of a filled installation. Each counts some 50,000 entries. */
const sweepsMax = 1_000;

type Lookups = ReturnType<typeof lookupStore>;
type CallFilter = Parameters<Lookups["calls"]>[0];
type EventFilter = Parameters<Lookups["events"]>[0];
type Question = {
  readonly what: string;
  readonly p95MaxMs: number;
  /** Asks about call `nth` of so many. @returns whether the answer is as it has to be */
  readonly ask: (lookups: Lookups, nth: number) => Promise<boolean>;
};
type Percentiles = { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number };
export type Asked = Pick<Question, "what" | "p95MaxMs"> & { readonly few: Percentiles; readonly many: Percentiles };

const uuidOf = (nth: number) => `${nth.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;
/** A call that ended: those of the first tenths did. */
const endedOf = (nth: number) => nth - (nth % 10) + 2;

const find = (kind: FindKind, textOf: (nth: number) => string, what: string = kind): Question => ({
  what: `find ${what}`,
  p95MaxMs: findMaxMs,
  ask: async (lookups, nth) => {
    const rows = await lookups.find(readSought(textOf(nth), "US"), new Set(findKinds));
    return rows.some((row) => row.kind === kind);
  },
});
const calls = (what: string, filter: CallFilter): Question => ({
  what: `calls ${what}`,
  p95MaxMs: listMaxMs,
  ask: async (lookups) => (await lookups.calls(filter, pageRows, null)) !== null,
});
const events = (what: string, filter: EventFilter): Question => ({
  what: `events ${what}`,
  p95MaxMs: listMaxMs,
  ask: async (lookups) => (await lookups.events(filter, pageRows, null)) !== null,
});
const dayMs = 86_400_000;
const statistics = (by: "hour" | "day", days: number): Question => ({
  what: `statistics of ${days} days by ${by}`,
  p95MaxMs: statisticsMaxMs,
  ask: async (lookups) => {
    const to = Date.now();
    return (await lookups.statistics({ from: to - days * dayMs, to, by })).counts.length > 0;
  },
});

const questions: readonly Question[] = [
  find("order", (nth) => `#${Math.floor(nth / 2)}`),
  ...[1, 2, 3, 5].map((length) =>
    find("order", (nth) => String(Math.floor(nth / 2)).slice(0, length), `order, ${length} characters typed`),
  ),
  find("record", (nth) => String(6_000_000_000_000 + Math.floor(nth / 2))),
  find("record", (nth) => `order ${6_000_000_000_000 + Math.floor(nth / 2)}`, "record with its type"),
  find("call", uuidOf),
  find("event", uuidOf),
  find("conversation", (nth) => `conversation-${endedOf(nth)}`),
  find("mihu_id", (nth) => `mihu-${endedOf(nth)}`),
  find("sender_event", (nth) => `id-${nth}`),
  find("number", (nth) => `+1415${2_000_000 + Math.floor(nth / 2)}`),
  calls("held or in review (none)", { statuses: ["held", "review"] }),
  calls("ended or skipped", { statuses: ["ended", "skipped"] }),
  calls("by an outcome nobody has", { outcome: "busy" }),
  calls("by the outcome of most", { outcome: "completed" }),
  calls("by a reason", { reason: "shadow" }),
  calls("by a reason nobody has", { reason: "burst" }),
  calls("by a reason and a source", { reason: "shadow", source: "shop" }),
  calls("by a line and an outcome nobody has", { line: "desk", outcome: "busy" }),
  calls("by a source and held or in review", { source: "shop", statuses: ["held", "review"] }),
  calls("in a mode nobody has, up to the bound", { mode: "test" }),
  events("by a type nobody has, up to the bound", { type: "nothing" }),
  events("by a record", { recordType: "order", recordId: "6000000000123" }),
  events("ignored, of a source, up to the bound", { source: "shop", state: "ignored" }),
  statistics("hour", 1),
  statistics("hour", 31),
  statistics("day", 92),
];

/** Asks each question of both installations, after a tenth that does not count. Throws at an answer that lacks what was asked for. */
export async function askWorkbench(
  few: Installation,
  many: Installation,
  times: number,
  say: (words: string) => void,
): Promise<Asked[]> {
  const sides = { few: await opened(few, say), many: await opened(many, say) };
  try {
    const asked: Asked[] = [];
    for (const question of questions)
      asked.push({
        ...{ what: question.what, p95MaxMs: question.p95MaxMs },
        few: await timed(question, sides.few, times),
        many: await timed(question, sides.many, times),
      });
    return asked;
  } finally {
    for (const { sql } of Object.values(sides)) await sql.end({ timeout: 5 });
  }
}

type Side = { readonly sql: postgres.Sql; readonly calls: number };

async function opened(installation: Installation, say: (words: string) => void): Promise<Side> {
  const sql = postgres(installation.url, {
    max: 1,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { plan_cache_mode: "force_custom_plan" },
  });
  const began = performance.now();
  let entries = 0;
  for (let sweeps = 0; sweeps < sweepsMax; sweeps++) {
    const counted = await countFigures(sql);
    if (counted === 0) break;
    entries += counted;
  }
  say(`  ${entries} entries counted for the statistics in ${Math.round((performance.now() - began) / 1000)} s`);
  return { sql, calls: ordersOf(installation) * 2 };
}

async function timed({ what, ask }: Question, { sql, calls }: Side, times: number): Promise<Percentiles> {
  const lookups = lookupStore(sql);
  const ms: number[] = [];
  for (let round = -Math.ceil(times / 10); round < times; round++) {
    const nth = Math.floor(Math.random() * (calls - 100));
    const began = performance.now();
    const isRight = await ask(lookups, nth);
    if (round >= 0) ms.push(performance.now() - began);
    if (!isRight) throw new Error(`${what}, call ${nth}: the answer lacks it`);
  }
  const sorted = ms.sort((one, other) => one - other);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}
