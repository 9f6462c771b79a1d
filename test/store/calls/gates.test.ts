/** Gates: each stops what it is there to stop, and keeps its verdict with what it looked at, for the call that it stopped. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseHours } from "../../../src/domain/people/calling-hours.ts";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import { nextWindow } from "../../../src/domain/plan/gates.ts";
import type { SweepStore } from "../../../src/ports/sweep.ts";
import { stopStore } from "../../../src/store/calls/stops.ts";
import { configStore } from "../../../src/store/config/config.ts";
import { suppressionStore } from "../../../src/store/config/suppressions.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { type Deviation, hours, planned, support, theCall } from "../../domain/scene.ts";
import { callOf, claimedCalls, entriesOf } from "../world/placed.ts";
import { addLine, draft, first, newEvent, numberOf, planOf, queueCalls, type World, world } from "../world/world.ts";

let w: World;
let client: KeptClient;
let sweep: SweepStore;
beforeAll(async () => {
  w = await world("line-a", "support");
  client = keptClient(w.url, () => {});
  sweep = sweepStore(client.sql());
});
afterAll(async () => {
  client.drop();
  await w.close();
});

let serial = 0;
const number = () => numberOf(7_000 + serial++);
const fresh = () => `rule-${serial++}`;
/** Plans one event with one draft. @returns the call */
async function planned1(one: CallDraft, record = { type: "order", id: "987" }): Promise<string> {
  const event = await newEvent({ record });
  await w.events.accept("shop", [event]);
  await w.events.plan([planOf(event, one)]);
  const [row] = await w.owner`select id from calls where event_id = ${event.id}`;
  return row?.id ?? "";
}
const scene = (deviation: Deviation) => theCall(planned({ ...deviation, now: Date.now() }));
const stops = async (id: string) =>
  await w.owner`select gate, inputs from verdicts where call_id = ${id} and verdict = 'stop' order by id`;
const suppress = (of: string) =>
  w.owner`insert into suppressions (number, reason, created_by) values (${of}, 'asked', 'test')`;

