import { Buffer } from "node:buffer";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, it } from "vitest";
import { newSigningSecret, signDelivery } from "../../../src/platform/signature/standard-webhook.ts";

// The verifiers compare the timestamp with the clock of this machine.
const atMs = Date.now();
const body = JSON.stringify({
  type: "call.ended",
  timestamp: "2026-01-05T18:00:00.000Z",
  data: { about: "Ölçü 🎧 “x”" },
});
const message = { id: "msg_0b9f6e2cdb7d4b0f9a6f0a3c1f2d4e5b", body, atMs };
const [present, former] = [newSigningSecret(), newSigningSecret()];

/** The verifiers that receivers use. Both throw for a wrong signature. */
const verifiers = [
  ["standardwebhooks", (secret: string) => new StandardWebhook(secret)],
  ["svix", (secret: string) => new SvixWebhook(secret)],
] as const;

describe.each(verifiers)("the verifier of %s", (_, verifier) => {
  it("accepts a signed request", () => {
    const headers = signDelivery(message, [present]);
    for (const sent of [body, Buffer.from(body)])
      expect(() => verifier(present).verify(sent, { ...headers })).not.toThrow();
  });

  it("accepts both secrets of a rotation", () => {
    const headers = signDelivery(message, [present, former]);
    for (const secret of [present, former]) expect(() => verifier(secret).verify(body, { ...headers })).not.toThrow();
  });

  it.each([
    ["another secret", newSigningSecret(), body, {}],
    ["another body", present, body.replace("Ölçü", "Olcu"), {}],
    ["another id", present, body, { "webhook-id": "msg_2" }],
    ["another time", present, body, { "webhook-timestamp": String(Math.floor(atMs / 1000) + 1) }],
  ])("rejects %s", (_, secret, text, changed) => {
    const headers = { ...signDelivery(message, [present]), ...changed };
    expect(() => verifier(secret).verify(text, headers)).toThrow();
  });
});

describe("a signature", () => {
  it("has one part for each secret, in their order", () => {
    const both = signDelivery(message, [present, former])["webhook-signature"].split(" ");
    expect(both).toEqual([present, former].map((secret) => signDelivery(message, [secret])["webhook-signature"]));
    expect(both.every((one) => /^v1,[A-Za-z0-9+/]{43}=$/.test(one))).toBe(true);
  });

  it.each([
    ["no secret", []],
    ["a secret without its prefix", [present.slice("whsec_".length)]],
    ["a short secret", [`whsec_${Buffer.alloc(23).toString("base64")}`]],
    ["a long secret", [`whsec_${Buffer.alloc(65).toString("base64")}`]],
    ["a secret that is no base64", ["whsec_?"]],
  ])("is not made with %s", (_, secrets) => {
    expect(() => signDelivery(message, secrets)).toThrow();
  });

  it("is made with secrets of 24 and of 64 bytes", () => {
    for (const bytes of [24, 64]) {
      const secret = `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;
      expect(() => new StandardWebhook(secret).verify(body, { ...signDelivery(message, [secret]) })).not.toThrow();
    }
  });

  it("has a new secret each time", () => {
    expect(new Set(Array.from({ length: 50 }, newSigningSecret)).size).toBe(50);
  });
});
