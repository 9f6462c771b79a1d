/** Stops of more calls than one request cancels: none of them rings from the answer on, whatever becomes of the rest of the work. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { notBegun } from "../../../src/domain/calls/dial.ts";
import { olderCopyMs } from "../../../src/domain/limits.ts";
import { advanceStops } from "../../../src/flows/calling/stop-calls.ts";
import type { StopStore } from "../../../src/ports/calling/stops.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { configStore } from "../../../src/store/config/config.ts";
import { suppressionStore } from "../../../src/store/config/suppressions.ts";
import { healthLookups } from "../../../src/store/lookups/readiness.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { type CallStores, callStores } from "../world/calls.ts";
import { eventStores } from "../world/events.ts";
import { waitsForLock } from "../world/locks.ts";
import { callOf, entriesOf } from "../world/placed.ts";
import { draft, newEvent, numberOf, planOf } from "../world/world.ts";

/** Calls that one request cancels, and some that it leaves. */
const perRequest = 10_000;
const left = 1_500;

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
let calls: CallStores;
let stops: StopStore;
beforeAll(async () => {
  beside = await serviceBeside();
  ({ api, owner, client } = beside);
  calls = callStores(() => client.sql());
  stops = stopStore(client.sql());
});
afterEach(() => owner`delete from stops`);
afterAll(async () => {
  await beside.close();
});

const rule = { number: "{{ data.phone }}", about: "Order {{ data.id }}." };
let serial = 0;

/** A source with a line and a live rule of its own, and so many calls that wait for the rule and are due. */
async function shop(waiting: number) {
  const [source, line] = [`shop-${++serial}`, `line-${serial}`];
  let ruleVersion = 0;
  const save = (mode: string, query = "") => {
    ruleVersion += 1;
    return api.ask("PUT", `/v1/sources/${source}/rules/call-me${query}`, { ...rule, line, mode });
  };
  await api.ask("PUT", `/v1/lines/${line}`, { agent: "a", calls_per_minute: 1_000, calls_at_once: 1_000 });
  await api.ask("PUT", `/v1/sources/${source}`, {
    preset: "generic",
    country: "US",
    secrets: ["a-secret-of-this-test-alone"],
  });
  expect((await save("live")).status).toBe(201);
  const events = eventStores(client, 5_000);
  const add = async (more: Parameters<typeof draft>[0] = {}): Promise<string> => {
    const event = await newEvent({ id: randomUUID(), source });
    await events.accept(source, [event]);
    await events.plan([planOf(event, draft({ line, ruleVersion, number: numberOf(serial++ % 8_000), ...more }))]);
    const [row] = await owner`select id from calls where event_id = ${event.id}`;
    return row?.id;
  };
  const first = await add();
  // The same call again and again, each time as a further try: one statement makes thousands.
  await owner`insert into calls (event_id, source, rule, rule_version, try, again_of, mode, line, status, number, country, about, due_at,
      created_at)
    select event_id, source, rule, rule_version, n + 1, id, mode, line, 'queued', '+1415557' || lpad(n::text, 4, '0'), country,
      about, due_at + n * interval '1 microsecond', created_at
    from calls cross join generate_series(1, ${waiting - 1}) n where id = ${first}`;
  await owner`analyze calls`;
  const claim = async () => {
    const seq = (await calls.claimSeq(line)) ?? 0;
    return (await calls.claim(line, seq, 64)).calls.map(({ id }) => id);
  };
  const states = async () =>
    Object.fromEntries(
      (
        await owner`select concat_ws(' ', status, reason) as state, count(*)::int as calls from calls
        where source = ${source} group by 1`
      ).map(({ state, calls: count }) => [state, count]),
    );
  return { source, line, first, save, add, claim, states };
}
const sweep = () => advanceStops(stops, () => {});
const entriesEach = async (source: string, action: string) =>
  (
    await owner`select count(*)::int as entries, count(distinct subject_id)::int as calls from entries
    where subject = 'call' and action = ${action} and subject_id in (select id::text from calls where source = ${source})`
  )[0];

