/** A shop with one rule, on a whole running Hookline: what the tests of the whole begin with. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { inject } from "vitest";
import { signedRequest } from "../../dev/send/sign.ts";
import type { SettingsChange } from "../../dev/simulator/engine/settings.ts";
import type { Ring } from "../../dev/simulator/engine/types.ts";
import type { Bundle } from "../../dev/stack/bundle.ts";
import { type Stack, startStack } from "../../dev/stack/stack.ts";
import { findPreset } from "../../src/crm/presets/index.ts";

/** The shop's secret: of this test alone. */
export const secret = "shpss_0123456789abcdef0123456789abcdef";
export const source = "acme-orders";
export const line = "support-en";

/** Any time of this run: what is older than two days is not rung. */
const changedAt = new Date().toISOString();

const sample = JSON.parse(readFileSync(new URL("../../dev/send/samples/shopify-order.json", import.meta.url), "utf8"));

/** A wide line without hours: it must work at night. */
export const wideLine = {
  agent: "32d8fc98-be1e-4d32-a12e-146f397fb1cb2",
  calls_per_minute: 6_000,
  calls_at_once: 1_000,
  calls_per_day: 100_000,
  countries: ["US", "CA"],
};

export const acmeSource = {
  preset: "shopify",
  secrets: [secret],
  country: "US",
  order_number: "{{ data.name }}",
  record: { type: "order", id: "{{ data.id }}" },
};

export const callMe = {
  mode: "live",
  on: ["orders/updated"],
  when: '"call-me" in data.tags.split(", ") && double(data.total_price) > 100.0',
  line,
  number: ["{{ data.phone }}", "{{ data.shipping_address.phone }}"],
  about: "The customer is {{ data.customer.first_name }}. Their order number is {{ data.name }}.",
  prompt: { text: "You are Michael from support.", overwrite: false },
  greeting: "Hello {{ data.customer.first_name }}, this is Acme about your order.",
};

export type Call = {
  id: string;
  status: string;
  outcome: string | null;
  reason: string | null;
  detail: Record<string, unknown> | null;
  number: string | null;
  conversation_uuid: string | null;
  event_id: string;
  timeline?: unknown[];
  waits?: { reason: string } | null;
};

/** Fields of an order that a test sets. The sample has the others. */
export type OrderFields = Record<string, unknown>;
type Delivery = { status: number; body: Record<string, unknown>; eventId: string };

export type Shop = Stack & {
  /** Sends an order, signed as Shopify does. */
  send(
    order?: OrderFields,
    more?: { id?: string; type?: string; secret?: string; headers?: Record<string, string | null> },
  ): Promise<Delivery>;
  /** Sends any bytes to a path with any headers. */
  raw(path: string, init: RequestInit): Promise<Response>;
  calls(query: string): Promise<Call[]>;
  /** Waits until what `ask` gives satisfies `enough`, and gives it. Fails with the last answer when that takes too long. */
  until<T>(ask: () => T | Promise<T>, enough: (answer: T) => boolean, limitMs?: number): Promise<T>;
  /** The only call of an order number once it has this status. */
  call(orderNumber: string, status: string): Promise<Call>;
  /** Rings of a number, so that tests which share a shop do not see each other's. */
  rings(number?: string): Ring[];
};

/** Numbers that differ, all of which may be rung. */
export function number(index: number): string {
  return `+1415556${String(1_000 + index).padStart(4, "0")}`;
}

