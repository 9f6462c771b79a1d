/** Events that wait for what is fetched for them, as Postgres keeps them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { erasureStore } from "../../../src/store/calls/erasures.ts";
import { sourcePauses } from "../../../src/store/config/source-pauses.ts";
import { lookupStore } from "../../../src/store/lookups/lookups.ts";
import { connect, type Sql } from "../../../src/store/postgres/connection.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { draft, eventsOf, newEvent, planOf, type World, world } from "../world/world.ts";

let here: World;
let app: Sql;
beforeAll(async () => {
  here = await world("line-a");
  app = connect(here.url, { idleSeconds: 5, connectSeconds: 5 }, () => {});
});
afterAll(async () => {
  await app.end();
  await here.close();
});
beforeEach(async () => {
  await here.owner`truncate events, calls, verdicts, entries, withdrawals cascade`;
  await here.owner`update sources set paused_at = null, pause_detail = null, fetch_problem = null, fetch_problem_at = null,
    fetch_failures = 0, fetch_answer = null, fetch_not_before = null, version = 1`;
});

/** Accepts events that wait, in their order. */
async function waiting(...deviations: Partial<NewEvent>[]): Promise<string[]> {
  const events = await Promise.all(
    deviations.map((deviation, index) => newEvent({ record: { type: "ticket", id: String(index) }, ...deviation })),
  );
  await here.events.accept("shop", events);
  await here.events.awaitFetch(events.map(({ id }) => id));
  return events.map(({ id }) => id);
}
const claim = async (limit = 50, leaseMs = 60_000) =>
  (await here.events.claimFetches("shop", limit, leaseMs)).map(({ id }) => id);
const row = async (id: string | undefined) =>
  (
    await here.owner`select state, reason, fetch_tries, fetched, fetch_at > now() as later from events where id = ${id ?? ""}`
  )[0];
const entries = async () => await here.owner`select subject, action, reason, data from entries order by id`;