/** Sets the stage for a gate. @returns The call that the gate stops */
type Gate = { gate: string; stage: () => Promise<string>; status: string; reason: string | null; inputs: object };
const gates: Record<string, Gate> = {
  "a country that the line may not ring, at the plan": {
    gate: "countries",
    stage: () => planned1(scene({ data: { phone: "+1 876 555 0100" } })),
    status: "skipped",
    reason: "country_not_allowed",
    inputs: { country: "JM", allowed: ["US"], line: "support" },
  },
  "hours that are never open in all the zones that the customer may be in": {
    gate: "hours",
    stage: () =>
      planned1(
        scene({
          rule: { zone: "America/Chicago" },
          lines: [{ ...support, hours: { ...hours("09:00", "10:00"), days: 0 } }],
        }),
      ),
    status: "skipped",
    reason: "never_open",
    inputs: { zones: ["America/Chicago"], zone_from: "rule", hours: true },
  },
  "a text with a missing value": {
    gate: "placeholder",
    stage: () => planned1(scene({ rule: { prompt: "Ask about {{ data.nothing }}." } })),
    status: "held",
    reason: "placeholder",
    inputs: { field: "prompt", path: "data.nothing", problem: "placeholder" },
  },
  "a number that is suppressed, at the plan": {
    gate: "suppression",
    async stage() {
      const one = draft({ rule: fresh(), number: number() });
      await suppress(one.number ?? "");
      return await planned1(one);
    },
    status: "skipped",
    reason: "suppressed",
    inputs: {},
  },
  "a once_per key that had its call": {
    gate: "once_per",
    async stage() {
      const once = { key: "+14155550100", until: Date.UTC(2030, 0, 1) };
      const rule = fresh();
      await planned1(draft({ rule, number: number(), once }));
      return await planned1(draft({ rule, number: number(), once }));
    },
    status: "skipped",
    reason: "once_per",
    inputs: { event_id: expect.any(String), until: expect.stringContaining("2030-01-01") },
  },
  "a burst": {
    gate: "burst",
    stage: () => planned1(draft({ rule: fresh(), number: number(), burst: { calls: 0, window: 0 } })),
    status: "held",
    reason: "burst",
    inputs: { calls: 1, allowed: 0 },
  },
  "a later event that withdraws it": {
    gate: "withdraw",
    async stage() {
      const [rule, record] = [fresh(), { type: "order", id: `w-${serial}` }];
      const id = await planned1(draft({ rule, number: number() }), record);
      const later = await newEvent({ record });
      await w.events.accept("shop", [later]);
      await w.events.plan([{ ...planOf(later), withdraw: [{ rule, record }] }]);
      return id;
    },
    status: "canceled",
    reason: "withdrawn",
    inputs: { event_id: expect.any(String) },
  },
  "a number that is suppressed by other hands, while it waits": {
    gate: "suppression",
    async stage() {
      const one = draft({ rule: fresh(), number: number(), dueAt: Date.now() + 3_600_000, expiresAt: null });
      const id = await planned1(one);
      await suppress(one.number ?? "");
      await sweep.expire();
      return id;
    },
    status: "canceled",
    reason: "suppressed",
    inputs: {},
  },
  "a suppression that is made while it waits": {
    gate: "suppression",
    async stage() {
      const one = draft({ rule: fresh(), number: number() });
      const id = await planned1(one);
      const wanted = { number: one.number ?? "", reason: "asked", until: null, createdBy: "token:test" };
      const stop = await suppressionStore(client.sql()).suppress(wanted);
      await stopStore(client.sql()).advance(stop.id, 10);
      return id;
    },
    status: "canceled",
    reason: "suppressed",
    inputs: {},
  },
  "a country that the line may no longer ring, while it waits": {
    gate: "countries",
    async stage() {
      const line = fresh();
      await addLine(w.owner, line);
      const id = await planned1(draft({ line, number: number() }));
      await w.owner`update lines set countries = '{CA}' where slug = ${line}`;
      expect((await w.calls.claim(line, 0, 10)).calls).toEqual([]);
      await sweep.expire();
      return id;
    },
    status: "canceled",
    reason: "country_not_allowed",
    inputs: { country: "US", allowed: ["CA"], line: expect.any(String) },
  },
  "hours that were narrowed to none, while it waits": {
    gate: "hours",
    async stage() {
      const line = fresh();
      await addLine(w.owner, line);
      const id = await planned1(draft({ line, number: number() }));
      await w.calls.rewindow(first(line), [
        { id, window: nextWindow({ ...hours("09:00", "10:00"), days: 0 }, ["UTC"], Date.now()) },
      ]);
      return id;
    },
    status: "canceled",
    reason: "never_open",
    inputs: { zones: ["America/Los_Angeles"] },
  },
  "its time": {
    gate: "expires",
    async stage() {
      const id = await planned1(draft({ rule: fresh(), number: number(), expiresAt: Date.UTC(2026, 0, 1) }));
      await sweep.expire();
      return id;
    },
    status: "expired",
    reason: "expired",
    inputs: { expires_at: expect.stringContaining("2026-01-01") },
  },
  "the line's day": {
    gate: "calls_per_day",
    async stage() {
      const line = fresh();
      await addLine(w.owner, line, { day: 1 });
      const ids = [];
      for (let n = 0; n < 2; n++)
        ids.push(await planned1(draft({ line, number: number(), rule: fresh(), dueAt: 1_000 + n })));
      const { calls, seq } = await w.calls.claim(line, 0, 10);
      expect(calls.map(({ id }) => id)).toEqual([ids[0]]);
      expect((await w.calls.claim(line, seq, 10)).calls).toEqual([]);
      // Once for the line, by the claim that took the last of it, and once a day for each call that waits.
      expect((await entriesOf(w.owner, "line", line)).map(({ action, reason }) => [action, reason])).toEqual([
        ["day_full", "calls_per_day"],
      ]);
      await sweep.expire();
      await sweep.expire();
      return ids[1] ?? "";
    },
    status: "queued",
    reason: null,
    inputs: { day: new Date().toISOString().slice(0, 10), calls: 1, allowed: 1 },
  },
};

