/** The counts of answers about calls that were stopped: one meaning each, over every way in. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { notBegun } from "../../../src/domain/calls/dial.ts";
import type { Rechecked } from "../../../src/ports/calling/line-objects.ts";
import { type Beside, serviceBeside } from "../world/beside.ts";
import { type CallStores, callStores } from "../world/calls.ts";
import { eventStores } from "../world/events.ts";
import { entriesOf } from "../world/placed.ts";
import { draft, newEvent, planOf } from "../world/world.ts";

let api: Beside["api"];
let owner: Beside["owner"];
let client: Beside["client"];
let beside: Beside;
let calls: CallStores;
/** The line's answer when it is asked to stop. */
let recheck: (line: string) => Promise<Rechecked>;
beforeAll(async () => {
  const lines = {
    poke: async () => {},
    halt: async (line: string) => {
      await recheck(line);
      return { givenBack: 1, inFlight: 1 };
    },
    recheck: (line: string) => recheck(line),
    news: async () => true,
  };
  beside = await serviceBeside({ lines }, 2);
  ({ api, owner, client } = beside);
  calls = callStores(() => client.sql());
});
afterAll(async () => {
  await beside.close();
});

const rule = { mode: "live", number: "{{ data.phone }}", about: "Order {{ data.id }}.", test_number: "+14155550100" };
const source = { preset: "generic", country: "US", secrets: ["a-secret-of-this-test-alone"] };
let serial = 0;
const freshNumber = () => `+1415556${String(2_000 + serial++).padStart(4, "0")}`;

/**
 * A rule with two calls that wait, one that is held, one that Mihu has, and two that a line has claimed: it gives one back, and the other
 * is on its way. All but the two last are of one person; so is the claimed one that comes back.
 */
async function shop() {
  const [slug, line] = [`shop-${++serial}`, `line-${serial}`];
  await api.ask("PUT", `/v1/lines/${line}`, { agent: "a", calls_per_minute: 1_000, calls_at_once: 1_000 });
  await api.ask("PUT", `/v1/sources/${slug}`, source);
  expect((await api.ask("PUT", `/v1/sources/${slug}/rules/call-me`, { ...rule, line })).status).toBe(201);
  const events = eventStores(client, 5_000);
  const number = freshNumber();
  const add = async (more: Parameters<typeof draft>[0] = {}): Promise<string> => {
    const event = await newEvent({ id: randomUUID(), source: slug });
    await events.accept(slug, [event]);
    await events.plan([planOf(event, draft({ line, number, ...more }))]);
    const [row] = await owner`select id from calls where event_id = ${event.id}`;
    return row?.id;
  };
  const placed = await add({ number: freshNumber() });
  await owner`update calls set status = 'placed', placed_at = now(), mihu_id = 'm' where id = ${placed}`;
  const [back, begun] = [await add(), await add({ number: freshNumber() })];
  const { calls: claimed } = await calls.claim(line, 0, 64);
  expect(claimed.map(({ id }) => id).sort()).toEqual([back, begun].sort());
  const waiting = [await add(), await add()];
  const held = await add({ status: "held", reason: "placeholder" });
  recheck = async (asked) => {
    const one = claimed.find(({ id }) => id === back);
    if (asked === line && one !== undefined)
      await calls.record(line, [{ callId: back, claimSeq: one.claimSeq, ...notBegun("gates_changed") }]);
    return "rechecked";
  };
  return { slug, line, number, waiting, held, back, begun, placed };
}
type At = Awaited<ReturnType<typeof shop>>;

const file = (at: At, rules: object[]) => ({ sources: { [at.slug]: { ...source, rules } } });
const saved = (at: At, mode: string) =>
  api.ask("PUT", `/v1/sources/${at.slug}/rules/call-me`, { ...rule, line: at.line, mode });
const fileRule = (at: At, mode: string) => ({ ...rule, name: "call-me", line: at.line, mode });

/** Each way to stop the calls of the rule: held calls stay. */
const waysOfRules: Record<string, (at: At) => ReturnType<typeof saved>> = {
  "a rule that is saved as off": (at) => saved(at, "off"),
  "a rule that is saved as shadow": (at) => saved(at, "shadow"),
  "a rule that is saved as test": (at) => saved(at, "test"),
  "a rule that is deleted": (at) => api.ask("DELETE", `/v1/sources/${at.slug}/rules/call-me`),
  "a rule that the file no longer names": (at) => api.ask("PUT", "/v1/config", file(at, [])),
  "a rule that the file turns off": (at) => api.ask("PUT", "/v1/config", file(at, [fileRule(at, "off")])),
  "a source that is closed": (at) => api.ask("DELETE", `/v1/sources/${at.slug}`),
};
const claims = { confirmed: true, given_back: 1, in_flight: 1 };

test.each(Object.entries(waysOfRules))("%s counts each of its calls once", async (way, stop) => {
  const at = await shop();
  const { json } = await stop(at);
  const name = way.startsWith("a source") ? null : "call-me";
  // The two that waited, and the one that its line gave back.
  expect(json.waiting_calls).toEqual([{ source: at.slug, rule: name, canceled: 3, kept: 0, remaining: 0 }]);
  expect(json.stopped).toEqual(claims);
  await expectEnds(at, [...at.waiting, at.back], { [at.held]: "held", [at.begun]: "dialing", [at.placed]: "placed" });
});