describe("events that wait for what is fetched for them", () => {
  test("are planned by nobody else, and are claimed in their order, each once while its claim holds", async () => {
    const ids = await waiting({}, {}, {});
    expect(await here.events.unplanned("shop", 10)).toEqual([]);
    expect(await claim(2)).toEqual(ids.slice(0, 2));
    expect(await claim()).toEqual(ids.slice(2));
    expect(await claim()).toEqual([]);
    const nextMs = await here.events.nextFetch("shop");
    expect(nextMs).toBeGreaterThan(50_000);
    expect(nextMs).toBeLessThanOrEqual(60_000);
  });

  test("are due again when whoever claimed them is gone", async () => {
    const ids = await waiting({}, {});
    expect(await claim(50, 0)).toEqual(ids);
    expect(await here.events.nextFetch("shop")).toBe(0);
    expect(await claim()).toEqual(ids);
  });

  test("two inboxes of a source never claim one at once", async () => {
    const ids = await waiting(...Array.from({ length: 40 }, () => ({})));
    const others = Array.from({ length: 4 }, () => keptClient(here.url, () => {}));
    const claims = await Promise.all(others.map((client) => eventsOf(client, 5_000).claimFetches("shop", 10, 60_000)));
    expect(
      claims
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
    for (const client of others) client.drop();
  });

  test("of one record come one after the other, in their order, whatever is tried again", async () => {
    const record = { type: "ticket", id: "7" };
    const [first, second, other] = await waiting({ record }, { record }, { record: { type: "ticket", id: "8" } });
    expect(await claim()).toEqual([first, other]);
    await here.events.postponeFetches("shop", [
      { id: first ?? "", afterMs: 30_000, why: { fetch: "ticket", status: 503, problem: null } },
    ]);
    expect(await claim()).toEqual([]);
    // What is behind another is no reason to wake up.
    await here.events.plan([planOf({ id: other ?? "" }, draft())]);
    expect(await here.events.nextFetch("shop")).toBeGreaterThan(20_000);
    await here.events.plan([planOf({ id: first ?? "" }, draft({ number: "+14155550101" }))]);
    expect(await claim()).toEqual([second]);
  });

  test("that are about no record stand in nobody's way", async () => {
    const ids = await waiting({ record: null }, { record: null });
    expect(await claim()).toEqual(ids);
  });

  test("count a try of their own with its entry, and no pause of their source's", async () => {
    const [first = "", second = ""] = await waiting({}, {});
    await claim();
    await here.events.postponeFetches("shop", [
      { id: first, afterMs: 5_000, why: { fetch: "ticket", status: 503, problem: null } },
      { id: second, afterMs: 0 },
    ]);
    expect(await row(first)).toMatchObject({ fetch_tries: 1, later: true, state: "unplanned" });
    expect(await row(second)).toMatchObject({ fetch_tries: 0, later: false });
    expect(await entries()).toEqual([
      expect.objectContaining({
        action: "fetch_put_off",
        reason: "fetch_failed",
        data: { fetch: "ticket", status: 503, tries: 1, next_at: expect.any(String) },
      }),
    ]);
    expect(await claim()).toEqual([second]);
  });

  test("keep what was fetched with their plan, in the same statement", async () => {
    const [id = ""] = await waiting({});
    const fetched = { ticket: { id: "7", text: "nul \u0000 and \u{1F600}", big: "12345678901234567890" } };
    await here.events.plan([{ ...planOf({ id }, draft()), fetched }]);
    const stored = await row(id);
    expect(JSON.parse(stored?.fetched ?? "")).toEqual(fetched);
    const lookup = await lookupStore(app).event(id);
    expect(JSON.parse(lookup?.fetched ?? "")).toEqual(fetched);
    expect(await here.events.nextFetch("shop")).toBeNull();
  });

  test("wait where their source is paused or on hold, and wake nobody before its time", async () => {
    const ids = await waiting({}, {});
    await here.events.noteFetching("shop", null, 30_000);
    expect(await claim()).toEqual([]);
    expect(await here.events.nextFetch("shop")).toBeGreaterThan(20_000);
    await here.owner`update sources set fetch_not_before = now() where slug = 'shop'`;
    await here.owner`update sources set paused_at = now(), pause_detail = 'x' where slug = 'shop'`;
    expect(await claim()).toEqual([]);
    expect(await here.events.nextFetch("shop")).toBeNull();
    await here.owner`update sources set paused_at = null, pause_detail = null where slug = 'shop'`;
    expect(await claim()).toEqual(ids);
  });

  test("are no reason for the sweep to wake an inbox before they are due", async () => {
    const ids = await waiting({});
    const sweep = sweepStore(app);
    const woken = async () => (await sweep.waiting()).sources;
    expect(await woken()).toEqual(["shop"]);
    await claim();
    expect(await woken()).toEqual([]);
    await here.events.postponeFetches("shop", [{ id: ids[0] ?? "", afterMs: 0 }]);
    await here.events.noteFetching("shop", "credential_refused", 60_000);
    expect(await woken()).toEqual([]);
  });
});

describe("what is wrong with a source's API", () => {
  test("is told in the readiness until it is over, with one entry at each end", async () => {
    await waiting({}, {});
    for (let time = 0; time < 3; time++) await here.events.noteFetching("shop", "credential_refused", 1_000);
    expect(await problems()).toEqual([
      {
        ...{ code: "credential_refused", since: expect.any(Number), count: 2, rows: ["shop"] },
        trouble: { tries: 0, answer: null, nextAt: expect.any(Number), waiting: 2 },
      },
    ]);
    for (let time = 0; time < 3; time++) await here.events.noteFetching("shop", null, 0);
    expect(await problems()).toEqual([]);
    expect((await entries()).map(({ action, reason }) => [action, reason])).toEqual([
      ["fetch_stopped", "credential_refused"],
      ["fetch_goes_on", null],
    ]);
  });

  const failed = { fetch: "ticket", status: 503, problem: null };
  const fails = (version = 1, failures = 1) =>
    here.events.noteFetching("shop", "fetch_failing", 0, { failures, answer: failed, sourceVersion: version });
  const works = (version = 1) =>
    here.events.noteFetching("shop", null, 0, { failures: 0, answer: null, sourceVersion: version });
  // No sweep runs here: after five minutes of the run, its silence is a problem too.
  const problems = async () =>
    (await lookupStore(app).readiness()).problems.filter(({ code }) => code !== "sweep_silent");

  test("has its tries, the last answer and the next try, and lasts while one event waits for another try", async () => {
    const [first = "", second = ""] = await waiting({}, {});
    await claim();
    await here.events.postponeFetches("shop", [{ id: first, afterMs: 30_000, why: failed }], 1);
    await fails();
    await fails(1, 2);
    const [problem] = await problems();
    expect(problem).toMatchObject({
      code: "fetch_failing",
      count: 2,
      trouble: { tries: 3, answer: failed, waiting: 2 },
    });
    expect((problem?.trouble?.nextAt ?? 0) - Date.now()).toBeGreaterThan(20_000);
    await here.events.plan([planOf({ id: second }, draft())]);
    await works();
    expect(await problems()).toMatchObject([{ code: "fetch_failing", count: 1 }]);
    await here.events.plan([planOf({ id: first }, draft({ number: "+14155550102" }))]);
    await works();
    expect(await problems()).toEqual([]);
    expect((await entries()).map(({ action, reason }) => [action, reason])).toContainEqual([
      "fetch_stopped",
      "fetch_failing",
    ]);
  });

  const lacks = (missing: number) =>
    here.events.noteFetching("shop", null, 0, {
      failures: 0,
      answer: { fetch: "order", status: 404, problem: null },
      missing,
      sourceVersion: 1,
    });

  test("is an API that knows none of five records in a row, until it gives one; a few deleted records are none", async () => {
    await lacks(4);
    expect(await problems()).toEqual([]);
    await works();
    await lacks(4);
    expect(await problems()).toEqual([]);
    await lacks(1);
    expect(await problems()).toMatchObject([
      { code: "fetch_failing", trouble: { tries: 5, answer: { fetch: "order", status: 404, problem: null } } },
    ]);
    await lacks(2);
    expect(await problems()).toMatchObject([{ code: "fetch_failing", trouble: { tries: 7 } }]);
    await works();
    expect(await problems()).toEqual([]);
    await fails();
    await lacks(1);
    expect(await problems()).toEqual([]);
  });

  test("is not judged by a try of settings that have changed since, and the event of that try is due at once", async () => {
    const [id = ""] = await waiting({});
    await claim();
    await here.owner`update sources set version = 2 where slug = 'shop'`;
    await here.events.postponeFetches("shop", [{ id, afterMs: 1_800_000, why: failed }], 1);
    await fails(1);
    expect(await problems()).toEqual([]);
    expect(await row(id)).toMatchObject({ fetch_tries: 0 });
    expect(await here.events.nextFetch("shop")).toBeLessThanOrEqual(1_000);
  });

  test("what waits is tried at once when a person says so, when its source resumes, and with all of its tries", async () => {
    const pauses = sourcePauses(app);
    const ways: [string, () => Promise<unknown>][] = [
      ["fetch-now", () => pauses.fetchNow("shop", "mended", "ann")],
      ["resume", () => pauses.resumeSource("shop", "mended", "ann")],
    ];
    for (const [, way] of ways) {
      const [id = "", other = ""] = await waiting({}, { record: null });
      await claim();
      for (const one of [id, other])
        await here.events.postponeFetches("shop", [{ id: one, afterMs: 1_800_000, why: failed }]);
      await here.events.noteFetching("shop", "fetch_failing", 600_000);
      expect(await claim()).toEqual([]);
      await way();
      expect(await row(id)).toMatchObject({ fetch_tries: 0, later: false });
      expect((await claim()).sort()).toEqual([id, other].sort());
      await here.events.plan([planOf({ id }), planOf({ id: other })]);
    }
    expect(await pauses.fetchNow("shop", undefined, "ann")).toEqual({ waiting: 0, paused: false });
    expect(await problems()).toEqual([]);
    expect(await pauses.fetchNow("nobody", undefined, "ann")).toBeNull();
    expect(await entries()).toContainEqual(
      expect.objectContaining({ action: "fetch_asked", data: { events: 2, reason: "mended" } }),
    );
  });

  test("events behind a failing one of their record are waiting, and no gap; an overdue one is", async () => {
    const record = { type: "ticket", id: "7" };
    const [first = "", behind = ""] = await waiting({ record }, { record });
    await claim();
    await here.events.postponeFetches("shop", [{ id: first, afterMs: 1_800_000, why: failed }]);
    await here.owner`update events set received_at = now() - interval '20 minutes', fetch_at = case when id = ${first}
      then fetch_at else now() - interval '20 minutes' end`;
    expect(await lookupStore(app).balance()).toMatchObject({ gaps: [], waiting: { fetch: 2, source: 0 } });
    await here.owner`update events set fetch_at = now() - interval '6 minutes' where id = ${first}`;
    const { gaps } = await lookupStore(app).balance();
    expect(gaps).toMatchObject([{ code: "event_unplanned", rows: [first] }]);
    expect(gaps[0]?.rows).not.toContain(behind);
  });

  test("is one of a closed set", async () => {
    await expect(
      here.owner`update sources set fetch_problem = 'bored', fetch_problem_at = now()`,
    ).rejects.toMatchObject({
      code: "23514",
    });
  });
});

test("an erased event keeps nothing of what was fetched for it", async () => {
  const [id = ""] = await waiting({});
  await here.events.plan([{ ...planOf({ id }), fetched: { contact: { phone: "+14155550100" } } }]);
  await expect(
    here.owner`update events set erased_at = now(), body = '{}', headers = '{}', body_hash = '', body_key = null,
      external_id = null, detail = null where id = ${id}`,
  ).rejects.toMatchObject({ code: "23514" });
  const erased = await erasureStore(app).erase({ source: "shop", eventIds: [id] }, 10, {
    actor: "test",
    reason: "asked",
  });
  expect(erased.events).toBe(1);
  expect((await row(id))?.fetched).toBeNull();
});
