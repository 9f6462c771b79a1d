import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conflictKey } from "../../../src/domain/events/conflict.ts";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { conflictsPerEventMax } from "../../../src/domain/limits.ts";
import { apiSource } from "../../../src/domain/plan/direct-call.ts";
import { eventId, sha256Hex } from "../../../src/platform/hashes.ts";
import { recentConflicts } from "../../../src/store/lookups/conflicts.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { waitsForLock } from "../world/locks.ts";
import { eventsOf, newEvent, planOf, type World, world } from "../world/world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

/** A redelivery of the event, with the same or other bytes. */
const again = async (event: NewEvent, body = event.body): Promise<NewEvent> => ({
  ...event,
  body,
  bodyHash: await sha256Hex(body),
});
const other = '{"id":"other bytes"}';

const stored = async (event: NewEvent) => {
  const [row] = await w.owner`select body, body_hash, conflicts, state from events where id = ${event.id}`;
  return row;
};
/** The event that other bytes under an event's id become. */
const conflictOf = (event: NewEvent, body = other) => eventId("shop", conflictKey(event.id, sha256Hex(body)));
const conflictRows = async (event: NewEvent) =>
  await w.owner`select id, dedupe_key, external_id, body, state, reason, detail, body_key, conflict_of from events
    where conflict_of = ${event.id} order by nth, id`;
const conflictEntries = async (event: NewEvent) =>
  await w.owner`select action, actor, reason from entries where subject = 'event' and subject_id = ${event.id}`;

describe("accepting", () => {
  test("makes every part of an event durable as it was given", async () => {
    const event = await newEvent({
      occurredAt: 1_767_636_000_123,
      externalId: null,
      headers: { "content-type": "application/json" },
    });
    const before = Date.now();
    const committed = await w.events.accept("shop", [event]);
    expect(committed.acceptances).toEqual([{ id: event.id, duplicate: false, conflict: false }]);
    expect(committed.sourceVersion).toBe(1);
    expect(Math.abs(committed.receivedAt - before)).toBeLessThan(60_000);
    const [row] =
      await w.owner`select *, (extract(epoch from occurred_at) * 1000)::float8 as at from events where id = ${event.id}`;
    expect(row).toMatchObject({
      source: "shop",
      dedupe_key: event.dedupeKey,
      external_id: null,
      type: event.type,
      at: event.occurredAt,
      order_number: "#1001",
      order_number_key: "1001",
      record_type: "order",
      record_id: "987",
      headers: { "content-type": "application/json" },
      body: event.body,
      body_hash: event.bodyHash,
      conflicts: 0,
      state: "unplanned",
      planned_at: null,
    });
  });

  test("a redelivery in a later batch answers with the same id and keeps one row", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    const { acceptances } = await w.events.accept("shop", [await again(event), await newEvent()]);
    expect(acceptances).toMatchObject([
      { id: event.id, duplicate: true, conflict: false },
      { duplicate: false, conflict: false },
    ]);
    expect(await w.owner`select 1 from events where dedupe_key = ${event.dedupeKey}`).toHaveLength(1);
    expect(await conflictEntries(event)).toEqual([]);
  });

  test("a redelivery in the same batch is a duplicate of the first, each answered in its place", async () => {
    const [one, two] = [await newEvent(), await newEvent()];
    const { acceptances } = await w.events.accept("shop", [one, two, await again(one), await again(two), one]);
    expect(acceptances.map(({ id, duplicate }) => [id, duplicate])).toEqual([
      [one.id, false],
      [two.id, false],
      [one.id, true],
      [two.id, true],
      [one.id, true],
    ]);
  });

  test("a redelivery of a planned event leaves its plan alone", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    await w.events.plan([planOf(event)]);
    await w.events.accept("shop", [event]);
    expect((await stored(event))?.state).toBe("ignored");
  });

  test("the same key of another source is another event", async () => {
    await w.owner`insert into sources (slug, preset) values ('crm', 'generic') on conflict do nothing`;
    const event = await newEvent();
    const theirs = { ...event, id: (await newEvent()).id };
    await w.events.accept("shop", [event]);
    const { acceptances } = await w.events.accept("crm", [theirs]);
    expect(acceptances).toMatchObject([{ duplicate: false }]);
  });

  test("no event at all is no mistake", async () => {
    expect((await w.events.accept("shop", [])).acceptances).toEqual([]);
  });

  test("an unknown source is refused by Postgres", async () => {
    await expect(w.events.accept("nowhere", [await newEvent()])).rejects.toMatchObject({ code: "23503" });
  });

  test("takes five hundred events in one statement, each kept", async () => {
    const events = await Promise.all(Array.from({ length: 500 }, () => newEvent()));
    const { acceptances } = await w.events.accept("shop", events);
    expect(acceptances.every(({ duplicate }) => !duplicate)).toBe(true);
    expect(acceptances.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    const [row] =
      await w.owner`select count(*)::int as n from events where id in ${w.owner(events.map(({ id }) => id))}`;
    expect(row?.n).toBe(500);
  });

  test.each([
    ["an escaped NUL", '{"note":"a\\u0000b"}'],
    ["emoji and joined families", '{"note":"👩‍👩‍👧 🇺🇳"}'],
    ["text from right to left", '{"note":"שלום \\u202Eمرحبا"}'],
    ["quotes, backslashes and dollar signs", '{"note":"\\"\\\\ $1 $$ \' %s"}'],
    ["a megabyte", JSON.stringify({ note: "x".repeat(1_000_000) })],
  ])("keeps %s in a body byte for byte", async (_, body) => {
    const event = await newEvent({ body, bodyHash: await sha256Hex(body) });
    await w.events.accept("shop", [event]);
    expect((await stored(event))?.body).toBe(body);
  });

  test("keeps emoji and right-to-left text in order numbers, records, types and headers", async () => {
    const odd = "№ ١٢٣ 😀 \u202E'\"\\";
    const event = await newEvent({
      orderNumber: odd,
      orderNumberKey: odd,
      externalId: odd,
      type: odd,
      record: { type: odd, id: odd },
      headers: { "x-note": odd },
    });
    await w.events.accept("shop", [event]);
    const [row] = await w.owner`select * from events where id = ${event.id}`;
    expect(row).toMatchObject({
      order_number: odd,
      order_number_key: odd,
      external_id: odd,
      type: odd,
      record_type: odd,
      record_id: odd,
      headers: { "x-note": odd },
    });
  });
});

