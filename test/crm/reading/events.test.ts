import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import orderJson from "../../../dev/send/samples/shopify-order.json" with { type: "json" };
import type { GivenSettings, Preset } from "../../../src/crm/preset/preset.ts";
import { readEvents } from "../../../src/crm/reading/events.ts";
import type { IncomingEvent } from "../../../src/domain/events/webhook.ts";
import type { JsonValue } from "../../../src/domain/json.ts";
import { makeRequest, nowMs, presetNamed } from "../requests.ts";
import { reading } from "./scene.ts";

const generic = presetNamed("generic");
const shopify = presetNamed("shopify");
const bearer = presetNamed("bearer");
const shopifyBody = JSON.stringify(orderJson);
const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

describe("who an event is", () => {
  test.each<[string, Preset, GivenSettings, JsonValue, Record<string, string>, string | null]>([
    ["the dedupe header", generic, {}, { id: "b" }, { "Idempotency-Key": "h" }, "h"],
    ["another dedupe header", generic, { dedupe_header: "X-Id" }, { id: "b" }, { "x-id": "h" }, "h"],
    ["the body, where the header does not come", generic, {}, { id: "b" }, {}, "b"],
    ["the body, where the header is empty", generic, {}, { id: "b" }, { "Idempotency-Key": " " }, "b"],
    ["another path of the body", generic, { id: "event.0.uid" }, { event: [{ uid: 7 }] }, {}, "7"],
    ["nothing, where the path is not there", generic, { id: "a.b" }, { a: null }, {}, null],
    ["nothing inherited", generic, { id: "constructor.name" }, {}, {}, null],
    ["no object", generic, {}, { id: {} }, {}, null],
    ["no truth", generic, {}, { id: true }, {}, null],
    ["no fraction", generic, {}, { id: 1.5 }, {}, null],
    ["no blank", generic, {}, { id: "  " }, {}, null],
    ["zero, which is a number", generic, {}, { id: 0 }, {}, "0"],
    [
      "Shopify's event before its delivery",
      shopify,
      {},
      {},
      { "X-Shopify-Event-Id": "e", "X-Shopify-Webhook-Id": "w" },
      "e",
    ],
    ["Shopify's delivery", shopify, {}, {}, { "X-Shopify-Webhook-Id": "w" }, "w"],
    ["Shopify's newer spelling", shopify, {}, {}, { "shopify-event-id": "n", "X-Shopify-Webhook-Id": "w" }, "n"],
    ["not Shopify's order", shopify, {}, { id: 987 }, {}, null],
    ["the idempotency key of a Zap", bearer, {}, { id: "b" }, { "Idempotency-Key": "h" }, "h"],
    ["the body of a Zap", bearer, {}, { id: 5 }, {}, "5"],
  ])("is named by %s", async (_what, preset, settings, payload, headers, id) => {
    const event = await one(preset, settings, payload, headers);
    expect(event.externalId).toBe(id);
    const isAlone = Object.hasOwn(headers, "Idempotency-Key") || Object.hasOwn(headers, "x-id");
    expect(event.dedupeKey).toBe(
      id === null
        ? `body-sha256:${sha256(JSON.stringify(payload))}`
        : isAlone && id === "h"
          ? id
          : JSON.stringify([id, "event"]),
    );
  });

  test("is the hash of the bytes' text where nobody names it, so another text is another event", async () => {
    const first = await one(generic, {}, { a: 1 }, {}, '{"a":1}');
    expect(first.bodyHash).toBe(sha256('{"a":1}'));
    expect((await one(generic, {}, { a: 1 }, {}, '{"a":1}')).dedupeKey).toBe(first.dedupeKey);
    expect((await one(generic, {}, { a: 1 }, {}, '{"a": 1}')).dedupeKey).not.toBe(first.dedupeKey);
  });

  test("is the same where one signature covers a form in another order, or bytes read as something else", async () => {
    const twilio = presetNamed("twilio");
    const of = async (preset: Preset, settings: GivenSettings, contentType: string, text: string) =>
      await one(preset, settings, null, { "content-type": contentType }, text);
    const form = "application/x-www-form-urlencoded";
    const first = await of(twilio, {}, form, "Body=Hi+there&CallSid=CA1&CallStatus=completed");
    const turned = await of(twilio, {}, form, "CallStatus=completed&Body=Hi%20there&CallSid=CA1");
    const other = await of(twilio, {}, form, "Body=Hi+there&CallSid=CA2&CallStatus=completed");
    expect([turned.bodyHash, turned.idUnsigned]).toEqual([first.bodyHash, true]);
    expect(other.bodyHash).not.toBe(first.bodyHash);
    const xml = "<order><id>7</id></order>";
    const [asXml, asForm] = await Promise.all(["text/xml", form].map((type) => of(generic, {}, type, xml)));
    expect([asForm?.data, asForm?.bodyHash]).toEqual([expect.not.objectContaining({ order: {} }), asXml?.bodyHash]);
  });

  test("is the bytes' own where a token holds their digest, and the token's where it holds none", async () => {
    const unsigned = async (settings: GivenSettings) =>
      (await one(generic, { scheme: "jwt-hs256", ...settings }, { a: 1 }, { "idempotency-key": "k" })).idUnsigned;
    expect(await unsigned({})).toBeUndefined();
    expect(await unsigned({ jwt_body_hash: "body_sha256" })).toBe(true);
  });

  test("is not believed in another window where nobody names it and its signature knows no time", async () => {
    const marks = async (scheme: string, payload: JsonValue) => {
      const { idUnsigned, replayWindow } = await one(presetNamed("hubspot"), { scheme }, payload);
      return [idUnsigned, replayWindow !== undefined];
    };
    expect(await marks("hubspot-workflow-v2", { portalId: 1 })).toEqual([true, true]);
    expect(await marks("hubspot-workflow-v2", { portalId: 1, event_id: "e" })).toEqual([undefined, false]);
    expect(await marks("hubspot-workflow-v3", { portalId: 1 })).toEqual([undefined, false]);
  });

  test("keeps ids beyond 2^53 apart", async () => {
    const [a, b] = await Promise.all(
      ["9007199254740993", "9007199254740992"].map((id) => {
        const text = `{"id":${id}}`;
        return one(generic, {}, null, {}, text);
      }),
    );
    expect(a?.dedupeKey).toBe('["9007199254740993","event"]');
    expect(b?.dedupeKey).toBe('["9007199254740992","event"]');
  });

  test.each([
    ["long", "x".repeat(201)],
    ["very long", "y".repeat(500_000)],
    ["full of controls", "a\u0000b\u001b[31m\n"],
    ["turned around", "a\u202egnp"],
    ["a whole character at the cut", `${"x".repeat(199)}😀`],
  ])("is hashed when its id is %s, and what is shown is clean", async (_what, id) => {
    const event = await one(generic, {}, { id });
    expect(event.dedupeKey).toMatch(/^\["id-sha256:[0-9a-f]{64}","event"\]$/);
    expect(event.externalId?.length).toBeLessThanOrEqual(200);
    expect(event.externalId).not.toMatch(/\p{Cc}|\u202e/u);
    expect(event.externalId?.isWellFormed()).toBe(true);
    expect((await one(generic, {}, { id })).dedupeKey).toBe(event.dedupeKey);
    expect((await one(generic, {}, { id: `${id}!` })).dedupeKey).not.toBe(event.dedupeKey);
  });

  test("stays itself where two odd ids look alike", async () => {
    const [a, b] = [await one(generic, {}, { id: "a\u0001" }), await one(generic, {}, { id: "a\u0002" })];
    expect(a.externalId).toBe(b.externalId);
    expect(a.dedupeKey).not.toBe(b.dedupeKey);
  });
});

