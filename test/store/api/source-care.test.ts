/** What an administrator decides about a source: secrets with an overlap, a pause that loses nothing, keys that are sealed anew. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKeySets } from "../../../cli/install/keys.ts";
import { webhooks } from "../../../src/crm/webhooks.ts";
import { secretsPerSourceMax } from "../../../src/domain/limits.ts";
import { reseal } from "../../../src/flows/config/reseal.ts";
import { createSealer, type Sealer } from "../../../src/platform/seal.ts";
import { checkBooks } from "../../../src/store/audit/books.ts";
import { sealedStore } from "../../../src/store/config/sealed.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { healthLookups } from "../../../src/store/lookups/readiness.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { eventStores } from "../world/events.ts";
import { newEvent, planOf } from "../world/world.ts";

const [oldKey] = makeKeySets().SEALING_KEYS;
const [newKey] = makeKeySets().SEALING_KEYS;
if (oldKey === undefined || newKey === undefined) throw new Error("no keys were made");
const sealer = createSealer([oldKey]);
const hourMs = 3_600_000;

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
beforeAll(async () => {
  beside = await serviceBeside({ sealer }, 2);
  ({ api, owner, client } = beside);
});
afterAll(async () => {
  await beside.close();
});

let slugs = 0;
async function source(body: object = {}): Promise<string> {
  const slug = `acme-${++slugs}`;
  const made = await api.ask("PUT", `/v1/sources/${slug}`, {
    preset: "bearer",
    country: "US",
    secrets: ["first-secret-of-acme"],
    ...body,
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.json));
  return slug;
}
const view = async (slug: string, token?: string) =>
  (await api.ask("GET", `/v1/sources/${slug}`, undefined, token)).json;
const entriesOf = async (slug: string, action: string) =>
  await owner`select actor, data from entries where subject = 'source' and subject_id = ${slug} and action = ${action}`;
const copyOf = async (slug: string) => {
  const copy = await sourceStore(client.sql).copy(slug);
  if (copy === null) throw new Error("there is no copy");
  return copy;
};
/** Whether a request with this secret is the source's own at a time. */
async function verifies(slug: string, secret: string, atMs: number, by: Sealer = sealer): Promise<boolean> {
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
  const request = { method: "POST", url: null, key: null, headers, body: new TextEncoder().encode("{}") };
  return (await webhooks(by).verify(await copyOf(slug), request, atMs)).ok;
}

describe("a secret that a sender's documentation prints", () => {
  const known = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  test("is refused under every preset, also on one machine", async () => {
    for (const preset of ["bearer", "generic", "svix", "standard-webhooks"]) {
      const put = await api.ask("PUT", `/v1/sources/known-${preset}`, { preset, country: "US", secrets: [known] });
      expect(put.status).toBe(422);
      expect(JSON.stringify(put.json)).toContain("is published in the documentation of Svix");
    }
    const added = await api.ask("POST", `/v1/sources/${await source()}/secrets`, { value: known });
    expect(added.status).toBe(422);
    expect(JSON.stringify(added.json)).toContain("Hookline refuses it");
  });

  test("verifies nothing if it is stored already, and the source says so", async () => {
    const slug = await source();
    const sealed = await sealer.seal(known);
    await owner`update secrets set sealed = ${sealed} where source = ${slug}`;
    expect((await view(slug)).warnings).toContainEqual(
      expect.stringMatching(/is published in the documentation of Svix.*It verifies nothing/),
    );
    expect(await verifies(slug, known, Date.now())).toBe(false);
  });
});

