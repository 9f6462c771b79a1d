// Cost of a webhook before it is durable, and of its plan: CPU time of workerd, beside the minimum of work on the same bytes in the
// same runtime.
import { sampleBody, sampleType } from "../dev/send/sample.ts";
import { signedRequest } from "../dev/send/sign.ts";
import { startWorkerd } from "../dev/stack/workerd.ts";
import { shopify } from "../src/crm/presets/shopify.ts";
import { mappingWorks } from "./floors/mapping.ts";
import { median } from "./load/load.ts";
import { buildFloors } from "./subjects/peers.ts";
import { cpuMs } from "./weight.ts";

/** Microseconds of CPU each, and the webhook's size. */
export type MappingCosts = Readonly<Record<(typeof mappingWorks)[number], number>> & { readonly bodyBytes: number };

/** Enough for the kernel's hundredths of a second to be few per cent. */
const timesEach = 4_000;

/** Measures in turns, in a Worker of its own; medians of the rounds, after one that does not count. */
export async function measureMapping(databaseUrl: string, rounds: number): Promise<MappingCosts> {
  const secret = "bench-secret-of-the-mapping";
  const body = webhookOfAKilobyte();
  const { headers } = signedRequest({ preset: shopify, settings: {}, secret, body, id: "bench-1", type: sampleType });
  const seen = new Map<string, number[]>(mappingWorks.map((what) => [what, []]));
  const bundle = await buildFloors("mapping");
  const worker = await startWorkerd({ bundle, databaseUrl, vars: { SECRET: secret }, objects: {} });
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const what of mappingWorks) {
        const before = cpuMs(worker.pid);
        const answer = await fetch(`${worker.url}/?what=${what}&times=${timesEach}`, { method: "POST", headers, body });
        if (!answer.ok) throw new Error(`the Worker answered with ${answer.status}`);
        if (round > 0) seen.get(what)?.push(((cpuMs(worker.pid) - before) * 1_000) / timesEach);
      }
    }
  } finally {
    await worker.stop();
    bundle.remove();
  }
  const of = (what: (typeof mappingWorks)[number]) => median(seen.get(what) ?? []);
  return { verify: of("verify"), least: of("least"), plan: of("plan"), parse: of("parse"), bodyBytes: body.length };
}

/** The sample order without its tail, and with a note that makes it a kilobyte. */
function webhookOfAKilobyte(): string {
  const {
    line_items: _items,
    shipping_address: _address,
    ...order
  } = JSON.parse(sampleBody({ order: "12345", number: "+14155550100", now: Date.now() }));
  const without = JSON.stringify({ ...order, note: "" });
  return JSON.stringify({ ...order, note: "x".repeat(Math.max(0, 1_024 - without.length)) });
}
