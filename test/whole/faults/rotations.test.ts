/**
 * Secrets are rotated while webhooks come to three Workers of one service, each with its own copies. Once a change is
 * answered, it holds at every Worker.
 */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { chance } from "../../chance.ts";
import { callMe, line, number, openShop, put, type Shop, secret, signed, source } from "../shop.ts";

const rotations = 50;
/** Webhooks in flight to each Worker. */
const sendersPerWorker = 1;

let shop: Shop;
let workers: string[];
beforeAll(async () => {
  shop = await openShop({ isolates: 2 });
  workers = [shop.url, ...shop.isolates];
});
afterAll(() => shop?.stop());

/** A secret, and how far its changes have come. */
type Rotating = { value: string; id: string; added: boolean; removing: boolean; removed: boolean };

/** Sends an event that no rule wants, unless the fields say otherwise. */
async function send(worker: string, value: string, fields: object = {}): Promise<number> {
  const id = randomUUID();
  const body = JSON.stringify({ id, name: "#1", tags: "nothing", total_price: "1.00", ...fields });
  const headers = signed(body, { id, secret: value });
  const answer = await fetch(`${worker}/in/${source}`, { method: "POST", headers, body });
  await answer.body?.cancel();
  return answer.status;
}

type SourceAnswer = { confirmed?: boolean; secrets: { id: string; env: string | null }[] };
async function admin(worker: string, method: string, path: string, json?: object) {
  const answer = await fetch(`${worker}/v1/sources/${source}${path}`, {
    method,
    headers: { authorization: `Bearer ${shop.token}`, "content-type": "application/json" },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  return { status: answer.status, json: (await answer.json()) as SourceAnswer };
}

test("Through fifty rotations no good signature is refused after its 201, and no removed one is accepted after its 200.", async () => {
  const random = chance(20_261_128);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const first = (await admin(shop.url, "GET", "")).json.secrets[0]?.id ?? "";
  const secrets: Rotating[] = [{ value: secret, id: first, added: true, removing: false, removed: false }];
  const faults: string[] = [];
  const counts = { accepted: 0, refused: 0, notNow: 0 };

  /**
   * Sends one webhook and checks its answer: changes answered before the request must hold, and changes requested after
   * its answer must not.
   */
  const judged = async (worker: string, one: Rotating): Promise<number> => {
    const { added, removed } = one;
    const status = await send(worker, one.value);
    if (status === 202) counts.accepted++;
    else if (status === 401) counts.refused++;
    else if (status === 503) counts.notNow++;
    else faults.push(`answered ${status}`);
    if (status === 202 && removed) faults.push(`${one.value} is accepted after its removal was answered`);
    if (status === 401 && added && !one.removing) faults.push(`${one.value} is refused after it was answered`);
    return status;
  };

  let running = true;
  const sending = workers.flatMap((worker) =>
    Array.from({ length: sendersPerWorker }, async () => {
      while (running) {
        // Now and then a secret that was removed a while ago.
        const one = random() < 0.03 ? pick(secrets) : pick(secrets.slice(-2).filter(({ removed }) => !removed));
        // Like a sender, the test repeats a webhook that gets 503.
        for (let tries = 0; running && tries < 50 && (await judged(worker, one)) === 503 && !one.removed; tries++);
      }
    }),
  );

  for (let nth = 1; nth <= rotations; nth++) {
    const env = `ROTATED_${nth}`;
    const next = {
      value: `shpss_rotated_${nth}_0123456789abcdef`,
      id: "",
      added: false,
      removing: false,
      removed: false,
    };
    const added = await admin(pick(workers), "POST", "/secrets", { env, value: next.value });
    expect([added.status, added.json.confirmed]).toEqual([201, true]);
    next.id = added.json.secrets.find((one) => one.env === env)?.id ?? "";
    next.added = true;
    const old = secrets.at(-1);
    if (old === undefined) throw new Error("there is always one");
    secrets.push(next);
    // Every Worker, whatever copy it has.
    for (const worker of workers)
      await shop.until(
        () => judged(worker, next),
        (status) => status !== 503,
      );
    old.removing = true;
    const removed = await admin(pick(workers), "DELETE", `/secrets/${old.id}`);
    expect([removed.status, removed.json.confirmed]).toEqual([200, true]);
    old.removed = true;
    await judged(pick(workers), old);
  }
  running = false;
  await Promise.all(sending);
  expect(faults).toEqual([]);
  // The run has met every answer.
  expect(
    Object.values(counts).every((count) => count > 0),
    JSON.stringify(counts),
  ).toBe(true);
}, 120_000);

describe("once it is answered", () => {
  const value = "shpss_current_0123456789abcdef";
  const open = { preset: "shopify", secrets: [value], country: "US" };

  test("a source that is closed accepts nothing at any Worker, and one that is open again refuses nothing", async () => {
    for (let round = 0; round < 5; round++) {
      await put(shop, `/v1/sources/${source}`, open);
      for (const worker of workers)
        expect(
          await shop.until(
            () => send(worker, value),
            (status) => status !== 503,
          ),
        ).toBe(202);
      expect((await admin(shop.url, "DELETE", "")).json.confirmed).toBe(true);
      for (const worker of workers) expect([404, 503]).toContain(await send(worker, value));
    }
  }, 40_000);

  test("a rule that is off queues no call of any Worker's event", async () => {
    await put(shop, `/v1/sources/${source}`, open);
    let nth = 100;
    const order = () => ({
      tags: "call-me",
      total_price: "200.00",
      phone: number(nth++),
      customer: { first_name: "Ada" },
    });
    for (let round = 1; round <= 5; round++) {
      await put(shop, `/v1/sources/${source}/rules/call-me`, callMe);
      let running = true;
      const sending = workers.map(async (worker) => {
        while (running) await send(worker, value, order());
      });
      const before = shop.rings().length;
      await shop.until(
        () => shop.rings(),
        (rings) => rings.length > before,
      );
      await put(shop, `/v1/sources/${source}/rules/call-me`, { ...callMe, mode: "off" });
      const queued = () => shop.calls(`line=${line}&status=queued&limit=200`);
      expect(await queued()).toEqual([]);
      running = false;
      await Promise.all(sending);
      expect(await queued()).toEqual([]);
    }
  }, 40_000);

  test("a rule that is off queues no call of a plan that was on its way to Postgres", async () => {
    await put(shop, `/v1/sources/${source}`, open);
    await put(shop, `/v1/sources/${source}/rules/call-me`, callMe);
    const owner = postgres(shop.ownerUrl, { max: 2, onnotice: () => {} });
    onTestFinished(() => owner.end());
    const events = async (state: string) =>
      (await owner<[{ count: number }]>`select count(*)::int from events where state = ${state}`)[0].count;
    await shop.until(
      () => events("unplanned"),
      (count) => count === 0,
    );
    const rings = shop.rings().length;
    await owner.begin(async (tx) => {
      // The only statement of these that writes this table is a plan's. It waits at its beginning, before it reads anything.
      await tx`lock table withdrawals in share mode`;
      const order = { tags: "call-me", total_price: "200.00", phone: number(999), customer: { first_name: "Ada" } };
      await shop.until(
        () => send(shop.url, value, order),
        (status) => status === 202,
      );
      await shop.until(
        async () => await owner`select from pg_locks where relation = 'withdrawals'::regclass and not granted`,
        (waiting) => waiting.length > 0,
      );
      await put(shop, `/v1/sources/${source}/rules/call-me`, { ...callMe, mode: "off" });
      expect(await events("unplanned")).toBe(1);
    });
    await shop.until(
      () => events("unplanned"),
      (count) => count === 0,
    );
    expect(await shop.calls(`line=${line}&status=queued&limit=200`)).toEqual([]);
    expect(shop.rings().length).toBe(rings);
  }, 40_000);
});