describe("a secret that is added", () => {
  test("verifies beside the others until they end, and from then on alone; the sweep retires them with an entry", async () => {
    const slug = await source();
    const nowMs = Date.now();
    const added = await api.ask("POST", `/v1/sources/${slug}/secrets`, {
      env: "SECRET",
      value: "second-secret-of-acme",
      retire_others_in: "24h",
    });
    expect(added.status).toBe(201);
    const [first, second] = added.json.secrets;
    expect([first.env, second.env, second.expires_at]).toEqual([null, "SECRET", null]);
    expect(Math.abs(Date.parse(first.expires_at) - nowMs - 24 * hourMs)).toBeLessThan(60_000);
    expect(JSON.stringify(added.json)).not.toMatch(/"(?:first|second)-secret-of-acme"/);
    expect(api.told).toContain(`refresh ${slug}`);
    for (const secret of ["first-secret-of-acme", "second-secret-of-acme"])
      expect(await verifies(slug, secret, nowMs)).toBe(true);
    expect(await verifies(slug, "first-secret-of-acme", nowMs + 23 * hourMs)).toBe(true);
    expect(await verifies(slug, "first-secret-of-acme", nowMs + 25 * hourMs)).toBe(false);
    expect(await verifies(slug, "second-secret-of-acme", nowMs + 25 * hourMs)).toBe(true);

    const { version } = await copyOf(slug);
    await sweepStore(client.sql()).expire();
    expect((await view(slug)).secrets).toHaveLength(2);
    await owner`update secrets set expires_at = now() - interval '1 second' where source = ${slug} and expires_at is not null`;
    await sweepStore(client.sql()).expire();
    await sweepStore(client.sql()).expire();
    expect((await view(slug)).secrets).toMatchObject([{ env: "SECRET" }]);
    expect((await copyOf(slug)).version).toBeGreaterThan(version);
    expect(await entriesOf(slug, "secret_retired")).toMatchObject([{ actor: "sweep", data: { secret: first.id } }]);
  });

  test("puts off no end that was set before, and has none itself when it is given again", async () => {
    const slug = await source();
    await api.ask("POST", `/v1/sources/${slug}/secrets`, { value: "second-secret-of-acme", retire_others_in: "1h" });
    const [before] = (await view(slug)).secrets;
    await api.ask("POST", `/v1/sources/${slug}/secrets`, { value: "third-secret-of-acme", retire_others_in: "30d" });
    expect((await view(slug)).secrets[0]).toEqual(before);
    await api.ask("POST", `/v1/sources/${slug}/secrets`, { value: "first-secret-of-acme" });
    expect((await view(slug)).secrets[0]).toMatchObject({ id: before.id, expires_at: null });
    expect((await view(slug)).secrets).toHaveLength(3);
  });

  test("is one too many beside ten, and then nothing is changed", async () => {
    const slug = await source({
      secrets: Array.from({ length: secretsPerSourceMax }, (_, nth) => `lantern-secret-of-globex-${nth}`),
    });
    const answer = await api.ask("POST", `/v1/sources/${slug}/secrets`, {
      value: "one-more-secret-of-acme",
      retire_others_in: "1h",
    });
    expect([answer.status, answer.json.code]).toEqual([422, "invalid"]);
    expect((await view(slug)).secrets.every((one: { expires_at: unknown }) => one.expires_at === null)).toBe(true);
  });

  test("is kept by an apply that names it, with its end; and one that names another means exactly that", async () => {
    const slug = await source({ secrets: [{ env: "ONE", value: "first-secret-of-acme" }] });
    await api.ask("POST", `/v1/sources/${slug}/secrets`, {
      env: "TWO",
      value: "second-secret-of-acme",
      retire_others_in: "24h",
    });
    const before = (await view(slug)).secrets;
    const exported = (await api.ask("GET", "/v1/config")).json;
    expect(exported.sources[slug].secrets).toEqual([{ env: "ONE" }, { env: "TWO" }]);
    await api.ask("PUT", `/v1/sources/${slug}`, {
      preset: "bearer",
      country: "US",
      secrets: [{ env: "ONE" }, { env: "TWO" }],
    });
    expect((await view(slug)).secrets).toEqual(before);
    await api.ask("PUT", `/v1/sources/${slug}`, { preset: "bearer", country: "US", secrets: [{ env: "TWO" }] });
    expect((await view(slug)).secrets).toMatchObject([{ env: "TWO", expires_at: null }]);
  });

  test.each<[string, object, number]>([
    ["no value", {}, 422],
    ["an empty one", { value: "" }, 422],
    ["a time that is none", { value: "x", retire_others_in: "soon" }, 422],
    ["a name that is none", { value: "x", env: "a b" }, 422],
    ["something else", { value: "x", also: true }, 422],
  ])("with %s is refused", async (_, body, status) => {
    const slug = await source();
    expect((await api.ask("POST", `/v1/sources/${slug}/secrets`, body)).status).toBe(status);
    expect((await view(slug)).secrets).toHaveLength(1);
  });

  test("to a source that is not there, or by a reader, is not", async () => {
    expect((await api.ask("POST", "/v1/sources/nowhere/secrets", { value: "x" })).status).toBe(404);
    const slug = await source();
    const reader = await api.token("calls:read", "calls:write");
    expect((await api.ask("POST", `/v1/sources/${slug}/secrets`, { value: "x" }, reader)).status).toBe(403);
    expect((await view(slug, reader)).secrets).toBeUndefined();
  });
});

