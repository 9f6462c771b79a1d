import { describe, expect, test } from "vitest";
import type { GivenSettings, Preset, Scheme } from "../../../src/crm/preset/preset.ts";
import { readEvents } from "../../../src/crm/reading/events.ts";
import { webhooks } from "../../../src/crm/webhooks.ts";
import { createSealer } from "../../../src/platform/seal.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import { reading } from "../reading/scene.ts";
import { makeRequest, nowMs, presetNamed } from "../requests.ts";

const secret = "s3cr3t-V4lue";
const form = { "content-type": "application/x-www-form-urlencoded" };
const xml = { "content-type": "text/xml" };

async function read(preset: Preset, body: string, headers: Record<string, string> = {}, settings: GivenSettings = {}) {
  return await readEvents({ preset, settings, request: makeRequest(body, headers), nowMs });
}

describe("a credential in a body", () => {
  const scheme: Partial<Scheme> = { credentials: ["SessionId", "token"] };

  test.each<[string, string, Record<string, string>, string]>([
    ["on top", `{"token":"${secret}","id":1}`, {}, '{"id":1}'],
    ["deep in an array", `{"id":1,"a":[{"b":{"token":"${secret}","c":2}}]}`, {}, '{"id":1,"a":[{"b":{"c":2}}]}'],
    ["as an object", `{"id":1,"token":{"value":"${secret}"}}`, {}, '{"id":1}'],
    ["written with escapes", `{"id":1,"t\\u006fken":"${secret}"}`, {}, '{"id":1}'],
    ["written twice", `{"id":1,"token":"${secret}","token":"x"}`, {}, '{"id":1}'],
    ["under a name that came again", `{"a":{"token":"${secret}"},"a":1}`, {}, '{"a":1}'],
    ["in a form", `id=1&token=${secret}`, form, '{"id":"1"}'],
    ["in a form's brackets", `id=1&a[token]=${secret}&a[b]=2`, form, '{"id":"1","a":{"b":"2"}}'],
    ["in a form, escaped", `id=1&%74oken=${secret}`, form, '{"id":"1"}'],
    ["in XML", `<a><x:SessionId>${secret}</x:SessionId><id>1</id></a>`, xml, '{"a":{"id":"1"}}'],
    ["in XML, twice", `<a><token>${secret}</token><id>1</id><token>${secret}</token></a>`, xml, '{"a":{"id":"1"}}'],
    ["in an attribute", `<a x:token="${secret}"><id>1</id></a>`, xml, '{"a":{"id":"1"}}'],
  ])("%s is in nothing that is kept", async (_where, body, headers, kept) => {
    const result = await read(reading({}, scheme), body, headers);
    expect(result).toMatchObject({ ok: true, events: [{ body: kept }] });
    expect(JSON.stringify(result)).not.toContain(secret);
  });

  test("is not part of an event's identity: a renewed one makes no new event", async () => {
    const keys = await Promise.all(
      ["one", "two"].map(async (token) => await read(reading({ id: [] }, scheme), JSON.stringify({ a: 1, token }))),
    );
    expect(keys[0]).toEqual(keys[1]);
  });

  test("is in no element of a batch", async () => {
    const batch = reading({ split: "ids", elementAs: "id", shared: ["token"] }, scheme);
    expect(JSON.stringify(await read(batch, `{"token":"${secret}","ids":[1,2]}`))).not.toContain(secret);
    const list = reading({ split: "events", shared: ["token"] }, scheme);
    const result = await read(list, `{"token":"${secret}","events":[{"id":1,"token":"${secret}"},["${secret}"]]}`);
    expect(result).toMatchObject({ events: [{ body: '{"id":1}' }, { body: `["${secret}"]` }] });
  });

  test("that is the source's own secret goes from its place, wherever the scheme has it", async () => {
    const own = (path: string) => reading({}, { recipe: () => ({ family: "secret", location: { in: "body", path } }) });
    expect(await read(own("auth.key"), `{"id":1,"auth":{"key":"${secret}","by":2},"key":3}`)).toMatchObject({
      events: [{ body: '{"id":1,"auth":{"by":2},"key":3}' }],
    });
    expect(await read(own("key"), `id=1&key=${secret}&key=${secret}`, form)).toMatchObject({
      events: [{ body: '{"id":"1"}' }],
    });
    expect(await read(own("a.0.key"), `{"a":[{"key":"${secret}"},{"key":1}]}`)).toMatchObject({
      events: [{ body: '{"a":[{},{"key":1}]}' }],
    });
  });

  test("is looked for only where there may be one: other bodies keep their sender's own text", async () => {
    const text = '{ "token" : "not a credential here", "n": 1.50 }';
    expect(await read(reading({}), text)).toMatchObject({ events: [{ body: text }] });
  });
});

describe("the headers that are kept", () => {
  const sealer = createSealer([{ kid: "k1", k: Buffer.alloc(32, 7).toString("base64url") }]);
  const copy = (preset: string, settings: Record<string, string>): SourceCopy => ({
    slug: "shop",
    version: 1,
    shards: 1,
    preset,
    tenant: null,
    country: null,
    zone: null,
    settings,
    orderNumber: null,
    recordType: null,
    recordId: null,
    secrets: [],
    rules: [],
  });
  const came = {
    authorization: `Bearer ${secret}`,
    cookie: secret,
    "x-api-key": secret,
    "idempotency-key": "k-1",
    "x-event-type": "order.new",
    "x-hookline-signature": secret,
    "user-agent": "Zapier",
    "content-type": "application/json",
    "x-other": "other",
    "content-length": "12",
  };
  const named = {
    "idempotency-key": "k-1",
    "x-event-type": "order.new",
    "user-agent": "Zapier",
    "content-type": "application/json",
  };

  test.each<[string, string, Record<string, string>, Record<string, string>]>([
    ["name the event, and what sent it", "bearer", {}, named],
    ["name the event, where the secret stands in one of its own", "bearer", { location: "header" }, named],
    [
      "are none that holds the secret, although the settings name it",
      "generic",
      { dedupe_header: "authorization", type_header: "cookie" },
      { "user-agent": "Zapier", "content-type": "application/json" },
    ],
    [
      "are none that holds the signature, although the settings name it",
      "generic",
      { dedupe_header: "X-Hookline-Signature" },
      { "x-event-type": "order.new", "user-agent": "Zapier", "content-type": "application/json" },
    ],
  ])("%s", (_what, preset, settings, kept) => {
    const door = webhooks(sealer);
    expect(door.storedHeaders(copy(preset, settings), makeRequest("{}", came))).toEqual(kept);
  });

  test("name an event by nothing that is secret either", async () => {
    const settings = { dedupe_header: "authorization", type_header: "x-hookline-signature" };
    const result = await read(presetNamed("generic"), '{"id":"own"}', came, settings);
    expect(result).toMatchObject({ ok: true, events: [{ externalId: "own", type: "event" }] });
  });
});
