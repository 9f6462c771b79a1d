/** Dedupe keys: two different events under one sender's id are two events, and a redelivery is none. */
import { describe, expect, test } from "vitest";
import type { GivenSettings } from "../../../src/crm/preset/preset.ts";
import { presets } from "../../../src/crm/presets/index.ts";
import { readEvents } from "../../../src/crm/reading/events.ts";
import type { IncomingEvent } from "../../../src/domain/events/webhook.ts";
import type { JsonValue } from "../../../src/domain/json.ts";
import { makeRequest, nowMs, presetNamed } from "../requests.ts";

type Told = { readonly body: JsonValue; readonly headers?: Readonly<Record<string, string>> };

const woo = (body: JsonValue, topic = "order.updated"): Told => ({
  body,
  headers: { "x-wc-webhook-delivery-id": "511ba7a3", "x-wc-webhook-topic": topic },
});
const shop = (body: JsonValue, topic: string): Told => ({
  body,
  headers: { "x-shopify-event-id": "ev-1", "x-shopify-webhook-id": `wh-${topic}`, "x-shopify-topic": topic },
});
const keyed = (body: JsonValue, key: string, type = "t"): Told => ({
  body,
  headers: { "idempotency-key": key, "x-event-type": type },
});

describe("two events under one id", () => {
  test.each<[string, string, GivenSettings, Told, Told]>([
    ["WooCommerce, two orders in one second", "woocommerce", {}, woo({ id: 1 }), woo({ id: 2 })],
    [
      "WooCommerce, two states of one order in one second",
      "woocommerce",
      {},
      woo({ id: 1, a: 1 }),
      woo({ id: 1, a: 2 }),
    ],
    ["WooCommerce, two topics", "woocommerce", {}, woo({ id: 1 }), woo({ id: 1 }, "order.created")],
    ["Shopify, two topics", "shopify", {}, shop({ id: 1 }, "orders/create"), shop({ id: 1 }, "orders/updated")],
    [
      "a Zap with its record's id",
      "bearer",
      {},
      { body: { id: 7, type: "deal.new" } },
      { body: { id: 7, type: "deal.won" } },
    ],
    [
      "a Zap whose types are headers",
      "bearer",
      {},
      { body: { id: 7 }, headers: { "x-event-type": "a" } },
      { body: { id: 7 }, headers: { "x-event-type": "b" } },
    ],
    [
      "any sender with its record's id",
      "generic",
      {},
      { body: { id: "x", type: "a" } },
      { body: { id: "x", type: "b" } },
    ],
    [
      "Adyen, a payment and its refund",
      "adyen",
      {},
      { body: { pspReference: "P", eventType: "a" } },
      { body: { pspReference: "P", eventType: "b" } },
    ],
    [
      "Twilio, a message and its change",
      "twilio",
      { scheme: "twilio-json-bodySHA256" },
      { body: { MessageSid: "IM1", EventType: "onMessageAdded" } },
      { body: { MessageSid: "IM1", EventType: "onMessageUpdated" } },
    ],
    [
      "a Freshdesk template with the ticket's id",
      "freshdesk",
      {},
      { body: { event_id: "9", event: "opened" } },
      { body: { event_id: "9", event: "closed" } },
    ],
    [
      "a workflow of GoHighLevel with the contact's id",
      "gohighlevel",
      { scheme: "gohighlevel-workflow" },
      { body: { customData: { id: "c", event: "won" } } },
      { body: { customData: { id: "c", event: "lost" } } },
    ],
    [
      "a flow of Salesforce with the case's id",
      "salesforce",
      { scheme: "salesforce-flow" },
      { body: { event_id: "5003", type: "opened" } },
      { body: { event_id: "5003", type: "closed" } },
    ],
  ])("have two keys: %s", async (_, preset, settings, one, other) => {
    const [first, second] = [await read(preset, settings, one), await read(preset, settings, other)];
    expect(second.dedupeKey).not.toBe(first.dedupeKey);
    expect(second.externalId).toBe(first.externalId);
    // They had one: an event that is stored under it is the same one only if this says so.
    expect(second.formerKey?.key).toBe(first.formerKey?.key);
    expect(first.formerKey?.sameBody).toBe(preset === "woocommerce");
  });
});