describe("a secret that is removed", () => {
  test("verifies nothing at once, and the last one goes only when that is said", async () => {
    const slug = await source({
      secrets: [
        { env: "A", value: "first-secret-of-acme" },
        { env: "B", value: "second-secret-of-acme" },
      ],
    });
    const secrets: { id: string; env: string }[] = (await view(slug)).secrets;
    const [first, second] = ["A", "B"].map((name) => secrets.find(({ env }) => env === name) ?? { id: "" });
    if (first === undefined || second === undefined) throw new Error("there are not two");
    expect((await api.ask("DELETE", `/v1/sources/${slug}/secrets/${first.id}`)).status).toBe(200);
    expect([
      await verifies(slug, "first-secret-of-acme", Date.now()),
      await verifies(slug, "second-secret-of-acme", Date.now()),
    ]).toEqual([false, true]);
    const refused = await api.ask("DELETE", `/v1/sources/${slug}/secrets/${second.id}`);
    expect([refused.status, refused.json.code]).toEqual([409, "last_secret"]);
    expect(await verifies(slug, "second-secret-of-acme", Date.now())).toBe(true);
    expect((await api.ask("DELETE", `/v1/sources/${slug}/secrets/${second.id}?force=true`)).json.warnings[0]).toContain(
      "no secret",
    );
    expect(await entriesOf(slug, "secret_retired")).toHaveLength(2);
    for (const id of [first.id, randomUUID(), "x"])
      expect((await api.ask("DELETE", `/v1/sources/${slug}/secrets/${id}`)).status).toBe(404);
  });

  test("is the last one too where the others are over", async () => {
    const slug = await source();
    await api.ask("POST", `/v1/sources/${slug}/secrets`, { value: "second-secret-of-acme", retire_others_in: "1h" });
    await owner`update secrets set expires_at = now() - interval '1 second' where source = ${slug} and expires_at is not null`;
    const second = (await view(slug)).secrets[1];
    expect((await api.ask("DELETE", `/v1/sources/${slug}/secrets/${second.id}`)).status).toBe(409);
  });
});

