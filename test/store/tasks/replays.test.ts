/** Replays of events as a task, worked off step by step on a real Postgres. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventsPerStepMax } from "../../../src/domain/tasks/task.ts";
import { countsOf, type Row, type TasksWorld, tasksWorld } from "../world/tasks.ts";
import { numberOf } from "../world/world.ts";

let w: TasksWorld;
beforeAll(async () => {
  w = await tasksWorld();
});
afterAll(() => w.close());

const reason = "the rule is mended";
let sources = 0;
let numbers = 0;

/** A source with a rule that calls, and events that no rule matched when they came. @returns their ids, the oldest first */
async function ignored(
  count: number,
  each: (nth: number) => Row = () => ({}),
): Promise<{ source: string; ids: string[] }> {
  const source = `shop-${++sources}`;
  await w.api.ask("PUT", `/v1/sources/${source}`, {
    ...{ preset: "generic", country: "US", secrets: ["a-secret-of-this-test-alone"] },
  });
  await saveRule(source);
  const rows = Array.from({ length: count }, (_, nth) => ({
    ...{ id: randomUUID(), source, dedupe_key: randomUUID(), type: "orders/updated", headers: "{}", body_hash: "h" },
    ...{ body: JSON.stringify({ id: nth, phone: numberOf(numbers++ % 8_900) }), state: "ignored" },
    ...{ reason: "no_rule_matched", planned_at: new Date(), received_at: new Date(Date.now() - 1_000_000 + nth) },
    ...each(nth),
  }));
  await w.owner`insert into events ${w.owner(rows)}`;
  return { source, ids: rows.map(({ id }) => id) };
}

async function saveRule(source: string, more: object = {}): Promise<void> {
  const saved = await w.api.ask("PUT", `/v1/sources/${source}/rules/call-me`, {
    ...{
      mode: "live",
      line: "wide",
      number: "{{ data.phone }}",
      about: "Order {{ data.id }}.",
      on: ["orders/updated"],
    },
    ...more,
  });
  if (saved.status > 201) throw new Error(JSON.stringify(saved.json));
}

const callsOf = async (ids: readonly string[]) =>
  await w.owner<{ id: string; event_id: string; status: string }[]>`
  select id, event_id, status from calls where event_id in ${w.owner([...ids])}`;

test("A replay as a task makes one call of each event, in steps, each with its entries that name the person and the task.", async () => {
  const count = 3 * eventsPerStepMax;
  const { source, ids } = await ignored(count);
  const id = await w.begin("/events/replay", { filter: { source, state: "ignored" }, reason });
  expect(await w.task(id)).toMatchObject({
    kind: "replay",
    matched: count,
    about: { filter: { source, state: "ignored" } },
  });
  for (let step = 1; step <= 3; step++) {
    await w.runner().step();
    expect(await w.task(id)).toMatchObject({ done: step * eventsPerStepMax, refused: [] });
  }
  expect(await w.task(id)).toMatchObject({ state: "done" });
  const calls = await callsOf(ids);
  expect(new Set(calls.map(({ event_id }) => event_id)).size).toBe(count);
  expect(countsOf(calls.map(({ status }) => status))).toEqual({ queued: count });
  for (const [subject, subjects] of [["event", ids] as const, ["call", calls.map((call) => call.id)] as const]) {
    const told = await w.entries(subject, subjects);
    expect(told).toHaveLength(count);
    for (const entry of told)
      expect(entry).toMatchObject({ actor: expect.stringMatching(/^token:/), data: { task: id, reason } });
  }
});

test("Two replays of the same events at once make one call of each, and count the others as refused.", async () => {
  const { source, ids } = await ignored(120);
  const tasks = await Promise.all([1, 2].map(() => w.begin("/events/replay", { filter: { source }, reason })));
  await Promise.all([w.runner().all(), w.runner().all()]);
  const ends = await Promise.all(tasks.map((id) => w.task(id)));
  expect(await callsOf(ids)).toHaveLength(120);
  expect(ends.reduce((sum, { done }) => sum + done, 0)).toBe(120);
  for (const { done, refused } of ends)
    expect(refused.reduce((sum, { count }) => sum + Number(count), 0)).toBe(120 - done);
});

test("A killed step of a replay leaves neither calls nor progress, and the next runner makes them.", async () => {
  const { source, ids } = await ignored(60);
  const id = await w.begin("/events/replay", { filter: { source }, reason });
  const killed = w.killedRunner();
  await expect(killed.step()).rejects.toThrow("killed");
  expect([await callsOf(ids), (await w.task(id)).done]).toEqual([[], 0]);
  await w.runner().all();
  expect(await w.task(id)).toMatchObject({ state: "done", done: 60, refused: [] });
  expect(await callsOf(ids)).toHaveLength(60);
});

