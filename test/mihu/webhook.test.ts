import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { MihuSignatureSettings } from "../../src/domain/calls/line.ts";
import { verifyMihuSignature } from "../../src/mihu/signature.ts";
import { readMihuWebhook } from "../../src/mihu/webhook.ts";

const reportCharactersMax = 16_384;
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
  event: "conversation_end_report",
  conversationUuid: report.data.conversation_uuid,
  mihuId: "call-1",
  about: "call-1",
};
const inTurkish = {
  ...report,
  data: { ...report.data, number: "+905550100", conversation: [{ content: "Ağaç 漢字 🙂" }] },
};

test.each<[string, unknown, object]>([
  ["in its envelope", report, {}],
  ["without envelope", { event: report.event, ...report.data }, {}],
  ["with the data only", report.data, { event: "" }],
  [
    "without the call",
    { ...report, data: { ...report.data, call_id: null } },
    { mihuId: null, about: report.data.conversation_uuid },
  ],
  ["of an evaluation", { ...report, data: { ...report.data, session_evaluation_uuid: "e-1" } }, { about: "e-1" }],
  ["with an odd event", { ...report, event: { a: 1 } }, { event: "" }],
  [
    "of no conversation",
    { event: "x", data: { call_id: "c" } },
    { event: "x", conversationUuid: null, mihuId: "c", about: "c" },
  ],
  [
    "that would leave its path",
    { data: { conversation_uuid: "../contacts" } },
    { event: "", conversationUuid: null, mihuId: null, about: "" },
  ],
  [
    "of a conversation that is no text",
    { data: { conversation_uuid: 5 } },
    { event: "", conversationUuid: null, mihuId: null, about: "5" },
  ],
  ["in other alphabets", inTurkish, {}],
])("A report %s says what it is about.", (_what, body, change) => {
  const read = readMihuWebhook(JSON.stringify(body));
  expect(read).toMatchObject({ ok: true, reports: [{ ...about, ...change }] });
});

test("Each report of an array is one, and what is no report is none.", () => {
  expect(readMihuWebhook(JSON.stringify([report, report, 3]))).toMatchObject({ ok: true, reports: [about, about] });
  const many = readMihuWebhook(JSON.stringify(Array(500).fill(report)));
  expect(many.ok && many.reports.length).toBe(100);
});

test("What is kept has no credential, and all that was said.", () => {
  const read = readMihuWebhook(JSON.stringify(inTurkish));
  const body = read.ok ? (read.reports[0]?.body ?? "") : "";
  expect(body).not.toMatch(/hush|Bearer|Authorization|api_key|account_domain/);
  expect(JSON.parse(body)).toMatchObject({
    data: { number: "+905550100", conversation: [{ content: "Ağaç 漢字 🙂" }] },
  });
});

test.each<[string, object]>([
  ["one endless text", { text: "🙂".repeat(300_000) }],
  ["an endless list", { conversation: Array(20_000).fill({ sender: "AI", content: "Hello" }) }],
  ["endless fields", Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`field${n}`, n]))],
  ["endless names", { ["n".repeat(500_000)]: 1 }],
])("A report with %s is cut to a bounded length, and stays JSON.", (_what, data) => {
  const read = readMihuWebhook(JSON.stringify({ event: "x", data: { conversation_uuid: "c-1", ...data } }));
  const body = read.ok ? (read.reports[0]?.body ?? "") : "";
  expect(body.length).toBeLessThanOrEqual(reportCharactersMax);
  expect(body.isWellFormed()).toBe(true);
  expect(JSON.parse(body)).toBeTypeOf("object");
  expect(read).toMatchObject({ reports: [{ conversationUuid: "c-1" }] });
});

test.each<[string, string, string]>([
  ["nothing", "", "empty"],
  ["blanks", " \n ", "empty"],
  ["a page", "<html>", "not_json"],
  ["endless depth", "[".repeat(100_000), "too_deep"],
  ["a number", "3", "not_an_object"],
  ["an empty array", "[]", "not_an_object"],
])("Of %s the reason is told.", (_what, text, reason) => {
  expect(readMihuWebhook(text)).toEqual({ ok: false, reason });
});

const secret = "sécret-key";
const body = new TextEncoder().encode(JSON.stringify(report));
const mac = (algorithm = "sha256", encoding: "hex" | "base64" = "hex") =>
  createHmac(algorithm, secret).update(body).digest(encoding);
const macOf = (...parts: (string | Uint8Array)[]) => {
  const hmac = createHmac("sha256", secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
};
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
  [
    "over the time and the body",
    { "x-mihu-signature": macOf("1767636000.", body), "x-time": "1767636000" },
    { signed: "{timestamp}.{body}", timestamp_header: "X-Time" },
  ],
  ["over words around the body", { "x-mihu-signature": macOf("v0:", body, ":end") }, { signed: "v0:{body}:end" }],
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
  [
    "another time than was signed",
    { "x-mihu-signature": macOf("1767636000.", body), "x-time": "1767636001" },
    { signed: "{timestamp}.{body}", timestamp_header: "x-time" },
    {},
    "signature_wrong",
  ],
  [
    "no time",
    { "x-mihu-signature": macOf(".", body) },
    { signed: "{timestamp}.{body}", timestamp_header: "x-time" },
    {},
    "signature_missing",
  ],
  ["the body alone signed", { "x-mihu-signature": mac() }, { signed: "v0:{body}" }, {}, "signature_wrong"],
  ["bad base64", { "x-mihu-signature": "====" }, { encoding: "base64" }, {}, "signature_malformed"],
  [
    "base64 whose unused bits are set",
    {
      "x-mihu-signature": mac("sha256", "base64").replace(
        /.=$/,
        (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`,
      ),
    },
    { encoding: "base64" },
    {},
    "signature_malformed",
  ],
  ["another secret", { "x-mihu-signature": mac() }, {}, { secret: "other" }, "signature_wrong"],
  ["another body", { "x-mihu-signature": mac() }, {}, { body: new Uint8Array(3) }, "signature_wrong"],
  ["an empty secret", { "x-mihu-signature": mac() }, {}, { secret: "" }, "no_secrets"],
])("With %s the request is refused, and says why.", async (_what, headers, settings, change, reason) => {
  expect(await verify(headers, settings, change)).toEqual({ ok: false, reason });
});
