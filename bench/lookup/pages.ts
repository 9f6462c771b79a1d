// Pages that Postgres looks at for the look-up of an order: work that is counted, which no noise of the machine changes.
import postgres from "postgres";
import { lookupStore } from "../../src/store/lookups/lookups.ts";
import { median } from "../load/load.ts";
import { askOrder, type Installation, ordersOf } from "./compare.ts";

const orders = 50;
/** An order that stands for all others in the statements' parameters. */
const mark = 7;

type Plan = { "QUERY PLAN": [{ Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number } }] };

/** @returns the median of some orders by chance, of all statements of a look-up together */
export async function pagesOfOrder(installation: Installation): Promise<number> {
  const sent: { text: string; parameters: unknown[] }[] = [];
  const sql = postgres(installation.url, {
    max: 1,
    fetch_types: false,
    onnotice: () => undefined,
    debug: (_, text, parameters) => void sent.push({ text, parameters }),
  });
  try {
    await askOrder(lookupStore(sql), mark);
    const statements = [...sent];
    const pages: number[] = [];
    for (let nth = 0; nth < orders; nth++) {
      const order = Math.floor(Math.random() * ordersOf(installation));
      let sum = 0;
      for (const { text, parameters } of statements) {
        const given = parameters.map((value) => (value === String(mark) ? String(order) : String(value)));
        const [row] = await sql.unsafe<Plan[]>(`explain (analyze, buffers, format json) ${text}`, given);
        const plan = row?.["QUERY PLAN"][0].Plan;
        sum += (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0);
      }
      pages.push(sum);
    }
    return median(pages);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
