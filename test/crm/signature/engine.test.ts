import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { TenantReading } from "../../../src/crm/preset/preset.ts";
import type { HashRecipe, HmacRecipe, SecretLocation } from "../../../src/crm/preset/recipe.ts";
import type { WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { makeRequest, nowMs } from "../requests.ts";
import { presetOf, run } from "./engine-scene.ts";

const secret = "engine-secret";
const hex = (text: string) => createHmac("sha256", secret).update(text).digest("hex");
const nowSeconds = Math.floor(nowMs / 1_000);

const body: HmacRecipe = {
  family: "hmac",
  algorithm: "sha256",
  key: "utf8",
  digest: "hex",
  template: "{body}",
  header: "x-sig",
};
const listed: HmacRecipe = {
  ...body,
  template: "{timestamp}.{body}",
  list: { item: ",", pair: "=", signature: "v1" },
  timestamp: { from: { part: "t" }, format: "s", toleranceSeconds: 300 },
};

describe("a signature in a list", () => {
  const right = `t=${nowSeconds},v1=${hex(`${nowSeconds}.{}`)}`;
  const wrong = "0".repeat(64);
  test.each([
    ["the right one alone", right, true],
    ["the right one after a wrong one", `v1=${wrong},${right}`, true],
    ["the right one before a wrong one", `${right},v1=${wrong}`, true],
    ["spaces around its items", right.replaceAll(",", " , "), true],
    ["unknown versions and nonsense beside it", `${right},v0=abc,v1=zz,,=,x`, true],
    ["a wrong one", `t=${nowSeconds},v1=${wrong}`, "signature_wrong"],
    ["the right digest under another version", right.replace("v1", "v0"), "signature_malformed"],
    ["no digest at all", `t=${nowSeconds},v1=`, "signature_malformed"],
    ["no time", `v1=${hex("{}")}`, "timestamp_missing"],
    ["an empty time", right.replace(/\d+/, ""), "timestamp_missing"],
    ["a time that is none", right.replace(/\d+/, "soon"), "timestamp_malformed"],
    ["a time with a sign", right.replace(/\d+/, "+1"), "timestamp_malformed"],
    ["another time", right.replace(/\d+/, String(nowSeconds - 1)), "signature_wrong"],
    ["two times, as of a header that came twice", `${right}, ${right}`, "signature_doubled"],
    ["seventeen signatures", `${right},${Array(16).fill(`v1=${wrong}`).join(",")}`, "signature_malformed"],
    ["nothing that is a list", "hello", "signature_malformed"],
  ])("with %s", async (_what, value, expected) => {
    const result = await run(listed, makeRequest("{}", { "x-sig": value }));
    expect(result.ok || result.reason).toBe(expected);
  });
});

describe("a signature's time", () => {
  const iso = new Date(nowMs).toISOString();
  test.each([
    ["iso", iso, true],
    ["iso", iso.replace(".000Z", "Z"), true],
    ["iso", String(nowMs), "timestamp_malformed"],
    ["ms", String(nowMs), true],
    ["ms", String(nowSeconds), "timestamp_outside_tolerance"],
    ["s", String(nowMs), "timestamp_malformed"],
    ["s-or-ms", String(nowSeconds), true],
    ["s-or-ms", String(nowMs), true],
    ["s-or-ms", String(nowMs).slice(0, 12), "timestamp_outside_tolerance"],
    ["s-or-ms", iso, "timestamp_malformed"],
    [["iso", "s"], iso, true],
    [["iso", "s"], String(nowSeconds), true],
    [["iso", "s"], new Date(nowMs).toUTCString(), "timestamp_malformed"],
    ["s", "1e9", "timestamp_malformed"],
    ["s", `${nowSeconds}, ${nowSeconds}`, "timestamp_malformed"],
    ["http-date", new Date(nowMs).toUTCString(), true],
    ["http-date", "yesterday", "timestamp_malformed"],
  ] as const)("in the format %s, written %j", async (format, text, expected) => {
    const recipe: HmacRecipe = {
      ...body,
      template: "{timestamp}{body}",
      timestamp: { from: { header: "x-time" }, format, toleranceSeconds: 300 },
    };
    const result = await run(recipe, makeRequest("{}", { "x-sig": hex(`${text}{}`), "x-time": text }));
    expect(result.ok || result.reason).toBe(expected);
  });

  test.each([
    ["now", { at: nowMs }, true],
    ["old", { at: nowMs - 61_000 }, "timestamp_outside_tolerance"],
    ["ahead", { at: nowMs + 61_000 }, "timestamp_outside_tolerance"],
    ["not there", {}, "timestamp_missing"],
    ["an object", { at: {} }, "timestamp_missing"],
    ["a word", { at: "now" }, "timestamp_malformed"],
  ])("inside the signed body, %s", async (_what, payload, expected) => {
    const recipe: HmacRecipe = { ...body, timestamp: { from: { path: "at" }, format: "ms", toleranceSeconds: 60 } };
    const text = JSON.stringify(payload);
    const result = await run(recipe, makeRequest(text, { "x-sig": hex(text) }));
    expect(result.ok || result.reason).toBe(expected);
  });

  test("is missing in a signed body that is no JSON or no UTF-8", async () => {
    const recipe: HmacRecipe = { ...body, timestamp: { from: { path: "at" }, format: "ms", toleranceSeconds: 60 } };
    const bytes = new Uint8Array([0xff, 0xfe]);
    const sig = createHmac("sha256", secret).update(bytes).digest("hex");
    expect(await run(recipe, makeRequest(bytes, { "x-sig": sig }))).toMatchObject({ reason: "timestamp_missing" });
    expect(await run(recipe, makeRequest("[", { "x-sig": hex("[") }))).toMatchObject({ reason: "timestamp_missing" });
  });
});

test("a base64 signature has one spelling: unused bits that are set are refused", async () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const right = createHmac("sha256", secret).update("{}").digest("base64");
  const last = alphabet.indexOf(right.charAt(42));
  const bent = `${right.slice(0, 42)}${alphabet.charAt(last + 1)}=`;
  expect(Buffer.from(bent, "base64")).toEqual(Buffer.from(right, "base64"));
  const recipe: HmacRecipe = { ...body, digest: "base64" };
  expect(await run(recipe, makeRequest("{}", { "x-sig": right }))).toMatchObject({ ok: true });
  expect(await run(recipe, makeRequest("{}", { "x-sig": bent }))).toMatchObject({ reason: "signature_malformed" });
});

