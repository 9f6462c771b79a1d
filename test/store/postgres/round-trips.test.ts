import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planStore } from "../../../src/store/events/plans.ts";
import { healthLookups } from "../../../src/store/lookups/readiness.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import type { CallStores } from "../world/calls.ts";
import { callStores } from "../world/calls.ts";
import { countingWire, type Wire } from "../world/wire.ts";
import {
  draft,
  type Events,
  eventsOf,
  newEvent,
  numberOf,
  planOf,
  queueCalls,
  type World,
  world,
} from "../world/world.ts";

let w: World;
let wire: Wire;
let client: KeptClient;
let events: Events;
let calls: CallStores;
beforeAll(async () => {
  w = await world("line-a");
  wire = await countingWire(w.url);
  client = keptClient(wire.url, () => {});
  events = eventsOf(client, 30_000);
  calls = callStores(() => client.sql());
});
afterAll(async () => {
  client.drop();
  await wire.close();
  await w.close();
});

const batch = (size: number) => Promise.all(Array.from({ length: size }, () => newEvent({ former: null })));
let numbers = 0;
const drafts = (size: number) => Array.from({ length: size }, () => draft({ number: numberOf(numbers++) }));

/** Each hot statement, for a batch of the given size. Its preparation uses another connection, which is not counted. */
const hot: Record<string, (size: number) => Promise<() => Promise<unknown>>> = {
  async accept(size) {
    const given = await batch(size);
    return () => events.accept("shop", given);
  },
  async plan(size) {
    const given = await batch(size);
    await w.events.accept("shop", given);
    const plans = given.map((event) => planOf(event, ...drafts(1)));
    return () => planStore(client).plan(plans, { slug: "shop", version: 1, lines: [{ slug: "line-a", version: 1 }] });
  },
  async claim(size) {
    await queueCalls(w, drafts(size));
    return async () => {
      const claim = await calls.claim("line-a", (await w.calls.claimSeq("line-a")) ?? 0, size);
      if (claim.calls.length !== size) throw new Error(`${claim.calls.length} calls were claimed, and not ${size}`);
    };
  },
  async record(size) {
    await queueCalls(w, drafts(size));
    const claim = await w.calls.claim("line-a", (await w.calls.claimSeq("line-a")) ?? 0, size);
    return () =>
      calls.record(
        "line-a",
        claim.calls.map(({ id, claimSeq }) => ({
          callId: id,
          claimSeq,
          status: "placed",
          conversationUuid: `conversation-${id}`,
          contactUuid: null,
          mihuId: id,
          listenUrl: null,
          recordUrl: null,
        })),
      );
  },
};

describe.each(Object.keys(hot))("%s, on a warm connection,", (name) => {
  test.each([1, 40])("is one round trip and one named prepared statement for a batch of %i", async (size) => {
    const make = hot[name];
    if (make === undefined) throw new Error("there is no such statement");
    const [first, second] = [await make(size), await make(size)];
    // The first prepares the statement; a connection does that once.
    await first();
    wire.reset();
    await second();
    expect(wire.roundTrips()).toBe(1);
    const types = wire.messages().map(({ type }) => type);
    // No Parse, no simple Query: only what was prepared is bound and executed, once.
    expect(types.filter((type) => type === "B")).toHaveLength(1);
    expect(types.filter((type) => type === "E")).toHaveLength(1);
    expect(types).not.toContain("P");
    expect(types).not.toContain("Q");
    expect(wire.messages().find(({ type }) => type === "B")?.statement).not.toBe("");
  });
});

test("The wire counts: a statement that is not prepared takes two", async () => {
  await client.sql()`select 1`;
  wire.reset();
  await client.sql()`select ${"one"}::text as a statement that this connection has not seen`.catch(() => {});
  await client.sql().unsafe("select 1; select 2").simple();
  expect(wire.roundTrips()).toBeGreaterThanOrEqual(2);
  expect(wire.messages().map(({ type }) => type)).toContain("Q");
});

test("Readiness, which each page reads on a new connection, takes four round trips: one of the migrations, two of its statement, and one of the clock", async () => {
  const fresh = keptClient(wire.url, () => {});
  await fresh.sql()`select 1`;
  wire.reset();
  const read = await healthLookups(fresh.sql(), ["kid"]).readiness();
  expect(read.missingMigrations).toEqual([]);
  expect(wire.messages().filter(({ type }) => type === "E")).toHaveLength(3);
  expect(wire.roundTrips()).toBeLessThanOrEqual(4);
  fresh.drop();
});
