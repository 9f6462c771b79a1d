/** Twenty rules of 24 splits each, over a text of 900 KB: the work of all of them together is bounded, and what failed says so. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { callMe, number, openShop, put, type Shop } from "../shop.ts";

const secret = "heavy-7d1f0c94be2a6835d0e47a19c3b5";
const rulesCount = 20;
const splits = Array.from({ length: 24 }, (_, n) => `data.note.split("${n}").size() == -${n + 1}`).join(" || ");
const payload = { id: "e1", type: "deal.won", phone: number(1), note: "0123456789".repeat(90_000) };

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 100 } });
  await put(shop, "/v1/sources/heavy", { preset: "bearer", secrets: [secret], country: "US" });
  const { on: _, about: __, greeting: ___, ...rule } = callMe;
  for (let n = 0; n < rulesCount; n++)
    await put(shop, `/v1/sources/heavy/rules/r${n}`, {
      ...rule,
      when: `${splits} || true`,
      also: true,
      number: "{{ data.phone }}",
      about: "x",
      greeting: "Hello.",
    });
}, 60_000);
afterAll(() => shop?.stop());

type Previewed = { rule: string; reason?: string; broken: { problem: string; detail: string } | null };

test("a preview of it says of each rule that it was too much work", async () => {
  const answer = await shop.api("/v1/sources/heavy/preview", {
    method: "POST",
    json: { body: JSON.stringify(payload) },
  });
  expect(answer.status).toBe(200);
  const { events } = (await answer.json()) as { events: { rules: Previewed[] }[] };
  const rules = events.flatMap((one) => one.rules);
  expect(rules).toHaveLength(rulesCount);
  for (const { rule, reason, broken } of rules) {
    expect([rule, reason]).toEqual([rule, expect.stringMatching(/^(?:condition_failed|not_previewed)$/)]);
    expect(broken?.detail).toMatch(/too much work|share a budget of work/);
  }
});

test("a webhook of it is accepted, each rule fails with its reason, nobody is rung, and the next event is planned", async () => {
  const send = async (body: object) => {
    const answer = await shop.raw("/in/heavy", {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return [answer.status, JSON.parse(await answer.text()).events?.[0]?.id];
  };
  const [status, id] = await send(payload);
  expect(status).toBe(202);
  type Decided = { event_id: string; status: string; reason: string | null; reason_text?: string };
  const ofEvent = async () => {
    const { data } = (await (await shop.api("/v1/calls?source=heavy&limit=100")).json()) as { data: Decided[] };
    return data.filter(({ event_id }) => event_id === id);
  };
  const calls = await shop.until(ofEvent, (found) => found.length === rulesCount);
  expect(calls.map(({ status: ended }) => ended)).toEqual(Array(rulesCount).fill("skipped"));
  for (const { reason } of calls) expect(reason).toMatch(/^(?:condition_failed|rules_too_heavy)$/);
  expect(shop.rings(number(1))).toEqual([]);
  const light = { ...payload, id: "e2", phone: number(2), note: "0123456789" };
  expect((await send(light))[0]).toBe(202);
  await shop.until(
    () => shop.rings(number(2)),
    (rings) => rings.length > 0,
  );
});

test("a rehearsal over it counts what failed", async () => {
  const answer = await shop.api("/v1/sources/heavy/rehearse", { method: "POST", json: { last: 10 } });
  const text = await answer.text();
  expect([answer.status, text]).toEqual([200, expect.stringContaining("condition_failed")]);
});