test("A replay whose source changes between the plan and the write plans again by the new rules, and leaves no event out.", async () => {
  const { source, ids } = await ignored(60);
  const id = await w.begin("/events/replay", { filter: { source }, reason });
  const { steps } = w.runner().ports;
  let changed = 0;
  const runner = w.runner({
    steps: {
      ...steps,
      async step(task, rows, work) {
        if (changed++ === 0) await saveRule(source, { about: "The new text of {{ data.id }}." });
        return await steps.step(task, rows, work);
      },
    },
  });
  await runner.all();
  expect(await w.task(id)).toMatchObject({ state: "done", done: 60, refused: [] });
  const texts = await w.owner<{ about: string }[]>`select about from calls where event_id in ${w.owner(ids)}`;
  expect(texts.filter(({ about }) => !about.startsWith("The new text"))).toEqual([]);
});

test("Events that make no call are refused, each by its reason.", async () => {
  const { source, ids } = await ignored(8, (nth) =>
    nth < 2 ? { type: "orders/created" } : nth === 2 ? { state: "unplanned", reason: null, planned_at: null } : {},
  );
  const called = ids.slice(3, 5);
  await w.owner`insert into calls (event_id, source, rule, rule_version, mode, line, status, number, about, due_at, country)
    select e, ${source}, 'call-me', 1, 'live', 'wide', 'queued', '+14155550199', 'x', now(), 'US'
    from json_array_elements_text(${JSON.stringify(called)}::text::json) g(t) cross join lateral (select t::uuid as e) one`;
  const id = await w.begin("/events/replay", { ids: [...ids, randomUUID()], reason });
  await w.runner().all();
  const { done, matched, refused } = await w.task(id);
  expect([matched, done, Object.fromEntries(refused.map(({ reason: code, count }) => [code, count]))]).toEqual([
    9,
    3,
    { no_rule_matched: 2, unplanned: 1, owed: 2, not_found: 1 },
  ]);
});

test("Events that arrive after a replay began are not its events, also while it still searches.", async () => {
  const { source, ids } = await ignored(1);
  // The search reads past these, and has not come to its end after the request.
  await w.owner`insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, reason, planned_at, received_at)
    select gen_random_uuid(), ${source}, gen_random_uuid(), 'orders/created', '{}', '{}', 'h', 'ignored', 'no_rule_matched', now(),
      now() - interval '1 minute' from generate_series(1, 5010)`;
  const id = await w.begin("/events/replay", { filter: { source, type: "orders/updated" }, reason });
  expect(await w.task(id)).toMatchObject({ state: "running", searching: true });
  const later = randomUUID();
  await w.owner`insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, reason, planned_at)
    values (${later}, ${source}, ${later}, 'orders/updated', '{}', ${JSON.stringify({ id: 1, phone: numberOf(8_950) })}, 'h',
      'ignored', 'no_rule_matched', now())`;
  await w.runner().all();
  expect(await w.task(id)).toMatchObject({ state: "done", searching: false, matched: 1, done: 1 });
  expect(await callsOf([...ids, later])).toHaveLength(1);
});

test.each([
  ["without a reason", { reason: undefined }],
  ["with a cursor", { cursor: "x" }],
  ["with too many ids", { filter: undefined, ids: Array.from({ length: 1_001 }, () => randomUUID()) }],
  ["with ids and a filter", { ids: [randomUUID()] }],
  ["without a source", { filter: { state: "ignored" } }],
])("A replay as a task %s is refused.", async (_, deviation) => {
  const { source } = await ignored(1);
  const body = { filter: { source }, reason, as_task: true, ...deviation };
  expect((await w.api.ask("POST", "/v1/events/replay", body)).status).toBe(422);
});

test("The events of a record are replayed by its type and id.", async () => {
  const { source, ids } = await ignored(3, (nth) =>
    nth === 0 ? { record_type: "order", record_id: "7" } : { record_type: null, record_id: null },
  );
  const id = await w.begin("/events/replay", { filter: { source, record_type: "order", record_id: "7" }, reason });
  await w.runner().all();
  expect(await w.task(id)).toMatchObject({ state: "done", matched: 1, done: 1 });
  expect(await callsOf(ids)).toHaveLength(1);
});