/** Starts Hookline with the shop, its line and its rule, configured through the API. */
export async function openShop(
  options: {
    mihu?: SettingsChange;
    line?: object;
    rule?: object;
    source?: object;
    vars?: Record<string, string>;
    ownCluster?: boolean;
    through?: (databaseUrl: string) => Promise<string>;
    bundle?: Bundle;
    dir?: string;
    isolates?: number;
  } = {},
): Promise<Shop> {
  const stack = await startStack({
    ...(options.ownCluster === true ? {} : { cluster: inject("cluster") }),
    ...(options.mihu === undefined ? {} : { mihu: options.mihu }),
    ...(options.vars === undefined ? {} : { vars: options.vars }),
    ...(options.through === undefined ? {} : { through: options.through }),
    ...(options.bundle === undefined ? {} : { bundle: options.bundle }),
    ...(options.dir === undefined ? {} : { dir: options.dir }),
    ...(options.isolates === undefined ? {} : { isolates: options.isolates }),
  });
  const shop = { ...stack, ...hands(stack) };
  await put(shop, `/v1/lines/${line}`, { ...wideLine, ...options.line });
  await put(shop, `/v1/sources/${source}`, { ...acmeSource, ...options.source });
  await put(shop, `/v1/sources/${source}/rules/call-me`, { ...callMe, ...options.rule });
  return shop;
}

/** Registers the line's outcome webhook with the simulator, as an operator does with Mihu. */
export async function listenForOutcomes(shop: Shop, slug = line): Promise<{ path: string; secret: string }> {
  const answer = await shop.api(`/v1/lines/${slug}/webhook`, { method: "POST" });
  const webhook = (await answer.json()) as { path: string; secret: string };
  const registered = await fetch(`${shop.simulator.baseUrl}/agents/${wideLine.agent}/webhooks`, {
    method: "POST",
    headers: { authorization: `Bearer ${shop.simulator.token}`, "content-type": "application/json" },
    body: JSON.stringify({
      url: shop.url + webhook.path,
      events: ["conversation_end_report"],
      secret_key: webhook.secret,
      is_active: true,
    }),
  });
  if (!registered.ok)
    throw new Error(`the simulator refused the webhook: ${registered.status} ${await registered.text()}`);
  return webhook;
}

export async function put(shop: Pick<Stack, "api">, path: string, json: object): Promise<unknown> {
  const answer = await shop.api(path, { method: "PUT", json });
  if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}

/** The headers of a signed delivery of this body. */
export function signed(
  body: string,
  { id = randomUUID(), type = "orders/updated", ...by }: { id?: string; type?: string; secret?: string } = {},
) {
  const preset = findPreset("shopify");
  if (preset === null) throw new Error("there is no preset shopify");
  return {
    "content-type": "application/json",
    ...signedRequest({ preset, settings: {}, secret: by.secret ?? secret, body, id, type }).headers,
  };
}

function hands(stack: Stack): Omit<Shop, keyof Stack> {
  const until: Shop["until"] = async (ask, enough, limitMs = 15_000) => {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const answer = await ask();
      if (enough(answer)) return answer;
      if (Date.now() > deadline)
        throw new Error(`it did not come to be; the last answer was ${JSON.stringify(answer)?.slice(0, 400)}`);
      await pause(20);
    }
  };
  const calls: Shop["calls"] = async (query) => {
    const answer = await stack.api(`/v1/calls?${query}`);
    const { data } = (await answer.json()) as { data: Call[] };
    return data;
  };
  return {
    async send(order = {}, { headers = {}, id = randomUUID(), ...more } = {}) {
      // Another event has other fields and the present time. A redelivery has the same bytes.
      const body = JSON.stringify({ ...sample, updated_at: changedAt, checkout_token: id, ...order });
      const all = new Headers(signed(body, { id, ...more }));
      for (const [name, value] of Object.entries(headers)) value === null ? all.delete(name) : all.set(name, value);
      const answer = await fetch(`${stack.url}/in/${source}`, { method: "POST", headers: all, body });
      const json = (await answer.json()) as { events?: { id: string }[] };
      return { status: answer.status, body: json, eventId: json.events?.[0]?.id ?? "" };
    },
    raw: (path, init) => fetch(stack.url + path, { method: "POST", ...init }),
    calls,
    until,
    async call(orderNumber, status) {
      const query = `order_number=${encodeURIComponent(orderNumber)}`;
      const [call] = await until(
        () => calls(query),
        (found) => found.length === 1 && found[0]?.status === status,
      );
      if (call === undefined) throw new Error("there is no such call");
      return call;
    },
    rings: (of) => stack.simulator.rings().filter((ring) => of === undefined || ring.number === of),
  };
}