describe("a rule that is turned off with more waiting calls than one request cancels", () => {
  test("says how many are canceled and how many are yet to be, and none of either is claimed", async () => {
    const at = await shop(perRequest + left);
    const { json } = await at.save("off");
    expect(json.waiting_calls).toEqual([
      { source: at.source, rule: "call-me", canceled: perRequest, kept: 0, remaining: left },
    ]);
    expect(json.stopped).toEqual({ confirmed: true, given_back: 0, in_flight: 0 });
    expect(await at.states()).toEqual({ "canceled rule_off": perRequest, queued: left });
    expect(await at.claim()).toEqual([]);
    // The list and the call's page say what it waits for.
    const [waits] = (await api.ask("GET", `/v1/calls?source=${at.source}&status=queued&limit=1`)).json.data;
    expect(waits.waits).toMatchObject({ reason: "rule_off" });
    // A sweep ends what no request has ended; the other statements of a sweep leave such calls to it.
    await sweepStore(client.sql()).expire();
    expect(await at.states()).toMatchObject({ queued: left });
    expect(await sweep()).toEqual({ reached: left, failed: 0 });
    expect(await at.states()).toEqual({ "canceled rule_off": perRequest + left });
    // Each call has one entry, with the person who turned the rule off.
    expect(await entriesEach(at.source, "canceled")).toEqual({ entries: perRequest + left, calls: perRequest + left });
    const [by] = await owner`select count(distinct actor)::int as actors, min(actor) as actor from entries
      where action = 'canceled' and subject_id in (select id::text from calls where source = ${at.source})`;
    expect(by).toEqual({ actors: 1, actor: expect.stringContaining("token:") });
    // The row stays as long as an inbox of an earlier version may have the rule as it was.
    await sweep();
    expect(await stops.pending(10)).toHaveLength(1);
    await owner`update stops set at = at - ${2 * olderCopyMs} * interval '1 millisecond'`;
    await sweep();
    expect(await stops.pending(10)).toEqual([]);
  });

  test("continues after a kill: the sweep cancels each once, and none is claimed before", async () => {
    const at = await shop(300);
    const definition = { ...rule, line: at.line, mode: "off" } as const;
    // The process ends right after the commit of the change; then a sweep ends between two of its parts.
    await configStore(client.sql()).change("token:killed", () => {
      const write = { do: "save_rule", source: at.source, name: "call-me", position: 1, definition } as const;
      const stop = { do: "stop_calls", source: at.source, rule: "call-me", modes: ["live"] } as const;
      return { writes: [write, { ...stop, reason: "rule_off", waiting: "cancel" }], answer: null };
    });
    expect(await at.states()).toEqual({ queued: 300 });
    expect(await at.claim()).toEqual([]);
    const [stop = 0] = await stops.pending(1);
    expect(await stops.advance(stop, 100)).toEqual({ canceled: 100, reached: 100, claimed: [], over: false });
    expect(await at.claim()).toEqual([]);
    // Two sweeps at once, which a late one and the next may be.
    await Promise.all([sweep(), advanceStops(stopStore(api.sql), () => {})]);
    expect(await at.states()).toEqual({ "canceled rule_off": 300 });
    expect(await entriesEach(at.source, "canceled")).toEqual({ entries: 300, calls: 300 });
    expect(await at.claim()).toEqual([]);
  });

  test("rings for later events once it is turned on again, and for no call that was stopped", async () => {
    const at = await shop(perRequest + 20);
    await at.save("off");
    await at.save("live");
    const later = await at.add();
    expect(await at.claim()).toEqual([later]);
    await sweep();
    expect(await at.states()).toEqual({ "canceled rule_off": perRequest + 20, dialing: 1 });
  });

  test("counts each call for the change that stopped it: a later change neither cancels nor keeps it", async () => {
    const at = await shop(perRequest + 20);
    await at.save("off");
    expect((await at.save("shadow")).json.waiting_calls).toBeUndefined();
    expect((await at.save("off", "?waiting=keep")).json.waiting_calls).toBeUndefined();
    const closed = (await api.ask("DELETE", `/v1/sources/${at.source}?waiting=keep`)).json;
    expect(closed.waiting_calls).toBeUndefined();
    await sweep();
    expect(await at.states()).toEqual({ "canceled rule_off": perRequest + 20 });
  });

  test("leaves a held call to a person, who may release it while the others are being canceled", async () => {
    const at = await shop(perRequest + 20);
    const held = await at.add({ status: "held", reason: "placeholder" });
    await at.save("off");
    expect((await api.ask("POST", `/v1/calls/${held}/release`, { reason: "it is good" })).status).toBe(202);
    expect(await at.claim()).toEqual([held]);
    await sweep();
    expect(await callOf(owner, held)).toMatchObject({ status: "dialing" });
  });

  test.each([
    ["after it: the sweep lets the call ring", true],
    ["before it: the call is canceled", false],
  ])("goes by the entry of a release by the earlier version, which notes no time, %s", async (_, isAfter) => {
    const at = await shop(perRequest + 20);
    const held = await at.add({ status: "held", reason: "placeholder" });
    const release = async () => {
      await owner`update calls set status = 'queued', reason = null, detail = null, due_at = now() where id = ${held}`;
      await owner`insert into entries (subject, subject_id, action, actor) values ('call', ${held}, 'released', 'token:ann')`;
    };
    if (!isAfter) await release();
    await at.save("off");
    if (isAfter) await release();
    await sweep();
    expect(await at.claim()).toEqual(isAfter ? [held] : []);
    expect((await callOf(owner, held)).status).toBe(isAfter ? "dialing" : "canceled");
    const actions = (await entriesOf(owner, "call", held)).map(({ action }) => action);
    expect(actions).toEqual(isAfter ? ["held", "released", "dialing"] : ["held", "released", "canceled"]);
  });
});