describe("what an event is", () => {
  test.each<[string, Preset, GivenSettings, JsonValue, Record<string, string>, string]>([
    ["the header's", generic, {}, { type: "b" }, { "X-Event-Type": "h" }, "h"],
    ["another header's", generic, { type_header: "X-Topic" }, { type: "b" }, { "X-Topic": "h" }, "h"],
    ["the body's type", generic, {}, { type: "b", event: "e" }, {}, "b"],
    ["another path's", generic, { type: "meta.kind" }, { meta: { kind: "k" }, type: "b" }, {}, "k"],
    ["the body's event", generic, {}, { event: "e" }, {}, "e"],
    ["event, where the body's event is an object", generic, {}, { event: { type: "x" } }, {}, "event"],
    ["event, where nothing says it", generic, {}, {}, {}, "event"],
    ["what is left when it is cleaned", generic, {}, { type: " \u0000 " }, {}, "\ufffd"],
    ["Shopify's topic", shopify, {}, { type: "b" }, { "X-Shopify-Topic": "orders/updated" }, "orders/updated"],
    ["a Zap's header", bearer, {}, { type: "b" }, { "x-event-type": "h" }, "h"],
    ["a Zap's type", bearer, {}, { type: "b" }, {}, "b"],
    ["a Zap's event", bearer, {}, { event: "e" }, {}, "e"],
    ["cut when it is long", generic, {}, { type: "t".repeat(999) }, {}, "t".repeat(200)],
  ])("is %s", async (_what, preset, settings, payload, headers, type) => {
    expect((await one(preset, settings, payload, headers)).type).toBe(type);
  });
});