describe("an event whose end is foreseen", () => {
  const version = async () => Number((await w.owner`select version from sources where slug = 'shop'`)[0]?.version);

  test("ends with its reason in the statement that keeps it, and the others of its batch wait for their plan", async () => {
    const [known, other] = [await newEvent(), await newEvent()];
    const ends = new Map([[known.id, "no_rule_matched" as const]]);
    await w.events.accept("shop", [known, other], { sourceVersion: await version(), ends });
    const [row] = await w.owner`select state, reason, planned_at from events where id = ${known.id}`;
    expect(row).toEqual({ state: "ignored", reason: "no_rule_matched", planned_at: expect.any(Date) });
    expect((await stored(other))?.state).toBe("unplanned");
  });

  test("from another version of its source is planned like every other", async () => {
    const event = await newEvent();
    const ends = new Map([[event.id, "no_rule_matched" as const]]);
    const committed = await w.events.accept("shop", [event], { sourceVersion: (await version()) - 1, ends });
    expect(committed.sourceVersion).toBe(await version());
    expect(await stored(event)).toMatchObject({ state: "unplanned" });
  });

  test("and came before keeps the plan that it has", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    const ends = new Map([[event.id, "no_rule_matched" as const]]);
    const { acceptances } = await w.events.accept("shop", [event], { sourceVersion: await version(), ends });
    expect(acceptances).toMatchObject([{ duplicate: true }]);
    expect((await stored(event))?.state).toBe("unplanned");
  });
});

