/** Deliveries while Postgres is down: what was made is sent under its id, in order, once Postgres is back. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listenForOutcomes, number, openShop, type Shop } from "../shop.ts";
import { type HookReceiver, ofCall, receiver, subscribed } from "./receiver.ts";

const callsMade = 6;

let shop: Shop;
const open: HookReceiver[] = [];
beforeAll(async () => {
  shop = await openShop({ ownCluster: true, mihu: { call_ms: 100 } });
  await listenForOutcomes(shop);
});
afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await shop?.stop();
});

let orders = 0;
async function begun(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => `#8${++orders}`);
  await Promise.all(names.map((name, nth) => shop.send({ name, phone: number(1_000 + orders + nth) })));
  return names;
}

/** What a connection of its own finds: one from before a crash is broken. */
async function asOwner<T>(ask: (owner: postgres.Sql) => Promise<T>): Promise<T> {
  const owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    return await ask(owner);
  } finally {
    await owner.end({ timeout: 1 });
  }
}

test.each([
  ["Postgres is killed", async () => {}],
  [
    "Postgres and then workerd are killed",
    async () => {
      await shop.worker.kill("SIGKILL");
      await shop.worker.restart();
    },
  ],
])(
  "If %s between a POST and its record, each delivery arrives under its own id and in order once Postgres is back.",
  async (_, meanwhile) => {
    const to = await receiver();
    open.push(to);
    const hook = await subscribed(shop, to.url);
    // The first events are sent, and wait for their answer while Postgres goes.
    const answers: (() => void)[] = [];
    to.answer((response) => void answers.push(() => void response.writeHead(200).end()));
    const names = await begun(callsMade);
    await shop.until(
      () => answers.length,
      (count) => count >= 4,
    );
    const calls = await Promise.all(names.map((name) => shop.call(name, "ended")));
    await shop.until(
      () => asOwner((owner) => owner`select from deliveries where hook = ${hook.id}`),
      (made) => made.length === 3 * callsMade,
    );
    await shop.cluster?.away();
    to.answer(null);
    for (const answer of answers.splice(0)) answer();
    await meanwhile();
    await shop.until(
      async () => (await (await shop.raw("/readyz", { method: "GET" })).json()) as { reason?: string },
      ({ reason }) => reason === "database_unavailable",
    );
    const heardBefore = to.heard.length;
    await shop.cluster?.back();

    for (const { id } of calls)
      await shop.until(
        async () => {
          // A lease that a killed process left ends, and so does a pause between two tries.
          await asOwner(
            (owner) => owner`update deliveries set lease_until = null, next_at = now()
            where hook = ${hook.id} and state = 'pending' and lease_until is not null and tries = 0`,
          );
          await shop.worker.scheduled();
          return ofCall(to, id).length;
        },
        (count) => count === 3,
        60_000,
      );
    for (const { id } of calls) expect(ofCall(to, id).map(({ data }) => data.sequence)).toEqual([1, 2, 3]);
    const stored = await shop.until(
      () => asOwner((owner) => owner`select id, state from deliveries where hook = ${hook.id}`),
      (rows) => rows.every(({ state }) => state === "delivered"),
    );
    const told = new Set(to.heard.map(({ id }) => id));
    expect(stored).toHaveLength(3 * callsMade);
    expect(new Set(stored.map(({ id }) => `msg_${String(id).replaceAll("-", "")}`))).toEqual(told);
    expect(heardBefore).toBeGreaterThanOrEqual(4);
    await shop.api(`/v1/hooks/${hook.id}`, { method: "DELETE" });
  },
  120_000,
);