test("a dry run counts what waits now, and a change that keeps it counts the same", async () => {
  const at = await shop();
  const asked = async (query: string) => (await api.ask("PUT", `/v1/config?${query}`, file(at, []))).json;
  const counts = { source: at.slug, rule: "call-me", canceled: 0, kept: 0, remaining: 0 };
  const dry = await asked("dry_run=true");
  expect([dry.waiting_calls, dry.stopped]).toEqual([[{ ...counts, canceled: 2 }], undefined]);
  expect((await asked("dry_run=true&waiting=keep")).waiting_calls).toEqual([{ ...counts, kept: 2 }]);
  expect(await asked("waiting=keep")).toMatchObject({
    waiting_calls: [{ ...counts, kept: 2 }],
    stopped: { given_back: 0, in_flight: 0 },
  });
  // Kept calls of a rule that is gone are stopped when their source is closed.
  const closed = (await api.ask("DELETE", `/v1/sources/${at.slug}`)).json;
  expect(closed.waiting_calls).toEqual([{ ...counts, rule: null, canceled: 3 }]);
});

describe("of one person", () => {
  test("a suppression counts what waited, held calls too, and what its line gave back", async () => {
    const at = await shop();
    const { json } = await api.ask("POST", "/v1/suppressions", { number: at.number, reason: "asked" });
    expect(json).toMatchObject({ canceled_calls: 4, remaining_calls: 0, stopped: { ...claims, in_flight: 0 } });
    await expectEnds(at, [...at.waiting, at.held, at.back], { [at.begun]: "dialing", [at.placed]: "placed" });
  });

  test("an erasure counts what waited, and names what a line has claimed as waiting for its end", async () => {
    const at = await shop();
    const { json } = await api.ask("POST", "/v1/erasures", { number: at.number, reason: "asked" });
    expect(json).toMatchObject({ erased: { canceled_calls: 3 }, waiting: { calls: 1 } });
    await expectEnds(at, [...at.waiting, at.held], { [at.back]: "dialing", [at.begun]: "dialing" });
  });
});

describe("a person who cancels", () => {
  test("all of a source has in `done` what is canceled, and in `skipped` what is in flight", async () => {
    const at = await shop();
    const body = { filter: { source: at.slug }, reason: "wrong texts" };
    const dry = (await api.ask("POST", "/v1/calls/cancel", { ...body, dry_run: true })).json;
    expect([dry.matching, dry.skipped]).toEqual([5, []]);
    const { json } = await api.ask("POST", "/v1/calls/cancel", body);
    expect(json).toMatchObject({ done: 4, skipped: [{ reason: "in_flight", count: 1 }], stopped: claims });
    await expectEnds(at, [...at.waiting, at.held, at.back], { [at.begun]: "dialing", [at.placed]: "placed" });
  });

  test("one claimed call has the same counts of it", async () => {
    const at = await shop();
    const begun = await api.ask("POST", `/v1/calls/${at.begun}/cancel`, { reason: "wrong texts" });
    expect(begun.json).toMatchObject({ call_status: "dialing", stopped: { ...claims, given_back: 0 } });
  });

  test("pauses a line, and reads the same counts of what it has claimed", async () => {
    const at = await shop();
    const paused = await api.ask("POST", `/v1/lines/${at.line}/pause`, { reason: "wrong texts" });
    expect(paused.json.stopped).toEqual(claims);
    await api.ask("POST", `/v1/lines/${at.line}/resume`, { reason: "mended" });
  });
});

describe("a line that does not answer", () => {
  const unreachable = async (at: At): Promise<Rechecked> => {
    throw new Error(`no answer about ${at.number}`);
  };
  const ways: Record<string, (at: At) => Promise<{ json: { stopped: object } }>> = {
    "a rule is turned off": (at) => saved(at, "off"),
    "a number is suppressed": (at) => api.ask("POST", "/v1/suppressions", { number: at.number, reason: "asked" }),
    "calls are canceled": (at) =>
      api.ask("POST", "/v1/calls/cancel", { filter: { source: at.slug }, reason: "wrong texts" }),
    "one call is canceled": (at) => api.ask("POST", `/v1/calls/${at.back}/cancel`, { reason: "wrong texts" }),
    "the line is paused": (at) => api.ask("POST", `/v1/lines/${at.line}/pause`, { reason: "wrong texts" }),
    "the line is changed": (at) => api.ask("PUT", `/v1/lines/${at.line}`, { agent: "a", countries: ["US"] }),
  };
  test.each(Object.entries(ways))("is named by one warning of the log when %s, without the number", async (_, stop) => {
    const at = await shop();
    recheck = () => unreachable(at);
    const from = api.logged.length;
    const { json } = await stop(at);
    expect(json.stopped).toMatchObject({ confirmed: false, until: expect.any(String) });
    const warned = api.logged.slice(from).filter((line) => line.includes("may not have been stopped"));
    expect(warned).toHaveLength(1);
    expect(JSON.parse(warned[0] ?? "{}")).toMatchObject({ level: "warn", lines: [at.line] });
    expect(warned[0]).not.toContain(at.number.slice(2));
  });
});

/** These are canceled, each by one entry; the others have these statuses. */
async function expectEnds(at: At, canceled: readonly string[], others: Record<string, string>): Promise<void> {
  const ids = [...at.waiting, at.held, at.back, at.begun, at.placed];
  const rows = await owner`select id, status from calls where id in ${owner(ids)}`;
  const statuses = new Map(rows.map(({ id, status }) => [id, status]));
  for (const id of canceled) {
    expect(statuses.get(id)).toBe("canceled");
    const ends = (await entriesOf(owner, "call", id)).filter(({ action }) => action === "canceled");
    expect(ends).toHaveLength(1);
  }
  for (const [id, status] of Object.entries(others)) expect(statuses.get(id)).toBe(status);
}