describe("a redelivery", () => {
  test.each<[string, string, Told, Told]>([
    [
      "a Zap that is run again, with another time",
      "bearer",
      { body: { id: 7, type: "a", occurred_at: "2026-01-01T00:00:00Z" } },
      { body: { id: 7, type: "a", occurred_at: "2026-01-02T00:00:00Z" } },
    ],
    ["an Idempotency-Key with another type", "bearer", keyed({ a: 1 }, "k", "one"), keyed({ a: 1 }, "k", "two")],
    ["an Idempotency-Key with other bytes", "generic", keyed({ a: 1 }, "k"), keyed({ a: 2 }, "k")],
    [
      "two subscriptions of one topic with other fields",
      "shopify",
      shop({ id: 1, a: 1 }, "t"),
      { ...shop({ id: 1 }, "t"), headers: { ...shop({}, "t").headers, "x-shopify-webhook-id": "another" } },
    ],
    ["the same bytes of WooCommerce", "woocommerce", woo({ id: 1 }), woo({ id: 1 })],
  ])("has the key of the first: %s", async (_, preset, one, other) => {
    expect((await read(preset, {}, other)).dedupeKey).toBe((await read(preset, {}, one)).dedupeKey);
  });

  test.each<[string, string, Told, Told]>([
    [
      "Linear's time of sending",
      "linear",
      { body: { type: "Issue", webhookTimestamp: 1 } },
      { body: { type: "Issue", webhookTimestamp: 2 } },
    ],
    [
      "Stripe's count of endpoints",
      "stripe",
      { body: { id: "evt_1", pending_webhooks: 2 } },
      { body: { id: "evt_1", pending_webhooks: 1 } },
    ],
    [
      "Notion's count of tries",
      "notion",
      { body: { id: "n", attempt_number: 1 } },
      { body: { id: "n", attempt_number: 3 } },
    ],
    [
      "Paddle's notification",
      "paddle",
      { body: { event_id: "e", notification_id: "1" } },
      { body: { event_id: "e", notification_id: "2" } },
    ],
    [
      "Mux's tries so far",
      "mux",
      { body: { id: "m", attempts: [] } },
      { body: { id: "m", attempts: [{ response_status_code: 503 }] } },
    ],
  ])("is no conflict for %s", async (_, preset, one, other) => {
    expect((await read(preset, {}, other)).bodyHash).toBe((await read(preset, {}, one)).bodyHash);
  });
});

test("no two lists of parts make one key, whatever a sender writes into them", async () => {
  const events = await Promise.all(
    [
      ["a", "b"],
      ['a","b', "event"],
      ['["a","b"]', "event"],
      ["a", 'b","c'],
    ].map(([id = "", type = ""]) => read("bearer", {}, { body: { id, type } })),
  );
  expect(new Set(events.map(({ dedupeKey }) => dedupeKey)).size).toBe(events.length);
});

test("a key fits an index of Postgres, however long and odd its parts are", async () => {
  for (const text of ["x", '"', "€", "😀", "\\", "\u0000"]) {
    const id = text.repeat(5_000);
    const { dedupeKey } = await read("bearer", {}, { body: { id, type: id } });
    expect(new TextEncoder().encode(dedupeKey).byteLength).toBeLessThan(2_704);
  }
});

test("a body's hash is part of a key only where no redelivery can be another body", () => {
  const hashed = [...presets.values()].filter(({ schemes }) =>
    schemes.some((scheme) => scheme.reading({}).key.of === "id_type_body"),
  );
  expect(hashed.map(({ name, retries }) => [name, retries.tries.startsWith("never")])).toEqual([["woocommerce", true]]);
});

async function read(preset: string, settings: GivenSettings, { body, headers = {} }: Told): Promise<IncomingEvent> {
  const request = makeRequest(JSON.stringify(body), { "content-type": "application/json", ...headers });
  const made = await readEvents({ preset: presetNamed(preset), settings, request, nowMs });
  if (!made.ok || made.events[0] === undefined) throw new Error("not read");
  return made.events[0];
}