test.each([-301, -300, 300, 301])("a time that is %i s off counts the same both ways", async (off) => {
  const recipe: HmacRecipe = {
    ...body,
    template: "{timestamp}{body}",
    timestamp: { from: { header: "x-time" }, format: "s", toleranceSeconds: 300 },
  };
  const at = String(nowSeconds + off);
  const result = await run(recipe, makeRequest("{}", { "x-sig": hex(`${at}{}`), "x-time": at }));
  expect(result.ok || result.reason).toBe(Math.abs(off) <= 300 || "timestamp_outside_tolerance");
});

test.each(["N/A", "n/a", " N/A "])("the text %j is no signature", async (value) => {
  expect(await run(body, makeRequest("{}", { "x-sig": value }))).toMatchObject({ reason: "signature_missing" });
});

test("an id that the signature covers must come", async () => {
  const recipe: HmacRecipe = { ...body, template: "{id}.{body}", idHeader: "x-id" };
  for (const headers of [{}, { "x-id": "" }])
    expect(await run(recipe, makeRequest("{}", { "x-sig": hex(".{}"), ...headers }))).toMatchObject({
      reason: "signature_missing",
    });
  expect(await run(recipe, makeRequest("{}", { "x-sig": hex("7.{}"), "x-id": "7" }))).toMatchObject({ ok: true });
});

test("secrets that cannot be read in the scheme's encoding are passed over, and without any other there is none", async () => {
  const recipe: HmacRecipe = { ...body, key: "hex" };
  const sig = createHmac("sha256", Buffer.from("00ff", "hex")).update("{}").digest("hex");
  const request = makeRequest("{}", { "x-sig": sig });
  const broken = ["zz", "0", "é", " "].map((value) => ({ id: value, value }));
  expect(await run(recipe, request, { secrets: broken })).toMatchObject({ reason: "no_secrets" });
  expect(await run(recipe, request, { secrets: [...broken, { id: "s2", value: "00FF" }] })).toEqual({
    ok: true,
    secretId: "s2",
  });
  const whsec: HmacRecipe = { ...body, key: "whsec" };
  for (const value of ["whsec_", "whsec_!", "whsec_AAA"]) {
    expect(await run(whsec, request, { secrets: [{ id: "s", value }] })).toMatchObject({ reason: "no_secrets" });
  }
});

test("a header that objects inherit is no header", async () => {
  for (const name of ["constructor", "__proto__", "tostring", "hasOwnProperty"]) {
    expect(await run({ ...body, header: name }, makeRequest("{}"))).toMatchObject({ reason: "signature_missing" });
  }
});