describe("when an event happened", () => {
  test.each<[string, JsonValue, number | null]>([
    ["UTC", "2026-11-02T15:04:05Z", 1_793_631_845_000],
    ["an offset", "2026-11-02T10:04:05-05:00", 1_793_631_845_000],
    ["an offset without its colon", "2026-11-02T10:04:05-0500", 1_793_631_845_000],
    ["nanoseconds", "2026-11-02T15:04:05.123456789Z", 1_793_631_845_123],
    ["no zone, which is UTC", "2026-11-02T15:04:05", 1_793_631_845_000],
    ["a space", "2026-11-02 15:04:05 +0000", 1_793_631_845_000],
    ["seconds", 1_793_631_845, 1_793_631_845_000],
    ["milliseconds", 1_793_631_845_000, 1_793_631_845_000],
    ["seconds as text", "1793631845", 1_793_631_845_000],
    ["seconds with a fraction, as text", "1793631845.123456", 1_793_631_845_123],
    ["a date alone", "2026-11-02", null],
    ["a day that is none", "2026-13-45T00:00:00Z", null],
    ["zero", 0, null],
    ["a year far away", "9999-01-01T00:00:00Z", null],
    ["a word", "today", null],
    ["an object", {}, null],
    ["nothing", null, null],
  ])("is read from %s", async (_what, occurred_at, ms) => {
    expect((await one(generic, {}, { occurred_at })).occurredAt).toBe(ms);
  });

  test("is Shopify's updated_at, else created_at, else the unsigned header", async () => {
    const headers = { "X-Shopify-Triggered-At": "2026-11-02T15:04:05.5Z" };
    const [updated_at, created_at] = ["2026-11-02T15:04:07Z", "2026-11-02T15:04:06Z"];
    const time = async (payload: JsonValue) => (await one(shopify, {}, payload, headers)).occurredAt;
    expect(await time({ updated_at, created_at })).toBe(1_793_631_847_000);
    expect(await time({ updated_at: null, created_at })).toBe(1_793_631_846_000);
    expect(await time({})).toBe(1_793_631_845_500);
    expect(shopify.schemes[0].unsignedFields).toEqual(["id", "type", "tenant"]);
  });
});

describe("a batch", () => {
  const batch = (settings: GivenSettings, json: JsonValue, headers: Record<string, string> = {}) =>
    read(generic, settings, json, headers);

  test("in the body itself becomes an event for each element, with its own text", async () => {
    const result = await batch({ batch: "." }, [{ id: 1, type: "a" }, { id: 2 }]);
    expect(events(result)).toMatchObject([
      { dedupeKey: '["1","a"]', type: "a", body: '{"id":1,"type":"a"}', data: { id: 1, type: "a" } },
      { dedupeKey: '["2","event"]', type: "event", body: '{"id":2}' },
    ]);
    expect(events(await batch({ batch: "." }, { id: 3 }))).toMatchObject([{ dedupeKey: '["3","event"]' }]);
  });

  test("at a path becomes an event for each element", async () => {
    expect(events(await batch({ batch: "a.events" }, { a: { events: [{ id: 1 }] } }))).toMatchObject([
      { dedupeKey: '["1","event"]' },
    ]);
    expect(events(await batch({ batch: "events" }, { events: [] }))).toEqual([]);
  });

  test("with one unreadable element keeps it with its reason, and the rest are good", async () => {
    const result = events(await batch({ batch: "." }, [{ id: 1 }, 7, null, "x", [], { id: 2 }]));
    expect(result.map((event) => event.unreadable ?? event.dedupeKey)).toEqual([
      '["1","event"]',
      ...Array(4).fill("not_an_object"),
      '["2","event"]',
    ]);
    expect(new Set(result.map((event) => event.dedupeKey)).size).toBe(6);
    expect(result.map((event) => event.body)).toEqual(['{"id":1}', "7", "null", '"x"', "[]", '{"id":2}']);
  });

  test.each<[string, Preset, JsonValue, readonly string[]]>([
    ["a number", bearer, [{ id: 1, phone: "1" }, 5], ['["1","event"]', "not_an_object"]],
    ["null, first", bearer, [null, { id: 1 }], ["not_an_object", '["1","event"]']],
    ["an array", bearer, [{ id: 1 }, [{ id: 2 }], { id: 3 }], ['["1","event"]', "not_an_object", '["3","event"]']],
    ["a text", generic, [{ id: 1 }, "x"], ['["1","event"]', "not_an_object"]],
    ["two", generic, [false, { id: 1 }, ""], ["not_an_object", '["1","event"]', "not_an_object"]],
  ])("to a source that takes one event keeps an element that is none, and reads the others: %s", async (...given) => {
    const [, preset, json, expected] = given;
    expect(events(await read(preset, {}, json)).map((event) => event.unreadable ?? event.dedupeKey)).toEqual(expected);
  });

  test.each<[JsonValue, string]>([
    [[], "The body is an empty array, so it has no event."],
    [[5], "The body is an array, but the source does not read arrays as events."],
    ["hello", "The body is not an object."],
  ])("that is none says what it is: %j", async (json, detail) => {
    for (const preset of [bearer, generic])
      expect(await read(preset, {}, json)).toEqual({ ok: false, reason: "not_an_object", detail });
  });

  test("under one idempotency key does not become one event", async () => {
    const keyed = { "Idempotency-Key": "k" };
    const keys = events(await batch({ batch: "." }, [{ a: 1 }, { a: 1 }, { id: "own" }], keyed)).map(
      (e) => e.dedupeKey,
    );
    expect(keys).toEqual(["k#0", "k#1", '["own","event"]']);
    const types = events(await batch({ batch: "." }, [{ type: "own" }, {}], { "x-event-type": "all" })).map(
      (e) => e.type,
    );
    expect(types).toEqual(["own", "all"]);
  });

  test("of a thousand events is read, of one more refused", async () => {
    const many = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));
    expect(events(await batch({ batch: "." }, many(1_000)))).toHaveLength(1_000);
    expect(await batch({ batch: "." }, many(1_001))).toMatchObject({ ok: false, reason: "too_many_events" });
  });

  test.each<[string, Preset, GivenSettings, JsonValue, string]>([
    ["an array of no objects of a source without batches", generic, {}, [1, 2], "not_an_object"],
    ["an array within an array", bearer, {}, [[{ id: 1 }]], "not_an_object"],
    ["a text", generic, {}, "hello", "not_an_object"],
    ["a number", generic, { batch: "." }, 7, "not_an_object"],
    ["null", generic, { batch: "events" }, null, "not_an_object"],
    ["an array at the wrong place", generic, { batch: "events" }, [{ id: 1 }], "not_an_object"],
    ["an object without the array", generic, { batch: "events" }, { id: 1 }, "batch_missing"],
    ["an object in the array's place", generic, { batch: "events" }, { events: {} }, "batch_missing"],
    ["an array from Shopify", shopify, {}, [], "not_an_object"],
    ["a text from Shopify", shopify, {}, "x", "not_an_object"],
    ["an array from a Zap", bearer, {}, [], "not_an_object"],
  ])("is not made of %s", async (_what, preset, settings, json, reason) => {
    expect(await read(preset, settings, json)).toMatchObject({
      ok: false,
      reason,
      detail: expect.stringMatching(/\.$/),
    });
  });
});