describe("a paused source", () => {
  test("is planned by nobody, whatever is under way, is no gap, and says so; then it continues", async () => {
    const slug = await source();
    const events = eventStores(client, 5_000);
    const event = await newEvent({ id: randomUUID(), source: slug });
    await events.accept(slug, [event]);
    await owner`update events set received_at = now() - interval '1 hour' where id = ${event.id}`;
    const paused = await api.ask("POST", `/v1/sources/${slug}/pause`, { reason: "moving house, ask +1 415 555 0100" });
    expect(paused.json.paused.detail).toContain("moving house");
    expect(paused.json.paused.detail).not.toContain("555 0100");
    expect(api.told).toContain(`refresh ${slug}`);
    expect((await copyOf(slug)).paused).toBe(true);

    await events.plan([planOf(event)]);
    expect(await events.unplanned(slug, 10)).toEqual([]);
    expect((await sweepStore(client.sql()).waiting()).sources).not.toContain(slug);
    await checkBooks(client.sql());
    expect(await owner`select 1 from gaps where subject_id = ${event.id}`).toEqual([]);
    expect(await owner`select state from events where id = ${event.id}`).toEqual([{ state: "unplanned" }]);
    const { problems } = await healthLookups(client.sql(), null).readiness();
    expect(problems).toContainEqual({ code: "source_paused", since: expect.any(Number), count: 1, rows: [slug] });
    const ready = (await api.ask("GET", "/readyz")).json;
    expect(ready.problems.find((one: { rows: string[] }) => one.rows[0] === slug).sentence).toContain("paused");
    // It is as somebody wants it.
    expect([ready.status, ready.reason]).toEqual(["ready", undefined]);

    const again = await api.ask("POST", `/v1/sources/${slug}/pause`, { reason: "another" });
    expect(again.json.paused).toEqual(paused.json.paused);
    const resumed = await api.ask("POST", `/v1/sources/${slug}/resume`, {});
    expect(resumed.json.paused).toBeNull();
    expect(api.told).toContain(`poke inbox ${slug}`);
    expect((await events.unplanned(slug, 10)).map(({ id }) => id)).toEqual([event.id]);
    expect((await sweepStore(client.sql()).waiting()).sources).toContain(slug);
    await checkBooks(client.sql());
    expect(await owner`select 1 from gaps where subject_id = ${event.id}`).toEqual([]);
    await owner`update sources set resumed_at = now() - interval '1 hour' where slug = ${slug}`;
    await checkBooks(client.sql());
    expect(await owner`select code from gaps where subject_id = ${event.id}`).toEqual([{ code: "event_unplanned" }]);
    await events.plan([planOf(event)]);
    expect(await owner`select state from events where id = ${event.id}`).toEqual([{ state: "ignored" }]);
    expect((await entriesOf(slug, "paused")).length + (await entriesOf(slug, "resumed")).length).toBe(2);
  });

  test("stays so when it is saved, and its foresight of before holds no more", async () => {
    const slug = await source();
    const { version } = await copyOf(slug);
    await api.ask("POST", `/v1/sources/${slug}/pause`, { reason: "x" });
    await api.ask("PUT", `/v1/sources/${slug}`, { preset: "bearer", country: "CA" });
    expect((await view(slug)).paused).not.toBeNull();
    const event = await newEvent({ id: randomUUID(), source: slug });
    const ends = new Map([[event.id, "no_rules" as const]]);
    await eventStores(client, 5_000).accept(slug, [event], { sourceVersion: version, ends });
    expect(await owner`select state from events where id = ${event.id}`).toEqual([{ state: "unplanned" }]);
  });

  test("continues when it is removed: what waits is not stuck behind a pause that nobody can end", async () => {
    const slug = await source();
    await api.ask("POST", `/v1/sources/${slug}/pause`, { reason: "x" });
    const events = eventStores(client, 5_000);
    const event = await newEvent({ id: randomUUID(), source: slug });
    await events.accept(slug, [event]);
    expect((await api.ask("DELETE", `/v1/sources/${slug}`)).status).toBe(200);
    expect((await copyOf(slug)).paused).not.toBe(true);
    expect(
      (await healthLookups(client.sql(), null).readiness()).problems.filter(({ rows }) => rows.includes(slug)),
    ).toEqual([]);
    expect((await sweepStore(client.sql()).waiting()).sources).toContain(slug);
    await events.plan([planOf(event)]);
    expect(await owner`select state from events where id = ${event.id}`).toEqual([{ state: "ignored" }]);
  });

  test("needs a reason, a source that is there, and an administrator", async () => {
    const slug = await source();
    const writer = await api.token("calls:read", "calls:write");
    expect((await api.ask("POST", `/v1/sources/${slug}/pause`, {})).status).toBe(422);
    for (const verb of ["pause", "resume"]) {
      expect((await api.ask("POST", `/v1/sources/nowhere/${verb}`, { reason: "x" })).status).toBe(404);
      expect((await api.ask("POST", `/v1/sources/api/${verb}`, { reason: "x" })).status).toBe(422);
      expect((await api.ask("POST", `/v1/sources/${slug}/${verb}`, { reason: "x" }, writer)).status).toBe(403);
    }
    expect((await view(slug)).paused).toBeNull();
  });
});

