/**
 * Refused requests through the API: explained, verified again, and accepted. The webhook endpoint's code stores the
 * requests.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doctor } from "../../../src/crm/doctor/doctor.ts";
import { webhooks } from "../../../src/crm/webhooks.ts";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import type { WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { accept } from "../../../src/flows/ingest/accept.ts";
import * as identity from "../../../src/platform/hashes.ts";
import { createSealer } from "../../../src/platform/seal.ts";
import type { AcceptAnswer, Inboxes } from "../../../src/ports/ingest/inboxes.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { rejectionStore } from "../../../src/store/rejections/rejections.ts";
import { requestFrom } from "../../crm/contract/scene.ts";
import type { CrmFixture, Sending } from "../../crm/fixture.ts";
import { fixtures } from "../../crm/fixtures/index.ts";
import { port } from "../../flows/ports.ts";
import { service, type TestService } from "../world/service.ts";

const sealer = createSealer([{ kid: "k1", k: Buffer.alloc(32, 9).toString("base64url") }]);
const address = "https://hooks.example.com";

/** The inbox: what it was given, by the event's id, as Postgres' own uniqueness would keep it. */
const given = new Map<string, NewEvent>();
let answers: (events: NewEvent[]) => AcceptAnswer | null = () => null;
const inboxes = port<Inboxes>({
  refresh: async () => null,
  current: async () => ({ kind: "same" }),
  async accept(_, events) {
    const other = answers(events);
    if (other !== null) return other;
    const acceptances = events.map((event) => {
      const duplicate = given.has(event.id);
      if (!duplicate) given.set(event.id, event);
      return { id: event.id, duplicate, conflict: false };
    });
    return { ok: true, acceptances };
  },
});

let api: TestService;
let production: TestService;
beforeAll(async () => {
  const deps = { sealer, inboxes, webhooks: webhooks(sealer), doctor: doctor(sealer), publicUrl: address };
  [api, production] = await Promise.all([service(deps), service({ ...deps, mode: "production" })]);
});
afterAll(async () => {
  await Promise.all([api.close(), production.close()]);
});

function of(preset: string, scheme: string): CrmFixture {
  const found = fixtures.find((one) => one.preset === preset && one.scheme === scheme);
  if (found === undefined) throw new Error(`no fixture ${preset} ${scheme}`);
  return found;
}
const shopify = of("shopify", "shopify-hmac-sha256");
const hubspot = of("hubspot", "hubspot-v3");
const zendesk = of("zendesk", "zendesk-hmac-sha256");
const bearer = of("bearer", "bearer");

let sources = 0;
async function sourceFor(fixture: CrmFixture, more: object = {}, at: TestService = api): Promise<string> {
  const slug = `shop-${++sources}`;
  const answer = await at.ask("PUT", `/v1/sources/${slug}`, {
    preset: fixture.preset,
    tenant: fixture.tenant,
    secrets: fixture.secret === null ? [] : [fixture.secret],
    settings: { ...fixture.settings, scheme: fixture.scheme },
    ...more,
  });
  expect([slug, answer.status, answer.json?.detail]).toEqual([slug, 201, undefined]);
  return slug;
}

const sent = (fixture: CrmFixture, slug: string, sending: Partial<Sending> = {}) =>
  fixture.send({ secret: fixture.secret ?? "", at: Date.now(), url: `${address}/in/${slug}`, ...sending });

/** A request at the door, and its rejection written as the inbox does it. */
async function knock(slug: string, request: WebhookRequest, at = Date.now()) {
  const copies = sourceStore(() => api.sql);
  const door = { clock: { now: () => at }, identity, webhooks: webhooks(sealer), takesEvidence: () => true };
  const receipt = await accept(
    { ...door, inboxes: port<Inboxes>({ ...inboxes, accept: inboxes.accept, describe: (name) => copies.copy(name) }) },
    slug,
    async () => request,
  );
  if (!("rejection" in receipt)) return { kind: receipt.kind, id: "" };
  await rejectionStore(() => api.sql).write(slug, [receipt.rejection], []);
  return { kind: receipt.kind, id: receipt.rejection.id };
}