describe("a call is stopped by", () => {
  test.each(Object.entries(gates))("%s, with the verdict and what it looked at", async (_, one) => {
    const id = await one.stage();
    expect(await callOf(w.owner, id)).toMatchObject({ status: one.status, reason: one.reason });
    expect(await stops(id)).toEqual([{ gate: one.gate, inputs: one.inputs }]);
  });
});

describe("a call that is dialled", () => {
  test("has the verdict of every gate that it passed, at the plan and at the claim, and no customer's key in any", async () => {
    const once = { key: "+14155550199", until: Date.now() + 3_600_000 };
    const [call] = await claimedCalls(w, "line-a", 1, { number: number(), rule: fresh(), once });
    const rows =
      await w.owner`select gate, verdict, inputs from verdicts where call_id = ${call?.id ?? ""} order by id`;
    expect(rows.map(({ gate, verdict }) => `${gate} ${verdict}`)).toEqual([
      "countries pass",
      "suppression pass",
      "once_per pass",
      "burst pass",
      "pace pass",
      "dial pass",
    ]);
    expect(rows[4]?.inputs).toMatchObject({
      this_minute: 0,
      today: 0,
      calls_per_minute: 1_000,
      calls_per_day: 100_000,
    });
    expect(rows[5]?.inputs).toMatchObject({ country: "US", suppressed: false, expires_at: expect.any(String) });
    expect(JSON.stringify(rows)).not.toContain("4155550199");
  });

  test("has no verdict for every time at which it was passed over", async () => {
    await addLine(w.owner, "slow", { minute: 1 });
    await queueCalls(w, [draft({ line: "slow", number: number() }), draft({ line: "slow", number: number() })]);
    let seq = 0;
    for (let n = 0; n < 5; n++) ({ seq } = await w.calls.claim("slow", seq, 10));
    await sweep.expire();
    const [row] = await w.owner`select count(*)::int as n from verdicts v join calls c on c.id = v.call_id
      where c.line = 'slow' and c.status = 'queued' and v.gate not in ('countries', 'suppression', 'burst')`;
    expect(row?.n).toBe(0);
  });
});

describe("narrowed hours", () => {
  test("say in one entry of the line how many waiting calls are asked again, and each call has its own when it is moved", async () => {
    const slug = "narrow";
    await addLine(w.owner, slug);
    await queueCalls(w, [draft({ line: slug, number: number() }), draft({ line: slug, number: number() })]);
    const config = configStore(client.sql());
    const [line] = (await config.read()).lines.filter((one) => one.slug === slug);
    if (line === undefined) throw new Error("there is no such line");
    const narrower = { days: "mon-fri", from: "09:00", to: "17:00" };
    await config.change("token:test", () => ({
      writes: [{ do: "save_line", line: { ...line, hours: narrower }, created: false, hoursChanged: true }],
      answer: null,
    }));
    const told = await entriesOf(w.owner, "line", slug);
    expect(told).toMatchObject([
      { action: "hours_asked_again", actor: "token:test", data: { calls: 2 } },
      { action: "changed", actor: "token:test" },
    ]);
    const passed = await w.calls.windowsPassed(slug, 10);
    expect(passed).toHaveLength(2);
    const open = parseHours(narrower);
    if (!open.ok) throw new Error(open.reason);
    await w.calls.rewindow(
      { slug, version: 2 },
      passed.map(({ id, zones }) => ({ id, window: nextWindow(open.hours, zones, Date.now()) })),
    );
    for (const { id } of passed) {
      expect((await entriesOf(w.owner, "call", id)).at(-1)).toMatchObject({ action: "postponed" });
      const [gate] =
        await w.owner`select gate, verdict, inputs from verdicts where call_id = ${id} order by id desc limit 1`;
      expect(gate).toMatchObject({ gate: "hours", verdict: "pass", inputs: { zones: ["America/Los_Angeles"] } });
    }
  });
});