describe("what a source says of itself", () => {
  test("while nothing has come: so, and where to send it; then when the first and the last came, and what was refused", async () => {
    const slug = await source();
    const before = await view(slug);
    const never = { first_at: null, last_at: null, last_rejection_at: null };
    expect(before.heard).toEqual({ ...never, events: 0, more: false, busiest: null });
    expect(before.setup.url).toBe(`http://localhost/in/${slug}`);
    expect(before.warnings).toEqual([expect.stringContaining("No event has arrived yet")]);
    await owner`insert into rejections (id, source, at, code, detail, headers, body_bytes)
      values (${randomUUID()}, ${slug}, '2026-01-02', 'signature_wrong', 'x', '[]', 1)`;
    expect((await view(slug)).warnings[0]).toContain("were refused");
    const events = await Promise.all([1, 2, 3].map(() => newEvent({ id: randomUUID(), source: slug })));
    await eventStores(client, 5_000).accept(slug, events);
    await owner`update events set received_at = '2026-01-01' where id = ${events[0]?.id ?? ""}`;
    const { heard, warnings } = await view(slug);
    expect(heard).toMatchObject({
      first_at: "2026-01-01T00:00:00.000Z",
      last_rejection_at: "2026-01-02T00:00:00.000Z",
      events: 3,
    });
    expect(Date.now() - Date.parse(heard.last_at)).toBeLessThan(60_000);
    expect(warnings).toEqual([]);
    const { data } = (await api.ask("GET", "/v1/sources")).json;
    // The list measures no rates.
    expect(data.find((one: { slug: string }) => one.slug === slug).heard).toEqual({ ...heard, busiest: null });
  });

  test("a secret that stands in the address is named there, and not shown", async () => {
    const slug = await source({ settings: { location: "path" }, secrets: ["lantern-secret-of-globex"] });
    const { setup, path } = await view(slug);
    expect([setup.url, path]).toEqual([`http://localhost/in/${slug}/<secret>`, `/in/${slug}/<secret>`]);
    expect(JSON.stringify(await view(slug))).not.toContain("lantern-secret-of-globex");
  });

  test("every preset says how it signs, what it lets one choose, and what to do in its product", async () => {
    const reader = await api.token("calls:read");
    const { data } = (await api.ask("GET", "/v1/presets", undefined, reader)).json;
    expect(data.length).toBeGreaterThan(2);
    for (const { name, title, schemes, settings, steps } of data) {
      expect([name, title, schemes.length > 0, Array.isArray(steps)]).toEqual([
        expect.any(String),
        expect.any(String),
        true,
        true,
      ]);
      expect(settings.map((one: { name: string }) => one.name)).toContain("scheme");
      for (const setting of settings) expect([setting.name, setting.about]).not.toContain("");
      expect((await api.ask("GET", `/v1/presets/${name}`)).json.name).toBe(name);
    }
    const shopify = data.find(({ name }: { name: string }) => name === "shopify");
    expect(shopify.schemes[0]).toMatchObject({
      family: "hmac",
      signs: "{body}",
      unsigned_fields: ["id", "type", "tenant"],
      tenant: "optional",
    });
    expect((await api.ask("GET", "/v1/presets/nowhere")).status).toBe(404);
    expect((await api.ask("GET", "/v1/presets", undefined, await api.token("calls:write"))).status).toBe(403);
  });
});

