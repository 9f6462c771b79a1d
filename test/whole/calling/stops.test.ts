/** Stops of calls, while a line has claimed more of them than it has begun: after the answer no POST for them begins. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acmeSource, type Call, callMe, line, openShop, put, type Shop, source, wideLine } from "../shop.ts";
import { callsOf, endAll, many, manyClaimed, onTheirWay } from "./many-claimed.ts";

type Answer = {
  canceled_calls?: number;
  done?: number;
  skipped?: { reason: string; count: number }[];
  waiting_calls?: { canceled: number }[];
  stopped?: { confirmed: boolean; given_back: number; in_flight: number };
  call_status?: string;
};
/** A stop: the numbers that it concerns, its answer, and the time of the answer. */
type Stop = { readonly numbers: readonly (string | null)[]; readonly answer: Answer; readonly at: number };

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 600_000 } });
});
afterAll(() => shop?.stop());

async function ask(calls: readonly Call[], path: string, init: { method: string; json?: object }): Promise<Stop> {
  const asked = await shop.api(path, init);
  const answer = (await asked.json()) as Answer;
  return { numbers: calls.map((call) => call.number), answer, at: Date.now() };
}
const post = (calls: readonly Call[], path: string, json: object) => ask(calls, path, { method: "POST", json });
const change = (calls: readonly Call[], path: string, json: object) => ask(calls, path, { method: "PUT", json });
const reason = "asked to stop";
const today = new Date();
/** Calling hours that are over, wherever the customer lives. */
const closed = { days: "mon-sun", from: "00:00", to: "23:59", closed: [-1, 0, 1].map((days) => dayAfter(days)) };
function dayAfter(days: number): string {
  return new Date(today.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** All orders of the shop are one record, so one of them may withdraw the calls of all. */
const rule = { ...callMe, withdraw: "data.cancelled_at != null" };

/** Ways to stop calls. `ends`: the status and the reason of calls that had not begun; `null` if these calls wait. */
const ways: Record<string, { stop: (calls: readonly Call[]) => Promise<Stop[]>; ends: string | null }> = {
  "their numbers are suppressed": {
    stop: (calls) =>
      Promise.all(calls.map((call) => post([call], "/v1/suppressions", { number: call.number, reason }))),
    ends: "canceled suppressed",
  },
  "they are canceled one by one": {
    stop: (calls) => Promise.all(calls.map((call) => post([call], `/v1/calls/${call.id}/cancel`, { reason }))),
    ends: "canceled canceled",
  },
  "they are canceled all at once": {
    stop: async (calls) => [await post(calls, "/v1/calls/cancel", { filter: { line }, reason })],
    ends: "canceled canceled",
  },
  "their line may not ring their country any more": {
    stop: async (calls) => [await change(calls, `/v1/lines/${line}`, { ...wideLine, countries: ["CA"] })],
    ends: null,
  },
  "the calling hours of their line are over": {
    stop: async (calls) => [await change(calls, `/v1/lines/${line}`, { ...wideLine, hours: closed })],
    ends: null,
  },
  "their rule is turned off": {
    stop: async (calls) => [await change(calls, `/v1/sources/${source}/rules/call-me`, { ...rule, mode: "off" })],
    ends: "canceled rule_off",
  },
  "their source is closed": {
    stop: async (calls) => [await ask(calls, `/v1/sources/${source}`, { method: "DELETE" })],
    ends: "canceled source_closed",
  },
  // This way is last, because it also withdraws later calls.
  "a later event of their record withdraws them": {
    async stop(calls) {
      const now = new Date().toISOString();
      const sent = await shop.send({ name: "#withdraws", tags: "", cancelled_at: now, updated_at: now });
      expect(sent.status).toBe(202);
      // Nobody is answered when a plan is written: what was not begun is over once all but the calls on their way have ended.
      await shop.until(
        async () => (await callsOf(shop, "dialing")).length + (await callsOf(shop, "queued")).length,
        (left) => left === onTheirWay,
      );
      return [{ numbers: calls.map((call) => call.number), answer: {}, at: Date.now() }];
    },
    ends: "canceled withdrawn",
  },
};

describe("calls that a line has claimed and not begun are not rung once", () => {
  test.each(Object.keys(ways).map((way, index) => [way, index] as const))("%s", async (way, index) => {
    const { stop, ends } = ways[way] ?? { stop: async () => [], ends: null };
    shop.simulator.reset();
    shop.simulator.setFaults({ call_ms: 600_000 });
    await put(shop, `/v1/lines/${line}`, wideLine);
    await put(shop, `/v1/sources/${source}`, acmeSource);
    await put(shop, `/v1/sources/${source}/rules/call-me`, rule);
    await endAll(shop);
    await post([], "/v1/calls/cancel", { filter: { line }, reason: "of the test before" });
    const before = await manyClaimed(shop, index * 1_000);
    const begun = new Set(shop.simulator.posts().map((one) => one.number));
    const waiting = [...(await callsOf(shop, "dialing")), ...(await callsOf(shop, "queued"))];
    expect(waiting).toHaveLength(many);
    const stops = await stop(waiting);
    for (const { answer } of stops) if (answer.stopped !== undefined) expect(answer.stopped.confirmed).toBe(true);
    const answers = stops.map(({ answer }) => answer).filter((answer) => Object.keys(answer).length > 0);
    const inFlight = answers.reduce((sum, answer) => sum + inFlightOf(answer), 0);
    if (answers.length > 0) expect(inFlight).toBe(onTheirWay);
    // Mihu answers again, so every call that was not stopped rings now.
    shop.simulator.setFaults({ answer_latency_ms: 0 });
    await shop.until(
      () => callsOf(shop, "dialing"),
      (dialing) => dialing.length === 0,
    );
    await shop.worker.scheduled();
    const late = shop.simulator
      .posts()
      .filter((one) => stops.some(({ numbers, at }) => numbers.includes(one.number) && one.at > at));
    expect(late).toEqual([]);
    expect(shop.rings()).toHaveLength(before + onTheirWay);
    const ended = await Promise.all(waiting.filter((call) => !begun.has(call.number ?? "")).map(endOf));
    expect(ended).toHaveLength(many - onTheirWay);
    if (ends !== null) expect([...new Set(ended)]).toEqual([ends]);
  });
});

function inFlightOf({ stopped, skipped, call_status }: Answer): number {
  if (skipped !== undefined) return skipped.find((one) => one.reason === "in_flight")?.count ?? 0;
  return stopped?.in_flight ?? (call_status === "dialing" ? 1 : 0);
}

async function endOf({ id }: Call): Promise<string> {
  const call = (await (await shop.api(`/v1/calls/${id}`)).json()) as Call;
  return `${call.status} ${call.reason}`;
}