async function rejections(slug: string) {
  const answer = await api.ask("GET", `/v1/sources/${slug}/rejections`);
  expect(answer.status).toBe(200);
  return answer.json.data as Record<string, unknown>[];
}
const secretOf = async (slug: string, value: string, more: object = {}) =>
  expect((await api.ask("POST", `/v1/sources/${slug}/secrets`, { value, ...more })).status).toBe(201);
const take = async (slug: string, body: object = { all: true }) =>
  (await api.ask("POST", `/v1/sources/${slug}/rejections/accept`, body)).json;

describe("a pasted request", () => {
  const ask = async (slug: string, body: object, at: TestService = api) =>
    await at.ask("POST", `/v1/sources/${slug}/verify`, body);

  test("that is right is said to be, with its scheme, its secret and its events", async () => {
    const slug = await sourceFor(hubspot);
    const { method, url, headers, body } = sent(hubspot, slug);
    const answer = await ask(slug, { method, url, headers, body });
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        ok: true,
        reason: null,
        detail: null,
        advice: null,
        scheme: "hubspot-v3",
        secret: expect.stringMatching(/^[0-9a-f-]{36}$/),
        handshake: false,
        events_count: 2,
        events: hubspot.events.map(({ externalId, type, occurredAt }) => ({
          external_id: externalId,
          type,
          occurred_at: occurredAt,
          readable: true,
        })),
      },
    ]);
    const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
    expect(
      (await ask(slug, { url: `/in/${slug}`, headers: shouted, body_base64: Buffer.from(body).toString("base64") }))
        .json.ok,
    ).toBe(true);
  });

  test("of another time is judged by that", async () => {
    const slug = await sourceFor(hubspot);
    const at = Date.UTC(2026, 0, 5, 12);
    const { url, headers, body } = sent(hubspot, slug, { at });
    for (const when of [at, new Date(at).toISOString()])
      expect((await ask(slug, { url, headers, body, at: when })).json.ok).toBe(true);
    const late = (await ask(slug, { url, headers, body, at: at + 420_000 })).json;
    expect(late).toMatchObject({
      ok: false,
      reason: "timestamp_outside_tolerance",
      advice: expect.stringContaining("7 min old"),
    });
  });

  test("that is right for another address than the door's is said to be, and what to set", async () => {
    const slug = await sourceFor(hubspot);
    const { headers, body } = sent(hubspot, slug, { url: `https://old.example/in/${slug}` });
    const answer = (await ask(slug, { url: `https://old.example/in/${slug}`, headers, body })).json;
    expect(answer).toMatchObject({
      ok: true,
      advice: expect.stringContaining(`Hookline expects ${address}: set PUBLIC_URL`),
    });
    const seen = (await ask(slug, { url: `http://old.example/in/${slug}`, headers, body })).json;
    expect(seen).toMatchObject({
      ok: false,
      advice: expect.stringContaining(
        `Signed for the address https://old.example/in/${slug}, but Hookline expects http://old.example/in/${slug}`,
      ),
    });
    const configured = await sourceFor(hubspot, {
      settings: { scheme: "hubspot-v3", url: `https://old.example/in/${slug}` },
    });
    expect((await ask(configured, { url: "http://whatever.example/x", headers, body })).json).toMatchObject({
      ok: true,
      advice: null,
    });
  });

  test("signed with a test key that everybody knows is right on one machine only, where it is told too", async () => {
    const key = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
    for (const [at, ok, reason] of [
      [api, true, null],
      [production, false, "public_secret"],
    ] as const) {
      const slug = await sourceFor(zendesk, {}, at);
      const { url, headers, body } = sent(zendesk, slug, { secret: key });
      const answer = (await ask(slug, { url, headers, body }, at)).json;
      expect(answer).toMatchObject({ ok, reason, advice: expect.stringContaining("Hookline refuses it") });
      expect(answer.events_count).toBe(ok ? 1 : 0);
    }
  });

  test("that cannot be read, though it is signed, is explained too", async () => {
    const slug = await sourceFor(shopify);
    const { url, headers, body } = sent(shopify, slug, { body: "not json" });
    expect((await ask(slug, { url, headers, body })).json).toMatchObject({
      ok: false,
      reason: "not_json",
      advice: expect.stringContaining("JSON"),
    });
  });

  test("that asks what a sender asks at its set-up is told so", async () => {
    const slug = await sourceFor(of("monday", "monday-jwt"));
    const answer = (await ask(slug, { headers: { "content-type": "application/json" }, body: '{"challenge":"abc"}' }))
      .json;
    expect(answer).toMatchObject({
      ok: true,
      handshake: true,
      events_count: 0,
      advice: expect.stringContaining("set-up request"),
    });
  });

  test("as large as the door takes it is taken, and one byte more is not", async () => {
    const slug = await sourceFor(shopify);
    const { headers } = sent(shopify, slug);
    const at = (bytes: number) => ask(slug, { headers, body_base64: Buffer.alloc(bytes, " ").toString("base64") });
    expect((await at(1_048_576)).status).toBe(200);
    expect((await at(1_048_577)).status).toBeGreaterThanOrEqual(413);
  });

  test.each<[string, object, string]>([
    ["a body that is no text", { body: { a: 1 } }, "body"],
    ["two bodies", { body: "a", body_base64: "YQ==" }, "body_base64"],
    ["base64 that is none", { body_base64: "%%%" }, "body_base64"],
    ["a time that is none", { at: "yesterday" }, "at"],
    ["an address of another kind", { url: "ftp://a" }, "url"],
    ["a header that is no text", { headers: { a: 1 } }, "headers"],
    ["a field that nobody knows", { signature: "x" }, "signature"],
  ])("with %s is refused", async (_, body, field) => {
    const slug = await sourceFor(shopify);
    const answer = await ask(slug, body);
    expect([answer.status, answer.json.errors[0].path[0]]).toEqual([422, field]);
  });

  test("for a source that is not there is not found", async () => {
    expect((await ask("nowhere", { body: "{}" })).status).toBe(404);
    expect((await api.ask("GET", "/v1/sources/nowhere/rejections")).status).toBe(404);
    expect((await api.ask("POST", "/v1/sources/nowhere/rejections/accept", { all: true })).status).toBe(404);
  });
});

