import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { type MihuSignatureSettings, verifyMihuSignature } from "../../src/mihu/signature.ts";
import { readMihuWebhook } from "../../src/mihu/webhook.ts";

const report = {
  event: "conversation_end_report",
  data: {
    call_id: "call-1",
    conversation_uuid: "c0ffee00-0000-4000-8000-000000000002",
    number: "+14155550100",
    duration: 31,
    conversation: [{ sender: "AI", content: "Hello" }],
    fields: { Authorization: "Bearer hush", api_key: "hush", account_domain: "hush.example" },
  },
};
const about = {
  ok: true,
  event: "conversation_end_report",
  conversationUuids: [report.data.conversation_uuid],
  callId: "call-1",
};

test.each<[string, unknown, object]>([
  ["in its envelope", report, {}],
  ["without envelope", { event: report.event, ...report.data }, {}],
  ["with the data only", report.data, { event: "" }],
  ["without the call", { ...report, data: { ...report.data, call_id: null } }, { callId: null }],
  ["with an odd event", { ...report, event: { a: 1 } }, { event: "" }],
  ["twice in an array", [report, report, 3], {}],
])("A report %s says whom it is about.", (_what, body, change) => {
  expect(readMihuWebhook(JSON.stringify(body))).toEqual({ ...about, ...change });
});

test("Nothing else of a body comes out: no credential, no number, no word that was said.", () => {
  const out = JSON.stringify(readMihuWebhook(JSON.stringify(report)));
  expect(out).not.toMatch(/hush|Bearer|415|Hello/);
});

test.each<[string, string, string]>([
  ["nothing", "", "empty"],
  ["a page", "<html>", "not_json"],
  ["endless depth", "[".repeat(100_000), "too_deep"],
  ["a number", "3", "not_an_object"],
  ["an empty array", "[]", "not_an_object"],
  ["no conversation", '{"event":"x","data":{"call_id":"c"}}', "no_conversation"],
  ["a conversation that would leave its path", '{"data":{"conversation_uuid":"../contacts"}}', "no_conversation"],
  ["a conversation of endless length", `{"data":{"conversation_uuid":"${"a".repeat(65)}"}}`, "no_conversation"],
  ["a conversation that is no text", '{"data":{"conversation_uuid":5}}', "no_conversation"],
])("Of %s the reason is told.", (_what, text, reason) => {
  expect(readMihuWebhook(text)).toEqual({ ok: false, reason });
});

const secret = "sécret-key";
const body = new TextEncoder().encode(JSON.stringify(report));
const mac = (algorithm = "sha256", encoding: "hex" | "base64" = "hex") =>
  createHmac(algorithm, secret).update(body).digest(encoding);
const verify = (headers: Record<string, string>, settings: MihuSignatureSettings = {}, change: object = {}) =>
  verifyMihuSignature({ secret, settings, headers, body, ...change });

test.each<[string, Record<string, string>, MihuSignatureSettings]>([
  ["bare", { "x-mihu-signature": mac() }, {}],
  ["after `sha256=`", { "x-mihu-signature": `sha256=${mac()}` }, {}],
  ["in upper case", { "x-mihu-signature": mac().toUpperCase() }, {}],
  ["in the other header", { "x-signature": mac() }, {}],
  ["in a header that was set", { "x-hook": mac() }, { header: "X-Hook" }],
  ["in base64", { "x-mihu-signature": mac("sha256", "base64") }, { encoding: "base64" }],
  ["by SHA-1", { "x-mihu-signature": `sha1=${mac("sha1")}` }, { algorithm: "sha1" }],
  ["by SHA-512", { "x-mihu-signature": mac("sha512") }, { algorithm: "sha512" }],
  ["after a prefix that was set", { "x-mihu-signature": `v1:${mac()}` }, { prefix: "v1:" }],
])("A right signature %s is accepted.", async (_what, headers, settings) => {
  expect(await verify(headers, settings)).toEqual({ ok: true });
});

test.each<[string, Record<string, string>, MihuSignatureSettings, object, string]>([
  ["no header", {}, {}, {}, "signature_missing"],
  ["an empty header", { "x-mihu-signature": " " }, {}, {}, "signature_missing"],
  [
    "the default header where another was set",
    { "x-mihu-signature": mac() },
    { header: "x-hook" },
    {},
    "signature_missing",
  ],
  ["a name that every object has", {}, { header: "constructor" }, {}, "signature_missing"],
  ["a doubled header", { "x-mihu-signature": `${mac()}, ${mac()}` }, {}, {}, "signature_malformed"],
  ["half a digest", { "x-mihu-signature": mac().slice(0, 32) }, {}, {}, "signature_malformed"],
  ["base64 where hex was set", { "x-mihu-signature": mac("sha256", "base64") }, {}, {}, "signature_malformed"],
  ["another algorithm", { "x-mihu-signature": mac("sha1") }, {}, {}, "signature_malformed"],
  ["an endless header", { "x-mihu-signature": "a".repeat(1e6) }, {}, {}, "signature_malformed"],
  ["bad base64", { "x-mihu-signature": "====" }, { encoding: "base64" }, {}, "signature_malformed"],
  ["another secret", { "x-mihu-signature": mac() }, {}, { secret: "other" }, "signature_wrong"],
  ["another body", { "x-mihu-signature": mac() }, {}, { body: new Uint8Array(3) }, "signature_wrong"],
  ["an empty secret", { "x-mihu-signature": mac() }, {}, { secret: "" }, "no_secrets"],
])("With %s the request is refused, and says why.", async (_what, headers, settings, change, reason) => {
  expect(await verify(headers, settings, change)).toEqual({ ok: false, reason });
});
