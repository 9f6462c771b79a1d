import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { eventId } from "../../../src/platform/hashes.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { waitsForLock } from "../world/locks.ts";
import { eventsOf, newEvent, planOf, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

/** An event of a sender that signs the body only. */
const signed = (deviation: Partial<NewEvent> = {}) => newEvent({ bodyKey: randomUUID(), ...deviation });

/** The same bytes under a fresh id. */
async function forged(event: NewEvent): Promise<NewEvent> {
  const dedupeKey = randomUUID();
  return { ...event, dedupeKey, externalId: dedupeKey, id: eventId("shop", dedupeKey) };
}

const stored = async (event: NewEvent) =>
  (await w.owner`select state, reason, detail, body_key, conflicts from events where id = ${event.id}`)[0];

describe("a signed body under a fresh id", () => {
  const replayed = { state: "ignored", reason: "replayed", body_key: null };

  test("is kept as an event that ends with its reason, which names the first", async () => {
    const event = await signed();
    const replay = await forged(event);
    await w.events.accept("shop", [event]);
    const { acceptances } = await w.events.accept("shop", [replay]);
    expect(acceptances).toEqual([{ id: replay.id, duplicate: false, conflict: false, replayed: true }]);
    expect(await stored(replay)).toMatchObject({ ...replayed, detail: { event_id: event.id } });
    expect(await stored(event)).toMatchObject({ state: "unplanned" });
  });

  test("is not planned, whoever tries", async () => {
    const event = await signed();
    const replay = await forged(event);
    await w.events.accept("shop", [event]);
    await w.events.accept("shop", [replay]);
    expect((await w.events.unplanned("shop", 1_000)).map(({ id }) => id)).not.toContain(replay.id);
    await w.events.plan([planOf(replay)]);
    expect(await stored(replay)).toMatchObject(replayed);
  });

  test("in the same batch counts once, whichever comes first", async () => {
    const event = await signed();
    const all = [event, ...(await Promise.all([1, 2, 3].map(() => forged(event))))];
    await w.events.accept("shop", all);
    const ends = await Promise.all(all.map(stored));
    expect(ends.filter((row) => row?.state === "unplanned")).toHaveLength(1);
    const first = all[ends.findIndex((row) => row?.state === "unplanned")];
    for (const row of ends.filter((one) => one?.state !== "unplanned"))
      expect(row).toMatchObject({ ...replayed, detail: { event_id: first?.id } });
  });

  test("and redelivered under it is a redelivery, and no conflict", async () => {
    const event = await signed();
    const replay = await forged(event);
    await w.events.accept("shop", [event]);
    await w.events.accept("shop", [replay]);
    const { acceptances } = await w.events.accept("shop", [replay, event]);
    expect(acceptances).toMatchObject([
      { id: replay.id, duplicate: true, conflict: false },
      { id: event.id, duplicate: true, conflict: false },
    ]);
    expect(await stored(replay)).toMatchObject({ conflicts: 0 });
  });

  test("that another shard commits at this very moment waits for it, and counts once", async () => {
    const event = await signed();
    const replay = await forged(event);
    const client = keptClient(w.url, () => {});
    const second = eventsOf(client, 30_000);
    const [{ pid }] = await client.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const { accepting } = await w.owner.begin(async (tx) => {
      await tx`insert into events (id, source, dedupe_key, type, headers, body, body_hash, body_key)
        values (${event.id}, 'shop', ${event.dedupeKey}, ${event.type}, '{}', ${event.body}, ${event.bodyHash}, ${event.bodyKey ?? null})`;
      const accepting = second.accept("shop", [replay]);
      await waitsForLock(tx, pid);
      return { accepting };
    });
    expect((await accepting).acceptances).toMatchObject([{ replayed: true }]);
    client.drop();
    expect(await stored(replay)).toMatchObject(replayed);
  });

  test("in the batches of two shards at once is one event each, in whatever order they come", async () => {
    const clients = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
    const [one, two] = clients.map((client) => eventsOf(client, 30_000));
    for (let round = 0; round < 10; round++) {
      const events = await Promise.all(Array.from({ length: 30 }, () => signed()));
      const replays = await Promise.all(events.map(forged));
      await Promise.all([one?.accept("shop", events), two?.accept("shop", replays)]);
      const rows =
        await w.owner`select state from events where id in ${w.owner([...events, ...replays].map(({ id }) => id))}`;
      expect(rows.filter(({ state }) => state === "unplanned")).toHaveLength(30);
      expect(rows.filter(({ state }) => state === "ignored")).toHaveLength(30);
    }
    for (const client of clients) client.drop();
  });

  test("that first came as other bytes of a known id is no replay: nobody suppresses an event with it", async () => {
    const [known, real] = [await signed(), await signed()];
    await w.events.accept("shop", [known]);
    const { bodyKey, body, bodyHash } = real;
    const conflicting = { ...known, body, bodyHash, ...(bodyKey === undefined ? {} : { bodyKey }) };
    await w.events.accept("shop", [conflicting, real]);
    expect(await stored(real)).toMatchObject({ state: "unplanned" });
    expect(await stored(known)).toMatchObject({ conflicts: 1 });
  });

  test("of a sender that signs the id is an event like every other", async () => {
    const event = await newEvent();
    const other = await forged(event);
    await w.events.accept("shop", [event, other]);
    expect(await stored(other)).toMatchObject({ state: "unplanned" });
  });

  test("whose end was foreseen is a replay all the same", async () => {
    const event = await signed();
    const replay = await forged(event);
    await w.events.accept("shop", [event]);
    const [source] = await w.owner`select version from sources where slug = 'shop'`;
    const foresight = {
      sourceVersion: Number(source?.version),
      ends: new Map([[replay.id, "no_rule_matched" as const]]),
    };
    await w.events.accept("shop", [replay], foresight);
    expect(await stored(replay)).toMatchObject(replayed);
  });
});

test("An event found without a plan says whether its bytes make only one event", async () => {
  await w.owner`insert into sources (slug, preset) values ('left', 'shopify')`;
  const [once, plain] = [await signed(), await newEvent()];
  await w.events.accept("left", [once, plain]);
  const left = await w.events.unplanned("left", 10);
  expect(new Map(left.map(({ id, bodyOnce }) => [id, bodyOnce]))).toEqual(
    new Map([
      [once.id, true],
      [plain.id, false],
    ]),
  );
});