describe("the same id with other bytes is a conflict", () => {
  const told = [{ action: "conflict", actor: "source:shop", reason: "the same id came with other bytes" }];

  test("that is recorded once with an entry, and the bytes of both are kept", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    const { acceptances } = await w.events.accept("shop", [await again(event, other)]);
    expect(acceptances).toEqual([{ id: conflictOf(event), duplicate: false, conflict: true }]);
    expect(await stored(event)).toMatchObject({ body: event.body, body_hash: event.bodyHash, conflicts: 1 });
    expect(await conflictRows(event)).toEqual([
      {
        id: conflictOf(event),
        dedupe_key: conflictKey(event.id, sha256Hex(other)),
        external_id: event.externalId,
        body: other,
        state: "ignored",
        reason: "conflict",
        detail: { event_id: event.id },
        body_key: null,
        conflict_of: event.id,
      },
    ]);
    expect(await conflictEntries(event)).toEqual(told);
    expect((await w.events.unplanned("shop", 1_000)).map(({ id }) => id)).not.toContain(conflictOf(event));
  });

  test("whose redelivery is a redelivery, and neither counted nor told again", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    for (const duplicate of [false, true, true]) {
      const { acceptances } = await w.events.accept("shop", [await again(event, other), event]);
      expect(acceptances).toEqual([
        { id: conflictOf(event), duplicate, conflict: true },
        { id: event.id, duplicate: true, conflict: false },
      ]);
    }
    expect(await stored(event)).toMatchObject({ conflicts: 1 });
    expect(await conflictRows(event)).toHaveLength(1);
    expect(await conflictEntries(event)).toEqual(told);
  });

  test("within one batch as well", async () => {
    const event = await newEvent();
    const { acceptances } = await w.events.accept("shop", [event, await again(event, other), event]);
    expect(acceptances).toEqual([
      { id: event.id, duplicate: false, conflict: false },
      { id: conflictOf(event), duplicate: false, conflict: true },
      { id: event.id, duplicate: true, conflict: false },
    ]);
    expect(await stored(event)).toMatchObject({ body: event.body, conflicts: 1 });
    expect(await conflictRows(event)).toMatchObject([{ body: other, reason: "conflict" }]);
    expect(await conflictEntries(event)).toEqual(told);
  });

  test("of those that have other bytes, and of no other in their batch", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    const { acceptances } = await w.events.accept("shop", [await again(event, other), event, await newEvent()]);
    expect(acceptances).toMatchObject([
      { duplicate: false, conflict: true },
      { duplicate: true, conflict: false },
      { duplicate: false, conflict: false },
    ]);
    expect(await stored(event)).toMatchObject({ body: event.body, conflicts: 1 });
    expect(await conflictEntries(event)).toEqual(told);
  });

  test("of several bodies in one batch counts each of them once, however often it comes", async () => {
    const event = await newEvent();
    const [b, c, d] = [await again(event, '{"b":1}'), await again(event, '{"c":1}'), await again(event, '{"d":1}')];
    await w.events.accept("shop", [event, b, c, b, event]);
    expect(await stored(event)).toMatchObject({ body: event.body, conflicts: 2 });
    await w.events.accept("shop", [b, event, c, c, d, event]);
    expect(await stored(event)).toMatchObject({ body: event.body, conflicts: 3 });
    await w.events.accept("shop", [event, event]);
    await w.events.accept("shop", [c]);
    expect(await stored(event)).toMatchObject({ conflicts: 3 });
    expect((await conflictRows(event)).map(({ body }) => body).sort()).toEqual([b.body, c.body, d.body]);
    expect(await w.owner`select data from entries where subject_id = ${event.id} order by id`).toEqual([
      { data: { conflicts: 2, event_ids: expect.arrayContaining([b, c].map(({ body }) => conflictOf(event, body))) } },
      { data: { conflicts: 3, event_ids: [conflictOf(event, d.body)] } },
    ]);
  });

  const bodies = async (event: NewEvent, from: number, to: number) =>
    await Promise.all(Array.from({ length: to - from }, (_, n) => again(event, JSON.stringify({ n: from + n }))));

  test("of which an event has twenty: further bytes are refused, in one batch or one by one", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    const some = await w.events.accept("shop", await bodies(event, 0, conflictsPerEventMax - 2));
    expect(some.acceptances.every(({ refused }) => refused === undefined)).toBe(true);
    const rest = await w.events.accept("shop", await bodies(event, conflictsPerEventMax - 2, conflictsPerEventMax + 3));
    expect(rest.acceptances.map(({ refused }) => refused ?? false)).toEqual([false, false, true, true, true]);
    const [more] = await bodies(event, 90, 91);
    for (let round = 0; round < 3; round++)
      expect((await w.events.accept("shop", more === undefined ? [] : [more])).acceptances).toEqual([
        { id: event.id, duplicate: false, conflict: true, refused: true },
      ]);
    // Bytes that are kept are no new conflict, and neither are the first.
    const [known] = await bodies(event, 0, 1);
    expect((await w.events.accept("shop", known === undefined ? [] : [known, event])).acceptances).toMatchObject([
      { duplicate: true, conflict: true },
      { duplicate: true, conflict: false },
    ]);
    expect(await conflictRows(event)).toHaveLength(conflictsPerEventMax);
    // A flood leaves no flood of entries.
    expect(await conflictEntries(event)).toHaveLength(2);
  });

  test("of a spill is kept whatever their number, because it was acknowledged", async () => {
    const event = await newEvent();
    const many = [event, ...(await bodies(event, 0, conflictsPerEventMax + 5))];
    const spilled = many.map((one, seq) => ({ ...one, seq, receivedAt: 1_767_636_000_000, bytes: 1 }));
    expect((await w.events.drain("shop", spilled)).acceptances.some(({ refused }) => refused)).toBe(false);
    expect(await conflictRows(event)).toHaveLength(conflictsPerEventMax + 5);
  });

  test("of a direct call is refused at once, and counted", async () => {
    await w.owner`insert into sources (slug, preset) values (${apiSource}, 'bearer') on conflict do nothing`;
    const event = await newEvent({ source: apiSource });
    await w.events.accept(apiSource, [event]);
    expect((await w.events.accept(apiSource, [await again(event, other)])).acceptances).toMatchObject([
      { conflict: true, refused: true },
    ]);
    expect(await stored(event)).toMatchObject({ conflicts: 1 });
    expect(await conflictRows(event)).toEqual([]);
  });

  test("of an erased event is none: nobody can say any more which bytes it had", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    await w.events.plan([planOf(event)]);
    await w.owner`update events set erased_at = now(), body = '{}', body_hash = '', external_id = null, detail = null
      where id = ${event.id}`;
    expect((await w.events.accept("shop", [await again(event, other)])).acceptances).toEqual([
      { id: event.id, duplicate: true, conflict: false },
    ]);
    expect(await conflictRows(event)).toEqual([]);
  });

  test("is told of for a day as something that somebody should look at", async () => {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    const { sql } = keptClient(w.url, () => {});
    const told = async () => (await recentConflicts(sql())).flatMap(({ rows }) => rows);
    expect(await told()).not.toContain(event.id);
    await w.events.accept("shop", [await again(event, other)]);
    const [problem] = await recentConflicts(sql());
    expect(problem).toMatchObject({ code: "event_conflict", since: expect.any(Number), count: expect.any(Number) });
    expect((await told())[0]).toBe(event.id);
    await w.owner`update events set conflict_at = now() - interval '25 hours' where id = ${event.id}`;
    expect(await told()).not.toContain(event.id);
    await sql().end();
  });

  test("also when the first bytes are committed while the second wait for them", async () => {
    const event = await newEvent();
    const late = await again(event, other);
    const client = keptClient(w.url, () => {});
    const second = eventsOf(client, 30_000);
    const [{ pid }] = await client.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const answer = await w.owner.begin(async (tx) => {
      await tx`insert into events (id, source, dedupe_key, type, headers, body, body_hash)
        values (${event.id}, 'shop', ${event.dedupeKey}, ${event.type}, '{}', ${event.body}, ${event.bodyHash})`;
      const accepting = second.accept("shop", [late]);
      await waitsForLock(tx, pid);
      return { accepting };
    });
    expect((await answer.accepting).acceptances).toEqual([{ id: conflictOf(event), duplicate: false, conflict: true }]);
    client.drop();
    expect(await stored(event)).toMatchObject({ body: event.body, conflicts: 1 });
    expect(await conflictEntries(event)).toEqual(told);
  });
});

