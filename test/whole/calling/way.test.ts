import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { line, listenForOutcomes, number, openShop, put, type Shop, source } from "../shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 400 } });
  await listenForOutcomes(shop);
});
afterAll(() => shop?.stop());

test("one signed webhook rings one phone with the mapped number, about, prompt and greeting, and is found by its order number", async () => {
  const sent = await shop.send({ name: "#2001", phone: "(415) 555-0100" });
  expect(sent.status).toBe(202);
  const [ring] = await shop.until(
    () => shop.rings("+14155550100"),
    (rings) => rings.length === 1,
  );
  expect(ring).toMatchObject({
    number: "+14155550100",
    prompt: "You are Michael from support.",
    overwrite: false,
    greeting: "Hello Ada, this is Acme about your order.",
  });
  expect(ring?.about).toContain("The customer is «Ada». Their order number is #2001.");
  const call = await shop.call("#2001", "ended");
  expect(call).toMatchObject({
    event_id: sent.eventId,
    outcome: "completed",
    number: "+14155550100",
    conversation_uuid: ring?.conversation_uuid,
  });
  const order = await (await shop.api("/v1/orders?order_number=2001")).json();
  expect(order).toMatchObject({ sources: expect.anything(), calls: [{ id: call.id }], events: [{ id: sent.eventId }] });
});

test("the timeline of a call tells each step with its reason", async () => {
  await shop.send({ name: "#2002", phone: number(2) });
  const { id } = await shop.call("#2002", "ended");
  const call = (await (await shop.api(`/v1/calls/${id}`)).json()) as { timeline: { action?: string }[] };
  const actions = call.timeline.flatMap(({ action }) => (action === undefined ? [] : [action]));
  expect(actions).toEqual(expect.arrayContaining(["queued", "dialing", "placed", "ended"]));
});

test("the same webhook sent three times more rings nobody and answers with the same event id", async () => {
  const id = randomUUID();
  const first = await shop.send({ name: "#2003", phone: number(3) }, { id });
  const again = [];
  for (let time = 0; time < 3; time++) again.push(await shop.send({ name: "#2003", phone: number(3) }, { id }));
  await shop.call("#2003", "ended");
  expect(again.map(({ eventId }) => eventId)).toEqual([first.eventId, first.eventId, first.eventId]);
  expect(again.map(({ body }) => (body.events as { duplicate: boolean }[])[0]?.duplicate)).toEqual([true, true, true]);
  expect(shop.rings(number(3))).toHaveLength(1);
});

test("a call that is asked for directly goes the same way, once for its Idempotency-Key", async () => {
  const ask = () =>
    shop.api("/v1/calls", {
      method: "POST",
      headers: { "idempotency-key": "order-2004" },
      json: { line, number: number(4), about: "They wait for #2004.", order_number: "#2004" },
    });
  const [first, second] = [await ask(), await ask()];
  expect([first.status, second.status]).toEqual([202, 202]);
  const [one, two] = [(await first.json()) as { id: string }, (await second.json()) as { id: string }];
  expect(two.id).toBe(one.id);
  await shop.call("#2004", "ended");
  expect(shop.rings(number(4))).toHaveLength(1);
});

test("a new rule decides in shadow and rings nobody until it says live", async () => {
  await put(shop, `/v1/sources/${source}/rules/quiet`, {
    on: ["fulfillments/create"],
    line,
    number: "{{ data.phone }}",
    about: "Quiet.",
  });
  await shop.send({ name: "#2005", phone: number(5) }, { type: "fulfillments/create" });
  const call = await shop.call("#2005", "skipped");
  expect(call).toMatchObject({ reason: "shadow", number: number(5) });
  expect(shop.rings(number(5))).toEqual([]);
});

test("once_per rings a customer once about one order, however many events come", async () => {
  await put(shop, `/v1/sources/${source}/rules/once`, {
    mode: "live",
    on: ["orders/edited"],
    once_per: { key: "{{ data.name }}", in: "30d" },
    line,
    number: "{{ data.phone }}",
    about: "Once.",
  });
  await Promise.all(
    Array.from({ length: 5 }, () => shop.send({ name: "#2006", phone: number(6) }, { type: "orders/edited" })),
  );
  const calls = await shop.until(
    () => shop.calls("order_number=2006"),
    (found) => found.length === 5 && found.some(({ status }) => status === "ended"),
  );
  expect(calls.filter(({ reason }) => reason === "once_per")).toHaveLength(4);
  expect(shop.rings(number(6))).toHaveLength(1);
});
