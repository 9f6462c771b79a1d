/** A plan is written only by the version of its source that it was made by. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConfigWrite } from "../../../src/domain/config/stored.ts";
import { configStore } from "../../../src/store/config/config.ts";
import { sourcePauses } from "../../../src/store/config/source-pauses.ts";
import { planStore } from "../../../src/store/events/plans.ts";
import { connect, type Sql } from "../../../src/store/postgres/connection.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { waitsForLock } from "../world/locks.ts";
import { draft, first, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

let w: World;
let sql: Sql;
/** A planner on a connection of its own. */
let planner: { store: ReturnType<typeof planStore>; pid: number; client: KeptClient };
beforeAll(async () => {
  w = await world("line-a");
  sql = connect(w.url, { idleSeconds: 20, connectSeconds: 5 }, () => {});
});
beforeEach(async () => {
  const client = keptClient(w.url, () => {});
  const [{ pid }] = await client.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
  planner = { store: planStore(client), pid, client };
});
afterEach(() => planner.client.drop());
afterAll(async () => {
  await sql.end();
  await w.close();
});

const lines = [first("line-a")];
let numbers = 0;
const version = async (): Promise<number> =>
  (await w.owner<[{ version: number }]>`select version::int from sources where slug = 'shop'`)[0].version;
async function accepted() {
  const event = await newEvent({ former: null });
  await w.events.accept("shop", [event]);
  return event;
}
const called = (event: { id: string }) => planOf(event, draft({ number: numberOf(numbers++) }));
const stateOf = async ({ id }: { id: string }) => {
  const [row] = await w.owner`select e.state, (select count(*)::int from calls c where c.event_id = e.id) as calls
    from events e where e.id = ${id}`;
  return row;
};
const unplanned = { state: "unplanned", calls: 0 };

