// The demonstration: a shop's orders, and a rule that calls the customer of an order tagged with "call-me".
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { readIfThere, writePrivate } from "../../cli/local/files.ts";

export const demoLine = "demo-line";
export const demoSource = "demo-orders";
const demoRule = "order-issue";
export const demoPreset = "shopify";

const kept = z.object({ secret: z.string().min(16), applied: z.string().nullable() });

/** The service that the demonstration is applied to, and its agent. */
type DemoOptions = {
  url: string;
  token: string;
  secret: string;
  agentId: string;
  /**
   * Whether the voice API can reach this machine. If so its outcome webhooks are registered, otherwise calls are
   * polled.
   */
  connect?: boolean;
};

/** The source's secret, made once and kept in `dir`/demo.json (mode 0600). */
export function demoSecret(dir: string): string {
  const state = readState(dir);
  if (state !== undefined) return state.secret;
  const secret = randomBytes(32).toString("hex");
  writeState(dir, { secret, applied: null });
  return secret;
}

/**
 * Creates line, source and rule through the API, unless `dir`/demo.json says that the same ones were created before and they
 * still exist: later changes of them are kept. Then registers the outcome webhooks with the voice API. Throws with the API's
 * response if it refuses a request.
 */
export async function applyDemo(options: DemoOptions & { dir?: string }): Promise<void> {
  const { dir } = options;
  const wanted = definitions(options);
  const mark = createHash("sha256").update(JSON.stringify(wanted)).digest("hex");
  const state = dir === undefined ? undefined : readState(dir);
  const there = state?.applied === mark && (await isThere(options));
  if (!there) {
    for (const { path, body } of wanted) await ask(options, "PUT", path, body);
    if (dir !== undefined) writeState(dir, { secret: options.secret, applied: mark });
  }
  if (options.connect === true) await ask(options, "POST", `/v1/lines/${demoLine}/connect`);
}

/** The three definitions, in the order of their references. The line is fast and has no hours, since nobody is really rung. */
function definitions(options: DemoOptions): { path: string; body: unknown }[] {
  const line = {
    agent: options.agentId,
    calls_per_minute: 600,
    calls_at_once: 300,
    calls_per_day: 100_000,
    countries: ["US", "CA"],
  };
  const source = {
    preset: demoPreset,
    secrets: [options.secret],
    country: "US",
    settings: {},
    order_number: "{{ data.name }}",
    record: { type: "order", id: "{{ data.id }}" },
  };
  const rule = {
    mode: "live",
    on: ["orders/updated"],
    when: '"call-me" in data.tags.split(", ")',
    withdraw: "data.cancelled_at != null",
    line: demoLine,
    number: ["{{ data.phone }}", "{{ data.shipping_address.phone }}"],
    about: [
      "The customer is {{ data.customer.first_name }} {{ data.customer.last_name }}. Their order number is {{ data.name }}.",
      'The order is {{ data.fulfillment_status | default: "not shipped yet" }}, its total {{ data.total_price }} {{ data.currency }}.',
      'They wrote: {{ data.note | default: "nothing" | truncate: 300 }}',
    ].join("\n"),
    prompt: {
      text: "You are Michael from the shop's support. An issue was opened on this order. Find out what happened and how the customer wants it solved.",
      overwrite: false,
    },
    greeting:
      "Hello {{ data.customer.first_name }}, this is Michael from the shop, about your order {{ data.name }}. Do you have a minute?",
    burst: { calls: 5_000, in: "10m" },
  };
  return [
    { path: `/v1/lines/${demoLine}`, body: line },
    { path: `/v1/sources/${demoSource}`, body: source },
    { path: `/v1/sources/${demoSource}/rules/${demoRule}`, body: rule },
  ];
}

async function isThere(options: DemoOptions): Promise<boolean> {
  const paths = [`/v1/lines/${demoLine}`, `/v1/sources/${demoSource}`, `/v1/sources/${demoSource}/rules`];
  const answers = await Promise.all(
    paths.map((path) => fetch(new URL(path, options.url), { headers: { authorization: `Bearer ${options.token}` } })),
  );
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  return answers.every((answer) => answer.ok) && (texts[2] ?? "").includes(`"${demoRule}"`);
}

// Safe to print: a response names fields and reasons, never the secret that was sent.
async function ask(
  to: { url: string; token: string },
  method: "PUT" | "POST",
  path: string,
  body: unknown = {},
): Promise<unknown> {
  const answer = await fetch(new URL(path, to.url), {
    method,
    headers: { authorization: `Bearer ${to.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text.slice(0, 1000)}`);
  return text === "" ? undefined : JSON.parse(text);
}

function readState(dir: string): z.infer<typeof kept> | undefined {
  const text = readIfThere(join(dir, "demo.json"));
  return text === undefined ? undefined : kept.parse(JSON.parse(text));
}

function writeState(dir: string, state: z.infer<typeof kept>): void {
  writePrivate(join(dir, "demo.json"), `${JSON.stringify(state, null, 2)}\n`);
}
