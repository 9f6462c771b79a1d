/** The whole under a kill, under load and without its database. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { line, listenForOutcomes, number, openShop, put, type Shop, signed, wideLine } from "../shop.ts";

describe("a line's pace, by the receiver's own clock", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ mihu: { call_ms: { min: 50, max: 300 } }, line: { calls_at_once: 8 } });
    await listenForOutcomes(shop);
  });
  afterAll(() => shop?.stop());

  test("two hundred different webhooks at twenty a second ring two hundred phones once each, never more at once than allowed", async () => {
    const sending = Array.from({ length: 200 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 50));
      return await shop.send({ name: `#4${index}`, phone: number(index) });
    });
    const answers = await Promise.all(sending);
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    const rings = await shop.until(
      () => shop.rings(),
      (found) => found.length >= 200 && found.every(({ endedAt }) => endedAt !== null),
      60_000,
    );
    expect(rings).toHaveLength(200);
    expect(new Set(rings.map((ring) => ring.number)).size).toBe(200);
    const atOnce = (at: number) => rings.filter((ring) => ring.at <= at && at < (ring.endedAt ?? at)).length;
    expect(Math.max(...rings.map(({ at }) => atOnce(at)))).toBeLessThanOrEqual(8);
  });

  test("calls_per_minute holds over any sixty seconds, and what is over waits", async () => {
    await put(shop, `/v1/lines/${line}`, { ...wideLine, calls_per_minute: 205 });
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => shop.send({ name: `#5${index}`, phone: number(300 + index) })),
    );
    const calls = await shop.until(
      () => shop.calls(`line=${line}&status=queued&limit=200`),
      (found) => found.length > 0,
    );
    await shop.worker.scheduled();
    const ats = shop
      .rings()
      .map(({ at }) => at)
      .sort((a, b) => a - b);
    const inAnyMinute = ats.map((at) => ats.filter((other) => other > at - 60_000 && other <= at).length);
    expect(Math.max(...inAnyMinute)).toBeLessThanOrEqual(205);
    expect(calls.every(({ reason }) => reason === null)).toBe(true);
  });
});

test("after workerd is killed with fifty calls queued, the rest are dialled and none twice", async () => {
  const shop = await openShop({ mihu: { call_ms: 100, latency_ms: 50 }, line: { calls_at_once: 6 } });
  try {
    await listenForOutcomes(shop);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => shop.send({ name: `#6${index}`, phone: number(index) })),
    );
    await shop.until(
      () => shop.rings().length,
      (count) => count >= 5,
    );
    await shop.worker.kill("SIGKILL");
    await shop.worker.restart();
    // The state of calls in flight at the kill, at most four, is unknown. The sweep moves them to `unknown` when their
    // lease ends. The other calls go on.
    const inStatus = (status: string) => shop.calls(`line=${line}&status=${status}&limit=200`);
    await shop.until(
      async () => {
        await shop.worker.scheduled();
        const [queued, placed, dialing] = await Promise.all(["queued", "placed", "dialing"].map(inStatus));
        return { waiting: (queued?.length ?? 0) + (placed?.length ?? 0), dialing: dialing?.length ?? 0 };
      },
      // Read one after another: a call may move between two of them, so every one of the fifty has to be found.
      ({ waiting, dialing }) => waiting === 0 && dialing <= 4 && shop.rings().length + dialing >= 50,
      50_000,
    );
    const numbers = shop.rings().map((ring) => ring.number);
    expect(new Set(numbers).size).toBe(numbers.length);
  } finally {
    await shop.stop();
  }
}, 120_000);

describe("without Postgres", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ ownCluster: true, mihu: { call_ms: 100 } });
  });
  afterAll(() => shop?.stop());

  test("a webhook is kept, /readyz says so, the API answers 503, and all is rung once Postgres is back", async () => {
    await shop.send({ name: "#7001", phone: number(1) });
    await shop.call("#7001", "placed");
    await shop.cluster?.away();
    expect((await shop.send({ name: "#7002", phone: number(2) })).status).toBe(202);
    const ready = await shop.raw("/readyz", { method: "GET" });
    expect([ready.status, await ready.json()]).toEqual([
      503,
      {
        status: "not_ready",
        reason: "database_unavailable",
        severity: "critical",
        places_calls: false,
        takes_webhooks: true,
        events_wait: true,
      },
    ]);
    const calls = await shop.api("/v1/calls");
    expect([calls.status, calls.headers.has("retry-after")]).toEqual([503, true]);
    expect((await fetch(`${shop.url}/healthz`)).status).toBe(200);
    await shop.cluster?.back();
    expect((await shop.send({ name: "#7003", phone: number(3) })).status).toBe(202);
    await shop.call("#7002", "placed");
    await shop.call("#7003", "placed");
    expect([shop.rings(number(2)).length, shop.rings(number(3)).length]).toEqual([1, 1]);
  });

  test("a Worker that starts without Postgres says so, takes the webhooks of a source that it knows, and recovers", async () => {
    await shop.cluster?.away();
    await shop.worker.kill("SIGKILL");
    await shop.worker.restart();
    expect(await (await shop.raw("/readyz", { method: "GET" })).json()).toMatchObject({
      reason: "database_unavailable",
    });
    const body = "{}";
    expect((await shop.raw("/in/never-seen", { body, headers: signed(body) })).status).toBe(503);
    expect((await shop.send({ name: "#7010", phone: number(10) })).status).toBe(202);
    await shop.cluster?.back();
    await shop.until(
      () => shop.raw("/readyz", { method: "GET" }),
      ({ status }) => status === 200,
    );
    await shop.call("#7010", "placed");
  });
});
