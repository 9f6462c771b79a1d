/** The whole without its Postgres: what is acknowledged is kept on the inboxes' own disks, and rings once when Postgres is back. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ownBundle } from "../../../bench/subjects/own-bundle.ts";
import { type FaultyWire, faultyWire } from "../../chaos/world/wire.ts";
import { line, number, openShop, type Shop, signed, source } from "../shop.ts";

const commitTimeoutMs = 1_000;
type Spill = { source: string; shard: number; events: number; bytes: number; oldest_at: string };
type Ready = {
  status: string;
  reason?: string;
  events_wait?: boolean;
  spills?: Spill[];
  problems?: { code: string; severity: string }[];
};

let shop: Shop;
let wire: FaultyWire;
let bundle: Awaited<ReturnType<typeof ownBundle>>;
let owner: postgres.Sql;
let next = 0;

beforeAll(async () => {
  bundle = await ownBundle();
  shop = await openShop({
    ownCluster: true,
    bundle,
    mihu: { call_ms: 50 },
    through: async (databaseUrl) => {
      const url = new URL(databaseUrl);
      wire = await faultyWire(Number(url.port));
      url.port = String(wire.port);
      return url.href;
    },
  });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  // Each test begins with an inbox that knows its source and its rules.
  await arrive(1);
});
afterEach(async () => {
  wire.release("broken");
  await present();
});
afterAll(async () => {
  await owner?.end({ timeout: 1 });
  await shop?.stop();
  await wire?.close();
  bundle?.remove();
});

/** Sends this many orders, each with another number. @returns The orders with their answers and the duration of each */
async function arrive(count: number, everyMs = 0) {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const nth = next++;
      const order = { name: `#S${nth}`, phone: number(nth) };
      const id = randomUUID();
      await new Promise((resolve) => setTimeout(resolve, index * everyMs));
      const began = performance.now();
      const { status, body, eventId } = await shop.send(order, { id });
      return { order, id, status, body, eventId, number: order.phone, ms: performance.now() - began };
    }),
  );
}

async function away(): Promise<void> {
  await shop.cluster?.away();
}

async function present(): Promise<void> {
  const there = () =>
    owner`select 1`.then(
      () => true,
      () => false,
    );
  if (!(await there())) await shop.cluster?.back();
  await shop.until(there, (answer) => answer, 30_000);
}