describe("an event that an earlier version has stored under another key", () => {
  /** The event as it arrives now, and as an earlier version stored it. */
  const pair = async (deviation: Partial<NewEvent> = {}, sameBody = false) => {
    const before = await newEvent(deviation);
    const dedupeKey = JSON.stringify([before.dedupeKey, before.type]);
    const now: NewEvent = {
      ...before,
      id: eventId("shop", dedupeKey),
      dedupeKey,
      former: { id: before.id, sameBody },
    };
    return { before, now };
  };
  const rowsOf = async (...events: NewEvent[]) =>
    (await w.owner`select id from events where id in ${w.owner(events.map(({ id }) => id))}`).map(({ id }) => id);

  test("has conflicts under both keys in one batch, each counted once", async () => {
    const { before, now } = await pair();
    await w.events.accept("shop", [before]);
    const fresh = await newEvent();
    const batch = ["x", "y"].map((hash, at) => ({ ...(at === 0 ? before : now), bodyHash: hash, body: `"${hash}"` }));
    const { acceptances } = await w.events.accept("shop", [...batch, fresh]);
    expect(acceptances.map(({ conflict }) => conflict)).toEqual([true, true, false]);
    expect(await stored(before)).toMatchObject({ body: before.body, conflicts: 2 });
    expect(await rowsOf(before, now, fresh)).toHaveLength(2);
  });

  test("is a redelivery for seven days, by the id that it has", async () => {
    const { before, now } = await pair();
    await w.events.accept("shop", [before]);
    const redelivery = { id: before.id, duplicate: true, conflict: false };
    expect((await w.events.accept("shop", [now, now])).acceptances).toEqual([redelivery, redelivery]);
    await w.owner`update events set received_at = now() - interval '6 days 23 hours' where id = ${before.id}`;
    expect((await w.events.accept("shop", [now])).acceptances).toEqual([redelivery]);
    expect(await rowsOf(before, now)).toEqual([before.id]);
    await w.owner`update events set received_at = now() - interval '7 days 1 hour' where id = ${before.id}`;
    expect((await w.events.accept("shop", [now])).acceptances).toMatchObject([{ id: now.id, duplicate: false }]);
  });

  test("is another one where its key was an Idempotency-Key's, and the key of the new one stands in its body", async () => {
    const { before, now } = await pair({
      headers: { "idempotency-key": "42" },
      dedupeKey: "42",
      id: eventId("shop", "42"),
    });
    await w.events.accept("shop", [before]);
    const other = { ...now, headers: { "content-type": "application/json" } };
    expect((await w.events.accept("shop", [other])).acceptances).toMatchObject([
      { id: now.id, duplicate: false, conflict: false },
    ]);
  });

  test("is the same where both stand in a header", async () => {
    const headers = { "x-shopify-event-id": "e-1" };
    const { before, now } = await pair({ headers, dedupeKey: "e-1", id: eventId("shop", "e-1") });
    await w.events.accept("shop", [before]);
    expect((await w.events.accept("shop", [now])).acceptances).toMatchObject([{ id: before.id, duplicate: true }]);
  });

  test("is another one where its type is another", async () => {
    const { before, now } = await pair();
    await w.events.accept("shop", [{ ...before, type: "orders/create" }]);
    expect((await w.events.accept("shop", [now])).acceptances).toMatchObject([{ id: now.id, duplicate: false }]);
  });

  test("is another one where its bytes are, if they are part of its key now", async () => {
    const { before, now } = await pair({}, true);
    await w.events.accept("shop", [before]);
    const second = await again({ ...now, id: randomUUID(), dedupeKey: randomUUID() }, other);
    expect((await w.events.accept("shop", [now, second])).acceptances).toMatchObject([
      { id: before.id, duplicate: true },
      { id: second.id, duplicate: false, conflict: false },
    ]);
  });

  test("has its conflicts", async () => {
    const { before, now } = await pair();
    await w.events.accept("shop", [before]);
    expect((await w.events.accept("shop", [await again(now, other), now])).acceptances).toEqual([
      { id: conflictOf(before), duplicate: false, conflict: true },
      { id: before.id, duplicate: true, conflict: false },
    ]);
    expect(await conflictRows(before)).toHaveLength(1);
  });

  test("leaves an event alone that is stored under its own key already", async () => {
    const { before, now } = await pair();
    await w.events.accept("shop", [now]);
    await w.events.accept("shop", [before]);
    expect((await w.events.accept("shop", [now])).acceptances).toEqual([
      { id: now.id, duplicate: true, conflict: false },
    ]);
  });
});