describe("a refused request", () => {
  test("is told with what to change, and after that it verifies, and goes in once", async () => {
    const slug = await sourceFor(shopify, { secrets: ["another-secret-0123456789"] });
    const request = requestFrom(sent(shopify, slug));
    const { id } = await knock(slug, request);
    expect(await rejections(slug)).toMatchObject([
      {
        id,
        code: "signature_wrong",
        kept: true,
        body_kept: "whole",
        verifies_now: false,
        reason_now: "signature_wrong",
        accepted_at: null,
      },
    ]);
    expect((await take(slug)).data).toMatchObject([
      { id, result: "refused", reason: "signature_wrong", advice: expect.any(String) },
    ]);

    await secretOf(slug, shopify.secret ?? "");
    expect(await rejections(slug)).toMatchObject([
      { id, kept: true, verifies_now: true, reason_now: null, advice: expect.stringContaining("Accept it") },
    ]);
    expect(await take(slug, { all: true, dry_run: true })).toMatchObject({
      dry_run: true,
      accepted: 0,
      data: [{ id, result: "would_accept" }],
    });
    expect([...given.values()].filter(({ source }) => source === slug)).toEqual([]);

    const first = await take(slug, { all: true, reason: "the secret was mended" });
    const [event] = first.data[0].events;
    expect(first).toMatchObject({ accepted: 1, data: [{ id, result: "accepted", events: [{ duplicate: false }] }] });
    expect(given.get(event.id)).toMatchObject({
      source: slug,
      externalId: shopify.events[0]?.externalId,
      type: shopify.events[0]?.type,
    });
    expect(await take(slug)).toMatchObject({
      accepted: 0,
      data: [{ id, result: "accepted_before", events: [{ id: event.id }] }],
    });
    expect(await rejections(slug)).toMatchObject([
      { id, kept: false, body_kept: "accepted", accepted_at: expect.any(String), accepted_events: [event.id] },
    ]);
    const entries =
      await api.sql`select action, reason, data from entries where subject = 'rejection' and subject_id = ${id}`;
    expect(entries).toEqual([
      { action: "accepted", reason: "the secret was mended", data: { source: slug, events: [event.id] } },
    ]);
  });

  test("is judged by the time at which it came, days later", async () => {
    const slug = await sourceFor(hubspot, { secrets: ["another-secret-0123456789"] });
    const at = Date.now() - 3 * 86_400_000;
    await knock(slug, requestFrom(sent(hubspot, slug, { at })), at);
    await secretOf(slug, hubspot.secret ?? "");
    expect(await take(slug)).toMatchObject({ accepted: 1, data: [{ result: "accepted", events: [{}, {}] }] });
  });

  test("that was late when it came is late for ever", async () => {
    const slug = await sourceFor(hubspot);
    await knock(slug, requestFrom(sent(hubspot, slug, { at: Date.now() - 600_000 })));
    expect(await rejections(slug)).toMatchObject([
      { verifies_now: false, advice: expect.stringContaining("10 min old") },
    ]);
    expect(await take(slug)).toMatchObject({
      accepted: 0,
      data: [{ result: "refused", reason: "timestamp_outside_tolerance" }],
    });
  });

  test("that was sent again meanwhile is the same event", async () => {
    const slug = await sourceFor(shopify, { secrets: ["another-secret-0123456789"] });
    const request = requestFrom(sent(shopify, slug));
    await knock(slug, request);
    await secretOf(slug, shopify.secret ?? "");
    expect((await knock(slug, request)).kind).toBe("accepted");
    expect((await take(slug)).data).toMatchObject([{ result: "accepted", events: [{ duplicate: true }] }]);
  });

  test("that was signed and could not be read goes in once the settings are right", async () => {
    const fixture = of("generic", "hmac");
    const slug = await sourceFor(
      { ...shopify, preset: "generic", scheme: "hmac", tenant: null },
      { settings: { batch: "events" }, tenant: null },
    );
    const { createHmac } = await import("node:crypto");
    const body = '{"items":[{"id":"a"},{"id":"b"}]}';
    const signature = createHmac("sha256", shopify.secret ?? "")
      .update(body)
      .digest("hex");
    const request = requestFrom({
      ...fixture.send({ secret: "x", at: 0, url: `${address}/in/${slug}` }),
      headers: { "X-Hookline-Signature": signature },
      body,
    });
    expect((await knock(slug, request)).kind).toBe("unreadable");
    expect(await rejections(slug)).toMatchObject([
      { code: "batch_missing", kept: true, verifies_now: false, advice: expect.stringContaining("settings.batch") },
    ]);
    await api.ask("PUT", `/v1/sources/${slug}`, { preset: "generic", settings: { batch: "items" } });
    expect((await take(slug)).data).toMatchObject([{ result: "accepted", events: [{}, {}] }]);
  });

  test("stays refused while nothing durable can take it, and is taken then", async () => {
    const slug = await sourceFor(shopify, { secrets: ["another-secret-0123456789"] });
    await knock(slug, requestFrom(sent(shopify, slug)));
    await secretOf(slug, shopify.secret ?? "");
    answers = () => ({ ok: false, reason: "away", retryAfterSeconds: 5 });
    expect((await take(slug)).data).toMatchObject([{ result: "unavailable" }]);
    answers = () => null;
    expect(await take(slug)).toMatchObject({ accepted: 1 });
  });

  test("of a sender that presents a secret is kept by no more than a hash of it: it has to come again", async () => {
    const slug = await sourceFor(bearer, { secrets: ["another-secret-0123456789"] });
    const { id } = await knock(slug, requestFrom(sent(bearer, slug)));
    expect(await rejections(slug)).toMatchObject([{ kept: false, body_kept: "shared_secret", verifies_now: false }]);
    await secretOf(slug, bearer.secret ?? "");
    expect(await rejections(slug)).toMatchObject([
      { kept: false, verifies_now: true, advice: expect.stringContaining("Have the sender send it again") },
    ]);
    expect((await take(slug)).data).toMatchObject([{ id, result: "not_kept" }]);
  });

  test("is accepted alone where only it is named, and what is not there is said", async () => {
    const slug = await sourceFor(shopify, { secrets: ["another-secret-0123456789"] });
    const [one, two] = [
      await knock(slug, requestFrom(sent(shopify, slug, { body: '{"id":1}' }))),
      await knock(slug, requestFrom(sent(shopify, slug, { body: '{"id":2}' }))),
    ];
    await secretOf(slug, shopify.secret ?? "");
    const nobody = randomUUID();
    expect((await take(slug, { ids: [two.id.toUpperCase(), nobody] })).data).toMatchObject([
      { id: two.id, result: "accepted" },
      { id: nobody, result: "not_found" },
    ]);
    expect((await rejections(slug)).find(({ id }) => id === one.id)).toMatchObject({
      accepted_at: null,
      verifies_now: true,
    });
    for (const body of [{}, { ids: [], reason: "x" }, { ids: [one.id], all: true }, { all: false }])
      expect((await api.ask("POST", `/v1/sources/${slug}/rejections/accept`, body)).status).toBe(422);
  });

  test("of a source that is disconnected is not taken", async () => {
    const slug = await sourceFor(shopify, { secrets: ["another-secret-0123456789"] });
    await knock(slug, requestFrom(sent(shopify, slug)));
    await api.ask("DELETE", `/v1/sources/${slug}`);
    expect((await api.ask("POST", `/v1/sources/${slug}/rejections/accept`, { all: true })).status).toBe(404);
  });

  test("leaves no secret in the table, in an answer or in the log, whatever its sender presents", async () => {
    const told: unknown[] = [];
    const secrets: string[] = [];
    for (const fixture of fixtures) {
      if (fixture.secret === null || fixture.secret.includes("PUBLIC KEY") || fixture.secret.startsWith("whpk_"))
        continue;
      const slug = await sourceFor(fixture, { secrets: [fixture.otherSecret] });
      await knock(slug, requestFrom(sent(fixture, slug)));
      // The right one as well: what it signs comes too late, or presents it at a wrong place.
      const request = requestFrom(sent(fixture, slug, { secret: fixture.otherSecret }));
      await knock(
        slug,
        {
          ...request,
          headers: {
            ...request.headers,
            authorization: `Bearer ${fixture.otherSecret}`,
            "x-api-key": fixture.otherSecret,
          },
        },
        Date.now() + 86_400_000,
      );
      told.push(await rejections(slug), await take(slug));
      secrets.push(fixture.otherSecret);
      if (request.key !== null || fixture.signs.length === 0) secrets.push(fixture.secret);
    }
    const rows = await api.sql`select r::text || coalesce(encode(body, 'escape'), '') as text from rejections r`;
    const everything = JSON.stringify([rows, told, api.logged]);
    // A row of zeros stands in many a payload.
    const encoded = [...new Set(secrets)]
      .filter((value) => !/^0+$/.test(value))
      .flatMap((value) => [
        value,
        encodeURIComponent(value),
        Buffer.from(value).toString("base64"),
        Buffer.from(`user:${value}`).toString("base64"),
      ]);
    expect(encoded.filter((value) => everything.includes(value))).toEqual([]);
    expect(rows.length).toBeGreaterThan(60);
  });
});