test("five hundred sources' keys go through one isolate without confusion", async () => {
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 500; i++) {
      const value = `key-${i}`;
      const sig = createHmac("sha256", value).update("{}").digest("hex");
      const right = await run(body, makeRequest("{}", { "x-sig": sig }), { secrets: [{ id: "s", value }] });
      expect(right.ok).toBe(true);
      const other = await run(body, makeRequest("{}", { "x-sig": sig }), {
        secrets: [{ id: "s", value: `${value}0` }],
      });
      expect(other.ok).toBe(false);
    }
  }
});

describe("a shared secret", () => {
  const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
  test.each<[string, SecretLocation, Partial<WebhookRequest>, string, true | string]>([
    ["bearer in capitals", { in: "bearer" }, auth("BEARER abc"), "abc", true],
    ["bearer with more spaces", { in: "bearer" }, auth("Bearer   abc"), "abc", true],
    ["bearer, and basic came", { in: "bearer" }, auth(`Basic ${base64("a:abc")}`), "abc", "secret_missing"],
    ["bearer without the word", { in: "bearer" }, auth("abc"), "abc", "secret_missing"],
    ["bearer, a prefix of it", { in: "bearer" }, auth("Bearer ab"), "abc", "secret_wrong"],
    ["bearer, more than it", { in: "bearer" }, auth("Bearer abcd"), "abc", "secret_wrong"],
    ["bearer, other case", { in: "bearer" }, auth("Bearer ABC"), "abc", "secret_wrong"],
    ["bearer, and only the path has it", { in: "bearer" }, { key: "abc" }, "abc", "secret_missing"],
    ["basic, the pair", { in: "basic" }, auth(`Basic ${base64("user:p:ä")}`), "user:p:ä", true],
    ["basic, another user", { in: "basic" }, auth(`Basic ${base64("other:pw")}`), "user:pw", "secret_wrong"],
    ["basic, a mere password", { in: "basic" }, auth(`Basic ${base64("anybody:pw")}`), "pw", true],
    ["basic, the secret as the user", { in: "basic" }, auth(`Basic ${base64("pw:")}`), "pw", "secret_wrong"],
    ["basic without a colon", { in: "basic" }, auth(`Basic ${base64("pw")}`), "pw", "secret_wrong"],
    ["a query parameter", { in: "query", name: "code" }, { query: { code: "abc" } }, "abc", true],
    ["a query parameter, and no query", { in: "query", name: "code" }, {}, "abc", "secret_missing"],
    ["the path", { in: "path" }, { key: "abc" }, "abc", true],
    ["the path, and only a header has it", { in: "path" }, auth("Bearer abc"), "abc", "secret_missing"],
    [
      "a query parameter that came twice",
      { in: "query", name: "code" },
      { query: { code: "abc, abc" } },
      "abc",
      "signature_doubled",
    ],
    [
      "a query parameter of another case",
      { in: "query", name: "code" },
      { query: { Code: "abc" } },
      "abc",
      "secret_missing",
    ],
    ["a field of the body", { in: "body", path: "a.token" }, json('{"a":{"token":"abc"}}'), "abc", true],
    [
      "a field of the body, a part of it",
      { in: "body", path: "a.token" },
      json('{"a":{"token":"ab"}}'),
      "abc",
      "secret_wrong",
    ],
    ["a field of the body with a comma", { in: "body", path: "token" }, json('{"token":"a,c"}'), "a,c", true],
    ["a field of the body that is a number", { in: "body", path: "token" }, json('{"token":7}'), "7", "secret_missing"],
    [
      "a field of the body that is a list",
      { in: "body", path: "token" },
      json('{"token":["abc"]}'),
      "abc",
      "secret_missing",
    ],
    ["an empty field of the body", { in: "body", path: "token" }, json('{"token":""}'), "abc", "secret_missing"],
    [
      "a field of a body that cannot be read",
      { in: "body", path: "token" },
      json('{"token":"abc"'),
      "abc",
      "secret_missing",
    ],
    ["a field of a form", { in: "body", path: "token" }, form("id=1&token=abc"), "abc", true],
    ["a field that objects inherit", { in: "body", path: "constructor.name" }, json("{}"), "Object", "secret_missing"],
    ["the path with a zero byte after it", { in: "path" }, { key: "abc\u0000" }, "abc", "secret_wrong"],
  ])("as %s", async (_what, location, part, value, expected) => {
    const request = { ...makeRequest("{}"), ...part };
    const result = await run({ family: "secret", location }, request, { secrets: [{ id: "s", value }] });
    expect(result.ok || result.reason).toBe(expected);
  });

  function auth(authorization: string): Partial<WebhookRequest> {
    return { headers: { authorization } };
  }

  function json(text: string): Partial<WebhookRequest> {
    return makeRequest(text, { "content-type": "application/json" });
  }

  function form(text: string): Partial<WebhookRequest> {
    return makeRequest(text, { "content-type": "application/x-www-form-urlencoded" });
  }
});

