/**
 * Gaps: the sweep and the balance find and name each row that does not add up. A gap is deleted once its row is right
 * again.
 */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemsOf } from "../../../src/flows/readiness.ts";
import type { LookupStore } from "../../../src/ports/lookups/lookups.ts";
import type { SweepStore } from "../../../src/ports/sweep.ts";
import { lookupStore } from "../../../src/store/lookups/lookups.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { claimedCalls, placedCalls } from "../world/placed.ts";
import { draft, newEvent, numberOf, planOf, queueCalls, type World, world } from "../world/world.ts";

let w: World;
let client: KeptClient;
let sweep: SweepStore;
let lookups: LookupStore;
beforeAll(async () => {
  w = await world("line-a");
  client = keptClient(w.url, () => {});
  sweep = sweepStore(client.sql());
  lookups = lookupStore(client.sql());
});
afterAll(async () => {
  client.drop();
  await w.close();
});

let numbers = 900;
/** A good call that waits. @returns its id and its event's */
async function waiting(): Promise<{ id: string; event: string }> {
  const [event = ""] = await queueCalls(w, [
    draft({ number: numberOf(numbers++), dueAt: Date.now() + 3_600_000, expiresAt: Date.now() + 7_200_000 }),
  ]);
  const [row] = await w.owner`select id from calls where event_id = ${event}`;
  return { id: row?.id ?? "", event };
}

/** One way in which the books are broken for real, by the owner's role; what it says is found, and how it is mended. */
type Break = { broken: () => Promise<string>; mend: (id: string) => Promise<unknown> };
const rename = (status: string, action: string) => (id: string) =>
  w.owner`
  insert into entries (subject, subject_id, action, actor) values ('call', ${id}, ${action}, ${`test:${status}`})`;
const breaks: Record<string, Break> = {
  event_unplanned: {
    async broken() {
      const event = await newEvent();
      await w.events.accept("shop", [event]);
      await w.owner`update events set received_at = now() - interval '6 minutes' where id = ${event.id}`;
      return event.id;
    },
    mend: (id) => w.events.plan([planOf({ id })]),
  },
  event_without_call: {
    async broken() {
      const { id, event } = await waiting();
      await w.owner`delete from verdicts where call_id = ${id}`;
      await w.owner`delete from calls where id = ${id}`;
      return event;
    },
    mend: (id) => w.owner`update events set state = 'ignored', reason = 'no_rules' where id = ${id}`,
  },
  event_without_reason: {
    async broken() {
      const event = await newEvent();
      await w.events.accept("shop", [event]);
      await w.events.plan([planOf(event)]);
      await w.owner`alter table events drop constraint events_ignored_has_reason`;
      await w.owner`update events set reason = null where id = ${event.id}`;
      return event.id;
    },
    mend: (id) => w.owner`update events set reason = 'no_rules' where id = ${id}`,
  },
  call_without_entry: {
    async broken() {
      const { id } = await waiting();
      await w.owner`update calls set status = 'canceled', reason = 'test' where id = ${id}`;
      return id;
    },
    mend: (id) => rename("canceled", "canceled")(id),
  },
  lease_overdue: {
    async broken() {
      const [call] = await claimedCalls(w, "line-a", 1, { number: numberOf(numbers++) });
      await w.owner`update calls set lease_until = now() - interval '3 minutes' where id = ${call?.id ?? ""}`;
      return call?.id ?? "";
    },
    mend: () => sweep.expire(),
  },
  look_overdue: {
    async broken() {
      const [call] = await claimedCalls(w, "line-a", 1, { number: numberOf(numbers++) });
      await w.owner`update calls set lease_until = now() - interval '1 second' where id = ${call?.id ?? ""}`;
      await sweep.expire();
      await w.owner`update calls set poll_at = now() - interval '6 minutes' where id = ${call?.id ?? ""}`;
      return call?.id ?? "";
    },
    mend: (id) => w.calls.lookLater(id, { read: true, waitMs: 60_000 }, "line:line-a"),
  },
  poll_overdue: {
    async broken() {
      const [id = ""] = await placedCalls(w, "line-a", 1, { number: numberOf(numbers++) });
      await w.owner`update calls set poll_at = null, placed_at = now() - interval '2 hours' where id = ${id}`;
      return id;
    },
    mend: (id) => w.owner`update calls set poll_at = now() where id = ${id}`,
  },
  expiry_overdue: {
    async broken() {
      const { id } = await waiting();
      await w.owner`update calls set expires_at = now() - interval '6 minutes' where id = ${id}`;
      return id;
    },
    mend: () => sweep.expire(),
  },
};

