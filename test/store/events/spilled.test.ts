/** Events of a spill in Postgres. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { type Drainer, drain } from "../../../src/flows/ingest/drain.ts";
import { openSpill } from "../../../src/objects/inbox/spill.ts";
import { sha256Hex } from "../../../src/platform/hashes.ts";
import { disk } from "../../runtime/disk.ts";
import { newEvent, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const at = Date.parse("2026-01-05T18:00:00.123Z");

/**
 * Spills the events, each in a separate request, and drains them. @returns The refused events, and the events left in
 * the spill
 */
async function drained(events: readonly NewEvent[], times = 1) {
  const spill = openSpill(disk(), { eventsMax: 10_000, bytesMax: 1e9, rowBytesMax: 2e6 });
  spill.append(
    events.map((event) => [event]),
    at,
  );
  const refused: { key: string; kept: boolean }[] = [];
  const drainer: Drainer = {
    foresee: () => ({ sourceVersion: 0, ends: new Map() }),
    drained: async () => {},
    refused: ({ dedupeKey }, kept) => void refused.push({ key: dedupeKey, kept }),
  };
  const clock = { now: () => 0 };
  const all = spill.head(1_000, 1e9);
  for (let nth = 1; nth < times; nth++) await w.events.drain("shop", all);
  await drain({ clock, spill, events: w.events }, "shop", drainer, { eventsMax: 1_000, untilMs: 1 });
  return { refused, left: spill.size().events };
}

const rows = async (events: readonly NewEvent[]) =>
  await w.owner`select id, dedupe_key, body, body_hash, state, reason, conflicts, order_number, nth,
    (extract(epoch from received_at) * 1000)::float8 as at from events
    where id in ${w.owner(events.map(({ id }) => id))} order by received_at, nth`;

describe("events of a spill", () => {
  test("are stored with the time at which they were acknowledged, and in the order in which they came", async () => {
    const events = await Promise.all(Array.from({ length: 40 }, () => newEvent()));
    await drained(events);
    const found = await rows(events);
    expect(found.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    expect(new Set(found.map((row) => row.at))).toEqual(new Set([at]));
    const unplanned = (await w.events.unplanned("shop", 40)).map(({ id, receivedAt }) => [id, receivedAt]);
    expect(unplanned).toEqual(events.map(({ id }) => [id, at]));
  });

  test("that Postgres has already, by a commit that came late or a drain that was killed, are neither doubled nor a conflict", async () => {
    const events = await Promise.all(Array.from({ length: 5 }, () => newEvent()));
    await w.events.accept("shop", events.slice(0, 3));
    const before = await rows(events.slice(0, 3));
    expect(await drained(events, 2)).toEqual({ refused: [], left: 0 });
    expect(await rows(events.slice(0, 3))).toEqual(before);
    expect((await rows(events)).map(({ conflicts }) => conflicts)).toEqual([0, 0, 0, 0, 0]);
  });

  test("with other bytes under one id are an event and a conflict with its bytes, within the spill and against Postgres", async () => {
    const [inside, outside] = [await newEvent(), await newEvent()];
    const other = (event: NewEvent): NewEvent => ({
      ...event,
      body: '{"other":1}',
      bodyHash: sha256Hex('{"other":1}'),
    });
    await w.events.accept("shop", [outside]);
    await drained([inside, other(inside), other(outside)]);
    for (const event of [inside, outside]) {
      expect(await rows([event])).toMatchObject([{ body: event.body, conflicts: 1 }]);
      const conflicts = await w.owner`select body, reason from events where conflict_of = ${event.id}`;
      expect(conflicts).toEqual([{ body: '{"other":1}', reason: "conflict" }]);
      const told = await w.owner`select action from entries where subject = 'event' and subject_id = ${event.id}`;
      expect(told).toMatchObject([{ action: "conflict" }]);
    }
  });

  test.each<[string, Partial<NewEvent>]>([
    ["a NUL in its order number", { orderNumber: "1\0" }],
    ["half a character in its type", { type: "orders/\uD83D" }],
    ["a moment that no calendar has", { occurredAt: 1e300 }],
    ["a key that no index takes", { dedupeKey: Array.from({ length: 9_000 }, (_, n) => n * 7_919).join(" ") }],
    ["a NUL in its body and in a header", { body: "a\0b", headers: { "x-a": "\0" } }],
  ])("with %s end as text with a reason, and keep none of the others", async (_, deviation) => {
    const good = await Promise.all([newEvent(), newEvent(), newEvent()]);
    const bad = { ...(await newEvent()), ...deviation };
    const [first, ...others] = good;
    if (first === undefined) throw new Error("three were made");
    expect(await drained([first, bad, ...others])).toEqual({ refused: [{ key: bad.dedupeKey, kept: true }], left: 0 });
    expect((await rows(good)).map(({ state }) => state)).toEqual(["unplanned", "unplanned", "unplanned"]);
    expect(await rows([bad])).toMatchObject([
      {
        state: "ignored",
        reason: "not_storable",
        dedupe_key: `refused:${bad.id}`,
        body: bad.body.replaceAll("\0", "\uFFFD"),
        body_hash: bad.bodyHash,
        order_number: null,
        at,
      },
    ]);
  });

  test("of a source that is gone stay in the spill", async () => {
    const event = { ...(await newEvent()), source: "gone" };
    const spill = openSpill(disk(), { eventsMax: 10, bytesMax: 1e9, rowBytesMax: 2e6 });
    spill.append([[event]], at);
    const drainer: Drainer = {
      foresee: () => ({ sourceVersion: 0, ends: new Map() }),
      drained: async () => {},
      refused: () => {},
    };
    await drain({ clock: { now: () => 0 }, spill, events: w.events }, "gone", drainer, { eventsMax: 10, untilMs: 1 });
    expect([spill.waiting(), spill.aside()]).toEqual([0, 1]);
  });
});
