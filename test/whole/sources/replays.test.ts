import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedRequest } from "../../../dev/send/sign.ts";
import { findPreset } from "../../../src/crm/presets/index.ts";
import { callMe, number, openShop, put, type Shop, secret, source } from "../shop.ts";

const sample = JSON.parse(
  readFileSync(new URL("../../../dev/send/samples/shopify-order.json", import.meta.url), "utf8"),
);
const zapSecret = "zap-0123456789abcdef0123456789abcdef";
const HOUR_MS = 3_600_000;

let shop: Shop;
let owner: postgres.Sql;
beforeAll(async () => {
  shop = await openShop({ source: { shards: 4 } });
  await put(shop, "/v1/sources/any-type", { preset: "generic", secrets: [zapSecret], country: "US" });
  const { on: _, when: __, ...anyType } = callMe;
  const texts = { number: "{{ data.phone }}", about: "Ring.", prompt: "Ask.", greeting: "Hello." };
  await put(shop, "/v1/sources/any-type/rules/all", { ...anyType, ...texts });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
});

/** An attacker has one body with its signature, and may choose every other part of the request. */
function captured(preset: "shopify" | "generic", given: object) {
  const found = findPreset(preset);
  if (found === null) throw new Error(`there is no preset ${preset}`);
  const body = JSON.stringify(given);
  const path = preset === "shopify" ? `/in/${source}` : "/in/any-type";
  return async (id: string, type: string) => {
    const known = { preset: found, settings: {}, secret: preset === "shopify" ? secret : zapSecret };
    const { headers } = signedRequest({ ...known, body, id, type });
    const answer = await shop.raw(path, { body, headers: { "content-type": "application/json", ...headers } });
    const { events } = JSON.parse(await answer.text());
    return { status: answer.status, id: String(events[0].id), duplicate: Boolean(events[0].duplicate) };
  };
}
const order = (phone: string, more: object = {}) => ({
  ...sample,
  phone,
  updated_at: new Date().toISOString(),
  nonce: randomUUID(),
  ...more,
});

/** Waits until every one of these events has a plan. */
async function ends(ids: readonly string[]) {
  return await shop.until(
    async () => await owner`select id, state, reason, detail from events where id in ${owner([...ids])}`,
    (rows) => rows.length === ids.length && rows.every(({ state }) => state !== "unplanned"),
  );
}
async function rung(phone: string): Promise<number> {
  await shop.until(
    async () => await owner`select 1 from calls where number = ${phone} and status in ('queued', 'dialing')`,
    (rows) => rows.length === 0,
  );
  return shop.rings(phone).length;
}

describe("a signed body that is sent again under ids of an attacker's", () => {
  test("rings once, on whatever shards it comes, and each replay says what it is", async () => {
    const phone = number(801);
    const send = captured("shopify", order(phone));
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(randomUUID(), "orders/updated")));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    const rows = await ends(answers.map(({ id }) => id));
    const [first, ...others] = rows.filter(({ state }) => state === "planned");
    expect(others).toEqual([]);
    expect(await rung(phone)).toBe(1);
    for (const row of rows.filter(({ id }) => id !== first?.id))
      expect(row).toMatchObject({ state: "ignored", reason: "replayed" });
    const { events } = JSON.parse(await (await shop.api("/v1/balance")).text());
    expect(events.accepted).toBe(events.unplanned + events.ignored + events.planned);
  });

  test("under another type that the rule does not ask for rings nobody", async () => {
    const phone = number(802);
    const send = captured("shopify", order(phone));
    await ends([(await send(randomUUID(), "orders/updated")).id, (await send(randomUUID(), "orders/invented")).id]);
    expect(await rung(phone)).toBe(1);
  });

  test("under invented types rings once where a rule takes any type", async () => {
    const phone = number(803);
    const send = captured("generic", { phone, occurred_at: new Date().toISOString(), nonce: randomUUID() });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, nth) => send(randomUUID(), `invented/${nth}`)));
    await ends(answers.map(({ id }) => id));
    expect(await rung(phone)).toBe(1);
  });

  test("under its own id is a redelivery, as ever", async () => {
    const phone = number(804);
    const send = captured("shopify", order(phone));
    const id = randomUUID();
    const first = await send(id, "orders/updated");
    expect(await send(id, "orders/updated")).toEqual({ status: 202, id: first.id, duplicate: true });
    await ends([first.id]);
    expect(await rung(phone)).toBe(1);
  });

  test("for the first time when it is over 48 hours old waits for a person", async () => {
    const phone = number(805);
    const old = { updated_at: new Date(Date.now() - 48 * HOUR_MS - 60_000).toISOString() };
    const { id } = await captured("shopify", order(phone, old))(randomUUID(), "orders/updated");
    await ends([id]);
    const [call] = await owner`select status, reason from calls where event_id = ${id}`;
    expect(call).toEqual({ status: "held", reason: "too_old" });
    expect(shop.rings(phone)).toEqual([]);
  });
});

test("The same id with other bytes is told of by /readyz, the event and the log", async () => {
  const id = randomUUID();
  const first = await shop.send({ phone: number(806), name: "#8060" }, { id });
  await shop.send({ phone: number(807), name: "#8060" }, { id });
  const { problems } = JSON.parse(await (await shop.api("/readyz")).text());
  const [conflict] = problems.filter(({ code }: { code: string }) => code === "event_conflict");
  expect(JSON.stringify(conflict)).toContain(first.eventId);
  const event = JSON.parse(await (await shop.api(`/v1/events/${first.eventId}`)).text());
  expect(event).toMatchObject({ conflicts: 1, conflict_at: expect.any(String) });
  expect(shop.worker.logs()).toContain("an event's id came with other bytes");
});
