import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/domain/json.ts";
import { readJson } from "../../src/domain/json.ts";
import { stripCredentials } from "../../src/mihu/credentials.ts";

const hush = "hush-hush-1234567890";
const clean = (value: unknown) => JSON.stringify(stripCredentials(value as JsonValue));

describe("a credential is dropped, wherever it stands and however it is spelt", () => {
  test.each<[string, unknown]>([
    ["Authorization", { Authorization: `Bearer ${hush}` }],
    ["in lower case", { authorization: hush }],
    ["api_key", { api_key: hush }],
    ["apiKey", { apiKey: hush }],
    ["API-KEY", { "API-KEY": hush }],
    ["x-api-key", { headers: { "x-api-key": hush } }],
    ["account_domain", { account_domain: hush }],
    ["access_token", { access_token: hush }],
    ["a list of tokens", { tokens: [hush, hush] }],
    ["client_secret", { client_secret: hush }],
    ["secret_key", { secret_key: hush }],
    ["webhookSecret", { webhookSecret: hush }],
    ["password", { Password: hush }],
    ["Set-Cookie", { "Set-Cookie": hush }],
    ["credentials with all that is under them", { credentials: { user: "ann", deep: { value: hush } } }],
    ["a signature", { "X-Signature": hush }],
    ["a private key", { private_key: hush }],
    ["a number", { otp: 123_456, note: "" }],
    ["deep", { a: [{ b: { c: [[{ fields: { api_key: hush } }]] } }] }],
    ["a pair of name and value", { fields: [{ name: "Authorization", value: hush }] }],
    ["a pair of key and value", { fields: [{ key: "api_key", value: hush }] }],
    ["a header as a pair", { headers: [["Authorization", `Bearer ${hush}`]] }],
    ["JSON in a text", { body: JSON.stringify({ fields: { api_key: hush } }) }],
    ["JSON in a text in a text", { body: JSON.stringify({ body: JSON.stringify({ api_key: hush }) }) }],
    ["JSON hidden too deep", { a: nest({ api_key: hush }, 8) }],
    ["a bearer in a sentence", { note: `sent with Bearer ${hush} yesterday` }],
    ["a key in a URL", { url: `https://x.example/?api_key=${hush}&a=1` }],
    ["a URL with a password", { url: `https://ann:${hush}@x.example/` }],
    ["a header in a text", { log: `Authorization: ${hush}` }],
    ["an api key in a text", { log: `api_key = "${hush}"` }],
    ["a token of the usual form", { note: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", hush: "" }],
    ["a key of the usual form", { note: `whsec_${hush}` }],
  ])("%s", (_what, value) => {
    const out = clean(value);
    expect(out).not.toContain(hush);
    expect(out).not.toMatch(/123456|eyJhbGci/);
  });
});

test.each<[string, JsonValue]>([
  ["what was said", { conversation: [{ sender: "AI", content: "Your order is on its way. 漢字 🙂" }] }],
  [
    "ids, numbers and times",
    { call_id: "c-1", conversation_uuid: "x", duration: 31, timestamp: "2026-11-23T11:00:00Z" },
  ],
  ["a pair that is no credential", { fields: [{ name: "city", value: "Berlin" }] }],
  [
    "words that only sound like it",
    { note: "the customer forgot their password, and was told the secret of good tea" },
  ],
  ["nothing", null],
  ["a list of two texts", ["red", "green"]],
])("%s stays as it is", (_what, value) => {
  expect(stripCredentials(value)).toEqual(value);
});

test("a name that every object has is a name like any other", () => {
  const read = readJson('{"__proto__": {"api_key": "hush-hush-1234567890", "a": 1}, "constructor": {"b": 2}}');
  const out = stripCredentials(read.ok ? read.value : null);
  expect(JSON.stringify(out)).toBe('{"__proto__":{"a":1},"constructor":{"b":2}}');
  expect(({} as { a?: number }).a).toBeUndefined();
});

test("what was given is not changed", () => {
  const given = { fields: { api_key: hush } };
  clean(given);
  expect(given.fields.api_key).toBe(hush);
});

function nest(value: unknown, times: number): string {
  return times === 0 ? JSON.stringify(value) : JSON.stringify({ inner: nest(value, times - 1) });
}
