import { describe, expect, it } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { type Drainer, type DrainPorts, drain } from "../../../src/flows/ingest/drain.ts";
import { openSpill } from "../../../src/objects/inbox/spill.ts";
import { eventId, sha256Hex } from "../../../src/platform/hashes.ts";
import type { Committed, Foresight } from "../../../src/ports/ingest/events.ts";
import type { SpilledEvent } from "../../../src/ports/ingest/spill.ts";
import { isNotNow } from "../../../src/store/postgres/connection.ts";
import { disk } from "../../runtime/disk.ts";

const now = Date.parse("2026-01-05T18:00:00Z");
const nothing: Foresight = { sourceVersion: 0, ends: new Map() };
class Refused extends Error {}
class Away extends Error {}

function event(key: string): NewEvent {
  const body = `{"id":"${key}"}`;
  return {
    id: eventId("shop", key),
    source: "shop",
    dedupeKey: key,
    externalId: key,
    type: "orders/updated",
    occurredAt: now,
    orderNumber: key,
    orderNumberKey: key,
    record: { type: "order", id: key },
    body,
    bodyHash: sha256Hex(body),
    headers: { "x-a": key },
  };
}

/** A spill with these events, and a Postgres that does with each batch what the test says. */
function stage(keys: readonly string[], fails: (batch: readonly SpilledEvent[], statement: number) => Error | null) {
  const spill = openSpill(disk(), { eventsMax: 10_000, bytesMax: 1e9, rowBytesMax: 1e6 });
  spill.append([keys.map(event)], now);
  const stored: { event: SpilledEvent; end: string | null }[] = [];
  const refused: [string, boolean][] = [];
  const drained: string[] = [];
  let statements = 0;
  let clock = now;
  const ports: DrainPorts = {
    clock: { now: () => clock },
    spill,
    events: {
      refuses: (error) => error instanceof Refused,
      isNotNow: (error) => error instanceof Away || isNotNow(error),
      async drain(_, events, foresight = nothing): Promise<Committed> {
        clock += 1_000;
        const failure = fails(events, ++statements);
        if (failure !== null) throw failure;
        stored.push(...events.map((one) => ({ event: one, end: foresight.ends.get(one.id) ?? null })));
        const acceptances = events.map(({ id }) => ({ id, duplicate: false, conflict: false }));
        return { acceptances, sourceVersion: 1, linesVersion: "1", receivedAt: clock };
      },
    },
  };
  const drainer: Drainer = {
    foresee: () => nothing,
    drained: async (events) => void drained.push(...events.map(({ dedupeKey }) => dedupeKey)),
    refused: (one, kept) => void refused.push([one.dedupeKey, kept]),
  };
  const run = (eventsMax = 1_000, untilMs = now + 60_000) => drain(ports, "shop", drainer, { eventsMax, untilMs });
  return { run, spill, stored, refused, drained, statements: () => statements };
}

const isOf = (key: string) => (batch: readonly SpilledEvent[]) => batch.some(({ dedupeKey }) => dedupeKey === key);
const five = ["a", "b", "c", "d", "e"];

