import { describe, expect, it } from "vitest";
import { conflictKey } from "../../../src/domain/events/conflict.ts";
import type { Acceptance, NewEvent } from "../../../src/domain/events/event.ts";
import { openSpill, type SpillLimits } from "../../../src/objects/inbox/spill.ts";
import { eventId, sha256Hex } from "../../../src/platform/hashes.ts";
import { disk } from "../../runtime/disk.ts";

const wide: SpillLimits = { eventsMax: 10_000, bytesMax: 10_000_000, rowBytesMax: 1_000_000 };
const now = Date.parse("2026-01-05T18:00:00Z");

function event(key: string, body = `{"id":"${key}"}`): NewEvent {
  return {
    id: eventId("shop", key),
    source: "shop",
    dedupeKey: key,
    externalId: key,
    type: "orders/updated",
    occurredAt: now - 5_000,
    orderNumber: `#${key}`,
    orderNumberKey: key,
    record: { type: "order", id: key },
    body,
    bodyHash: sha256Hex(body),
    headers: { "content-type": "application/json" },
  };
}
const events = (count: number, prefix = "e") => Array.from({ length: count }, (_, index) => event(`${prefix}${index}`));
const keys = (found: readonly NewEvent[]) => found.map(({ dedupeKey }) => dedupeKey);

