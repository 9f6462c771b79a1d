// Look-ups of two installations by turns.
import postgres from "postgres";
import { lookupStore } from "../../src/store/lookups/lookups.ts";
import { median, mediansOf, type Times, timesOf } from "../load/load.ts";
import { callsPerOrder } from "./fill.ts";

/** Rows that the view of one order, and a page of calls, asks for. */
const orderRows = 100;
const pageRows = 50;

type Lookups = ReturnType<typeof lookupStore>;
/** A look-up of an order from 0 on, and how many rows it has to find. */
type Question = {
  readonly what: string;
  readonly rows: number;
  readonly ask: (lookups: Lookups, order: number) => Promise<number>;
};

/** Asks for the calls and the events of an order, one after the other. @returns how many there are */
export async function askOrder(lookups: Lookups, order: number): Promise<number> {
  const orderNumberKey = String(order);
  const calls = await lookups.calls({ orderNumberKey }, orderRows, null);
  const events = await lookups.events({ orderNumberKey }, orderRows, null);
  return calls.rows.length + events.rows.length;
}

const questions: readonly Question[] = [
  { what: "calls and events of an order", rows: 2 * callsPerOrder, ask: askOrder },
  {
    what: "page of the newest calls",
    rows: pageRows,
    ask: async (lookups) => (await lookups.calls({}, pageRows, null)).rows.length,
  },
];

/**
 * How Postgres plans. `anew`: each time, as for a request of the product, whose connection is new. `before`: the plan is made, so what is
 * left is the reading, which is what may grow with the calls.
 */
const plannings = { anew: "force_custom_plan", before: "force_generic_plan" } as const;
type Planning = keyof typeof plannings;

/** An installation with so many calls, as the app's role. */
export type Installation = { readonly url: string; readonly calls: number };
export type Rounds = { readonly rounds: number; readonly lookups: number };
/** `ratio`: of the p99s, the median of the rounds' ratios, because what disturbs a round disturbs both of its sides. */
export type Compared = {
  readonly what: string;
  readonly planned: Planning;
  readonly few: Times;
  readonly many: Times;
  readonly ratio: number;
};

/** Asks each question of both by turns, one at a time, after a round that does not count. */
export async function compareLookups(
  few: Installation,
  many: Installation,
  { rounds, lookups }: Rounds,
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const planned of ["anew", "before"] as const) {
    const sides = [connected(few, planned), connected(many, planned)] as const;
    try {
      for (const question of questions) {
        const found: { few: Times; many: Times }[] = [];
        for (let round = 0; round <= rounds; round++) {
          const times: { few: number[]; many: number[] } = { few: [], many: [] };
          for (let nth = 0; nth < lookups; nth++) {
            times.few.push(await timeOf(question, sides[0]));
            times.many.push(await timeOf(question, sides[1]));
          }
          if (round > 0) found.push({ few: timesOf(times.few), many: timesOf(times.many) });
        }
        compared.push({
          what: question.what,
          planned,
          few: mediansOf(found.map((of) => of.few)),
          many: mediansOf(found.map((of) => of.many)),
          ratio: median(found.map((of) => of.many.p99Ms / of.few.p99Ms)),
        });
      }
    } finally {
      for (const { sql } of sides) await sql.end({ timeout: 5 });
    }
  }
  return compared;
}

/** Number of orders of an installation. */
export const ordersOf = ({ calls }: Pick<Installation, "calls">): number => Math.floor(calls / callsPerOrder);

type Side = { readonly sql: postgres.Sql; readonly lookups: Lookups; readonly orders: number };

function connected(installation: Installation, planned: Planning): Side {
  const sql = postgres(installation.url, {
    max: 1,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { plan_cache_mode: plannings[planned] },
  });
  return { sql, lookups: lookupStore(sql), orders: ordersOf(installation) };
}

/** Milliseconds of one look-up, of an order by chance. Throws if it finds other rows than there are. */
async function timeOf({ what, ask, rows }: Question, { lookups, orders }: Side): Promise<number> {
  const order = Math.floor(Math.random() * orders);
  const began = performance.now();
  const found = await ask(lookups, order);
  const ms = performance.now() - began;
  if (found !== rows) throw new Error(`${what} ${order}: ${found} rows, not ${rows}`);
  return ms;
}
