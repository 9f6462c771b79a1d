// Repeats one piece of work on a webhook, so that the caller can measure the runtime's CPU time: the product's own
// code, and the minimum of work on the same bytes.
import { createHmac, timingSafeEqual } from "node:crypto";
import { shopify } from "../../src/crm/presets/shopify.ts";
import { readEvents } from "../../src/crm/reading/events.ts";
import { verifySignature } from "../../src/crm/signature/verify.ts";
import type { Line } from "../../src/domain/calls/line.ts";
import { planEvent } from "../../src/domain/plan/plan.ts";
import type { RuleDefinition } from "../../src/domain/rules/rule.ts";
import { compileRules } from "../../src/domain/rules/source-rules.ts";

/** Pieces of work that a request can repeat. */
export const mappingWorks = ["verify", "least", "plan", "parse"] as const;
type Works = Readonly<Record<(typeof mappingWorks)[number], () => void | Promise<void>>>;

/** One object, as in a source's copy, so that the scheme they choose is computed once. */
const settings = {};

/** `POST /?what=verify&times=1000` with a signed webhook of Shopify. */
export default {
  async fetch(request: Request, env: { SECRET: string }): Promise<Response> {
    const asked = new URL(request.url).searchParams;
    const what = mappingWorks.find((name) => name === asked.get("what"));
    if (what === undefined) return new Response(null, { status: 404 });
    const body = new Uint8Array(await request.arrayBuffer());
    const works = worksOn(body, Object.fromEntries(request.headers), env.SECRET);
    for (let nth = Number(asked.get("times")); nth > 0; nth--) await works[what]();
    return new Response(null, { status: 204 });
  },
};

function worksOn(body: Uint8Array, headers: Record<string, string>, secret: string): Works {
  const nowMs = Date.now();
  const secrets = [{ id: "bench", value: secret }];
  const signature = Buffer.from(headers["x-shopify-hmac-sha256"] ?? "", "base64");
  const text = new TextDecoder().decode(body);
  const lines = new Map<string, Line>([[line.slug, line]]);
  const rules = compileRules([{ name: "call-me", version: 1, definition: rule }]);
  const source = { slug: "bench", country: "US", zone: null };
  const event = {
    id: "e",
    source: "bench",
    externalId: "1",
    type: "orders/updated",
    occurredAt: nowMs,
    receivedAt: nowMs,
    record: null,
    data: JSON.parse(text),
  };
  return {
    async verify() {
      // A new request each time, because parsed parts are cached with a request.
      const request = { method: "POST", url: null, search: "", key: null, headers, body };
      const one = { preset: shopify, settings, tenant: null, secrets, request, nowMs };
      const verified = await verifySignature(one);
      const read = verified.ok ? await readEvents(one) : verified;
      if (!read.ok) throw new Error(`the bench's own webhook is refused: ${read.reason}`);
    },
    least() {
      const mac = createHmac("sha256", secret).update(body).digest();
      if (!timingSafeEqual(mac, signature)) throw new Error("the bench's own signature is wrong");
      JSON.parse(new TextDecoder().decode(body));
    },
    plan() {
      const [call] = planEvent(event, rules, { source, lines, nowMs }).calls;
      if (call?.status !== "queued") throw new Error(`the bench's own event makes no call: ${call?.reason}`);
    },
    parse() {
      JSON.parse(text);
    },
  };
}

const line: Line = {
  slug: "bench",
  agent: "agent",
  callsPerMinute: 10,
  callsAtOnce: 3,
  callsPerDay: 500,
  countries: ["US"],
  hours: null,
};

/** A condition and four templates. */
const rule: RuleDefinition = {
  mode: "live",
  on: ["orders/updated"],
  when: '"call-me" in data.tags.split(", ") && double(data.total_price) > 1.0',
  line: "bench",
  number: ["{{ data.phone }}"],
  about:
    "The customer is {{ data.customer.first_name }} {{ data.customer.last_name }}. Their order number is {{ data.name }}.",
  prompt: { text: "You are Michael. The order is {{ data.name }}. Find out how the customer wants it solved." },
  greeting: "Hello {{ data.customer.first_name }}, this is Acme about your order.",
};