describe("an event of an earlier version that comes late, out of a spill of another shard or from a Worker that still runs", () => {
  const kinds = ["id_type", "id_type_body"] as const;
  /** As an earlier version named it, which knew no former key, and as its redelivery is named now. */
  const pair = async (of: (typeof kinds)[number], deviation: Partial<NewEvent> = {}) => {
    const { former: _, ...before } = await newEvent(deviation);
    const parts = [before.dedupeKey, before.type, ...(of === "id_type_body" ? [before.bodyHash] : [])];
    const dedupeKey = JSON.stringify(parts);
    const former = { id: before.id, sameBody: of === "id_type_body" };
    const now: NewEvent = { ...before, id: eventId("shop", dedupeKey), dedupeKey, former };
    return { before: before as NewEvent, now };
  };
  const spilled = (event: NewEvent) => ({ ...event, seq: 1, receivedAt: Date.now() - 60_000, bytes: 100 });
  const rowsOf = async (...events: NewEvent[]) =>
    (await w.owner`select id from events where id in ${w.owner(events.map(({ id }) => id))}`).map(({ id }) => id);

  test.each(kinds)("is the redelivery that is stored already (%s), and keeps its id", async (of) => {
    const { before, now } = await pair(of);
    await w.events.accept("shop", [now]);
    const late = { id: now.id, duplicate: true, conflict: false };
    expect((await w.events.drain("shop", [spilled(before)])).acceptances).toEqual([late]);
    expect((await w.events.accept("shop", [before])).acceptances).toEqual([late]);
    expect(await rowsOf(before, now)).toEqual([now.id]);
  });

  test.each(kinds)("is one event with a redelivery of its own batch (%s), whichever comes first", async (of) => {
    const { before, now } = await pair(of);
    const drained = await w.events.drain("shop", [spilled(before), spilled(now)]);
    expect(drained.acceptances).toEqual([
      { id: before.id, duplicate: false, conflict: false },
      { id: before.id, duplicate: true, conflict: false },
    ]);
    expect(await rowsOf(before, now)).toEqual([before.id]);
    const other = await pair(of);
    expect((await w.events.accept("shop", [other.now, other.before, other.now])).acceptances).toEqual([
      { id: other.now.id, duplicate: false, conflict: false },
      { id: other.now.id, duplicate: true, conflict: false },
      { id: other.now.id, duplicate: true, conflict: false },
    ]);
    expect(await rowsOf(other.before, other.now)).toEqual([other.now.id]);
  });

  test("with other bytes is a conflict of the stored one, and loses none of its bytes", async () => {
    const { before, now } = await pair("id_type");
    await w.events.accept("shop", [now]);
    const late = await again(before, other);
    expect((await w.events.drain("shop", [spilled(before), spilled(late)])).acceptances).toEqual([
      { id: now.id, duplicate: true, conflict: false },
      { id: conflictOf(now), duplicate: false, conflict: true },
    ]);
  });

  test("of which two bodies have one id keeps the one that no redelivery brought", async () => {
    const { before, now } = await pair("id_type_body");
    await w.events.accept("shop", [now]);
    const second = await again(before, other);
    expect((await w.events.drain("shop", [spilled(before), spilled(second)])).acceptances).toMatchObject([
      { id: now.id, duplicate: true },
      { id: before.id, duplicate: false, conflict: false },
    ]);
    const [row] = await w.owner`select body from events where id = ${before.id}`;
    expect(row).toEqual({ body: second.body });
  });

  test("stays another one if its type is, if one of both keys is an Idempotency-Key, or after seven days", async () => {
    const typed = await pair("id_type");
    await w.events.accept("shop", [typed.now]);
    const [renamed] = (await w.events.drain("shop", [spilled({ ...typed.before, type: "orders/create" })])).acceptances;
    expect(renamed).toMatchObject({ id: typed.before.id, duplicate: false });

    const keyed = await pair("id_type");
    await w.events.accept("shop", [keyed.now]);
    const headers = { "idempotency-key": keyed.before.dedupeKey };
    expect((await w.events.drain("shop", [spilled({ ...keyed.before, headers })])).acceptances).toMatchObject([
      { id: keyed.before.id, duplicate: false },
    ]);
    const together = await pair("id_type");
    const apart = { ...together.before, headers: { "idempotency-key": together.before.dedupeKey } };
    expect((await w.events.drain("shop", [spilled(apart), spilled(together.now)])).acceptances).toMatchObject([
      { id: apart.id, duplicate: false },
      { id: together.now.id, duplicate: false },
    ]);

    const old = await pair("id_type");
    await w.events.accept("shop", [old.now]);
    await w.owner`update events set received_at = now() - interval '7 days 1 hour' where id = ${old.now.id}`;
    expect((await w.events.drain("shop", [spilled(old.before)])).acceptances).toMatchObject([
      { id: old.before.id, duplicate: false },
    ]);
  });
});