describe("a plan", () => {
  test("by the present version is written", async () => {
    const event = await accepted();
    expect(await w.events.plan([called(event)], { slug: "shop", version: await version(), lines })).toEqual([
      { line: "line-a", withdrawn: false },
    ]);
    expect(await stateOf(event)).toEqual({ state: "planned", calls: 1 });
  });

  test.each([
    ["an older version", -1],
    ["a version that a restored Postgres lost", 5],
  ])("by %s writes nothing and says so", async (_, difference) => {
    const event = await accepted();
    const by = { slug: "shop", version: (await version()) + difference, lines };
    expect(await w.events.plan([called(event)], by)).toBe("source_changed");
    expect(await stateOf(event)).toEqual(unplanned);
  });

  test.each<[string, { slug: string; version: number }[]]>([
    ["an older version of its call's line", [{ slug: "line-a", version: 0 }]],
    ["a line that is gone", [{ slug: "gone", version: 1 }]],
    ["no version of its call's line", []],
    ["the right version of another line", [{ slug: "line-b", version: 1 }]],
  ])("by %s writes nothing and says so", async (_, by) => {
    await w.owner`insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day)
      values ('line-b', 'agent-1', 1, 1, 1) on conflict do nothing`;
    const event = await accepted();
    const plan = () => w.events.plan([called(event)], { slug: "shop", version: 1, lines: by });
    await w.owner`update sources set version = 1 where slug = 'shop'`;
    expect(await plan()).toBe("source_changed");
    expect(await stateOf(event)).toEqual(unplanned);
  });

  test("without a call needs no line", async () => {
    const event = await accepted();
    expect(await w.events.plan([planOf(event)], { slug: "shop", version: await version(), lines: [] })).toEqual([]);
    expect((await stateOf(event))?.state).toBe("ignored");
  });

  test("of a source that is gone, or of another one, writes nothing", async () => {
    const event = await accepted();
    expect(await w.events.plan([called(event)], { slug: "gone", version: 1, lines })).toBe("source_changed");
    await w.owner`insert into sources (slug, preset) values ('other', 'shopify') on conflict do nothing`;
    expect(await w.events.plan([called(event)], { slug: "other", version: 1, lines })).toEqual([]);
    expect(await stateOf(event)).toEqual(unplanned);
  });

  test("of a source that was paused since says so too", async () => {
    const event = await accepted();
    const pauses = sourcePauses(sql);
    await pauses.pauseSource("shop", "stock-taking", "alice");
    expect(await w.events.plan([called(event)], { slug: "shop", version: await version(), lines })).toBe(
      "source_changed",
    );
    await pauses.resumeSource("shop", undefined, "alice");
    expect(await stateOf(event)).toEqual(unplanned);
  });

  test.each(["pause", "change of a rule", "change of the line"])(
    "waits behind a %s that waits for another plan",
    async (what) => {
      const [before, after] = [await accepted(), await accepted()];
      const by = { slug: "shop", version: await version(), lines: [first("line-a")] };
      const other = keptClient(w.url, () => {});
      const [{ pid }] = await sql<[{ pid: number }]>`select pg_backend_pid() as pid`;
      const [{ pid: otherPid }] = await other.sql()<[{ pid: number }]>`select pg_backend_pid() as pid`;
      const change = () => {
        if (what === "pause") return sourcePauses(sql).pauseSource("shop", "stock-taking", "alice");
        return configStore(sql).change("alice", ({ lines: stored }) => {
          const line = stored.find(({ slug }) => slug === "line-a");
          if (line === undefined) throw new Error("the line is there");
          const write: ConfigWrite =
            what === "change of the line"
              ? { do: "save_line", line: { ...line, callsPerMinute: 7 }, created: false, hoursChanged: false }
              : { do: "remove_rule", source: "shop", name: "none" };
          return { writes: [write], answer: null };
        });
      };
      const done: string[] = [];
      const all: Promise<unknown>[] = [];
      await w.owner.begin(async (holder) => {
        await holder`select from events where id = ${before.id} for update`;
        all.push(
          planner.store.plan([called(before)], by).then((answer) => done.push(`first ${answer === "source_changed"}`)),
        );
        await waitsForLock(holder, planner.pid);
        all.push(change().then(() => done.push("change")));
        await waitsForLock(holder, pid);
        all.push(
          planStore(other)
            .plan([called(after)], by)
            .then((answer) => done.push(`second ${answer}`)),
        );
        await waitsForLock(holder, otherPid);
      });
      await Promise.all(all);
      expect(done).toEqual(["first false", "change", "second source_changed"]);
      expect(await stateOf(after)).toEqual(unplanned);
      other.drop();
      if (what === "pause") await sourcePauses(sql).resumeSource("shop", undefined, "alice");
      await w.owner`update lines set version = 1 where slug = 'line-a'`;
    },
  );

  test("of events that somebody else has planned is no change of the source", async () => {
    const event = await accepted();
    const by = { slug: "shop", version: await version(), lines };
    await w.events.plan([called(event)], by);
    expect(await w.events.plan([called(event)], by)).toEqual([]);
    expect(await stateOf(event)).toEqual({ state: "planned", calls: 1 });
  });

  test("that meets a change under way waits for it, and then writes nothing", async () => {
    const event = await accepted();
    const by = { slug: "shop", version: await version(), lines };
    const { plan: planned } = await w.owner.begin(async (tx) => {
      await tx`select from sources where slug = 'shop' for no key update`;
      const plan = planner.store.plan([called(event)], by);
      await waitsForLock(tx, planner.pid);
      await tx`update sources set version = version + 1 where slug = 'shop'`;
      return { plan };
    });
    expect(await planned).toBe("source_changed");
    expect(await stateOf(event)).toEqual(unplanned);
  });

  test("that is under way is written before a change is answered", async () => {
    const event = await accepted();
    const by = { slug: "shop", version: await version(), lines };
    const [own] = await sql<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const { both } = await w.owner.begin(async (tx) => {
      await tx`select from events where id = ${event.id} for no key update`;
      const plan = planner.store.plan([called(event)], by);
      // It has its source, and waits for its event.
      await waitsForLock(tx, planner.pid);
      const change = sourcePauses(sql).pauseSource("shop", "stock-taking", "alice");
      await waitsForLock(tx, own.pid);
      return { both: [plan, change] as const };
    });
    expect((await Promise.all(both))[0]).toEqual([{ line: "line-a", withdrawn: false }]);
    const entries = await w.owner`select subject, action from entries order by id desc limit 2`;
    expect(entries.map(({ subject, action }) => `${subject} ${action}`)).toEqual(["source paused", "call queued"]);
    expect(await stateOf(event)).toEqual({ state: "planned", calls: 1 });
    await sourcePauses(sql).resumeSource("shop", undefined, "alice");
  });
});