describe("a drain", () => {
  it("takes all in their order, in few statements, and leaves nothing", async () => {
    const { run, spill, drained, statements } = stage(five, () => null);
    await run(2);
    expect([drained, statements(), spill.waiting()]).toEqual([five, 3, 0]);
  });

  it("ends with its time, and leaves the rest for the next", async () => {
    const { run, spill, drained } = stage(five, () => null);
    await run(1, now + 1_500);
    expect([drained, spill.waiting()]).toEqual([["a", "b"], 3]);
  });

  it("keeps one that Postgres refuses as nothing but text, with its reason, and all others as they are", async () => {
    const bad = isOf("c");
    const { run, spill, stored, refused } = stage(five, (batch) => (bad(batch) ? new Refused() : null));
    await run();
    expect(refused).toEqual([["c", true]]);
    expect(spill.size().events).toBe(0);
    const { id, body, bodyHash } = event("c");
    expect(stored.find((one) => one.event.id === id)).toMatchObject({
      end: "not_storable",
      event: {
        id,
        body,
        bodyHash,
        receivedAt: now,
        dedupeKey: `refused:${id}`,
        orderNumber: null,
        record: null,
        headers: {},
      },
    });
    expect(stored.filter(({ end }) => end === null).map(({ event: one }) => one.dedupeKey)).toEqual([
      "a",
      "b",
      "d",
      "e",
    ]);
  });

  it("sets one aside that Postgres refuses even so, where it is counted, and drains the others", async () => {
    const { id } = event("c");
    const { run, spill, drained, refused } = stage(five, (batch) =>
      batch.some((one) => one.id === id) ? new Refused() : null,
    );
    await run();
    expect(refused).toEqual([["c", false]]);
    expect(drained).toEqual(["a", "b", "d", "e"]);
    expect([spill.waiting(), spill.aside(), spill.size().events]).toEqual([0, 1, 1]);
  });

  it("keeps everything when Postgres goes away, what it has taken excepted", async () => {
    const { run, spill, drained } = stage(five, (_, statement) => (statement === 2 ? new Away() : null));
    await expect(run(2)).rejects.toBeInstanceOf(Away);
    expect([drained, spill.waiting()]).toEqual([["a", "b"], 3]);
    await run(2);
    expect([drained, spill.waiting()]).toEqual([five, 0]);
  });

  it("keeps one that was refused in the spill when Postgres goes away before its text is written", async () => {
    const { run, spill } = stage(["a"], (_, statement) =>
      statement === 1 ? new Refused() : statement === 2 ? new Away() : null,
    );
    await expect(run()).rejects.toBeInstanceOf(Away);
    expect(spill.waiting()).toBe(1);
  });

  it.each(["25006", "40001", "42501", "42P01", "53100", "57014"])(
    "keeps everything in its order, and sets nothing aside, where Postgres can do nothing of the kind (%s)",
    async (code) => {
      let able = false;
      const { run, spill, drained, refused, statements } = stage(five, () =>
        able ? null : Object.assign(new Error("not now"), { code }),
      );
      for (const eventsMax of [1_000, 1]) await expect(run(eventsMax)).rejects.toMatchObject({ code });
      expect([statements(), spill.waiting(), spill.aside(), refused]).toEqual([2, 5, 0, []]);
      able = true;
      await run();
      expect(drained).toEqual(five);
    },
  );

  it("takes it for Postgres' own failure where one event after the other fails and none is taken: all keep their places", async () => {
    let able = false;
    const { run, spill, drained, refused } = stage(five, () => (able ? null : new Error("a bug of Postgres")));
    await expect(run(1)).rejects.toThrow("a bug of Postgres");
    expect([spill.waiting(), spill.aside(), refused]).toEqual([5, 0, []]);
    able = true;
    await run(1);
    expect(drained).toEqual(five);
  });

  it("gives up after a hundred that fail one after the other, and puts them back in their places", async () => {
    const keys = Array.from({ length: 150 }, (_, index) => `k${index}`);
    const { run, spill, statements } = stage(keys, () => new Error("a bug of Postgres"));
    await expect(run(1, now + 1e9)).rejects.toThrow("a bug of Postgres");
    expect([statements(), spill.waiting(), spill.aside()]).toEqual([100, 150, 0]);
    expect(spill.head(3, 1e6).map(({ dedupeKey }) => dedupeKey)).toEqual(["k0", "k1", "k2"]);
  });

  it("stops at a failure that nobody knows; alone in its statement it is set aside, and never made less than it is", async () => {
    const bad = isOf("a");
    const { run, spill, drained, stored } = stage(five, (batch) => (bad(batch) ? new Error("a bug") : null));
    await expect(run(3)).rejects.toThrow("a bug");
    expect(spill.waiting()).toBe(5);
    await run(1);
    expect([drained, spill.aside()]).toEqual([["b", "c", "d", "e"], 1]);
    expect(stored.every(({ end }) => end === null)).toBe(true);
  });
});