describe("sealing anew", () => {
  test("seals everything with the newest key, retired secrets and lines too, and then the older one can be dropped", async () => {
    const slug = await source({ secrets: ["first-secret-of-acme"] });
    await api.ask("PUT", "/v1/lines/support", { agent: "a" });
    const { secret } = (await api.ask("POST", "/v1/lines/support/webhook")).json;
    await api.ask("PUT", `/v1/sources/${slug}`, {
      preset: "bearer",
      country: "US",
      secrets: ["second-secret-of-acme"],
    });
    await owner`insert into credentials (source, sealed, kid, fingerprint, base_url)
      values (${slug}, ${await sealer.seal("the credential")}, ${sealer.kid}, 'f', 'https://api.example.com')`;
    const hookSecrets = JSON.stringify({ secret: "whsec_c2VjcmV0", former: null, headers: {} });
    await owner`insert into hooks (owner, target_url, format, events, payload, sealed)
      values ('crm', 'https://crm.example.com/s3cret', 'webhook', '{call.*}', 'full', ${await sealer.seal(hookSecrets)})`;
    const { version } = await copyOf(slug);

    const rotated = createSealer([newKey, oldKey]);
    const ports = { sealed: sealedStore(client.sql()), sealer: rotated };
    let [after, resealed] = [null as string | null, 0];
    const sources = new Set<string>();
    do {
      const done = await reseal(ports, after, "test");
      expect(done.unreadable).toEqual([]);
      resealed += done.resealed;
      for (const one of done.sources) sources.add(one);
      after = done.next;
    } while (after !== null);
    expect(resealed).toBeGreaterThan(2);
    expect(sources).toContain(slug);
    expect(sources.size).toBeGreaterThan(1);
    expect((await copyOf(slug)).version).toBeGreaterThan(version);

    const alone = createSealer([newKey]);
    expect(await verifies(slug, "second-secret-of-acme", Date.now(), alone)).toBe(true);
    const sealed = await owner`select sealed from secrets union all select sealed from credentials
      union all select webhook_secret from lines where webhook_secret is not null union all select sealed from hooks`;
    for (const row of sealed) expect((await alone.open(row.sealed)).ok).toBe(true);
    const [{ kept } = { kept: "" }] = await owner`select webhook_secret as kept from lines where slug = 'support'`;
    expect(await alone.open(kept)).toEqual({ ok: true, text: secret });
    const [hook] = await owner`select id, sealed from hooks`;
    expect(await alone.open(hook?.sealed)).toEqual({ ok: true, text: hookSecrets });
    expect(await owner`select 1 from secrets where kid <> ${alone.kid}`).toEqual([]);
    const entries = await owner`select subject_id, actor, data from entries where action = 'resealed'`;
    expect(entries).toMatchObject([
      { subject_id: alone.kid, actor: "test", data: { credentials: 1, lines: 1, hooks: 1, unreadable: [] } },
    ]);
    // Nothing is left to do.
    expect(await reseal(ports, null, "test")).toMatchObject({ resealed: 0, next: null });
    expect(await owner`select 1 from entries where action = 'resealed'`).toHaveLength(1);
    expect((await healthLookups(client.sql(), alone.kids).readiness()).problems.map(({ code }) => code)).not.toContain(
      "secret_unreadable",
    );
    await owner`update secrets set kid = ${sealer.kid}`;
    await owner`delete from credentials`;
    expect((await healthLookups(client.sql(), sealer.kids).readiness()).problems).toContainEqual(
      expect.objectContaining({
        ...{ code: "secret_unreadable", count: 2, rows: ["line support", `crm.example.com (hook ${hook?.id})`] },
      }),
    );
    await owner`delete from hooks`;
  });

  test("leaves alone and names what no key opens; the source says so, and so does /readyz", async () => {
    const lost = await source({ secrets: ["first-secret-of-acme", "second-secret-of-acme"] });
    await owner`update secrets set kid = ${sealer.kid}`;
    const stranger = createSealer([{ kid: "lost", k: makeKeySets().SEALING_KEYS[0]?.k ?? "" }]);
    await owner`update secrets set sealed = ${await stranger.seal("first-secret-of-acme")}, kid = 'lost' where source = ${lost}`;
    const [{ id }] = (await view(lost)).secrets;
    expect((await view(lost)).warnings[0]).toContain("No secret of it can be read");
    const ready = (await api.ask("GET", "/readyz")).json;
    const told = ready.problems.find(({ code }: { code: string }) => code === "secret_unreadable");
    expect([ready.status, told.rows]).toEqual(["degraded", expect.arrayContaining([`${lost}/${id}`])]);
    const answer = await api.ask("POST", "/v1/reseal", {});
    expect(answer.json).toMatchObject({ kid: sealer.kid, more: false });
    expect(answer.json.unreadable).toContain(`secret/${lost}/${id}`);
    expect((await api.ask("POST", "/v1/reseal", {}, await api.token("calls:read", "calls:write"))).status).toBe(403);
    await owner`update secrets set kid = ${sealer.kid} where source = ${lost} and id <> ${id}`;
    expect((await view(lost)).warnings[0]).toContain("A secret cannot be read");
  });
});

test("an event that came before its source was closed says that it waits for its end, and the source's copy says since when events ring", async () => {
  const slug = await source();
  const store = eventStores(client, 5_000);
  const came = async () => {
    const event = await newEvent({ id: randomUUID(), source: slug });
    const { receivedAt } = await store.accept(slug, [event]);
    const waits = async () => (await api.ask("GET", `/v1/events/${event.id}`)).json.waits;
    return { receivedAt, waits };
  };
  const before = await came();
  expect([await before.waits(), (await copyOf(slug)).reopenedAt]).toEqual([null, null]);
  const ends = { reason: "source_closed_before", detail: null, since: null, until: null };
  for (let nth = 0; nth < 2; nth++) {
    await api.ask("POST", `/v1/sources/${slug}/pause`, { reason: "moving" });
    await api.ask("DELETE", `/v1/sources/${slug}`);
    expect([await before.waits(), (await copyOf(slug)).reopenedAt]).toEqual([expect.objectContaining(ends), null]);
    const open = { preset: "bearer", country: "US", secrets: ["first-secret-of-acme"] };
    expect((await api.ask("PUT", `/v1/sources/${slug}`, open)).status).toBe(200);
    const { reopenedAt } = await copyOf(slug);
    // A later change is no reopening.
    await api.ask("PUT", `/v1/sources/${slug}`, { ...open, country: "CA" });
    expect((await copyOf(slug)).reopenedAt).toBe(reopenedAt);
    const after = await came();
    expect(reopenedAt).toBeGreaterThan(before.receivedAt);
    expect(reopenedAt).toBeLessThan(after.receivedAt);
    expect([await before.waits(), await after.waits()]).toEqual([expect.objectContaining(ends), null]);
  }
});