async function ready(token = shop.token): Promise<Ready> {
  const answer = await shop.raw("/readyz", { method: "GET", headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()) as Ready;
}

async function drained(): Promise<void> {
  await shop.until(ready, ({ spills }) => spills?.length === 0, 45_000);
}

/** Every number rings, and rings once. */
async function rungOnce(sent: readonly { number: string }[]): Promise<void> {
  const ours = new Set(sent.map((one) => one.number));
  const rings = () => shop.rings().filter((ring) => ours.has(ring.number));
  await shop.until(
    () => new Set(rings().map((ring) => ring.number)).size,
    (rung) => rung === ours.size,
    60_000,
  );
  expect(rings()).toHaveLength(ours.size);
}

const rowsOf = async (sent: readonly { eventId: string }[]) =>
  await owner`select id, state, reason, conflicts, nth, (extract(epoch from received_at) * 1000)::float8 as at
    from events where id in ${owner(sent.map(({ eventId }) => eventId))} order by received_at, nth`;

const percentile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

describe("without Postgres", () => {
  test("webhooks are acknowledged at once, in their order and with their time, /readyz says how many wait, and each rings once", async () => {
    const before = await arrive(10);
    const sending = arrive(120, 20);
    await shop.until(
      () => next,
      (sent) => sent > 0,
    );
    await away();
    const awayAt = Date.now();
    const sent = await sending;
    expect(sent.filter(({ status }) => status !== 202)).toEqual([]);
    const late = await arrive(100, 10);
    expect(late.every(({ status }) => status === 202)).toBe(true);
    // Only the requests of the failing commit wait for it.
    const times = late.map(({ ms }) => ms);
    expect(percentile(times, 0.5)).toBeLessThan(commitTimeoutMs);

    const told = await ready();
    expect(told).toMatchObject({
      status: "not_ready",
      reason: "database_unavailable",
      takes_webhooks: true,
      events_wait: true,
    });
    expect(told.problems?.map(({ code, severity }) => [code, severity])).toEqual([
      ["database_unavailable", "critical"],
      ["spilled", "warning"],
    ]);
    expect(told.spills).toHaveLength(1);
    expect(told.spills?.[0]).toMatchObject({ source, shard: 0 });
    expect(told.spills?.[0]?.events).toBeGreaterThanOrEqual(100);
    expect(Date.parse(told.spills?.[0]?.oldest_at ?? "")).toBeLessThanOrEqual(Date.now());
    for (const token of ["", "abc"])
      expect(Object.keys(await ready(token))).toEqual([
        ...["status", "reason", "severity", "places_calls", "takes_webhooks", "events_wait"],
      ]);

    const backAt = Date.now();
    await shop.cluster?.back();
    await drained();
    await rungOnce([...before, ...sent, ...late]);
    const rows = await rowsOf(late);
    // `at` is the time at which the event was acknowledged, not the time at which Postgres stored it.
    for (const { at } of rows) {
      expect(at).toBeGreaterThan(awayAt - 5);
      expect(at).toBeLessThan(backAt);
    }
    const acknowledged = await rowsOf(sent);
    expect(acknowledged).toHaveLength(sent.length);
  }, 60_000);

  test("one after another they are planned as they came", async () => {
    await away();
    const sent: Awaited<ReturnType<typeof arrive>> = [];
    for (let index = 0; index < 30; index++) sent.push(...(await arrive(1)));
    await shop.cluster?.back();
    await drained();
    const rows = await rowsOf(sent);
    expect(rows.map(({ id }) => id)).toEqual(sent.map(({ eventId }) => eventId));
    const calls = await shop.until(
      () => owner`select event_id from calls where event_id in ${owner(sent.map(({ eventId }) => eventId))}`,
      (found) => found.length >= 30,
    );
    expect(calls).toHaveLength(30);
  }, 60_000);

  test("a redelivery that meets the spill is the same event, before and after it is drained, and other bytes are a conflict", async () => {
    await away();
    const [first] = await arrive(1);
    if (first === undefined) throw new Error("one was sent");
    expect(first.body).toMatchObject({ events: [{ duplicate: false }] });
    const again = await shop.send(first.order, { id: first.id });
    expect(again.body).toEqual({ events: [{ id: first.eventId, external_id: first.id, duplicate: true }] });
    const other = await shop.send({ ...first.order, note: "other bytes" }, { id: first.id });
    expect(other.eventId).not.toBe(first.eventId);
    expect(other.body).toMatchObject({ events: [{ duplicate: false, conflict: true }] });
    await shop.cluster?.back();
    await drained();
    await shop.until(
      () => rowsOf([first]),
      ([row]) => row?.state === "planned",
    );
    expect(await rowsOf([first])).toMatchObject([{ conflicts: 1 }]);
    const after = await shop.send(first.order, { id: first.id });
    expect(after.body).toMatchObject({ events: [{ id: first.eventId, duplicate: true }] });
    await rungOnce([first]);
    const [kept] = await owner`select id, reason, body from events where conflict_of = ${first.eventId}`;
    expect(kept).toMatchObject({ id: other.eventId, reason: "conflict", body: expect.stringContaining("other bytes") });
    expect(await rowsOf([first])).toMatchObject([{ conflicts: 1 }]);
    const told = await owner`select action from entries where subject = 'event' and subject_id = ${first.eventId}`;
    expect(told.map(({ action }) => action)).toEqual(["conflict"]);
  }, 60_000);

  test("a redelivery of what Postgres has already is no second event", async () => {
    const [first] = await arrive(1);
    if (first === undefined) throw new Error("one was sent");
    await rungOnce([first]);
    await away();
    const again = await shop.send(first.order, { id: first.id });
    expect(again).toMatchObject({ status: 202, eventId: first.eventId });
    await shop.cluster?.back();
    await drained();
    await rungOnce([first]);
    expect(await rowsOf([first])).toMatchObject([{ conflicts: 0 }]);
  }, 60_000);

  test("a call that is asked for directly is accepted without its id, and its key stands for one call", async () => {
    const asked = { line, number: number(next++), about: "You asked for a call." };
    const post = (about = asked.about) =>
      shop.api("/v1/calls", {
        method: "POST",
        json: { ...asked, about },
        headers: { "idempotency-key": "while-away" },
      });
    // The token has just been seen.
    expect((await shop.api("/v1/me")).status).toBe(200);
    await away();
    const first = await post();
    expect(first.status).toBe(202);
    const body = (await first.json()) as { event_id: string };
    expect(body).toEqual({ id: null, status: null, event_id: expect.any(String) });
    expect(await (await post()).json()).toEqual(body);
    expect((await post("Something else.")).status).toBe(409);
    await shop.cluster?.back();
    await drained();
    await rungOnce([asked]);
    expect(await (await post()).json()).toMatchObject({ event_id: body.event_id, number: asked.number });
  }, 60_000);

  test("workerd is killed right after it acknowledged, verifies and acknowledges without Postgres, and loses and doubles nothing", async () => {
    await away();
    const first = await arrive(60);
    await shop.worker.kill("SIGKILL");
    await shop.worker.restart();
    // A fresh isolate: it verifies by the copy that the inbox keeps.
    const second = await arrive(60);
    expect([...first, ...second].filter(({ status }) => status !== 202)).toEqual([]);
    const forged = await shop.raw(`/in/${source}`, {
      body: "{}",
      headers: { ...signed("{}"), "x-shopify-hmac-sha256": "AAAA" },
    });
    // The source may have changed meanwhile, which nobody can check now. So the sender gets 503 and tries again.
    expect([forged.status, forged.headers.get("retry-after")]).toEqual([503, "5"]);
    const unknown = await shop.raw("/in/nobody-knows", { body: "{}", headers: signed("{}") });
    expect([unknown.status, unknown.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await ready()).spills).toMatchObject([{ source, events: 120 }]);

    // Nobody calls the inbox after this kill: its alarm alone has to bring them back.
    await shop.worker.kill("SIGKILL");
    await shop.worker.restart();
    await shop.cluster?.back();
    await rungOnce([...first, ...second]);
    await drained();
  }, 60_000);

  test("workerd is killed in the middle of a drain: nothing is lost and nothing doubled", async () => {
    await away();
    const sent = await arrive(400, 2);
    expect(sent.every(({ status }) => status === 202)).toBe(true);
    await shop.cluster?.back();
    for (let kill = 0; kill < 3; kill++) {
      await shop.until(
        async () => (await rowsOf(sent)).length,
        (kept) => kept > 0,
      );
      await shop.worker.kill("SIGKILL");
      await shop.worker.restart();
    }
    await drained();
    expect(await rowsOf(sent)).toHaveLength(400);
    // A call that the line was dialling at the kill is unknown and does not ring a second time.
    await shop.until(
      async () => {
        await shop.worker.scheduled();
        return [...(await shop.calls(`line=${line}&status=queued&limit=200`))];
      },
      (queued) => queued.length === 0,
      60_000,
    );
    const numbers = shop.rings().map((ring) => ring.number);
    expect(new Set(numbers).size).toBe(numbers.length);
    const calls =
      await owner`select count(*)::int as n from calls where event_id in ${owner(sent.map(({ eventId }) => eventId))}`;
    expect(calls).toEqual([{ n: 400 }]);
  }, 180_000);
});

describe("a Postgres that hangs", () => {
  test("holds up nobody longer than a second, and those behind not at all; all ring once when it answers again", async () => {
    wire.hang();
    const first = await arrive(20);
    expect(first.filter(({ status }) => status !== 202)).toEqual([]);
    expect(Math.max(...first.map(({ ms }) => ms))).toBeLessThan(commitTimeoutMs + 1_500);
    const behind = await arrive(50, 5);
    expect(behind.filter(({ status }) => status !== 202)).toEqual([]);
    const times = behind.map(({ ms }) => ms);
    expect(percentile(times, 0.5)).toBeLessThan(commitTimeoutMs);
    wire.release("late");
    await drained();
    await rungOnce([...first, ...behind]);
  }, 90_000);

  test("and commits late what is in the spill too: one event, one ring, no conflict", async () => {
    // The statement waits for this lock longer than the inbox does, and commits when it goes.
    const second = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
    let late: Awaited<ReturnType<typeof arrive>> = [];
    await drained();
    await second.begin(async (lock) => {
      await lock`lock table events in share mode`;
      late = await arrive(5);
      expect(late.filter(({ status }) => status !== 202)).toEqual([]);
      expect((await ready()).spills).toMatchObject([{ source, events: 5 }]);
    });
    await second.end();
    await drained();
    await rungOnce(late);
    expect((await rowsOf(late)).map(({ conflicts }) => conflicts)).toEqual([0, 0, 0, 0, 0]);
  }, 60_000);

  test("and a connection that breaks when the commit is done leave one event and one ring", async () => {
    await arrive(1);
    wire.cut("unanswered");
    const cut = await arrive(8);
    wire.disarm();
    expect(cut.filter(({ status }) => status !== 202)).toEqual([]);
    await drained();
    await rungOnce(cut);
    expect((await rowsOf(cut)).map(({ conflicts }) => conflicts)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  }, 60_000);
});
