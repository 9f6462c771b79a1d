import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { root } from "../../cli/local/paths.ts";

const order = z.looseObject({
  id: z.number(),
  phone: z.string(),
  customer: z.looseObject({ phone: z.string().optional() }),
  shipping_address: z.looseObject({ phone: z.string().optional() }),
});

const sampleOrder = 1001;
const fictionalNumbers = 100;

/** The sample's event type. */
export const sampleType = "orders/updated";

/**
 * The JSON text of the sample order under another name, changed at `now` (epoch milliseconds). Without a `number` each
 * order has one of the hundred numbers that are reserved for fiction, so that two orders are two people.
 */
export function sampleBody(options: { order: string; number: string | undefined; now: number }): string {
  const sample = order.parse(
    JSON.parse(readFileSync(join(root, "dev", "send", "samples", "shopify-order.json"), "utf8")),
  );
  const name = options.order.replace(/^[#№]/, "");
  const nth = ordinal(name);
  const phone = options.number ?? fictional(nth);
  return JSON.stringify({
    ...sample,
    id: sample.id + nth,
    admin_graphql_api_id: `gid://shopify/Order/${sample.id + nth}`,
    name: `#${name}`,
    order_number: /^\d{1,15}$/.test(name) ? Number(name) : undefined,
    updated_at: new Date(options.now).toISOString(),
    phone,
    customer: { ...sample.customer, phone },
    shipping_address: { ...sample.shipping_address, phone },
  });
}

// Counted from the sample's own order for digits, from the letters for anything else.
function ordinal(name: string): number {
  if (/^\d{1,9}$/.test(name)) return Number(name) - sampleOrder;
  return [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 7);
}

function fictional(nth: number): string {
  const within = ((nth % fictionalNumbers) + fictionalNumbers) % fictionalNumbers;
  return `+1415555${String(100 + within).padStart(4, "0")}`;
}
