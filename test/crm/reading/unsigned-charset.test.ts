/** Bodies that an unsigned header helps to decode: their events have their own dedupe keys. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readEvents } from "../../../src/crm/reading/events.ts";
import type { IncomingEvent } from "../../../src/domain/events/webhook.ts";
import { makeRequest, nowMs, presetNamed } from "../requests.ts";

type Headers = Readonly<Record<string, string>>;

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));
const json = (charset: string): Headers => ({ "content-type": `application/json; charset=${charset}` });
const zipped: Headers = { "content-type": "application/json", "content-encoding": "gzip" };
const lead = '{"type":"lead","name":"José"}';

describe("the same bytes under two signed ids", () => {
  test.each<[string, string, string, Uint8Array, Headers]>([
    ["Latin-1", "standard-webhooks", "webhook-id", latin1(lead), json("iso-8859-1")],
    ["Latin-1", "svix", "svix-id", latin1(lead), json("iso-8859-1")],
    ["a charset that nobody declares", "svix", "svix-id", latin1(lead), { "content-type": "application/json" }],
    ["gzip", "standard-webhooks", "webhook-id", gzipSync(lead), zipped],
    ["gzip", "svix", "svix-id", gzipSync(lead), zipped],
    ["UTF-16", "svix", "svix-id", utf16(lead), json("utf-16")],
  ])("are two events: %s, %s", async (_, preset, header, body, headers) => {
    const [one, two, again] = [
      await read(preset, body, { ...headers, [header]: "m1" }),
      await read(preset, body, { ...headers, [header]: "m2" }),
      await read(preset, body, { ...headers, [header]: "m1" }),
    ];
    expect([one.dedupeKey, two.dedupeKey, again.dedupeKey]).toEqual(["m1", "m2", "m1"]);
    expect([one.externalId, one.idUnsigned]).toEqual(["m1", undefined]);
  });
});

describe("other bytes under one id", () => {
  const counted = (tries: number): string => `{"id":"L-7","type":"lead","name":"José","attempt":${tries}}`;
  const asForm = (tries: number): Uint8Array => latin1(`id=L-7&type=lead&name=Jos%E9&attempt=${tries}`);
  const asXml = (tries: number): Uint8Array =>
    latin1(`<l><id>L-7</id><name>José</name><attempt>${tries}</attempt></l>`);
  test.each<[string, Uint8Array, Uint8Array, Headers]>([
    ["Latin-1", latin1(counted(1)), latin1(counted(2)), json("iso-8859-1")],
    ["Windows-1251", latin1(counted(1)), latin1(counted(2)), json("windows-1251")],
    ["gzip", gzipSync(counted(1)), gzipSync(counted(2)), zipped],
    ["gzip of the same text", gzipSync(counted(1), { level: 1 }), gzipSync(counted(1), { level: 0 }), zipped],
    ["UTF-16", utf16(counted(1)), utf16(counted(2)), json("utf-16")],
    ["a form", asForm(1), asForm(2), { "content-type": "application/x-www-form-urlencoded" }],
    ["XML under a key", asXml(1), asXml(2), { "content-type": "text/xml", "idempotency-key": "k" }],
    ["Latin-1 under a key", latin1(counted(1)), latin1(counted(2)), { ...json("latin1"), "idempotency-key": "k" }],
  ])("are a redelivery: %s", async (_, first, second, headers) => {
    const [one, two] = [await read("generic", first, headers), await read("generic", second, headers)];
    expect(two.dedupeKey).toBe(one.dedupeKey);
    // The signed bytes are unique as well, so they are one event under any id.
    expect([one.idUnsigned, two.bodyHash === one.bodyHash]).toEqual([true, false]);
  });

  test("have the key that plain bytes have, the type and the former key with it", async () => {
    const text = '{"id":"L-7","type":"lead","name":"José"}';
    const plain = await read("generic", new TextEncoder().encode(text), json("utf-8"));
    for (const [body, headers] of [
      [latin1(text), json("iso-8859-15")],
      [gzipSync(text), zipped],
      [utf16(text), json("utf-16")],
    ] as const) {
      const { dedupeKey, formerKey } = await read("generic", body, headers);
      expect({ dedupeKey, formerKey }).toEqual({ dedupeKey: '["L-7","lead"]', formerKey: plain.formerKey });
    }
  });
});

describe("a key is the same under every charset", () => {
  const charsets = ["iso-8859-1", "windows-1251", "koi8-r", "iso-8859-8", "macintosh"];
  test.each<[string, string]>([
    ["an id of other letters", '{"id":"é1","type":"t"}'],
    ["a type of other letters", '{"id":"1","type":"léad"}'],
    ["an id with a space of one charset", '{"id":"1\u00a0","type":"t"}'],
    ["a type with a space of one charset", '{"id":"1","type":"t\u00a0"}'],
    ["an id that is blank in one charset", '{"id":"\u00a0","type":"\u00a0","event":"t"}'],
  ])("for %s", async (_, text) => {
    const body = latin1(text);
    const events = await Promise.all([
      ...charsets.map((charset) => read("generic", body, json(charset))),
      read("generic", body, { "content-type": "application/json" }),
    ]);
    expect(new Set(events.map(({ dedupeKey }) => dedupeKey)).size).toBe(1);
  });

  test("and two ids of other letters have two", async () => {
    const keys = await Promise.all(
      ["é1", "à1"].map((id) => read("generic", latin1(`{"id":"${id}"}`), { "content-type": "application/json" })),
    );
    expect(new Set(keys.map(({ dedupeKey }) => dedupeKey)).size).toBe(2);
  });
});

test("compressed bytes that are read as a form have no id of it", async () => {
  const body = gzipSync("a=1&id=forged&b=2", { level: 0 });
  const event = await read("generic", body, { "content-type": "application/x-www-form-urlencoded" });
  expect(event.dedupeKey).toBe(`body-sha256:${event.bodyHash}`);
});

async function read(preset: string, body: Uint8Array, headers: Headers): Promise<IncomingEvent> {
  const request = makeRequest(body, headers);
  const made = await readEvents({ preset: presetNamed(preset), settings: {}, request, nowMs });
  if (!made.ok || made.events[0] === undefined) throw new Error("not read");
  return made.events[0];
}