describe("the tenant", () => {
  const header: TenantReading = { place: { header: ["x-shop", "shop"] }, mandatory: false, ignoreCase: true };
  const each: TenantReading = { place: { path: "*.portalId" }, mandatory: true, ignoreCase: false };
  const inner: TenantReading = { place: { path: "events.*.account.id" }, mandatory: true, ignoreCase: false };
  test.each<[string, TenantReading | null, string | null, unknown, Record<string, string>, true | string]>([
    ["is not asked for by a source that names none", header, null, {}, { "x-shop": "b" }, true],
    ["is right", header, "acme.example", {}, { "x-shop": "ACME.example" }, true],
    ["is right in the other spelling", header, "a", {}, { shop: "a" }, true],
    ["is another's", header, "a", {}, { "x-shop": "b" }, "tenant_mismatch"],
    ["came twice", header, "a", {}, { "x-shop": "a, b" }, "tenant_mismatch"],
    ["does not come", header, "a", {}, {}, "tenant_missing"],
    ["comes empty", header, "a", {}, { "x-shop": "" }, "tenant_missing"],
    ["is mandatory, and the source names none", each, null, [{ portalId: 1 }], {}, "tenant_missing"],
    ["is mandatory, and the source's is empty", each, "", [{ portalId: 1 }], {}, "tenant_missing"],
    ["is right in every element", each, "1", [{ portalId: 1 }, { portalId: "1" }], {}, true],
    ["is another's in one element", each, "1", [{ portalId: 1 }, { portalId: 2 }], {}, "tenant_mismatch"],
    ["is missing in one element", each, "1", [{ portalId: 1 }, {}], {}, "tenant_missing"],
    ["is wanted of a batch, and there is none", each, "1", { portalId: 1 }, {}, "tenant_missing"],
    ["is wanted of a batch of nothing", each, "1", [], {}, true],
    ["is right deeper down", inner, "a", { events: [{ account: { id: "a" } }] }, {}, true],
    ["is another case where case counts", inner, "a", { events: [{ account: { id: "A" } }] }, {}, "tenant_mismatch"],
    ["is nothing that the preset knows", null, "a", {}, {}, true],
  ])("%s", async (_what, reading, tenant, payload, headers, expected) => {
    const text = JSON.stringify(payload);
    const preset = presetOf(body, { tenant: reading });
    const result = await run(body, makeRequest(text, { ...headers, "x-sig": hex(text) }), { preset, tenant });
    expect(result.ok || result.reason).toBe(expected);
  });
});

describe("a plain hash", () => {
  const hash: HashRecipe = {
    family: "hash",
    algorithm: "sha256",
    digest: "hex",
    template: "{secret}|{method}|{body}",
    header: "x-sig",
  };
  const sha = (text: string) => createHash("sha256").update(text).digest("hex");
  const right = sha(`${secret}|POST|{}`);
  test.each([
    ["right", right, true],
    ["right in capitals", right.toUpperCase(), true],
    ["of the secret alone", sha(secret), "signature_wrong"],
    ["an HMAC in its place", hex("{}"), "signature_wrong"],
    ["shorter", right.slice(2), "signature_malformed"],
    ["missing", "", "signature_missing"],
  ])("that is %s", async (_what, value, expected) => {
    const result = await run(hash, makeRequest("{}", { "x-sig": value }));
    expect(result.ok || result.reason).toBe(expected);
  });

  test("is right with the second of two secrets, and names it", async () => {
    const secrets = [
      { id: "new", value: "another" },
      { id: "old", value: secret },
    ];
    expect(await run(hash, makeRequest("{}", { "x-sig": right }), { secrets })).toEqual({ ok: true, secretId: "old" });
  });
});

