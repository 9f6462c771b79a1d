import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { verifySignature } from "../../src/crm/verify.ts";
import type { HmacRecipe, Preset, SecretLocation, TenantReading, WebhookRequest } from "../../src/domain/source.ts";
import { makeRequest, nowMs, presetNamed, requestOf, withHeader } from "./requests.ts";

const secret = "engine-secret";
const secrets = [{ id: "s1", value: secret }];
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

test("an id that the signature covers must come", async () => {
  const recipe: HmacRecipe = { ...body, template: "{id}.{body}", idHeader: "x-id" };
  expect(await run(recipe, makeRequest("{}", { "x-sig": hex(".{}") }))).toMatchObject({ reason: "signature_missing" });
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
    ["the path with a zero byte after it", { in: "path" }, { key: "abc\u0000" }, "abc", "secret_wrong"],
  ])("as %s", async (_what, location, part, value, expected) => {
    const preset = presetWith({ recipe: () => ({ family: "secret", location }) });
    const request = { ...makeRequest("{}"), ...part };
    const result = await run(null, request, { preset, secrets: [{ id: "s", value }] });
    expect(result.ok || result.reason).toBe(expected);
  });

  function auth(authorization: string): Partial<WebhookRequest> {
    return { headers: { authorization } };
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
    ["is right deeper down", inner, "a", { events: [{ account: { id: "a" } }] }, {}, true],
    ["is another case where case counts", inner, "a", { events: [{ account: { id: "A" } }] }, {}, "tenant_mismatch"],
    ["is nothing that the preset knows", null, "a", {}, {}, true],
  ])("%s", async (_what, reading, tenant, payload, headers, expected) => {
    const text = JSON.stringify(payload);
    const preset = presetWith({ tenant: reading });
    const result = await run(body, makeRequest(text, { ...headers, "x-sig": hex(text) }), { preset, tenant });
    expect(result.ok || result.reason).toBe(expected);
  });

  test("of a shop is compared by the shopify preset when the source has one", async () => {
    const preset = presetNamed("shopify");
    const request = requestOf({ name: "shopify", preset, settings: {}, secret, body: "{}" });
    const ask = (tenant: string, to = request) =>
      verifySignature({ preset, settings: {}, tenant, secrets, request: to, nowMs });
    expect(await ask("Hookline-Demo.myshopify.com")).toMatchObject({ ok: true });
    expect(await ask("acme.myshopify.com")).toMatchObject({ reason: "tenant_mismatch" });
    const without = withHeader(request, "x-shopify-shop-domain", null);
    expect(await ask("acme.myshopify.com", without)).toMatchObject({ reason: "tenant_missing" });
  });
});

function presetWith(part: Partial<Preset>): Preset {
  return { ...presetNamed("shopify"), name: "engine", tenant: null, ...part };
}

type Asked = { preset?: Preset; secrets?: { id: string; value: string }[]; tenant?: string | null };

function run(recipe: HmacRecipe | null, request: WebhookRequest, asked: Asked = {}) {
  const given = asked.preset ?? presetWith({});
  const preset = recipe === null ? given : { ...given, recipe: () => recipe };
  const tenant = asked.tenant ?? null;
  return verifySignature({ preset, settings: {}, tenant, secrets: asked.secrets ?? secrets, request, nowMs });
}
