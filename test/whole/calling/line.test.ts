/** A line under a kill, a pause and a restored database. The simulator's ledger counts the rings. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Call, line, number, openShop, type Shop } from "../shop.ts";
import { callsOf, endAll, many, manyClaimed, onTheirWay } from "./many-claimed.ts";

const lineNow = async (shop: Shop) =>
  (await (await shop.api(`/v1/lines/${line}`)).json()) as { paused: { reason: string; detail: string } | null };
const reasonsOf = async (owner: postgres.Sql, action: string) => {
  const rows =
    await owner`select reason, count(*)::int as n from entries where action = ${action} and subject = 'call' group by 1`;
  return Object.fromEntries(rows.map(({ reason, n }) => [reason ?? "none", n]));
};

describe("a line that is killed with calls in its hands", () => {
  let shop: Shop;
  let owner: postgres.Sql;
  beforeAll(async () => {
    shop = await openShop({ mihu: { call_ms: 600_000 } });
    owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  });
  afterAll(async () => {
    await owner?.end();
    await shop?.stop();
  });

  test("gives back at once what it had not begun, which rings once, and nothing else becomes unknown", async () => {
    const before = await manyClaimed(shop, 0);
    await shop.worker.kill("SIGKILL");
    const begun = shop.simulator.posts().length - before;
    expect(begun).toBeLessThanOrEqual(onTheirWay);
    shop.simulator.setFaults({ answer_latency_ms: 0 });
    await shop.worker.restart();
    // The line is woken by cron, a webhook and its own alarm.
    await shop.send({ name: "#wakes", phone: number(5_000) });
    await shop.until(
      () => shop.rings().length,
      (rings) => rings >= before + many + 1,
    );
    const rings = shop.rings();
    expect(new Set(rings.map((ring) => ring.number)).size).toBe(rings.length);
    await shop.until(
      () => callsOf(shop, "dialing"),
      (dialing) => dialing.length === begun,
    );
    expect(await callsOf(shop, "unknown")).toEqual([]);
    expect((await reasonsOf(owner, "queued")).given_back).toBeGreaterThanOrEqual(2);
    // The begun call has no answer. Cron ends its lease, after asking its line once more.
    await owner`update calls set lease_until = now() - interval '1 second' where status = 'dialing'`;
    await shop.worker.scheduled();
    expect(await callsOf(shop, "dialing")).toHaveLength(begun);
    await owner`update calls set poll_at = now() where status = 'dialing'`;
    await shop.worker.scheduled();
    expect(await callsOf(shop, "dialing")).toEqual([]);
    expect(shop.rings()).toHaveLength(rings.length);
  });
});

describe("a person's pause", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ mihu: { call_ms: 600_000 } });
  });
  afterAll(() => shop?.stop());

  test.each([
    ["of the line", `/v1/lines/${line}`, 0],
    ["of all lines", "/v1/lines", 2_000],
  ])("%s takes effect before the next dial, also for what is claimed already", async (_, path, from) => {
    shop.simulator.reset();
    shop.simulator.setFaults({ call_ms: 600_000 });
    await endAll(shop);
    const before = await manyClaimed(shop, from);
    const asked = await shop.api(`${path}/pause`, { method: "POST", json: { reason: "wrong script" } });
    const stoppedAt = Date.now();
    expect(asked.status).toBe(200);
    const answer = (await asked.json()) as { stopped?: object; data?: { stopped: object }[] };
    const stopped = answer.stopped ?? answer.data?.[0]?.stopped;
    expect(stopped).toMatchObject({ confirmed: true, given_back: expect.any(Number), in_flight: onTheirWay });
    expect((stopped as { given_back: number }).given_back).toBeGreaterThanOrEqual(2);
    // Every call that the line returned is queued again, and nothing arrived at Mihu after the answer.
    await shop.until(
      () => callsOf(shop, "queued"),
      (queued) => queued.length === many - onTheirWay,
    );
    await shop.worker.scheduled();
    expect(shop.simulator.posts().filter(({ at }) => at > stoppedAt)).toEqual([]);
    expect(shop.rings()).toHaveLength(before + onTheirWay);
    shop.simulator.setFaults({ answer_latency_ms: 0 });
    expect((await shop.api(`${path}/resume`, { method: "POST", json: { reason: "mended" } })).status).toBe(200);
    await shop.until(
      () => shop.rings().length,
      (rings) => rings >= before + many,
      30_000,
    );
    expect(new Set(shop.rings().map((ring) => ring.number)).size).toBe(before + many);
  });
});

describe("over a kill", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ mihu: { call_ms: 60_000 } });
  });
  beforeEach(() => shop.simulator.reset());
  afterAll(() => shop?.stop());

  test.each([
    ["401", "unauthenticated", 600],
    ["402", "payment_required", 602],
    ["403", "forbidden", 604],
    ["404", "agent_missing", 606],
  ] as const)(
    "a pause because of %s holds, burns no call, and ends by a harmless question",
    async (status, reason, from) => {
      shop.simulator.setFaults({ next: [`before_${status}`], token_revoked: false });
      await shop.send({ name: `#about-us-${status}`, phone: number(from) });
      await shop.until(
        () => lineNow(shop),
        ({ paused }) => paused?.reason === reason,
      );
      expect(shop.rings(number(from))).toEqual([]);
      shop.simulator.setFaults({ token_revoked: true });
      await shop.worker.kill("SIGKILL");
      await shop.worker.restart();
      await shop.worker.scheduled();
      expect((await lineNow(shop)).paused?.reason).toBe(reason);
      expect((await shop.call(`#about-us-${status}`, "queued")).reason).toBe("line_paused");
      // The cause is gone, so the next start of the line asks Mihu again and continues.
      shop.simulator.setFaults({ token_revoked: false });
      await shop.worker.kill("SIGKILL");
      await shop.worker.restart();
      await shop.worker.scheduled();
      await shop.call(`#about-us-${status}`, "placed");
      expect((await lineNow(shop)).paused).toBeNull();
      expect(shop.rings(number(from))).toHaveLength(1);
    },
  );

  test("429 makes the whole line wait as long as Mihu asked", async () => {
    shop.simulator.setFaults({ next: [{ fault: "before_429", retry_after_s: 4 }] });
    await shop.send({ name: "#429", phone: number(610) });
    const [refused] = await shop.until(
      () => shop.simulator.posts(),
      (posts) => posts.length === 1,
    );
    await shop.until(
      () => callsOf(shop, "queued"),
      ([call]) => call?.reason === "rate_limited",
    );
    await shop.worker.kill("SIGKILL");
    await shop.worker.restart();
    await shop.send({ name: "#429b", phone: number(611) });
    await shop.call("#429", "placed");
    await shop.call("#429b", "placed");
    expect(Math.min(...shop.rings().map((ring) => ring.at)) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(3_900);
    expect(shop.rings()).toHaveLength(2);
  });
});

describe("a Postgres that is restored from a backup", () => {
  let shop: Shop;
  let owner: postgres.Sql;
  beforeAll(async () => {
    shop = await openShop({ ownCluster: true, mihu: { call_ms: 600_000 } });
    owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  });
  afterAll(async () => {
    await owner?.end();
    await shop?.stop();
  });
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const askFor = async (index: number): Promise<Call> => {
    const answer = await shop.api("/v1/calls", {
      method: "POST",
      headers: { "idempotency-key": `key-${index}` },
      json: { line, number: number(index), about: "It is about the order.", due_at: later },
    });
    return (await answer.json()) as Call;
  };
  const ring = async (...ids: string[]) => {
    await owner`update calls set due_at = now() where id in ${owner(ids)}`;
    await shop.worker.scheduled();
  };
  const statusOf = async (id: string) => (await (await shop.api(`/v1/calls/${id}`)).json()) as Call;

  test("pauses the line, puts before a person what may have rung, names what is gone, and rings nobody twice", async () => {
    await shop.send({ name: "#kept", phone: number(700) });
    await shop.call("#kept", "placed");
    const [rung, waits] = [await askFor(701), await askFor(702)];
    await shop.cluster?.backUp();
    await shop.until(
      () => shop.raw("/readyz", { method: "GET" }),
      ({ status }) => status === 200,
    );
    await ring(rung.id);
    await shop.until(
      async () => (await statusOf(rung.id)).status,
      (status) => status === "placed",
    );
    const redelivered = { id: "delivery-703" };
    await shop.send({ name: "#redelivered", phone: number(703) }, redelivered);
    await shop.call("#redelivered", "placed");
    await shop.send({ name: "#gone", phone: number(704) });
    const gone = await shop.call("#gone", "placed");
    expect(shop.rings()).toHaveLength(4);

    await shop.cluster?.restore();
    await shop.until(
      () => shop.raw("/readyz", { method: "GET" }),
      ({ status }) => status === 200,
    );
    expect((await statusOf(rung.id)).status).toBe("queued");
    await ring(rung.id, waits.id);
    const { paused } = await shop.until(
      () => lineNow(shop),
      (now) => now.paused !== null,
    );
    expect(paused).toMatchObject({ reason: "database_went_back", detail: expect.stringContaining(gone.id) });
    expect(await statusOf(rung.id)).toMatchObject({
      status: "review",
      reason: "database_went_back",
      conversation_uuid: shop.rings(number(701))[0]?.conversation_uuid,
    });
    // The sender delivers the event once more. The call gets another row, but is the same call.
    await shop.send({ name: "#redelivered", phone: number(703) }, redelivered);
    await shop.call("#redelivered", "queued");
    expect((await shop.api(`/v1/lines/${line}/resume`, { method: "POST" })).status).toBe(200);
    expect(await shop.call("#redelivered", "review")).toMatchObject({ reason: "database_went_back" });
    await shop.until(
      async () => (await statusOf(waits.id)).status,
      (status) => status === "placed",
    );
    // A new call rings as usual.
    await shop.send({ name: "#new", phone: number(705) });
    await shop.call("#new", "placed");
    expect((await lineNow(shop)).paused).toBeNull();
    const rings = shop.rings();
    expect(rings).toHaveLength(6);
    expect(new Set(rings.map((one) => one.number)).size).toBe(6);
    // A person says that the call rang, and names its conversation.
    const resolved = await shop.api(`/v1/calls/${rung.id}/resolve`, { method: "POST", json: { rang: true } });
    expect(resolved.status).toBe(200);
    expect(await statusOf(rung.id)).toMatchObject({ status: "placed" });
    expect(shop.rings()).toHaveLength(6);
  });
});