test("places may join several values, all of which must be there, and look into the envelope", async () => {
  const preset = reading({
    split: "events",
    id: [{ joined: [{ envelope: "hook" }, { path: "id" }, { path: "at" }], by: ":" }],
    type: [{ joined: [{ path: "kind" }, { path: "action" }], by: "." }, { envelope: "kind" }],
    time: [{ path: "at" }],
  });
  const json = {
    hook: "h",
    kind: "all",
    events: [{ id: 1, at: 1_793_631_845, kind: "order", action: "new" }, { id: 1 }],
  };
  expect(events(await read(preset, {}, json))).toMatchObject([
    { externalId: "h:1:1793631845", type: "order.new", occurredAt: 1_793_631_845_000 },
    { externalId: null, type: "all", occurredAt: null },
  ]);
});

test("the realistic Shopify order is read whole", async () => {
  const json: JsonValue = JSON.parse(shopifyBody);
  const event = await one(shopify, {}, json, { "X-Shopify-Topic": "orders/updated", "X-Shopify-Event-Id": "e-1" });
  expect(event).toMatchObject({
    externalId: "e-1",
    type: "orders/updated",
    occurredAt: 1_793_631_845_000,
    data: { name: "#1001", total_price: "139.32", phone: "+14155550100", tags: expect.stringContaining("call-me") },
  });
});

async function one(
  preset: Preset,
  settings: GivenSettings,
  json: JsonValue,
  headers: Record<string, string> = {},
  text = JSON.stringify(json),
): Promise<IncomingEvent> {
  const result = await readEvents({ preset, settings, request: makeRequest(text, headers), nowMs });
  const [event, ...rest] = events(result);
  if (event === undefined || rest.length > 0) throw new Error("not one event");
  return event;
}

function read(preset: Preset, settings: GivenSettings, json: JsonValue, headers: Record<string, string> = {}) {
  return readEvents({ preset, settings, request: makeRequest(JSON.stringify(json), headers), nowMs });
}

function events(result: Awaited<ReturnType<typeof readEvents>>): readonly IncomingEvent[] {
  if (!result.ok) throw new Error(`not read: ${result.reason}`);
  return result.events;
}
