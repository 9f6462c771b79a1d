/** Others' packages sign what our presets verify, and verify what our fixtures sign: the two share no line of code. */
import { sign as octokitSign, verify as octokitVerify } from "@octokit/webhooks-methods";
import fc from "fast-check";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import twilio from "twilio";
import { describe, expect, test } from "vitest";
import { findPreset } from "../../../src/crm/presets/index.ts";
import { verifySignature } from "../../../src/crm/signature/verify.ts";
import type { CrmFixture, Sent } from "../fixture.ts";
import { fixtures as github } from "../fixtures/github.ts";
import { fixtures as standardWebhooks } from "../fixtures/standard-webhooks.ts";
import { fixtures as stripeFixtures } from "../fixtures/stripe.ts";
import { fixtures as svixFixtures } from "../fixtures/svix.ts";
import { fixtures as twilioFixtures } from "../fixtures/twilio.ts";
import { makeRequest, nowMs } from "../requests.ts";

const seed = 20_261_102;
const url = "https://hooks.example.com/in/acme";
const whsec = `whsec_${Buffer.from("a-key-of-more-than-24-bytes!").toString("base64")}`;

/** JSON objects of all sorts: Unicode, empty, nested, numbers. */
const bodies = fc
  .dictionary(fc.string({ unit: "grapheme", maxLength: 12 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 8 })
  .map((object) => JSON.stringify(object));

async function verified(
  preset: string,
  scheme: string,
  secret: string,
  sent: Omit<Sent, "method">,
  tenant: string | null = null,
) {
  const found = findPreset(preset);
  if (found === null) throw new Error(`no preset ${preset}`);
  return await verifySignature({
    preset: found,
    settings: { scheme },
    tenant,
    secrets: [{ id: "s", value: secret }],
    request: { ...makeRequest(sent.body, sent.headers), url: sent.url },
    nowMs,
  });
}

function fixtureOf(fixtures: readonly CrmFixture[], scheme: string): CrmFixture {
  const found = fixtures.find((fixture) => fixture.scheme === scheme);
  if (found === undefined) throw new Error(`no fixture ${scheme}`);
  return found;
}

describe("what others' packages sign is verified", () => {
  const each = (property: (body: string) => Promise<void>) =>
    fc.assert(fc.asyncProperty(bodies, property), { seed, numRuns: 60 });

  test("standardwebhooks", async () => {
    await each(async (body) => {
      const headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": String(Math.floor(nowMs / 1_000)),
        "webhook-signature": new StandardWebhook(whsec).sign("msg_1", new Date(nowMs), body),
      };
      expect(await verified("standard-webhooks", "standard-webhooks-v1", whsec, { url, headers, body })).toMatchObject({
        ok: true,
      });
    });
  });

  test("svix", async () => {
    await each(async (body) => {
      const headers = {
        "svix-id": "msg_1",
        "svix-timestamp": String(Math.floor(nowMs / 1_000)),
        "svix-signature": new SvixWebhook(whsec).sign("msg_1", new Date(nowMs), body),
      };
      expect(await verified("svix", "svix-v1", whsec, { url, headers, body })).toMatchObject({ ok: true });
    });
  });

  test("stripe", async () => {
    const stripe = new Stripe("sk_test_x");
    const secret = "whsec_of_acme";
    await each(async (body) => {
      const header = stripe.webhooks.generateTestHeaderString({
        payload: body,
        secret,
        timestamp: Math.floor(nowMs / 1_000),
      });
      const sent = { url, headers: { "Stripe-Signature": header }, body };
      expect(await verified("stripe", "stripe-v1", secret, sent)).toMatchObject({ ok: true });
    });
  });

  test("twilio, forms", async () => {
    const params = fc.dictionary(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,10}$/),
      fc.string({ unit: "grapheme", maxLength: 20 }),
      { maxKeys: 8 },
    );
    await fc.assert(
      fc.asyncProperty(params, async (fields) => {
        const headers = {
          "Content-Type": "application/x-www-form-urlencoded",
          "X-Twilio-Signature": twilio.getExpectedTwilioSignature("12345", url, fields),
        };
        const sent = { url, headers, body: new URLSearchParams(fields).toString() };
        expect(await verified("twilio", "twilio-form-hmac-sha1", "12345", sent)).toMatchObject({ ok: true });
      }),
      { seed, numRuns: 60 },
    );
  });

  test("twilio, JSON", async () => {
    await each(async (body) => {
      const whole = `${url}?bodySHA256=${twilio.getExpectedBodyHash(body)}`;
      const headers = {
        "Content-Type": "application/json",
        "X-Twilio-Signature": twilio.getExpectedTwilioSignature("12345", whole, {}),
      };
      expect(await verified("twilio", "twilio-json-bodySHA256", "12345", { url: whole, headers, body })).toMatchObject({
        ok: true,
      });
    });
  });

  test("octokit, for GitHub", async () => {
    await each(async (body) => {
      const headers = { "X-Hub-Signature-256": await octokitSign("a-secret", body) };
      expect(await verified("github", "github-sha256", "a-secret", { url, headers, body })).toMatchObject({ ok: true });
    });
  });
});

describe("what our fixtures sign is verified by others' packages", () => {
  const now = Date.now();

  test.each([
    ["standardwebhooks", fixtureOf(standardWebhooks, "standard-webhooks-v1"), StandardWebhook],
    ["svix", fixtureOf(svixFixtures, "svix-v1"), SvixWebhook],
  ] as const)("%s", (_name, fixture, Webhook) => {
    const secret = fixture.secret ?? "";
    const sent = fixture.send({ secret, at: now, url });
    expect(() => new Webhook(secret).verify(sent.body, { ...sent.headers })).not.toThrow();
  });

  test("stripe", () => {
    const fixture = fixtureOf(stripeFixtures, "stripe-v1");
    const secret = fixture.secret ?? "";
    const { body, headers } = fixture.send({ secret, at: now, url });
    const event = new Stripe("sk_test_x").webhooks.constructEvent(body, headers["Stripe-Signature"] ?? "", secret);
    expect(event.id).toBe(fixture.events[0]?.externalId);
  });

  test("twilio", () => {
    const form = fixtureOf(twilioFixtures, "twilio-form-hmac-sha1");
    const sent = form.send({ secret: form.secret ?? "", at: now, url });
    const params = Object.fromEntries(new URLSearchParams(sent.body));
    expect(twilio.validateRequest(form.secret ?? "", sent.headers["X-Twilio-Signature"] ?? "", sent.url, params)).toBe(
      true,
    );
    const json = fixtureOf(twilioFixtures, "twilio-json-bodySHA256");
    const { headers, url: whole, body } = json.send({ secret: json.secret ?? "", at: now, url });
    expect(twilio.validateRequestWithBody(json.secret ?? "", headers["X-Twilio-Signature"] ?? "", whole, body)).toBe(
      true,
    );
  });

  test("octokit", async () => {
    const fixture = fixtureOf(github, "github-sha256");
    const { body, headers } = fixture.send({ secret: fixture.secret ?? "", at: now, url });
    expect(await octokitVerify(fixture.secret ?? "", body, headers["X-Hub-Signature-256"] ?? "")).toBe(true);
  });
});