test("A stop that a sweep cannot advance is named by /readyz until a sweep can, and told once in the audit log.", async () => {
  const at = await shop(perRequest + 20);
  await owner`delete from stops`;
  await at.save("off");
  const [id = 0] = await stops.pending(1);
  const told: unknown[] = [];
  const sweepWith = (advance: StopStore["advance"]) =>
    advanceStops({ ...stops, advance }, (stop, error) => void told.push([stop, error]));
  const problem = async () =>
    (await healthLookups(api.sql, null).readiness()).problems.find(({ code }) => code === "stops_stuck");
  expect(await problem()).toBeUndefined();
  const broken = () => Promise.reject(new Error("canceling statement due to statement timeout"));
  for (const _ of [1, 2]) expect(await sweepWith(broken)).toEqual({ reached: 0, failed: 1 });
  expect(told).toEqual([
    [id, expect.any(Error)],
    [id, expect.any(Error)],
  ]);
  const since = expect.any(Number);
  expect(await problem()).toEqual({
    ...{ code: "stops_stuck", since, count: 1, rows: [`${at.source}/call-me (stop ${id})`] },
  });
  // A sweep that advances it a little, and has reached what one sweep may.
  expect(await sweepWith(async () => ({ canceled: 30_000, reached: 30_000, claimed: [], over: false }))).toMatchObject({
    failed: 0,
  });
  expect(await problem()).toBeUndefined();
  await sweepWith(broken);
  expect(await problem()).toMatchObject({ count: 1 });
  await sweep();
  expect(await problem()).toBeUndefined();
  expect((await entriesOf(owner, "stop", String(id))).map(({ action }) => action)).toEqual([
    ...["stuck", "advances", "stuck", "advances"],
  ]);
  expect(await at.states()).toEqual({ "canceled rule_off": perRequest + 20 });
});