describe("two batches at once", () => {
  test("that share events in opposite order both commit, and each event is new to one of them only", async () => {
    const clients = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
    const [one, two] = clients.map((client) => eventsOf(client, 30_000));
    for (let round = 0; round < 10; round++) {
      const events = await Promise.all(Array.from({ length: 60 }, () => newEvent()));
      const answers = await Promise.all([one?.accept("shop", events), two?.accept("shop", [...events].reverse())]);
      const fresh = answers.flatMap((answer) => answer?.acceptances.filter(({ duplicate }) => !duplicate) ?? []);
      expect(fresh.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort());
    }
    for (const client of clients) client.drop();
  });

  test("that both conflict with stored events in opposite order both commit", async () => {
    const clients = [keptClient(w.url, () => {}), keptClient(w.url, () => {})];
    const [one, two] = clients.map((client) => eventsOf(client, 30_000));
    const events = await Promise.all(Array.from({ length: 60 }, () => newEvent()));
    await w.events.accept("shop", events);
    const others = await Promise.all(events.map((event) => again(event, other)));
    for (let round = 0; round < 10; round++)
      await Promise.all([one?.accept("shop", others), two?.accept("shop", [...others].reverse())]);
    for (const client of clients) client.drop();
    // Two that come at once are counted twice at most, and kept once.
    for (const event of events) {
      expect(await conflictRows(event)).toMatchObject([{ body: other }]);
      expect([1, 2]).toContain((await stored(event))?.conflicts);
    }
  });
});

describe("events that a crash left without a plan", () => {
  test("are found oldest first, as they came, and no more than asked for", async () => {
    await w.owner`insert into sources (slug, preset) values ('left', 'generic')`;
    const events = await Promise.all([1, 2, 3].map(() => newEvent()));
    for (const event of events) await w.events.accept("left", [{ ...event, occurredAt: 1_767_636_000_000 }]);
    const [first, second, third] = events;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three were made");
    await w.owner`update events set received_at = received_at - interval '1 hour' where id = ${third.id}`;
    const found = await w.events.unplanned("left", 2);
    expect(found.map(({ id }) => id)).toEqual([third.id, first.id]);
    expect(found[0]).toEqual({
      id: third.id,
      source: "left",
      externalId: third.externalId,
      type: third.type,
      occurredAt: 1_767_636_000_000,
      receivedAt: expect.any(Number),
      record: { type: "order", id: "987" },
      body: third.body,
      bodyOnce: false,
    });
    await w.events.plan([planOf(third)]);
    expect((await w.events.unplanned("left", 10)).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(await w.events.unplanned("shop-without-any", 10)).toEqual([]);
  });
});