describe("a spill", () => {
  it("gives back every part of an event as it came, with when it was acknowledged", () => {
    const spill = openSpill(disk(), wide);
    const odd = event("№ 1 😀 \u202E'\"\\", '{"note":"\\"\\\\ שלום \uFFFD \\u0000 $1"}');
    const half = { ...event("half"), orderNumber: "\uD83D" };
    expect(spill.append([[odd, half]], now)).toEqual([
      [
        { id: odd.id, duplicate: false, conflict: false },
        { id: half.id, duplicate: false, conflict: false },
      ],
    ]);
    const found = spill.head(10, 1_000_000);
    expect(found).toMatchObject([
      { ...odd, seq: 1, receivedAt: now },
      { ...half, seq: 2, receivedAt: now },
    ]);
    expect(spill.size()).toEqual({ events: 2, bytes: found.reduce((sum, { bytes }) => sum + bytes, 0), oldestAt: now });
  });

  it("is drained in the order in which it was filled, as many and as much as is asked for, and never less than one", () => {
    const spill = openSpill(disk(), wide);
    const all = events(250);
    for (const one of all) spill.append([[one]], now);
    expect(keys(spill.head(3, 1_000_000))).toEqual(["e0", "e1", "e2"]);
    expect(keys(spill.head(100, 1))).toEqual(["e0"]);
    const drained: string[] = [];
    for (let batch = spill.head(120, 1_000_000); batch.length > 0; batch = spill.head(120, 1_000_000)) {
      drained.push(...keys(batch));
      spill.remove(batch);
    }
    expect(drained).toEqual(keys(all));
    expect([spill.waiting(), spill.size()]).toEqual([0, { events: 0, bytes: 0, oldestAt: null }]);
  });

  it("keeps what arrives between a head and its removal", () => {
    const spill = openSpill(disk(), wide);
    spill.append([events(3)], now);
    const batch = spill.head(10, 1_000_000);
    spill.append([[event("late")]], now);
    spill.remove(batch);
    expect(keys(spill.head(10, 1_000_000))).toEqual(["late"]);
  });

  it("never turns the order around, though the clock goes back", () => {
    const spill = openSpill(disk(), wide);
    spill.append([[event("a")]], now);
    spill.append([[event("b")]], now - 60_000);
    expect(spill.head(2, 1_000_000).map(({ receivedAt }) => receivedAt)).toEqual([now, now]);
  });

  it("keeps the same event once, within a request, a batch and later", () => {
    const spill = openSpill(disk(), wide);
    const [one, two] = [event("one"), event("two")];
    expect(spill.append([[one, two, one], [one]], now)).toMatchObject([
      [{ duplicate: false }, { duplicate: false }, { duplicate: true, conflict: false }],
      [{ duplicate: true, conflict: false }],
    ]);
    expect(spill.append([[two]], now)).toMatchObject([[{ duplicate: true, conflict: false }]]);
    expect(spill.waiting()).toBe(2);
  });

  it("keeps other bytes under the same id behind the first, once, and calls them a conflict", () => {
    const spill = openSpill(disk(), wide);
    const [first, other] = [event("one"), event("one", '{"other":true}')];
    const conflict = { id: eventId(other.source, conflictKey(other.id, other.bodyHash)), conflict: true };
    expect(spill.append([[first], [other]], now)).toEqual([
      [{ id: first.id, duplicate: false, conflict: false }],
      [{ ...conflict, duplicate: false }],
    ]);
    expect(spill.append([[other, first]], now)).toEqual([
      [
        { ...conflict, duplicate: true },
        { id: first.id, duplicate: true, conflict: false },
      ],
    ]);
    expect(spill.head(10, 1_000_000).map(({ body }) => body)).toEqual([first.body, other.body]);
  });

  it("keeps twenty other bodies of an id, and refuses more, in one request or in several", () => {
    const spill = openSpill(disk(), wide);
    const bodies = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => event("one", `{"n":${from + n}}`));
    const refusedOf = (answers: readonly (readonly Acceptance[] | null)[]) =>
      answers.map((answer) => answer?.filter(({ refused }) => refused).length);
    expect(refusedOf(spill.append([[event("one")], bodies(0, 18), bodies(18, 23)], now))).toEqual([0, 0, 3]);
    expect(refusedOf(spill.append([bodies(30, 31), [event("two")], bodies(0, 20)], now))).toEqual([1, 0, 0]);
    expect(spill.waiting()).toBe(22);
  });

  it.each<[string, Partial<SpillLimits>, NewEvent[]]>([
    ["more events", { eventsMax: 4 }, events(3, "f")],
    ["more bytes", { bytesMax: 2_000 }, [event("f", `"${"x".repeat(1_500)}"`)]],
    [
      "an event that is larger than a row",
      { rowBytesMax: 1_000 },
      [event("small"), event("f", `"${"é".repeat(500)}"`)],
    ],
  ])("that has no room for %s takes nothing of the request, and others all the same", (_, limits, request) => {
    const spill = openSpill(disk(), { ...wide, ...limits });
    spill.append([events(2)], now);
    const before = spill.size();
    expect(spill.append([request], now)).toEqual([null]);
    expect(spill.size()).toEqual(before);
    // A redelivery needs no room.
    expect(spill.append([request, [event("e0")], [event("fits")]], now)).toMatchObject([
      null,
      [{ duplicate: true }],
      [{ duplicate: false }],
    ]);
    expect(keys(spill.head(10, 1_000_000))).toEqual(["e0", "e1", "fits"]);
  });

  it("has room again for what was drained", () => {
    const spill = openSpill(disk(), { ...wide, eventsMax: 2 });
    spill.append([events(2)], now);
    spill.remove(spill.head(1, 1_000_000));
    expect(spill.append([[event("next")], [event("over")]], now)).toMatchObject([[{ duplicate: false }], null]);
  });

  it("lets others go before what is set aside, counts it, and takes it up again in its place", () => {
    const spill = openSpill(disk(), wide);
    spill.append([events(3)], now);
    const [first] = spill.head(1, 1_000_000);
    if (first === undefined) throw new Error("there are three");
    spill.setAside(first);
    expect([spill.waiting(), spill.aside(), spill.size().events]).toEqual([2, 1, 3]);
    expect(keys(spill.head(10, 1_000_000))).toEqual(["e1", "e2"]);
    expect(spill.append([[event("e0")]], now)).toMatchObject([[{ duplicate: true }]]);
    spill.requeueAside();
    expect([spill.waiting(), spill.aside()]).toEqual([3, 0]);
    expect(keys(spill.head(10, 1_000_000))).toEqual(["e0", "e1", "e2"]);
  });

  it("is found again by the next instance, whole", () => {
    const storage = disk();
    const spill = openSpill(storage, wide);
    spill.append([events(3)], now);
    const [first] = spill.head(1, 1_000_000);
    if (first !== undefined) spill.setAside(first);
    const next = openSpill(storage, wide);
    expect([next.waiting(), next.aside(), next.size()]).toEqual([2, 1, spill.size()]);
    expect(next.append([[event("e2")]], now - 1)).toMatchObject([[{ duplicate: true }]]);
  });

  it("that cannot be written takes nothing, and counts nothing", () => {
    const storage = disk();
    const spill = openSpill(storage, wide);
    spill.append([[event("a")]], now);
    const before = spill.size();
    const { exec } = storage.sql;
    storage.sql.exec = (query, ...bindings) => {
      if (query.startsWith("insert") && bindings[0] === event("c").id) throw new Error("disk full");
      return exec(query, ...bindings);
    };
    expect(() => spill.append([[event("b")], [event("c")]], now)).toThrow("disk full");
    storage.sql.exec = exec;
    expect(spill.size()).toEqual(before);
    expect(keys(spill.head(10, 1_000_000))).toEqual(["a"]);
  });

  it("leaves nothing on the disk and asks nothing of it while nothing is spilled", () => {
    const storage = disk();
    const spill = openSpill(storage, wide);
    expect(storage.statements()).toHaveLength(1);
    expect([spill.waiting(), spill.aside(), spill.size().events, spill.head(10, 10).length]).toEqual([0, 0, 0, 0]);
    spill.requeueAside();
    expect(storage.statements()).toHaveLength(1);
    expect([...storage.sql.exec("select name from sqlite_master")]).toEqual([]);
  });
});