describe("a signed URL", () => {
  const recipe: HmacRecipe = { ...body, template: "{method} {url} {body}" };
  const own = "https://hooks.acme.example/in/acme?a=1&b=%2Fx";
  const signed = (url: string) =>
    makeRequest("{}", { "x-sig": hex(`POST ${url} {}`) }, { url: own, search: "?a=1&b=%2Fx" });
  test.each<[string, string, { url?: string } | null, true | string]>([
    ["as it is known", own, null, true],
    ["of another host", own.replace("acme.", "evil."), null, "signature_wrong"],
    ["with another scheme", own.replace("https", "http"), null, "signature_wrong"],
    ["without its query", own.split("?")[0] ?? "", null, "signature_wrong"],
    [
      "that the source registered, with the query that came",
      "https://x.example/y?a=1&b=%2Fx",
      { url: "https://x.example/y" },
      true,
    ],
    [
      "that the source registered with a query of its own",
      "https://x.example/y?z=1",
      { url: "https://x.example/y?z=1" },
      true,
    ],
    ["to whose query the sender added", "https://x.example/y?a=1&b=%2Fx", { url: "https://x.example/y?a=1" }, true],
    ["that is not the registered one", own, { url: "https://x.example/y" }, "signature_wrong"],
  ])("%s", async (_what, url, settings, expected) => {
    const result = await run(recipe, signed(url), { settings: settings ?? {} });
    expect(result.ok || result.reason).toBe(expected);
  });

  test("is not taken from the request's own headers", async () => {
    const headers = {
      ...signed(own.replace("acme", "evil")).headers,
      host: "hooks.evil.example",
      "x-forwarded-host": "hooks.evil.example",
    };
    expect(await run(recipe, { ...signed(own), headers })).toMatchObject({ reason: "signature_wrong" });
  });

  test("that nobody has said is unknown, and the operator is told what to set", async () => {
    const unknown = await run(recipe, { ...signed(own), url: null });
    expect(unknown).toMatchObject({
      reason: "url_unknown",
      detail: expect.stringMatching(/PUBLIC_URL or settings\.url/),
    });
    expect(await run(body, makeRequest("{}", { "x-sig": hex("{}") }))).toMatchObject({ ok: true });
  });

  test.each([
    ["https://a.example/x", "https://a.example:443/x", true],
    ["https://a.example:443/x", "https://a.example/x", true],
    ["http://a.example/x?y", "http://a.example:80/x?y", true],
    ["https://a.example", "https://a.example:443", true],
    ["https://a.example/x", "https://a.example:80/x", false],
    ["https://a.example:8443/x", "https://a.example/x", false],
    ["https://a.example/x:443", "https://a.example/x", false],
  ])("%s is the same as %s where ports are tried: %s", async (url, written, expected) => {
    const ports: HmacRecipe = { ...recipe, url: { ports: true } };
    const request = { ...signed(written), url };
    expect((await run(ports, request)).ok).toBe(expected);
    expect((await run(recipe, request)).ok).toBe(false);
  });

  test("has the twelve escapes decoded that HubSpot decodes, and no other", async () => {
    const decoding: HmacRecipe = { ...recipe, url: { decode: "hubspot" } };
    const url = "https://a.example/%3A%2F%3f%40%21%24%27%28%29%2A%2C%3B%26%3D%25%C3%A4";
    const written = "https://a.example/:/?@!$'()*,;%26%3D%25%C3%A4";
    expect(await run(decoding, { ...signed(written), url })).toMatchObject({ ok: true });
    expect(await run(decoding, { ...signed(url), url })).toMatchObject({ reason: "signature_wrong" });
  });

  test("with the body's digest in it binds the body", async () => {
    const digest = (text: string) => createHash("sha256").update(text).digest("hex");
    const bound: HmacRecipe = {
      ...body,
      template: "{url}",
      bodyDigest: { parameter: "sum", algorithm: "sha256", encoding: "hex" },
    };
    const ask = (url: string) => run(bound, makeRequest("{}", { "x-sig": hex(url) }, { url }));
    const at = "https://a.example/x";
    expect(await ask(`${at}?sum=${digest("{}")}`)).toMatchObject({ ok: true });
    for (const query of [
      "",
      "?sum=",
      `?sum=${digest("[]")}`,
      `?sum=${digest("{}")}&sum=${digest("{}")}`,
      `?Sum=${digest("{}")}`,
    ])
      expect(await ask(at + query)).toMatchObject({ reason: "body_digest_wrong" });
  });
});

test("a form is signed field by field, sorted, each value once", async () => {
  const recipe: HmacRecipe = { ...body, template: "{url}{form}" };
  const url = "https://a.example/x";
  const sent = (text: string, signed: string) => makeRequest(text, { "x-sig": hex(url + signed) }, { url });
  const right = "A+b=2&a=%C3%A4&a=1&a=1&B=";
  expect(await run(recipe, sent(right, "A b2Ba1aä"))).toMatchObject({ ok: true });
  expect(await run(recipe, sent("a=1&a=%C3%A4&B=&A%20b=2", "A b2Ba1aä"))).toMatchObject({ ok: true });
  expect(await run(recipe, sent(`${right}&c=1`, "A b2Ba1aä"))).toMatchObject({ reason: "signature_wrong" });
});