describe("a stop that is committed and has reached no call", () => {
  /** The stop alone: what a kill right after the commit leaves. */
  const commit = async (at: Awaited<ReturnType<typeof shop>>, sql = client.sql()) => {
    const stop = { do: "stop_calls", source: at.source, rule: null, modes: null, reason: "source_closed" } as const;
    const { calls: concerned } = await configStore(sql).change("token:test", () => ({
      ...{ writes: [{ ...stop, waiting: "cancel" }], answer: null },
    }));
    return concerned;
  };

  test("cancels a claimed call that comes back, and makes no further try of one that ends", async () => {
    const at = await shop(2);
    const seq = (await calls.claimSeq(at.line)) ?? 0;
    const claimed = (await calls.claim(at.line, seq, 64)).calls;
    const [back, rung] = claimed;
    if (back === undefined || rung === undefined) throw new Error("nothing was claimed");
    const of = ({ id, claimSeq }: typeof back) => ({ callId: id, claimSeq });
    await commit(at);
    await calls.record(at.line, [
      { ...of(back), ...notBegun("gates_changed") },
      {
        ...of(rung),
        ...{
          status: "placed",
          conversationUuid: "c",
          contactUuid: null,
          mihuId: "m",
          listenUrl: null,
          recordUrl: null,
        },
      },
    ]);
    expect(await callOf(owner, back.id)).toMatchObject({ status: "canceled", reason: "source_closed" });
    const dueAt = Date.now();
    await calls.settle(
      [
        {
          ...{ callId: rung.id, outcome: "busy", outcomeRaw: "busy", durationS: null, summary: null },
          ...{
            recordingUrl: null,
            endedAt: dueAt,
            again: { askedAt: dueAt, dueAt, closesAt: null, expiresAt: null, line: { slug: at.line, version: 1 } },
          },
        },
      ],
      "line:test",
    );
    const [again] = await owner`select status, reason from calls where again_of = ${rung.id}`;
    expect(again).toEqual({ status: "canceled", reason: "source_closed" });
    await sweep();
  });

  test("is seen by a claim whose snapshot is older, and leaves the claim number that tells a restored database", async () => {
    const at = await shop(3);
    const before = (await calls.claimSeq(at.line)) ?? 0;
    const [{ pid } = { pid: 0 }] = await client.sql()<{ pid: number }[]>`select pg_backend_pid() as pid`;
    // Holds the claim where it reads the line's row: its snapshot is made, and the row is not locked.
    await owner`create function gate() returns boolean language plpgsql volatile as
      $$ begin perform pg_advisory_xact_lock_shared(4711); return true; end $$`;
    await owner`alter table lines enable row level security`;
    await owner`create policy gated on lines using (gate())`;
    try {
      let claim: ReturnType<typeof calls.claim> | null = null;
      await owner.begin(async (holder) => {
        await holder`select pg_advisory_xact_lock(4711)`;
        claim = calls.claim(at.line, before, 64);
        await waitsForLock(holder, pid);
        await commit(at, owner);
      });
      expect(await claim).toMatchObject({ calls: [] });
    } finally {
      await owner`alter table lines disable row level security`;
      await owner`drop policy gated on lines`;
      await owner`drop function gate()`;
    }
    expect(await calls.claimSeq(at.line)).toBe(before);
    expect(await at.states()).toEqual({ queued: 3 });
    await sweep();
  });

  test("waits for a claim that is being committed, and names its call", async () => {
    const at = await shop(2);
    let saved: ReturnType<typeof at.save> | null = null;
    const [{ pid } = { pid: 0 }] = await api.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await owner.begin(async (claiming) => {
      await claiming`select from lines where slug = ${at.line} for no key update`;
      await claiming`update calls set status = 'dialing', claim_seq = 1, lease_until = now() + interval '1 hour'
        where id = ${at.first}`;
      saved = at.save("off");
      await waitsForLock(claiming, pid);
    });
    const { json } = await (saved as unknown as ReturnType<typeof at.save>);
    expect(json).toMatchObject({ waiting_calls: [{ canceled: 1 }], stopped: { given_back: 0, in_flight: 1 } });
  });
});

describe("a suppressed number with more waiting calls than one part", () => {
  test("stays stopped when the suppression is lifted before each call is reached, held calls too", async () => {
    const at = await shop(1);
    const number = "+14155559876";
    const waiting = [await at.add({ number }), await at.add({ number, status: "held", reason: "burst" })];
    waiting.push(await at.add({ number }), await at.add({ number }));
    const store = suppressionStore(client.sql());
    const stop = await store.suppress({ number, reason: "asked", until: null, createdBy: "token:test" });
    expect(await stops.advance(stop.id, 2)).toMatchObject({ canceled: 2, over: false });
    expect(await stops.remaining(stop.id)).toBe(2);
    await store.release(number, "token:test");
    const later = await at.add({ number });
    expect((await at.claim()).sort()).toEqual([at.first, later].sort());
    await sweep();
    for (const id of waiting) {
      expect(await callOf(owner, id)).toMatchObject({ status: "canceled", reason: "suppressed" });
      expect((await entriesOf(owner, "call", id)).map(({ action }) => action)).toEqual([
        expect.stringMatching(/^(?:queued|held)$/),
        "canceled",
      ]);
    }
    expect(await stops.pending(10)).toEqual([]);
  });
});
