import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { schemeOf } from "../../../src/crm/preset/chosen-scheme.ts";
import type { Handshake } from "../../../src/crm/preset/preset.ts";
import type { HmacRecipe } from "../../../src/crm/preset/recipe.ts";
import { handshakeIn } from "../../../src/crm/reading/handshake.ts";
import { webhooks } from "../../../src/crm/webhooks.ts";
import type { WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { createSealer } from "../../../src/platform/seal.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import { makeRequest, nowMs } from "../requests.ts";
import { presetOf } from "../signature/engine-scene.ts";

const recipe: HmacRecipe = {
  family: "hmac",
  algorithm: "sha256",
  key: "utf8",
  digest: "hex",
  template: "{body}",
  header: "x-sig",
};
const json = (body: unknown, headers: Record<string, string> = {}) =>
  makeRequest(JSON.stringify(body), { "content-type": "application/json", ...headers });
const form = (body: string, headers: Record<string, string> = {}) =>
  makeRequest(body, { "content-type": "application/x-www-form-urlencoded", ...headers });

function asked(handshake: Handshake, request: WebhookRequest, hasSecret = true) {
  return handshakeIn(schemeOf(presetOf(recipe, { handshakes: [handshake] }), {}), request, hasSecret);
}

const long = "x".repeat(1_001);
const key = "0123456789abcdef0123456789abcdef";

describe("a field that is echoed", () => {
  const bare: Handshake = { kind: "echo_field", field: "challenge", signed: false };
  const when: Handshake = { ...bare, when: { path: "type", equals: "url_verification" }, signed: true };

  test("comes back as JSON, whatever the source's secrets are", () => {
    for (const hasSecret of [true, false])
      expect(asked(bare, json({ challenge: 'a"<b>' }), hasSecret)).toEqual({
        kind: "echo",
        signed: false,
        echoed: 'a"<b>',
        answer: { status: 200, headers: { "content-type": "application/json" }, body: '{"challenge":"a\\"<b>"}' },
      });
    expect(asked(when, json({ token: "t", challenge: "c", type: "url_verification" }))).toMatchObject({
      signed: true,
      answer: { body: '{"challenge":"c"}' },
    });
  });

  test.each<[string, Handshake, WebhookRequest]>([
    ["is no text", bare, json({ challenge: 7 })],
    ["is not there", bare, json({})],
    ["is inherited", { ...bare, field: "constructor" }, json({})],
    ["stands in an event", bare, json({ challenge: "c", event: { id: 1 } })],
    ["stands in a list", bare, json([{ challenge: "c" }])],
    ["stands in a body of another type", when, json({ challenge: "c", type: "event_callback" })],
    ["stands in a body without a type", when, json({ challenge: "c" })],
    ["stands in a form", bare, form("challenge=c")],
    ["stands in no JSON", bare, makeRequest("challenge")],
    ["stands in a body too large for a handshake", bare, json({ challenge: "c", pad: "x".repeat(9_000) })],
  ])("makes no handshake where it %s", (_what, handshake, request) => {
    expect(asked(handshake, request)).toBeNull();
  });

  test("is not echoed where it is longer than a thousand characters", () => {
    expect(asked(bare, json({ challenge: long }))).toMatchObject({ ok: false, reason: "handshake_refused" });
    expect(asked(bare, json({ challenge: long.slice(1) }))).toMatchObject({ kind: "echo" });
  });
});

test("a header that is wanted as the body comes back as plain text, and only for a signed request", () => {
  const handshake: Handshake = { kind: "header_to_body", header: "x-challenge", signed: true };
  expect(asked(handshake, json({}, { "x-challenge": "<script>" }))).toEqual({
    kind: "echo",
    signed: true,
    echoed: "<script>",
    answer: { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "<script>" },
  });
  expect(asked(handshake, json({}, { "x-challenge": "" }))).toBeNull();
  expect(asked(handshake, json({}))).toBeNull();
  expect(asked(handshake, json({}, { "x-challenge": long }))).toMatchObject({ reason: "handshake_refused" });
});

describe("a key that is handed over", () => {
  const inHeader: Handshake = { kind: "captured_header", header: "x-hook-secret" };
  const inField: Handshake = { kind: "captured_field", field: "verification_token" };

  test("in a header is taken by a source without a secret, and comes back in the same header", () => {
    expect(asked(inHeader, json({}, { "x-hook-secret": key }), false)).toEqual({
      kind: "capture",
      secret: key,
      answer: { status: 200, headers: { "x-hook-secret": key }, body: "" },
    });
  });

  test("in a body is taken by a source without a secret, and does not come back", () => {
    const found = asked(inField, json({ verification_token: key }), false);
    expect(found).toMatchObject({ kind: "capture", secret: key, answer: { status: 200, body: "" } });
    if (found === null || "ok" in found) throw new Error("not taken");
    expect(JSON.stringify(found.answer)).not.toContain(key);
  });

  test.each<[string, Handshake, WebhookRequest]>([
    ["a header", inHeader, json({}, { "x-hook-secret": key })],
    ["a body", inField, json({ verification_token: key })],
  ])("in %s is refused by a source that has one, and nothing of it is said", (_what, handshake, request) => {
    const found = asked(handshake, request, true);
    expect(found).toMatchObject({ ok: false, reason: "handshake_refused" });
    expect(JSON.stringify(found)).not.toContain(key);
  });

  test.each(["short", "x".repeat(513), "passwörter-sind-lang"])("that nobody should trust is refused: %s", (value) => {
    expect(asked(inHeader, json({}, { "x-hook-secret": value }), false)).toMatchObject({ reason: "handshake_refused" });
    expect(asked(inField, json({ verification_token: value }), false)).toMatchObject({ reason: "handshake_refused" });
  });

  test.each<[string, Handshake, WebhookRequest]>([
    ["beside a signature", inHeader, json({}, { "x-hook-secret": key, "x-sig": "00" })],
    ["in a signed body", inField, json({ verification_token: key }, { "x-sig": "00" })],
    ["beside other fields", inField, json({ verification_token: key, id: 1 })],
    ["as a number", inField, json({ verification_token: 1_234_567_890_123_456 })],
    ["as an empty header", inHeader, json({}, { "x-hook-secret": "" })],
  ])("%s is no handshake: the request is verified as ever", (_what, handshake, request) => {
    expect(asked(handshake, request, false)).toBeNull();
  });
});

describe("an unsigned ping", () => {
  const ping: Handshake = { kind: "unsigned_ping", field: "webhook_id" };
  test("is answered with nothing", () => {
    expect(asked(ping, form("webhook_id=17"))).toMatchObject({
      kind: "echo",
      signed: false,
      answer: { status: 200, body: "" },
    });
    expect(asked(ping, makeRequest("webhook_id=17"), false)).toMatchObject({ kind: "echo" });
  });

  test.each<[string, WebhookRequest]>([
    ["another field", form("id=17")],
    ["two fields", form("webhook_id=17&a=b")],
    ["a word", form("webhook_id=abc")],
    ["a signature", form("webhook_id=17", { "x-sig": "00" })],
    ["JSON", json({ webhook_id: 17 })],
    ["nothing", form("")],
  ])("is not what has %s", (_what, request) => {
    expect(asked(ping, request)).toBeNull();
  });
});

describe("a source's handshakes, through the port that the door asks", () => {
  const sealer = createSealer([{ kid: "k1", k: Buffer.alloc(32, 3).toString("base64url") }]);
  const port = webhooks(sealer);
  const sourceOf = async (
    preset: string,
    more: Partial<SourceCopy> = {},
    ...secrets: string[]
  ): Promise<SourceCopy> => ({
    slug: "acme",
    version: 1,
    shards: 1,
    preset,
    tenant: null,
    country: null,
    zone: null,
    settings: {},
    orderNumber: null,
    recordType: null,
    recordId: null,
    secrets: await Promise.all(secrets.map(async (value) => ({ id: "s", sealed: await sealer.seal(value) }))),
    rules: [],
    ...more,
  });
  const challenge = JSON.stringify({ token: "t", challenge: "abc", type: "url_verification" });
  const slack = (secret: string, at = nowMs) => {
    const time = String(Math.floor(at / 1_000));
    const sig = createHmac("sha256", secret).update(`v0:${time}:${challenge}`).digest("hex");
    return makeRequest(challenge, {
      "content-type": "application/json",
      "x-slack-request-timestamp": time,
      "x-slack-signature": `v0=${sig}`,
    });
  };

  test("that have to be signed are answered when they are, though they name no account", async () => {
    const source = await sourceOf("slack", { tenant: "T1" }, "right");
    expect(await port.handshake(source, slack("right"), nowMs)).toMatchObject({
      kind: "answer",
      answer: { body: '{"challenge":"abc"}' },
    });
  });

  test.each([
    ["a wrong signature", slack("wrong"), "signature_wrong"],
    ["an old signature", slack("right", nowMs - 400_000), "timestamp_outside_tolerance"],
    ["none", makeRequest(challenge, { "content-type": "application/json" }), "signature_missing"],
  ])("that have to be signed are refused with %s", async (_what, request, reason) => {
    const source = await sourceOf("slack", { tenant: "T1" }, "right");
    expect(await port.handshake(source, request, nowMs)).toMatchObject({ kind: "refused", reason });
  });

  test("seal a key before it leaves the Worker", async () => {
    const source = await sourceOf("asana");
    const found = await port.handshake(source, json({}, { "x-hook-secret": key }), nowMs);
    if (found?.kind !== "capture") throw new Error("not taken");
    expect(JSON.stringify(found.secret)).not.toContain(key);
    expect(await sealer.open(found.secret.sealed)).toEqual({ ok: true, text: key });
    expect(found.secret).toMatchObject({ kid: "k1", fingerprint: await sealer.fingerprint(key) });
  });

  test("are none where the preset has none: a challenge is then whatever its signature makes of it", async () => {
    const source = await sourceOf("generic", {}, "right");
    expect(await port.handshake(source, json({ challenge: "abc" }), nowMs)).toBeNull();
    expect(await port.verify(source, json({ challenge: "abc" }), nowMs)).toMatchObject({ ok: false });
  });
});