/** What `/readyz` would say, by code. */
async function told(): Promise<Map<string, { rows: readonly string[]; sentence: string; since: number | null }>> {
  return new Map(problemsOf(await lookups.readiness()).map((problem) => [problem.code, problem]));
}
const balanced = async () => new Map((await lookups.balance()).gaps.map(({ code, rows }) => [code, rows]));

describe("the sweep", () => {
  test("finds nothing wrong with books that are right, through every status that a call comes to by itself", async () => {
    await waiting();
    await claimedCalls(w, "line-a", 1, { number: numberOf(numbers++) });
    await placedCalls(w, "line-a", 1, { number: numberOf(numbers++) });
    expect(await sweep.check()).toBe(0);
    expect([...(await told()).keys()]).toEqual([]);
    expect([...(await balanced()).keys()]).toEqual([]);
  });

  test.each(Object.entries(breaks))("names the row of %s until it is right again", async (code, { broken, mend }) => {
    const id = await broken();
    expect(await sweep.check()).toBe(1);
    const found = (await told()).get(code);
    expect(found?.rows).toEqual([id]);
    expect(found?.sentence).not.toBe(code);
    expect((await balanced()).get(code)).toEqual([id]);
    // Said again it is the same finding, of the same moment.
    await sweep.check();
    expect((await told()).get(code)?.since).toBe(found?.since);
    await mend(id);
    expect(await sweep.check()).toBe(0);
    expect([...(await told()).keys()]).toEqual([]);
    expect([...(await balanced()).keys()]).toEqual([]);
  });

  test("comes by every row, however old, though it looks at few each time", async () => {
    const event = randomUUID();
    await w.owner`insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, planned_at, received_at)
      values (${event}, 'shop', ${event}, 'x', '{}', '{}', '', 'planned', now(), now() - interval '3 years')`;
    await w.owner`insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, reason, planned_at, received_at)
      select gen_random_uuid(), 'shop', 'old-' || n, 'x', '{}', '{}', '', 'ignored', 'no_rules', now(), now() - n * interval '1 hour'
      from generate_series(1, 5000) n`;
    let sweeps = 1;
    while ((await sweep.check()) === 0) expect(++sweeps).toBeLessThan(10);
    expect(sweeps).toBeGreaterThan(1);
    expect((await told()).get("event_without_call")?.rows).toEqual([event]);
    // It stays known while the walk is elsewhere.
    expect(await sweep.check()).toBe(1);
    await w.owner`delete from events where id = ${event}`;
    expect(await sweep.check()).toBe(0);
  });

  test("that does not come any more is missed", async () => {
    await w.owner`update sweeps set at = now() - interval '6 minutes'`;
    expect((await told()).has("sweep_silent")).toBe(true);
    await sweep.check();
    expect((await told()).has("sweep_silent")).toBe(false);
  });

  test("may come twice at one moment", async () => {
    const other = postgres(w.url, { max: 1, fetch_types: false });
    try {
      const id = await breaks.call_without_entry?.broken();
      const both = sweepStore(other);
      expect(await Promise.all([sweep.check(), both.check(), sweep.check(), both.check()])).toEqual([1, 1, 1, 1]);
      expect((await told()).get("call_without_entry")?.rows).toEqual([id]);
      await rename("canceled", "canceled")(id ?? "");
      await Promise.all([sweep.check(), both.check()]);
      expect((await told()).size).toBe(0);
    } finally {
      await other.end();
    }
  });
});
